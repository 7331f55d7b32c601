package transforms

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/goldthread/goldthread/internal/measures"
)

// waste is a dataset with statuses and a cut, and recycled a measure over it.
var waste = Relation{Name: "themes.waste", Columns: []Column{
	{"area_code", "varchar", ""}, {"period", "varchar", ""}, {"measure", "varchar", ""}, {"quintile", "varchar", ""},
	{"value", "decimal(18, 6)", ""}, {"value_status", "varchar", ""}, {"recycled", "bigint", ""}, {"collected", "bigint", ""}}}

// handbook reads one measure of a council's folder, whose YAML ends as given.
func handbook(code, from string, sql ...string) *measures.Measure {
	texts := map[string][]byte{"measures/" + code + ".yaml": []byte("code: " + code + "\n" + from)}
	if len(sql) > 0 {
		texts["measures/"+code+".sql"] = []byte(sql[0])
	}
	read, _ := measures.Parse(texts) // what else a measure must say does not matter here
	return read.Measures[0]
}

func recycled() *measures.Measure {
	return handbook("ENV01", `multiplier: 100
from:
  dataset: themes.waste
  where: {measure: Percentage}
  area: area_code
  period: period
  value: value
`)
}

func observe(t *testing.T, of ...*measures.Measure) (*Set, error) {
	t.Helper()
	ours := Models()
	inputs := folder("ours", map[string]string{
		"inputs.sql": "create table reference.periods (period_code varchar, end_date date);" +
			"create table handbook.council (organisation_code varchar);" + observationInputs,
		"macros.sql": string(mustRead(t, ours, MacroFile))})
	return Load(context.Background(), Options{Ours: inputs, Datasets: []Relation{waste}, Measures: of})
}

func mustRead(t *testing.T, f Folder, name string) []byte {
	t.Helper()
	file, err := f.FS.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	data := make([]byte, info.Size())
	if _, err := file.Read(data); err != nil {
		t.Fatal(err)
	}
	return data
}

func wasteWarehouse(t *testing.T) *sql.Conn {
	conn := warehouse(t)
	run(t, conn, `create table current.themes__waste (area_code varchar, period varchar, measure varchar, quintile varchar,
			value decimal(18, 6), value_status varchar, recycled bigint, collected bigint, _load_id bigint, _extract_id bigint, _row bigint);
		insert into current.themes__waste values
			('E08000009', 'FY2022-23', 'Percentage', 'NA', 53.4, 'ok', 534, 1000, 1, 1, 2),
			('E08000009', 'FY2023-24', 'Percentage', 'NA', null, 'suppressed', null, null, 2, 2, 3),
			('E08000009', 'FY2023-24', 'Percentage', '1 (most deprived)', 41.25, 'ok', 1, 3, 2, 2, 4),
			('E92000001', 'FY2023-24', 'Percentage', 'NA', null, 'missing', 5, 0, 2, 2, 5),
			('E08000009', 'FY2022-23', 'Frequency', 'NA', 534, 'ok', null, null, 1, 1, 6);
		create table history.themes__waste as select *, false as _is_deleted from current.themes__waste where false;
		insert into history.themes__waste values ('E08000009', 'FY2021-22', 'Percentage', 'NA', null, null, null, null, 2, 0, 0, true);
		create view raw.themes__waste as select *, false as _is_deleted from current.themes__waste union all select * from history.themes__waste;
		create table meta.stored_loads (load_id bigint, recorded_at timestamptz, published_at date);
		insert into meta.stored_loads values (1, '2024-10-01 09:00:00+00', '2024-09-01'), (2, '2026-06-01 09:00:00+00', null);
		create table meta.stored_extracts (extract_id bigint, published_at date);
		insert into meta.stored_extracts values (1, null), (2, '2026-05-01');
		create table reference.periods (period_code varchar, end_date date);
		insert into reference.periods values ('FY2022-23', '2023-03-31')`)
	return conn
}

// observed loads and builds measures and gives the rows of a query.
func observed(t *testing.T, conn *sql.Conn, query string, of ...*measures.Measure) string {
	t.Helper()
	set, err := observe(t, of...)
	if err != nil {
		t.Fatal(err)
	}
	builder := Builder{Conn: conn, State: newShelf(t, conn), OnPeriods: registerPeriods}
	if _, err := builder.Build(context.Background(), set); err != nil {
		t.Fatal(err)
	}
	return rowsOf(t, conn, query)
}

func registerPeriods(ctx context.Context, tx *sql.Tx, table string) error {
	_, err := tx.ExecContext(ctx, fmt.Sprintf("insert into reference.periods select distinct period_code, null from %s where period_code not in (select period_code from reference.periods)", table))
	return err
}

func TestMeasureObservesADataset(t *testing.T) {
	measure := recycled()
	measure.From.Breakdown = &measures.Breakdown{Column: "quintile", All: "NA", Name: "deprivation_quintile"}
	query := "select area_code, breakdown_code, breakdown_name, breakdown_text, period_code, value::varchar, value_status, published_at::varchar, _load_id, _row from intermediate.int_observations where measure_code = 'ENV01' order by _row"
	want := `E08000009, all, null, null, FY2022-23, 53.4000000000, ok, 2024-09-01, 1, 2
E08000009, all, null, null, FY2023-24, null, suppressed, 2026-05-01, 2, 3
E08000009, deprivation_quintile:1 (most deprived), deprivation_quintile, 1 (most deprived), FY2023-24, 41.2500000000, ok, 2026-05-01, 2, 4
E92000001, all, null, null, FY2023-24, null, missing, 2026-05-01, 2, 5`
	if got := observed(t, wasteWarehouse(t), query, measure); got != want {
		t.Errorf("observed\n%s\nwant\n%s", got, want)
	}
}

func TestMeasureDividesExactly(t *testing.T) {
	measure := recycled()
	measure.From.Value, measure.From.Numerator, measure.From.Denominator = "", "recycled", "collected"
	query := "select value::varchar, value_status from intermediate.int_observations order by _row"
	want := "53.4000000000, ok\nnull, missing\n33.3333333333, ok\nnull, zero_denominator"
	if got := observed(t, wasteWarehouse(t), query, measure); got != want {
		t.Errorf("observed\n%s\nwant\n%s", got, want)
	}
}

func TestMeasureTakesAMissingValueAsZeroWhereItSaysSo(t *testing.T) {
	measure := recycled()
	measure.NullAsZero = true
	want := "53.4000000000, ok\nnull, suppressed\n41.2500000000, ok\n0.0000000000, ok"
	if got := observed(t, wasteWarehouse(t), "select value::varchar, value_status from intermediate.int_observations order by _row", measure); got != want {
		t.Errorf("observed\n%s\nwant\n%s", got, want)
	}
}

func TestMeasureKeepsEveryVersion(t *testing.T) {
	query := "select period_code, value::varchar, is_deleted, is_replaced, timezone('UTC', recorded_at)::varchar from intermediate.int_observation_versions order by _row, period_code"
	want := `FY2021-22, null, true, true, 2026-06-01 09:00:00
FY2022-23, 53.4000000000, false, false, 2024-10-01 09:00:00
FY2023-24, null, false, false, 2026-06-01 09:00:00
FY2023-24, 41.2500000000, false, false, 2026-06-01 09:00:00
FY2023-24, null, false, false, 2026-06-01 09:00:00`
	if got := observed(t, wasteWarehouse(t), query, recycled()); got != want {
		t.Errorf("versions are\n%s\nwant\n%s", got, want)
	}
}

// share is a measure in SQL, which reads the periods and adds one.
func share() *measures.Measure {
	return handbook("ENV02", "multiplier: 100\n", shareSQL)
}

const shareSQL = `-- One row per area.
select
    waste.area_code,
    'CY2023' as period_code,
    sum(recycled) as numerator,
    sum(collected) as denominator,
    max(_row) as _row
from themes.waste
inner join reference.periods as p
    on waste.period = p.period_code
group by waste.area_code;
`

func TestMeasureInSQLReadsDatasetsByTheirNames(t *testing.T) {
	query := "select area_code, breakdown_code, period_code, value::varchar, value_status, _row from intermediate.int_observations where measure_code = 'ENV02'"
	want := "E08000009, all, CY2023, 53.4000000000, ok, 6"
	if got := observed(t, wasteWarehouse(t), query, share()); got != want {
		t.Errorf("observed\n%s\nwant\n%s", got, want)
	}
	withdrawn := "select area_code, is_deleted from intermediate.int_observation_versions order by all"
	byRow := share()
	byRow.Versions = measures.ByRow
	byRow.SQL = "select area_code, period as period_code, value, _load_id, _extract_id, _row from themes.waste where measure = 'Percentage' and period = 'FY2021-22'"
	if got := observed(t, wasteWarehouse(t), withdrawn, byRow); got != "E08000009, true" {
		t.Errorf("versions are %s, want one that is deleted", got)
	}
}

func TestBuildOfMeasuresSettles(t *testing.T) {
	conn := wasteWarehouse(t)
	set, err := observe(t, recycled(), share())
	if err != nil {
		t.Fatal(err)
	}
	builder := Builder{Conn: conn, State: newShelf(t, conn), OnPeriods: registerPeriods}
	for n := range 2 {
		result, err := builder.Build(context.Background(), set)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range result.Models {
			if n == 1 && m.Outcome != Kept {
				t.Errorf("the second build has %s %s", m.Name, m.Outcome)
			}
		}
	}
}

func TestMeasureFaultsNameTheLine(t *testing.T) {
	unknownColumn, unknownDataset, wrongSQL, unknownInSQL := recycled(), recycled(), share(), share()
	unknownColumn.From.Value = "valu"
	unknownDataset.From.Dataset = "themes.wast"
	wrongSQL.SQL = "select area_code, period as period_code,\n  recycld as numerator\nfrom themes.waste"
	unknownInSQL.SQL = "select area_code, period as period_code\nfrom themes.wastes"
	for name, test := range map[string]struct {
		measure *measures.Measure
		want    string
	}{
		"unknown column":         {unknownColumn, "measures/ENV01.yaml:8: dataset themes.waste has no column \"valu\"\n  fix: did you mean \"value\"?"},
		"unknown dataset":        {unknownDataset, "measures/ENV01.yaml:4: unknown dataset \"themes.wast\"\n  fix: did you mean \"themes.waste\"?"},
		"unknown column in SQL":  {wrongSQL, "measures/ENV02.sql:2: Referenced column \"recycld\" not found in FROM clause!\n  fix: Candidate bindings: \"recycled\""},
		"unknown dataset in SQL": {unknownInSQL, "measures/ENV02.sql:2: unknown dataset \"themes.wastes\"\n  fix: did you mean \"themes.waste\"?"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := observe(t, test.measure)
			if err == nil || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("the fault is\n%v\nwant\n%s", err, test.want)
			}
		})
	}
}

func TestMeasureOfOneAreaTakesEveryCutAsItsOwn(t *testing.T) {
	measure := handbook("ENV04", `multiplier: 100
from:
  dataset: themes.waste
  where: {measure: [Percentage, Frequency], area_code: E08000009}
  area: {constant: E12000002}
  period: period
  numerator: recycled
  denominator: collected
  breakdown: {column: quintile}
`)
	query := "select area_code, breakdown_code, period_code, value::varchar from intermediate.int_observations where value is not null order by _row"
	want := "E12000002, quintile:NA, FY2022-23, 53.4000000000\nE12000002, quintile:1 (most deprived), FY2023-24, 33.3333333333"
	if got := observed(t, wasteWarehouse(t), query, measure); got != want {
		t.Errorf("observed\n%s\nwant\n%s", got, want)
	}
}

func TestSheetWithAColumnForEachPeriodObservesEachAsTheCouncilsOwn(t *testing.T) {
	measure := handbook("ENV05", `from:
  dataset: themes.waste
  where: {measure: Percentage, area_code: E08000009, period: FY2022-23}
  area: {constant: organisation}
  periods: {FY2023-24: value, FY2022-23: recycled}
`)
	conn := wasteWarehouse(t)
	run(t, conn, "create table handbook.council (organisation_code varchar); insert into handbook.council values ('E07000089')")
	query := "select area_code, period_code, value::varchar, value_status, _row from intermediate.int_observations order by period_code"
	want := "E07000089, FY2022-23, 534.0000000000, ok, 2\nE07000089, FY2023-24, 53.4000000000, ok, 2"
	if got := observed(t, conn, query, measure); got != want {
		t.Errorf("observed\n%s\nwant\n%s", got, want)
	}
}

func TestMeasureIsNotAskedAboutWhatTheKeyOfItsDatasetSays(t *testing.T) {
	for name, test := range map[string]struct {
		key  []string
		want bool
	}{
		"no key":                      {nil, false},
		"area, period and one value":  {[]string{"area_code", "period", "measure"}, true},
		"a column that says more":     {[]string{"area_code", "period", "measure", "quintile"}, false},
		"fewer columns than it takes": {[]string{"area_code"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := writer{Measure: recycled(), keys: map[string][]string{"themes.waste": test.key}}
			if got := w.onlyRows(); got != test.want {
				t.Errorf("each observation has one row: %v, want %v", got, test.want)
			}
		})
	}
}

func TestMeasureThatObservesTwiceIsRed(t *testing.T) {
	measure := recycled()
	measure.From.Where[0].Value = []string{"Percentage", "Frequency"}
	conn := wasteWarehouse(t)
	set, err := observe(t, measure)
	if err != nil {
		t.Fatal(err)
	}
	builder := Builder{Conn: conn, State: newShelf(t, conn), OnPeriods: registerPeriods}
	result, err := builder.Build(context.Background(), set)
	if err != nil {
		t.Fatal(err)
	}
	red := result.Red()
	if len(red) != 1 || red[0].Table != "intermediate.int_observations__env01" || red[0].Where != "measures/ENV01.yaml:4" || red[0].Failing != 2 {
		t.Errorf("red are %+v", red)
	}
}
