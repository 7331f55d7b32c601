package sqldb

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/connectors/connectortest"
	"github.com/goldthread/goldthread/connectors/sqldb/tdstest"
)

func TestSQLServerIsASource(t *testing.T) {
	const settings = "batch_rows: 100\ntries: 1"
	connectortest.Run(t, connectortest.Case{
		Open: func(t *testing.T) connectors.Source {
			return msSource(t, cases(500).serve(t, tdstest.Required), settings, msIncrement)
		},
		Broken: func(t *testing.T) connectors.Source {
			table := cases(500)
			table.fails = func(int) tdstest.Answer { return tdstest.Answer{Error: &tdstest.Deadlock} }
			return msSource(t, table.serve(t, tdstest.Plain), settings, msIncrement)
		},
		Again: map[string]int{"cases": 3}, // the last two hours
		Bad: map[string]connectors.Config{
			"no user": &Config{Source: "s", Engine: "sqlserver", Host: "h", Database: "d", TLS: "verify", BatchRows: 1, Tries: 1},
		},
	})
}

// A change to a table of SQL Server, and what the next look must say of it.
var msDrifts = []struct {
	name, policy string
	change       func(t *msTable)
	want         string
}{
	{"added", "ignore", func(t *msTable) { t.add("birth date") }, `landed: new columns that the contract does not name and that are not read: "birth"`},
	{"added and refused", "refuse", func(t *msTable) { t.add("birth date") }, `refused: new columns that the contract does not name: "birth"`},
	{"added and taken", "add", func(t *msTable) { t.add("birth date") }, `landed: added as text, and are personal until they are classed: "birth"`},
	{"dropped", "ignore", func(t *msTable) { t.columns[1].Name = "other" }, `refused: the source lacks "name"`},
	{"renamed in other letters", "ignore", func(t *msTable) { t.columns[1].Name = "Name" }, `landed: the column "name" is now called "Name"`},
	{"reordered", "ignore", func(t *msTable) { t.swap(1, 2) }, `landed: in another order`},
	{"widened", "ignore", func(t *msTable) { t.columns[2].Type = "decimal(12,2)" }, `landed: was of type decimal(10,2) and is now decimal(12,2)`},
	{"narrowed", "ignore", func(t *msTable) { t.columns[1].Type = "nvarchar(10)" }, `landed: was of type nvarchar(50) and is now nvarchar(10)`},
	{"retyped", "ignore", func(t *msTable) { t.columns[2].Type = "varchar(20)" }, `refused: "cost" was of type decimal(10,2) and is now varchar(20)`},
	{"nullability", "ignore", func(t *msTable) { t.columns[0].Type = "int" }, `landed: "id" may now be empty`},
	{"key", "ignore", func(t *msTable) { t.primary = []string{"id", "name"} }, `landed: primary key was (id) and is now (id, name)`},
	{"collation", "ignore", func(t *msTable) { t.collation = "Latin1_General_BIN2" }, `landed: the collation of column "name" was`},
	{"view replaced", "ignore", func(t *msTable) { t.view = "create view dbo.cases as select …" }, `landed: the view was replaced`},
	{"emptied", "ignore", func(t *msTable) { t.rows = nil }, `landed: the source holds no row`},
	{"gone", "ignore", func(t *msTable) { t.gone = true }, `refused: there is no table or view`},
}

func (t *msTable) add(column string) {
	t.columns = append(t.columns, columnsOf(column)...)
	for i, row := range t.rows {
		t.rows[i] = append(slices.Clone(row), nil)
	}
}

func (t *msTable) swap(a, b int) {
	t.columns[a], t.columns[b] = t.columns[b], t.columns[a]
	for i, row := range t.rows {
		row = slices.Clone(row)
		row[a], row[b] = row[b], row[a]
		t.rows[i] = row
	}
}

func TestSQLServerDriftIsNeverSilent(t *testing.T) {
	for _, drift := range msDrifts {
		t.Run(drift.name, func(t *testing.T) {
			table := cases(2)
			table.primary, table.collation, table.cursor, table.totals = []string{"id"}, "Latin1_General_CI_AS", "", nil
			dataset := "    mode: snapshot\n    key: [id]\n    on_new_column: " + drift.policy + "\n    columns: {id: {type: integer}, name: {type: text}, cost: {type: \"decimal(10,2)\"}}\n"
			source := msSource(t, table.serve(t, tdstest.Plain), "tries: 1", dataset)
			first := readOnce(t, source, nil)
			if len(first.rows) != 2 {
				t.Fatalf("%+v", first)
			}
			drift.change(table)
			last := readOnce(t, source, first.cursor).last()
			outcome, words, _ := strings.Cut(drift.want, ": ")
			told := last.Reason + fmt.Sprint(last.Notes)
			if string(last.Outcome) != outcome || !strings.Contains(told, words) {
				t.Errorf("%s: %s\nwant %s", last.Outcome, told, drift.want)
			}
		})
	}
}

// A council tries its own test copy in this way.
func TestSQLServerIsTriedInDepthWithoutTellingData(t *testing.T) {
	table := cases(10)
	table.primary = []string{"id"}
	table.rows[3][1] = "canary"
	table.rows[4][3] = nil
	findings, err := msSource(t, table.serve(t, tdstest.Required), "", msIncrement).Deep(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, f := range findings {
		told = append(told, fmt.Sprintf("%s: %s (%t)", f.Tried, f.Found, f.OK))
	}
	all := strings.Join(told, "\n")
	for _, want := range []string{
		"connection: sqlserver at 127.0.0.1, with a certificate that was verified (true)",
		"rights: the account may only read (true)",
		"column changed: datetime2(7) at the source, lands as timestamp (true)",
		"primary key: (id) at the source, (id) in the contract (true)",
		"cursor changed: datetime2(7); 1 of 10 rows have none (true)",
		"cursor changed: reading from the latest value on finds 1 rows (true)",
		"rows: 10 were read, and their totals are the source's (true)",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not told in\n%s", want, all)
		}
	}
	if strings.Contains(all, "canary") {
		t.Errorf("a value is told in\n%s", all)
	}
}
