package warehouse

import (
	"reflect"
	"strings"
	"testing"
)

// trendPlan releases the series of a measure, and what tells its rows apart.
func trendPlan() ReleasePlan {
	return ReleasePlan{RunID: 1, Audience: "staff", Tables: []ReleaseTable{
		{Schema: "meta", Name: "model_keys"}, {Schema: "core", Name: "facts"}, {Schema: "marts", Name: "measure_trend"},
	}}
}

const trendColumns = `
	measure_code, measure_name, area_code, period_code, period_label, unit, value, value_status, target, rag, rag_reason, end_date, data_as_at`

func setTrend(t *testing.T, w *Warehouse, rows string) {
	t.Helper()
	execAll(t, w, `
		create schema if not exists core; create schema if not exists marts;
		create or replace table core.facts as select n from range(10) as r (n);
		create or replace view marts.measure_trend as select * replace (cast(value as decimal(38, 10)) as value, cast(end_date as date) as end_date)
		from (values `+rows+`) as v (`+trendColumns+`)`)
}

func newTrend(t *testing.T) (*Warehouse, *Releases) {
	t.Helper()
	folder := t.TempDir()
	w := openTest(t, folder)
	err := w.SetModels(t.Context(), Models{Keys: []ModelKey{
		{Model: "marts.measure_trend", Kind: "grain", Columns: []string{"measure_code", "area_code", "period_code"}},
		{Model: "core.facts", Kind: "grain", Columns: []string{"n"}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return w, NewReleases(folder)
}

func TestReleasesAreComparedRowByRowAndFigureByFigure(t *testing.T) {
	w, releases := newTrend(t)
	setTrend(t, w, `
		('A', 'Air', 'E1', 'FY2024-25', '2024/25', '%', 57.5, 'ok', 60, 'amber', null, '2025-03-31', '2025-05-01'),
		('A', 'Air', 'E1', 'FY2023-24', '2023/24', '%', 50, 'ok', 55, 'red', null, '2024-03-31', '2025-05-01'),
		('B', 'Bins', 'E1', 'FY2024-25', '2024/25', 'days', 3, 'ok', null, null, 'no_target', '2025-03-31', '2025-05-01'),
		('C', 'Cars', 'E1', 'FY2024-25', '2024/25', 'days', 4, 'ok', null, null, 'no_target', '2025-03-31', '2025-05-01')`)
	mustRelease(t, w, trendPlan(), 1)
	setTrend(t, w, `
		('A', 'Air', 'E1', 'FY2024-25', '2024/25', '%', 61.25, 'ok', 60, 'green', null, '2025-03-31', '2025-06-01'),
		('A', 'Air', 'E1', 'FY2023-24', '2023/24', '%', 50.0, 'ok', 55, 'red', null, '2024-03-31', '2025-05-01'),
		('B', 'Bins', 'E1', 'FY2025-26', '2025/26', 'days', null, 'suppressed', null, null, 'suppressed', '2026-03-31', '2025-05-01'),
		('C', 'Cars', 'E1', 'FY2024-25', '2024/25', 'days', 4, 'ok', null, null, 'no_target', '2025-03-31', '2025-05-02')`)
	mustRelease(t, w, trendPlan(), 2)
	d, err := CompareReleases(t.Context(), releases, ComparePlan{From: 1, Audience: "staff"})
	if err != nil {
		t.Fatal(err)
	}
	tables := []TableDifference{{Table: "marts.measure_trend", Before: 4, After: 4, Added: 1, Removed: 1, Changed: 2}}
	if d.From.Release != 1 || d.To.Release != 2 || !reflect.DeepEqual(d.Tables, tables) {
		t.Errorf("from %d to %d: %+v", d.From.Release, d.To.Release, d.Tables)
	}
	var told []string
	for _, m := range d.Figures {
		told = append(told, strings.Join([]string{m.MeasureCode, m.PeriodCode, said(m.ValueFrom), said(m.ValueTo), said(m.TargetTo), said(m.RAGFrom), said(m.RAGTo)}, " "))
	}
	want := []string{
		"A FY2024-25 57.5 61.25 60 amber green", "B FY2024-25 3 - - no_target -", "B FY2025-26 - - - - suppressed",
	}
	if !reflect.DeepEqual(told, want) {
		t.Errorf("figures moved: %q", told)
	}
}

func said(cell *string) string {
	if cell == nil {
		return "-"
	}
	return *cell
}

func TestReleasesOfAnotherGrainOrWithoutFiguresAreComparedAllTheSame(t *testing.T) {
	w, releases := newTrend(t)
	execAll(t, w, "create schema core; create schema marts; create table core.facts as select 1 as n; create table marts.measure_trend as select 'A' as measure_code")
	mustRelease(t, w, trendPlan(), 1)
	execAll(t, w, "create or replace table core.facts as select range as m from range(3)")
	plan := trendPlan()
	plan.Tables = plan.Tables[:2]
	mustRelease(t, w, plan, 2)
	d, err := CompareReleases(t.Context(), releases, ComparePlan{From: 1, To: 2, Audience: "staff"})
	want := []TableDifference{{"core.facts", 1, 3, 3, 1, 0}, {"marts.measure_trend", 1, 0, 0, 1, 0}}
	if err != nil || !reflect.DeepEqual(d.Tables, want) || len(d.Figures) > 0 {
		t.Errorf("%+v, %v", d, err)
	}
	same, err := CompareReleases(t.Context(), releases, ComparePlan{From: 2, To: 2, Audience: "staff"})
	if err != nil || len(same.Tables)+len(same.Figures) > 0 {
		t.Errorf("a release differs from itself: %+v, %v", same, err)
	}
	_, err = CompareReleases(t.Context(), releases, ComparePlan{From: 1, To: 9, Audience: "staff"})
	wantFault(t, err, "release 9 is not kept", "kept are: 1, 2")
}
