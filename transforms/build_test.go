package transforms

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"strings"
	"testing"
)

// requests is a dataset, and shops a chain of models over it.
var requests = Relation{Name: "site.requests", Columns: []Column{{"id", "bigint", ""}, {"ward", "varchar", ""}, {"cost", "bigint", ""}}}

func chain() map[string]string {
	return map[string]string{
		"staging/stg_site__requests.sql": model("view", "select id, lower(ward) as ward, cost from current.site__requests", "id", "ward", "cost"),
		"intermediate/int_wards.sql":     model("table", "select ward, count(*) as requests from staging.stg_site__requests group by ward", "ward", "requests"),
		"marts/wards.sql":                model("table", "select ward, twice(requests) as doubled from intermediate.int_wards", "ward", "doubled"),
		"macros.sql":                     "-- Twice the amount.\ncreate or replace macro twice(amount) as amount * 2;\n-- Not used.\ncreate or replace macro thrice(amount) as amount * 3;\n",
	}
}

// A bench builds sets in one warehouse, again and again.
type bench struct {
	t    *testing.T
	conn *sql.Conn
}

func newBench(t *testing.T) bench {
	conn := warehouse(t)
	run(t, conn, `create table current.site__requests (id bigint, ward varchar, cost bigint);
		insert into current.site__requests values (1, 'A', 10), (2, 'A', 20), (3, 'B', 30);
		create table meta.run_date (run_date date); insert into meta.run_date values ('2026-11-25')`)
	return bench{t, conn}
}

func (b bench) load(files map[string]string) *Set {
	b.t.Helper()
	inputs := folder("ours", map[string]string{"inputs.sql": "create table meta.run_date (run_date date); " + observationInputs})
	set, err := Load(context.Background(), Options{Ours: inputs, Council: folder("models", files), Datasets: []Relation{requests}})
	if err != nil {
		b.t.Fatal(err)
	}
	return set
}

const observationInputs = `create table meta.stored_loads (load_id bigint, recorded_at timestamptz, published_at date);
	create table meta.stored_extracts (extract_id bigint, published_at date);`

func (b bench) build(files map[string]string) (Result, error) {
	b.t.Helper()
	builder := Builder{Conn: b.conn, State: newShelf(b.t, b.conn)}
	return builder.Build(context.Background(), b.load(files))
}

// did builds and gives what became of each model, without the unions of measures.
func (b bench) did(files map[string]string) string {
	b.t.Helper()
	result, err := b.build(files)
	if err != nil {
		b.t.Fatal(err)
	}
	return outcomes(result)
}

func outcomes(result Result) string {
	var all []string
	for _, m := range result.Models {
		if strings.HasPrefix(m.Name, "intermediate.int_observation") {
			continue
		}
		word := string(m.Outcome)
		if m.Changed {
			word += " changed"
		}
		all = append(all, m.Name[strings.Index(m.Name, ".")+1:]+" "+word)
	}
	for _, name := range result.Dropped {
		all = append(all, name+" dropped")
	}
	return strings.Join(all, ", ")
}

func (b bench) expect(files map[string]string, want string) {
	b.t.Helper()
	if got := b.did(files); got != want {
		b.t.Errorf("the build did\n  %s\nwant\n  %s", got, want)
	}
}

const allKept = "stg_site__requests kept, int_wards kept, wards kept"

func TestBuildBuildsNothingTwice(t *testing.T) {
	b := newBench(t)
	b.expect(chain(), "stg_site__requests built changed, int_wards built changed, wards built changed")
	if got, want := rowsOf(t, b.conn, "select * from marts.wards order by ward"), "a, 4\nb, 2"; got != want {
		t.Errorf("marts.wards holds\n%s\nwant\n%s", got, want)
	}
	b.expect(chain(), allKept)
}

func TestBuildStopsWhereRowsAreTheSame(t *testing.T) {
	b := newBench(t)
	b.did(chain())
	run(t, b.conn, "update current.site__requests set cost = 11 where id = 1")
	b.expect(chain(), "stg_site__requests built changed, int_wards built, wards kept")
	b.expect(chain(), allKept)
}

func TestBuildFollowsChangedRows(t *testing.T) {
	b := newBench(t)
	b.did(chain())
	run(t, b.conn, "insert into current.site__requests values (4, 'C', 5)")
	b.expect(chain(), "stg_site__requests built changed, int_wards built changed, wards built changed")
}

func TestBuildFollowsOnlyTheMacrosThatAModelUses(t *testing.T) {
	b := newBench(t)
	b.did(chain())
	files := chain()
	files["macros.sql"] = strings.Replace(files["macros.sql"], "amount * 3", "amount * 4", 1)
	b.expect(files, allKept)
	files["macros.sql"] = strings.Replace(files["macros.sql"], "amount * 2", "amount * 2 + 1", 1)
	b.expect(files, "stg_site__requests kept, int_wards kept, wards built changed")
}

func TestBuildNotesASwapOfValuesBetweenRows(t *testing.T) {
	b := newBench(t)
	files := map[string]string{"marts/costs.sql": model("table", "select id, cost from current.site__requests", "id", "cost")}
	b.did(files)
	run(t, b.conn, "update current.site__requests set cost = 30 - cost where id < 3")
	b.expect(files, "costs built changed")
}

func TestBuildNotesARenamedColumn(t *testing.T) {
	b := newBench(t)
	b.did(map[string]string{"marts/costs.sql": model("table", "select id, cost from current.site__requests", "id", "cost")})
	b.expect(map[string]string{"marts/costs.sql": model("table", "select id, cost as pence from current.site__requests", "id", "pence")},
		"costs built changed")
}

func TestBuildWritesDescriptionsAgainWithoutBuilding(t *testing.T) {
	b := newBench(t)
	b.did(chain())
	files := chain()
	files["marts/wards.sql"] = strings.Replace(files["marts/wards.sql"], "What doubled holds.", "Twice the requests, it's said.", 1)
	b.expect(files, allKept)
	got := rowsOf(t, b.conn, "select comment from duckdb_columns() where table_name = 'wards' and column_name = 'doubled'")
	if got != "Twice the requests, it's said." {
		t.Errorf("the comment is %s", got)
	}
}

func TestBuildDropsTheTableOfAModelThatIsGone(t *testing.T) {
	b := newBench(t)
	b.did(chain())
	files := chain()
	delete(files, "marts/wards.sql")
	b.expect(files, "stg_site__requests kept, int_wards kept, marts.wards dropped")
	if got := rowsOf(t, b.conn, "select count(*) from duckdb_tables() where table_name = 'wards'"); got != "0" {
		t.Errorf("%s tables are left", got)
	}
}

func TestBuildTurnsAViewIntoATable(t *testing.T) {
	b := newBench(t)
	b.did(chain())
	files := chain()
	files["staging/stg_site__requests.sql"] = strings.Replace(files["staging/stg_site__requests.sql"], "materialized: view", "materialized: table", 1)
	b.expect(files, "stg_site__requests built changed, int_wards built, wards kept")
}

func TestBuildLeavesTheOldTableWhereAModelFails(t *testing.T) {
	b := newBench(t)
	b.did(chain())
	files := chain()
	files["intermediate/int_wards.sql"] = model("table", "select ward, cast(min(ward) as bigint) as requests\nfrom staging.stg_site__requests\ngroup by ward", "ward", "requests")
	result, err := b.build(files)
	if err == nil || !strings.HasPrefix(err.Error(), "models/intermediate/int_wards.sql:") || !strings.Contains(err.Error(), "int_wards.sql:11: Could not convert string") {
		t.Errorf("the error is %v", err)
	}
	if got, want := outcomes(result), "stg_site__requests kept, int_wards failed, wards skipped"; got != want {
		t.Errorf("the build did %s, want %s", got, want)
	}
	if got, want := rowsOf(t, b.conn, "select * from intermediate.int_wards order by ward"), "a, 2\nb, 1"; got != want {
		t.Errorf("intermediate.int_wards holds\n%s\nwant\n%s", got, want)
	}
	b.expect(chain(), allKept)
}

func TestBuildWritesOnlyThePartitionsThatDiffer(t *testing.T) {
	b := newBench(t)
	files := map[string]string{"marts/costs.sql": model("partition(ward)", "select id, ward, cost from current.site__requests", "id", "ward", "cost")}
	b.did(files)
	before := rowsOf(t, b.conn, "select rowid, id from marts.costs where ward = 'A' order by id")
	run(t, b.conn, "update current.site__requests set cost = 31 where id = 3; insert into current.site__requests values (4, null, 1)")
	b.expect(files, "costs built changed")
	if got, want := rowsOf(t, b.conn, "select * from marts.costs order by id"), "1, A, 10\n2, A, 20\n3, B, 31\n4, null, 1"; got != want {
		t.Errorf("marts.costs holds\n%s\nwant\n%s", got, want)
	}
	if after := rowsOf(t, b.conn, "select rowid, id from marts.costs where ward = 'A' order by id"); after != before {
		t.Errorf("partition A was written again: rows were %s and are %s", before, after)
	}
	run(t, b.conn, "delete from current.site__requests where ward is null")
	b.expect(files, "costs built changed")
	if got, want := rowsOf(t, b.conn, "select count(*) from marts.costs"), "3"; got != want {
		t.Errorf("%s rows are left, want %s", got, want)
	}
}

func TestBuildRefingerprintsAlikeWholeAndInPartitions(t *testing.T) {
	b := newBench(t)
	files := map[string]string{"marts/costs.sql": model("partition(ward)", "select id, ward, cost from current.site__requests", "id", "ward", "cost")}
	b.did(files)
	changed := maps.Clone(files)
	changed["marts/costs.sql"] = model("partition(ward)", "select id, ward, cost + 0 as cost from current.site__requests", "id", "ward", "cost")
	b.expect(changed, "costs built")
}

func TestBuildWritesAPartitionTableWholeWhereItsColumnsChanged(t *testing.T) {
	b := newBench(t)
	b.did(map[string]string{"marts/costs.sql": model("partition(ward)", "select id, ward from current.site__requests", "id", "ward")})
	b.expect(map[string]string{"marts/costs.sql": model("partition(ward)", "select id, ward, cost from current.site__requests", "id", "ward", "cost")}, "costs built changed")
	if got, want := rowsOf(t, b.conn, "select * from marts.costs order by id"), "1, A, 10\n2, A, 20\n3, B, 30"; got != want {
		t.Errorf("marts.costs holds\n%s\nwant\n%s", got, want)
	}
}

func TestBuildKeepsNothingOfATableThatCannotBeRemembered(t *testing.T) {
	b := newBench(t)
	set := b.load(chain())
	builder := Builder{Conn: b.conn, State: fullShelf{newShelf(t, b.conn)}}
	if _, err := builder.Build(context.Background(), set); err == nil || !strings.Contains(err.Error(), "remembering intermediate.int_wards: the shelf is full") {
		t.Errorf("the error is %v", err)
	}
	if got := rowsOf(t, b.conn, "select table_name from duckdb_tables() where table_name = 'int_wards'"); got != "" {
		t.Errorf("%s is left", got)
	}
	b.expect(chain(), "stg_site__requests kept, int_wards built changed, wards built changed")
}

// A fullShelf has no room for the table of wards.
type fullShelf struct{ shelf }

func (s fullShelf) SaveTable(ctx context.Context, tx *sql.Tx, state TableState) error {
	if state.Name == "intermediate.int_wards" {
		return errors.New("the shelf is full")
	}
	return s.shelf.SaveTable(ctx, tx, state)
}

func TestBuildStopsWhenTheRunIsCancelled(t *testing.T) {
	b := newBench(t)
	ctx, cancel := context.WithCancel(context.Background())
	builder := Builder{Conn: b.conn, State: newShelf(t, b.conn), Progress: func(m ModelResult) {
		if m.Name == "staging.stg_site__requests" {
			cancel()
		}
	}}
	if _, err := builder.Build(ctx, b.load(chain())); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	b.expect(chain(), "stg_site__requests kept, int_wards built changed, wards built changed")
}

func tested(result Result) string {
	var all []string
	for _, test := range result.Tests {
		word := "passed"
		if !test.Passed {
			word = "failed: " + strings.Join(test.Examples, "; ")
		}
		if test.Fresh {
			word = "asked, " + word
		}
		all = append(all, test.Name+" "+word)
	}
	return strings.Join(all, "\n")
}

func TestBuildAsksATestOnceAVersion(t *testing.T) {
	b := newBench(t)
	files := map[string]string{"marts/costs.sql": strings.Replace(model("table", "select id, cost from current.site__requests", "id", "cost"),
		"--   - unique: id\n", "--   - unique: id\n--   - holds: cost < 25\n", 1)}
	for _, want := range []string{
		"unique: id asked, passed\nholds: cost < 25 asked, failed: id 3",
		"unique: id passed\nholds: cost < 25 failed: id 3",
	} {
		result, err := b.build(files)
		if err != nil {
			t.Fatal(err)
		}
		if got := tested(result); got != want {
			t.Errorf("the tests were\n%s\nwant\n%s", got, want)
		}
		if len(result.Red()) != 1 {
			t.Errorf("%d tests are red, want 1", len(result.Red()))
		}
	}
	run(t, b.conn, "update current.site__requests set cost = 24 where id = 3")
	result, err := b.build(files)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := tested(result), "unique: id asked, passed\nholds: cost < 25 asked, passed"; got != want {
		t.Errorf("the tests were\n%s\nwant\n%s", got, want)
	}
}
