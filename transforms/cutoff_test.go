package transforms

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/goldthread/goldthread/internal/measures"
)

// The sentences of the rule of early cut-off, one test each. That a run in which nothing changed makes no release is shown
// by the scripts of cmd.

func TestSameVersionIsNothingToDo(t *testing.T) {
	b := newBench(t)
	b.did(chain())
	before := rowsOf(t, b.conn, "select table_oid from duckdb_tables() where schema_name in ('intermediate', 'marts') order by 1")
	b.expect(chain(), allKept)
	if after := rowsOf(t, b.conn, "select table_oid from duckdb_tables() where schema_name in ('intermediate', 'marts') order by 1"); after != before {
		t.Errorf("tables were made again: they were %s and are %s", before, after)
	}
}

func TestReadersOfATableRebuiltWithTheSameRowsAreNotRebuilt(t *testing.T) {
	b := newBench(t)
	b.did(chain())
	files := chain()
	files["intermediate/int_wards.sql"] = model("table",
		"select ward, cast(sum(1) as bigint) as requests from staging.stg_site__requests group by ward", "ward", "requests")
	b.expect(files, "stg_site__requests kept, int_wards built, wards kept")
}

func TestAnotherRunDateRebuildsOnlyWhatReadsIt(t *testing.T) {
	b := newBench(t)
	files := chain()
	files["marts/lateness.sql"] = model("table",
		"select id, run_date > date '2026-11-25' as is_late from current.site__requests cross join meta.run_date", "id", "is_late")
	b.did(files)
	run(t, b.conn, "update meta.run_date set run_date = '2026-11-26'")
	b.expect(files, "stg_site__requests kept, int_wards kept, lateness built changed, wards kept")
	run(t, b.conn, "update meta.run_date set run_date = '2026-11-27'")
	b.expect(files, "stg_site__requests kept, int_wards kept, lateness built, wards kept")
}

func TestRedStaysRedUntilInputsSQLOrTestChange(t *testing.T) {
	cheap := func(sql, limit string) map[string]string {
		return map[string]string{"marts/costs.sql": strings.Replace(model("table", sql, "id", "cost"),
			"--   - unique: id\n", "--   - unique: id\n--   - holds: cost < "+limit+"\n", 1)}
	}
	const plain = "select id, cost from current.site__requests"
	for _, c := range []struct {
		name, change string
		files        map[string]string
	}{
		{"its inputs", "update current.site__requests set cost = 24 where id = 3", cheap(plain, "25")},
		{"its SQL", "select 1", cheap(plain+" where id < 3", "25")},
		{"the test", "select 1", cheap(plain, "31")},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			for range 2 {
				if got := b.red(cheap(plain, "25")); got != "holds: cost < 25" {
					t.Fatalf("red is %q, want the test of the cost", got)
				}
			}
			run(t, b.conn, c.change)
			if got := b.red(c.files); got != "" {
				t.Errorf("after %s changed, %q is still red", c.name, got)
			}
		})
	}
}

// red builds and names the tests that stop a release.
func (b bench) red(files map[string]string) string {
	b.t.Helper()
	result, err := b.build(files)
	if err != nil {
		b.t.Fatal(err)
	}
	var names []string
	for _, test := range result.Red() {
		names = append(names, test.Name)
	}
	return strings.Join(names, ", ")
}

// shares are measures over the same dataset, each of its own share of the rows.
func shares(codes ...string) []*measures.Measure {
	var all []*measures.Measure
	for _, code := range codes {
		measure := recycled()
		measure.Code = code
		all = append(all, measure)
	}
	return all
}

// rowids tells whether the rows of a measure were written again: they then stand at another place of the table.
func rowids(t *testing.T, conn *sql.Conn, table, code string) string {
	t.Helper()
	return rowsOf(t, conn, fmt.Sprintf("select rowid from %s where measure_code = '%s' order by 1", table, code))
}

// remembered is what is remembered of a table.
func remembered(t *testing.T, conn *sql.Conn, name string) TableState {
	t.Helper()
	tables, err := newShelf(t, conn).Tables(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		if table.Name == name {
			return table
		}
	}
	t.Fatalf("nothing is remembered of %s", name)
	return TableState{}
}

func TestAChangeOfOneMeasureChangesOnePartitionOfTheUnion(t *testing.T) {
	conn := wasteWarehouse(t)
	of := shares("A", "B", "C")
	observed(t, conn, "select 1", of...)
	before := remembered(t, conn, Observations)
	of[1].NullAsZero = true
	const query = "select measure_code, count(*), count(value) from intermediate.int_observations group by all order by 1"
	if got, want := observed(t, conn, query, of...), "A, 4, 2\nB, 4, 3\nC, 4, 2"; got != want {
		t.Errorf("the observations are\n%s\nwant\n%s", got, want)
	}
	if changed := remembered(t, conn, Observations).changedSince(before.Build); !slices.Equal(changed, []string{"=B"}) {
		t.Errorf("changed are %q", changed)
	}
}

func TestAMeasureThatIsGoneTakesItsPartitionAlong(t *testing.T) {
	conn := wasteWarehouse(t)
	observed(t, conn, "select 1", shares("A", "B", "C")...)
	before := remembered(t, conn, ObservationVersions)
	const query = "select distinct measure_code from intermediate.int_observations order by 1"
	if got, want := observed(t, conn, query, shares("A", "C")...), "A\nC"; got != want {
		t.Errorf("observed are %s, want %s", got, want)
	}
	if changed := remembered(t, conn, ObservationVersions).changedSince(before.Build); !slices.Equal(changed, []string{"=B"}) {
		t.Errorf("changed are %q", changed)
	}
	if got := observed(t, conn, query); got != "" {
		t.Errorf("without a measure, %s is observed", got)
	}
}

func TestTheUnionDescribesTheColumnsOfItsPieces(t *testing.T) {
	conn := wasteWarehouse(t)
	observed(t, conn, "select 1", shares("A")...)
	const query = "select table_name, count(comment) from duckdb_columns() where table_name in ('int_observations', 'int_observations__a') group by all order by 1"
	if got, want := rowsOf(t, conn, query), "int_observations, 16\nint_observations__a, 0"; got != want {
		t.Errorf("described columns are\n%s\nwant\n%s", got, want)
	}
}
