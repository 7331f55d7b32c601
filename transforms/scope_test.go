package transforms

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/goldthread/goldthread/internal/measures"
	"github.com/goldthread/goldthread/internal/strictyaml"
)

// star is models as ours are: one partitioned like the observations, a view over it, and facts by the key of a dimension.
func star(t *testing.T) map[string]string {
	t.Helper()
	return map[string]string{
		"inputs.sql": "create table reference.periods (period_code varchar, end_date date);" +
			"create table handbook.council (organisation_code varchar);" +
			"create table handbook.measures (measure_code varchar, name varchar);" + observationInputs,
		"macros.sql": string(mustRead(t, Models(), MacroFile)),
		"intermediate/int_placed.sql": partitioned("partition(measure_code)",
			"select measure_code, area_code, period_code, sum(value) as value from intermediate.int_observations group by all",
			[]string{"measure_code", "area_code", "period_code"}, "measure_code", "area_code", "period_code", "value"),
		"intermediate/int_ranked.sql": partitioned("view(measure_code)",
			"select *, rank() over (partition by measure_code order by value) as rank from intermediate.int_placed as placed",
			[]string{"measure_code", "area_code", "period_code"}, "measure_code", "area_code", "period_code", "value", "rank"),
		"core/dim_measures.sql": partitioned("table",
			"select row_number() over (order by measure_code) as measure_key, measure_code, name from handbook.measures",
			[]string{"measure_key"}, "measure_key", "measure_code", "name"),
		"core/fct.sql": partitioned("partition(measure_key)",
			"select coalesce(dim_measures.measure_key, -1) as measure_key, area_code, period_code, value, rank from intermediate.int_ranked left join core.dim_measures on int_ranked.measure_code = dim_measures.measure_code and dim_measures.name <> 'another'",
			[]string{"measure_key", "area_code", "period_code"}, "measure_key", "area_code", "period_code", "value", "rank"),
	}
}

// partitioned is a model with a grain of its own, which not_null tests besides.
func partitioned(kind, query string, grain []string, columns ...string) string {
	text := "-- One row a thing.\n--\n-- materialized: " + kind + "\n-- grain: [" + strings.Join(grain, ", ") + "]\n-- columns:\n"
	for _, column := range columns {
		text += "--   " + column + ": What it is.\n"
	}
	return text + "-- tests:\n--   - unique: [" + strings.Join(grain, ", ") + "]\n--   - not_null: [" + strings.Join(grain, ", ") + "]\n\n" + query + "\n"
}

func starWarehouse(t *testing.T) *sql.Conn {
	conn := wasteWarehouse(t)
	run(t, conn, `create table handbook.council (organisation_code varchar); create table handbook.measures (measure_code varchar, name varchar);
		insert into handbook.measures values ('A', 'a'), ('B', 'b'), ('C', 'c'), ('D', 'd'), ('E', 'e')`)
	return conn
}

// builtStar builds the star in conn and gives what was remembered of it and the rows of its facts.
func builtStar(t *testing.T, conn *sql.Conn, files map[string]string, of []*measures.Measure) (Result, string) {
	t.Helper()
	set, err := Load(context.Background(), Options{Ours: folder("ours", files), Datasets: []Relation{waste}, Measures: of})
	if err != nil {
		t.Fatal(err)
	}
	builder := Builder{Conn: conn, State: newShelf(t, conn), OnPeriods: registerPeriods}
	result, err := builder.Build(context.Background(), set)
	if err != nil {
		t.Fatal(err)
	}
	return result, rowsOf(t, conn, "select * replace (value::varchar as value) from core.fct order by all")
}

// areas are measures of a cut each of the same dataset, so that one row changes one of them.
func areas() []*measures.Measure {
	all := shares("A", "B", "C", "D", "E")
	for i, area := range []string{"E08000009", "E08000009", "E92000001", "E92000001", "E92000001"} {
		all[i].From.Where = append(all[i].From.Where, strictyaml.Entry[strictyaml.Texts]{Key: "quintile", Value: []string{"NA"}},
			strictyaml.Entry[strictyaml.Texts]{Key: "area_code", Value: []string{area}})
	}
	return all
}

func TestOnlyThePartitionsThatChangedAreMadeAgain(t *testing.T) {
	conn := starWarehouse(t)
	builtStar(t, conn, star(t), areas())
	before := map[string]string{}
	for _, code := range []string{"A", "B", "C", "D", "E"} {
		before[code] = rowids(t, conn, "intermediate.int_placed", code)
	}
	of := areas()
	of[3].NullAsZero = true
	_, scoped := builtStar(t, conn, star(t), of)
	for code, rows := range before {
		if wrote := rowids(t, conn, "intermediate.int_placed", code) != rows; wrote != (code == "D") {
			t.Errorf("measure %s was written again: %v", code, wrote)
		}
	}
	for table, want := range map[string]string{"intermediate.int_placed": "=D", "intermediate.int_ranked": "=D", "core.fct": "=4"} {
		if changed := remembered(t, conn, table).changedSince(1); len(changed) != 1 || changed[0] != want {
			t.Errorf("changed partitions of %s are %q", table, changed)
		}
	}
	if _, whole := builtStar(t, starWarehouse(t), star(t), of); scoped != whole {
		t.Errorf("the facts are\n%s\nand, made at once,\n%s", scoped, whole)
	}
}

func TestAMeasureWithoutAKeyKeepsItsFacts(t *testing.T) {
	conn := starWarehouse(t)
	run(t, conn, "delete from handbook.measures where measure_code = 'D'; insert into handbook.measures values ('E', 'another')")
	builtStar(t, conn, star(t), areas())
	of := areas()
	of[3].NullAsZero, of[4].NullAsZero = true, true
	_, scoped := builtStar(t, conn, star(t), of)
	if want := "-1, E92000001, FY2023-24, 0.0000000000, 1"; !strings.Contains(scoped, want) {
		t.Errorf("the facts are\n%s\nwithout %s", scoped, want)
	}
}

func TestATableMadeInPartsHasTheRowsThatNoPartHolds(t *testing.T) {
	conn := starWarehouse(t)
	var of []*measures.Measure
	for n := range 2*partsAtOnce + 1 {
		of = append(of, areas()[0])
		of[n].Code = fmt.Sprintf("M%02d", n)
		run(t, conn, fmt.Sprintf("insert into handbook.measures values ('%s', 'm')", of[n].Code))
	}
	files := star(t)
	files["intermediate/int_targeted.sql"] = partitioned("partition(measure_code)",
		"select measure_code, period_code from intermediate.int_placed union select measure_code, 'none' as period_code from handbook.measures",
		[]string{"measure_code", "period_code"}, "measure_code", "period_code")
	_, facts := builtStar(t, conn, files, of)
	if got, want := strings.Count(facts, "\n")+1, 2*len(of); got != want {
		t.Errorf("there are %d facts, want %d", got, want)
	}
	query := "select count(*), count(*) filter (where period_code = 'none') from intermediate.int_targeted"
	if got, want := rowsOf(t, conn, query), fmt.Sprintf("%d, %d", 3*len(of)+5, len(of)+5); got != want {
		t.Errorf("there are %s rows, want %s", got, want)
	}
}

func TestAPartitionThatFailsATestIsFoundAmongThoseThatPassed(t *testing.T) {
	conn := starWarehouse(t)
	files := star(t)
	if result, _ := builtStar(t, conn, files, areas()); len(result.Red()) > 0 {
		t.Fatalf("red are %+v", result.Red())
	}
	run(t, conn, "update current.themes__waste set area_code = null where _row = 2")
	of := areas()
	of[0].From.Where = of[0].From.Where[:2]
	result, _ := builtStar(t, conn, files, of)
	red := ""
	for _, test := range result.Red() {
		red += test.Table + " " + test.Name + "\n"
	}
	want := "core.fct not_null: measure_key, area_code, period_code\n"
	if !strings.Contains(red, want) {
		t.Errorf("red are\n%s", red)
	}
	run(t, conn, "update current.themes__waste set area_code = 'E08000009' where _row = 2")
	if result, _ := builtStar(t, conn, files, of); len(result.Red()) > 0 {
		t.Errorf("red are still %+v", result.Red())
	}
}

func TestAMeasureWithoutObservationsIsNotAChange(t *testing.T) {
	conn := starWarehouse(t)
	of := areas()
	builtStar(t, conn, star(t), of[:4])
	before := remembered(t, conn, "intermediate.int_placed")
	of[4].From.Where[0].Value = []string{"Nothing"}
	builtStar(t, conn, star(t), of)
	if after := remembered(t, conn, "intermediate.int_placed"); after.ContentHash != before.ContentHash {
		t.Errorf("the table was %+v and is %+v", before, after)
	}
}
