package sqldb

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/connectors/connectortest"
	"github.com/goldthread/goldthread/connectors/sqldb/sqldbtest"
)

// openIn gives a source by the text of its file.
func openIn(t *testing.T, root, text string) *Source {
	t.Helper()
	file, err := connectors.Kinds{"sqldb": Default}.Decode("sources/housing.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	source, err := file.Config.Open(connectors.Deps{Root: root, Zone: time.UTC, Getenv: func(string) string { return "" }})
	if err != nil {
		t.Fatal(err)
	}
	return source.(*Source)
}

func open(t *testing.T, text string) *Source { return openIn(t, t.TempDir(), text) }

// settings begin a source's file over a server.
func settings(s *sqldbtest.Server) string {
	return fmt.Sprintf("source: housing\nkind: sqldb\nengine: %s\nhost: %s\nport: %d\ndatabase: %s\nuser: %s\nbatch_rows: 100\ntries: 1\ndatasets:\n",
		s.Engine, s.Host, s.Port, s.Database, s.User)
}

// onEachServer runs a test against PostgreSQL and against MariaDB.
func onEachServer(t *testing.T, test func(t *testing.T, server *sqldbtest.Server)) {
	for name, start := range map[string]func(testing.TB) *sqldbtest.Server{"postgresql": sqldbtest.StartPostgreSQL, "mariadb": sqldbtest.StartMariaDB} {
		t.Run(name, func(t *testing.T) {
			if server := start(t); server != nil {
				test(t, server)
			}
		})
	}
}

// A got is what one reading gave.
type got struct {
	rows     []string // cells as text, with a bar between
	rejects  []connectors.Reject
	extracts []connectors.Extract
	cursor   connectors.Cursor
	err      error
}

func (s *Source) readAll(t *testing.T, name string, since connectors.Cursor) (g got) {
	t.Helper()
	i := slices.IndexFunc(s.tables, func(one table) bool { return one.dataset.Name == name })
	for batch, err := range s.Read(t.Context(), s.tables[i].dataset, since) {
		if g.err = err; err != nil {
			return g
		}
		if batch.Discard {
			g.rows, g.rejects, g.extracts = nil, nil, nil
		}
		if batch.Extract != nil {
			g.extracts = append(g.extracts, *batch.Extract)
		}
		if batch.Cursor != nil {
			g.cursor = batch.Cursor
		}
		g.rejects = append(g.rejects, batch.Rejects...)
		if batch.Rows == nil {
			continue
		}
		for r := range int(batch.Rows.NumRows()) {
			var cells []string
			for _, column := range batch.Rows.Columns()[:batch.Rows.NumCols()-1] {
				cells = append(cells, column.ValueStr(r))
			}
			g.rows = append(g.rows, strings.Join(cells, "|"))
		}
		batch.Rows.Release()
	}
	return g
}

// look is what the last look came to, as the ledger would have it.
func (g got) look() string {
	if len(g.extracts) == 0 {
		return "nothing"
	}
	e := g.extracts[len(g.extracts)-1]
	return strings.TrimSpace(fmt.Sprintf("%s: %s %s", e.Outcome, e.Reason, strings.Join(e.Notes, "; ")))
}

const suiteTable = `
create table tenancies (id integer primary key, name varchar(40), rent decimal(10,2), updated_at timestamp);
insert into tenancies (id, name, rent, updated_at) values `

const suiteDatasets = `
  - name: tenancies
    table: tenancies
    mode: increment
    key: [id]
    totals: [rent]
    cursor: {column: updated_at, look_back: 1h}
    columns: {id: {type: integer}, name: {type: text}, rent: {type: "decimal(10,2)"}, updated_at: {type: timestamp}}
  - name: names
    sql: names.sql
    mode: snapshot
    key: [id]
    columns: {id: {type: integer}, name: {type: text}}
`

func TestSQLDBIsASource(t *testing.T) {
	onEachServer(t, func(t *testing.T, server *sqldbtest.Server) {
		var rows []string
		for i := range 500 {
			rows = append(rows, fmt.Sprintf("(%d, 'tenant %d', %d.25, '2026-01-01 %02d:00:00')", i, i, i, i/25))
		}
		server.Exec(t, suiteTable+strings.Join(rows, ", "))
		root := t.TempDir()
		if err := os.WriteFile(filepath.Join(root, "names.sql"), []byte("select id, name from tenancies order by id;\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		// The last row cannot be read as its contract says, and no row may be set aside.
		broken := strings.Replace(suiteDatasets, "name: {type: text}", "name: {type: text, pattern: 'tenant [0-9]{1,2}|tenant [1-4][0-8].'}", 1)
		broken = strings.Replace(broken, "mode: increment", "mode: increment\n    max_quarantined: 0", 1)
		broken, _, _ = strings.Cut(broken, "  - name: names")
		connectortest.Run(t, connectortest.Case{
			Open:   func(t *testing.T) connectors.Source { return openIn(t, root, settings(server)+suiteDatasets) },
			Broken: func(t *testing.T) connectors.Source { return open(t, settings(server)+broken) },
			Again:  map[string]int{"tenancies": 50, "names": 500}, // the two last hours, and a snapshot
			Bad: map[string]connectors.Config{
				"nothing":     &Config{},
				"no database": &Config{Source: "s", Engine: "postgresql", Host: "h", User: "u", TLS: "verify", BatchRows: 1, Tries: 1},
			},
		})
	})
}
