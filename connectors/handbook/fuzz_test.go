package handbook

import (
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/internal/measures"
)

// Any text of a CSV file of the folder gives rows, or faults that each say where they stand, and never both or neither.
func FuzzFiles(f *testing.F) {
	header := "measure_code,organisation_code,period_from,target_value,status,version"
	for _, text := range []string{
		header + "\nENV01,E08000009,FY2025-26,60,proposed,1\n",
		"# a note\n\"# more, of it\",,\n" + header + "\nENV01,E08000009,FY2025-26,0,approved,1\n\n",
		"\xef\xbb\xbf" + header + "\r\n\"ENV01,E08000009",
		"#", "", "\x00", "#\n#\n,,\n",
		"area_code,larger_area_code,weight,vintage\nE05000001,E08000009,1,2023\n",
	} {
		f.Add([]byte(text))
	}
	handbook := []file{
		{name: measures.PlanFile, text: []byte("priorities: [{code: climate, name: Climate, outcomes: [{code: waste, name: Waste}]}]")},
		{name: "measures/ENV01.yaml", text: []byte("code: ENV01\nname: Waste\nunit: kg\ndecimals: 0\npolarity: lower\nfrequency: annual\nperiod_basis: financial\n" +
			"accumulation: flow\nfrom: {dataset: a.b, area: area_code, period: period, value: v}\n")},
	}
	tables := append(referenceTables(), targets())
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, table := range tables {
			name := strings.ReplaceAll(table.place, "*", "all")
			own := file{name: name, text: text, own: true, extract: connectors.Extract{Place: name}}
			files := []file{own}
			if table.beside != nil {
				files = append(handbook[:2:2], own)
			}
			made, err := table.make(files)
			if err != nil {
				t.Fatal(err)
			}
			for _, fault := range made.faults {
				if !strings.HasPrefix(fault.Error(), name+":") {
					t.Errorf("a fault without a place: %v", fault)
				}
			}
			if len(made.faults) == 0 {
				checkRows(t, table, made)
			}
			made.release()
		}
	})
}

// checkRows finds rows that do not bear the columns of their dataset, or a line of the file.
func checkRows(t *testing.T, table table, made *sheet) {
	t.Helper()
	for _, batch := range made.batches {
		if batch.Rows == nil {
			continue
		}
		if !batch.Rows.Schema().Equal(table.dataset.Schema()) {
			t.Errorf("the rows of %s have the columns %v", table.dataset.Name, batch.Rows.Schema())
		}
		lines := batch.Rows.Column(int(batch.Rows.NumCols()) - 1).(*array.Int64)
		for i := range lines.Len() {
			if lines.Value(i) < 2 {
				t.Errorf("a row of %s stands on line %d, above the names of columns", table.dataset.Name, lines.Value(i))
			}
		}
	}
}
