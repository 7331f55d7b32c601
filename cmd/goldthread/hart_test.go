package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A disagreement is a KPI whose status, as Hart District Council published it, is not ours.
type disagreement struct {
	value, target, published, ours string
	because                        string // words of the reason that the handbook gives
}

// hartsSix are the KPIs of Hart's scorecard whose published status does not follow from figure and target.
var hartsSix = map[string]disagreement{
	"ETS01": {"", "40", "red", "no_data", "0 stands for not reported"},
	"FI06":  {"97", "97", "amber", "green", "on target is green"},
	"HR11":  {"2.7", "3.15", "red", "green", "within the target"},
	"HS16":  {"28", "40", "green", "red", "28 is the first quarter alone"},
	"IT06":  {"", "98", "green", "no_data", "0 stands for not reported"},
	"PS05":  {"", "90", "green", "no_data", "0 stands for not reported"},
}

// TestHartsPublishedStatusesAreOursSaveSix runs the example and compares the status of each KPI with the one that stands in
// the council's own file, which it reads by itself. What differs is printed with -v.
func TestHartsPublishedStatusesAreOursSaveSix(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "hart")
	goldthread(t, "demo", "--example", "hart", folder)
	published := publishedByHart(t, folder)
	ours := askHart(t, folder, hartsStatuses)
	if len(published) != 45 || len(ours) != 45 {
		t.Fatalf("%d KPIs were published and %d are ours, and there are 45", len(published), len(ours))
	}
	differ := map[string]disagreement{}
	for _, row := range ours {
		code, got := row[0], disagreement{row[1], row[2], published[row[0]], row[3], row[4]}
		if same := got.ours == got.published; same != (row[5] == "true") {
			t.Errorf("%s: published %s, ours %s, and marts.published_statuses says that they are equal: %s", code, got.published, got.ours, row[5])
		} else if same {
			continue
		}
		t.Logf("%-6s %5s against %5s: published %-5s, ours %-8s %s", code, got.value, got.target, got.published, got.ours, got.because)
		if because := hartsSix[code].because; because != "" && strings.Contains(got.because, because) {
			got.because = because
		}
		differ[code] = got
	}
	t.Logf("%d of %d are equal", len(ours)-len(differ), len(ours))
	if len(ours)-len(differ) != 39 || !maps.Equal(differ, hartsSix) {
		t.Errorf("39 are to be equal, and those that differ are\n%v\nwant\n%v", differ, hartsSix)
	}
	t.Run("nought is a figure elsewhere", func(t *testing.T) { noughtIsAFigure(t, folder) })
}

const hartsStatuses = `select trend.measure_code, coalesce(rtrim(rtrim(cast(trend.value as varchar), '0'), '.'), ''),
	coalesce(rtrim(rtrim(cast(trend.target as varchar), '0'), '.'), ''), coalesce(rag, rag_reason), note, is_equal
	from marts.measure_trend as trend join marts.published_statuses using (measure_code)
	where trend.period_code = 'FY2014-15-Q2' order by trend.measure_code`

// noughtIsAFigure holds the rule for 0 to the three KPIs it was made for.
func noughtIsAFigure(t *testing.T, folder string) {
	got := askHart(t, folder, `select measure_code, period_code, coalesce(cast(value as varchar), value_status)
		from marts.measure_trend where coalesce(value, 0) = 0 order by all`)
	want := [][]string{
		{"ETS01", "FY2014-15-Q1", "missing"}, {"ETS01", "FY2014-15-Q2", "missing"}, {"IT06", "FY2014-15-Q2", "missing"},
		{"LS05", "FY2013-14", "0.0000000000"}, {"PS05", "FY2014-15-Q2", "missing"}, {"SNH01", "FY2014-15-Q1", "0.0000000000"},
	}
	if !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("got\n%v\nwant\n%v", got, want)
	}
}

// askHart gives the rows of the answer to a query of the release.
func askHart(t *testing.T, folder, query string) [][]string {
	t.Helper()
	return records(t, goldthread(t, "sql", query, "--format", "csv", "-C", folder))[1:]
}

// publishedByHart gives the status of each KPI from the file of the drop.
func publishedByHart(t *testing.T, folder string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, "drops", "scorecard", "hart_kpis_2014-11-07.csv"))
	if err != nil {
		t.Fatal(err)
	}
	words := map[string]string{"lg": "green", "la": "amber", "lr": "red", "lu": "context", "ld": "context"}
	rows := records(t, text)
	code, status := slices.Index(rows[0], "k"), slices.Index(rows[0], "s")
	published := map[string]string{}
	for _, row := range rows[1:] {
		published[row[code]] = words[row[status]]
	}
	return published
}

func records(t *testing.T, text []byte) [][]string {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil || len(rows) == 0 {
		t.Fatalf("reading %d rows: %v", len(rows), err)
	}
	return rows
}

// goldthread runs the program as a user does and gives what it prints.
func goldthread(t *testing.T, args ...string) []byte {
	t.Helper()
	var out, faults bytes.Buffer
	getenv := func(string) string { return "" }
	if code := run(context.Background(), append([]string{"goldthread"}, args...), &out, &faults, getenv); code != exitDone {
		t.Fatalf("%v ended with %d\n%s%s", args, code, out.Bytes(), faults.Bytes())
	}
	return out.Bytes()
}
