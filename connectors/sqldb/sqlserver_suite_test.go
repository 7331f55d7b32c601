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
			return msSource(t, cases(500).Serve(t, tdstest.Required), settings, msIncrement)
		},
		Broken: func(t *testing.T) connectors.Source {
			table := cases(500)
			table.Fails = func(int) tdstest.Answer { return tdstest.Answer{Error: &tdstest.Deadlock} }
			return msSource(t, table.Serve(t, tdstest.Plain), settings, msIncrement)
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
	change       func(t *tdstest.Table)
	want         string
}{
	{"added", "ignore", func(t *tdstest.Table) { add(t, "birth date") }, `landed: new columns that the contract does not name and that are not read: "birth"`},
	{"added and refused", "refuse", func(t *tdstest.Table) { add(t, "birth date") }, `refused: new columns that the contract does not name: "birth"`},
	{"added and taken", "add", func(t *tdstest.Table) { add(t, "birth date") }, `landed: added as text, and are personal until they are classed: "birth"`},
	{"dropped", "ignore", func(t *tdstest.Table) { t.Columns[1].Name = "other" }, `refused: the source lacks "name"`},
	{"renamed in other letters", "ignore", func(t *tdstest.Table) { t.Columns[1].Name = "Name" }, `landed: the column "name" is now called "Name"`},
	{"reordered", "ignore", func(t *tdstest.Table) { swap(t, 1, 2) }, `landed: in another order`},
	{"widened", "ignore", func(t *tdstest.Table) { t.Columns[2].Type = "decimal(12,2)" }, `landed: was of type decimal(10,2) and is now decimal(12,2)`},
	{"narrowed", "ignore", func(t *tdstest.Table) { t.Columns[1].Type = "nvarchar(10)" }, `landed: was of type nvarchar(50) and is now nvarchar(10)`},
	{"retyped", "ignore", func(t *tdstest.Table) { t.Columns[2].Type = "varchar(20)" }, `refused: "cost" was of type decimal(10,2) and is now varchar(20)`},
	{"nullability", "ignore", func(t *tdstest.Table) { t.Columns[0].Type = "int" }, `landed: "id" may now be empty`},
	{"key", "ignore", func(t *tdstest.Table) { t.Primary = []string{"id", "name"} }, `landed: primary key was (id) and is now (id, name)`},
	{"collation", "ignore", func(t *tdstest.Table) { t.Collation = "Latin1_General_BIN2" }, `landed: the collation of column "name" was`},
	{"view replaced", "ignore", func(t *tdstest.Table) { t.View = "create view dbo.cases as select …" }, `landed: the view was replaced`},
	{"emptied", "ignore", func(t *tdstest.Table) { t.Rows = nil }, `landed: the source holds no row`},
	{"gone", "ignore", func(t *tdstest.Table) { t.Gone = true }, `refused: there is no table or view`},
}

func add(t *tdstest.Table, column string) {
	t.Columns = append(t.Columns, tdstest.ColumnsOf(column)...)
	for i, row := range t.Rows {
		t.Rows[i] = append(slices.Clone(row), nil)
	}
}

func swap(t *tdstest.Table, a, b int) {
	t.Columns[a], t.Columns[b] = t.Columns[b], t.Columns[a]
	for i, row := range t.Rows {
		row = slices.Clone(row)
		row[a], row[b] = row[b], row[a]
		t.Rows[i] = row
	}
}

func TestSQLServerDriftIsNeverSilent(t *testing.T) {
	for _, drift := range msDrifts {
		t.Run(drift.name, func(t *testing.T) {
			table := cases(2)
			table.Primary, table.Collation, table.Cursor, table.Totals = []string{"id"}, "Latin1_General_CI_AS", "", nil
			dataset := "    mode: snapshot\n    key: [id]\n    on_new_column: " + drift.policy + "\n    columns: {id: {type: integer}, name: {type: text}, cost: {type: \"decimal(10,2)\"}}\n"
			source := msSource(t, table.Serve(t, tdstest.Plain), "tries: 1", dataset)
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
	table.Primary = []string{"id"}
	table.Rows[3][1] = "canary"
	table.Rows[4][3] = nil
	findings, err := msSource(t, table.Serve(t, tdstest.Required), "", msIncrement).Deep(t.Context())
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
		"column changed: datetime2(7) at the source, lands as text (true)",
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
