package pipeline_test

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/connectors/all"
	"github.com/goldthread/goldthread/connectors/sqldb/sqldbtest"
	"github.com/goldthread/goldthread/schedules/pipeline"
	"github.com/goldthread/goldthread/warehouse"
)

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

// A pull is a table at a source and the warehouse into which it lands.
type pull struct {
	*testing.T
	server     *sqldbtest.Server
	warehouse  *warehouse.Warehouse
	source     connectors.Source
	table      string
	connection string                      // settings of the connection
	before     func(cursor map[string]any) // alters the cursor on its way to the source
}

// newPull makes a table of rows with a time of their last change, and a source over it with the settings of a cursor.
func newPull(t *testing.T, server *sqldbtest.Server, table, cursor string) *pull {
	t.Helper()
	p := &pull{T: t, server: server, table: table}
	p.renew()
	p.exec("drop table if exists %s")
	p.exec("create table %s (id bigint primary key, name varchar(40), created_at TIME, updated_at TIME, changed varchar(40))")
	p.open(t.TempDir(), `
    table: TABLE
    mode: increment
    volume_guard: "off"
    key: [id]
    cursor: `+cursor+`
    columns:
      id: {type: integer}
      name: {type: text}
`)
	return p
}

// renew gives the pull an empty warehouse.
func (p *pull) renew() {
	p.Helper()
	w, err := warehouse.Open(p.Context(), warehouse.Options{Folder: p.TempDir(), Version: "test"})
	if err != nil {
		p.Fatal(err)
	}
	p.Cleanup(func() { w.Close() })
	p.warehouse = w
}

func (p *pull) open(root, dataset string) {
	p.Helper()
	text := fmt.Sprintf("source: housing\nkind: sqldb\nengine: %s\nhost: %s\nport: %d\ndatabase: %s\nuser: %s\ntime_zone: UTC\nbatch_rows: 100\n%sdatasets:\n  - name: tenancies%s",
		p.server.Engine, p.server.Host, p.server.Port, p.server.Database, p.server.User, p.connection, strings.ReplaceAll(dataset, "TABLE", p.table))
	file, err := all.Kinds.Decode("sources/housing.yaml", []byte(text))
	if err != nil {
		p.Fatal(err)
	}
	if p.source, err = file.Config.Open(connectors.Deps{Root: root, Zone: time.UTC}); err != nil {
		p.Fatal(err)
	}
}

// exec runs a statement at the source: %s is the table, TIME the engine's type of a time without an offset, NOW its clock, and
// SERIES(n) a table of the numbers i from 1 to n.
func (p *pull) exec(statement string) {
	p.Helper()
	p.server.Exec(p, p.spell(statement))
}

func (p *pull) spell(statement string) string {
	words := []string{"%s", p.table, "TIME", "timestamp(6)", "NOW", "timezone('UTC', clock_timestamp())"}
	rows := "generate_series(1, $1) as numbers (i)"
	if p.server.Engine == "mariadb" {
		words = []string{"%s", p.table, "TIME", "datetime(6)", "NOW", "utc_timestamp(6)"}
		rows = "(select seq as i from seq_1_to_$1) as numbers"
	}
	return strings.NewReplacer(words...).Replace(series.ReplaceAllString(statement, rows))
}

var series = regexp.MustCompile(`SERIES\((\d+)\)`)

// Datasets and Read make a source of the pull, which passes the cursor through before.
func (p *pull) Datasets(ctx context.Context) ([]connectors.Dataset, error) {
	return p.source.Datasets(ctx)
}

func (p *pull) Read(ctx context.Context, ds connectors.Dataset, since connectors.Cursor) iter.Seq2[connectors.Batch, error] {
	if p.before != nil && len(since) > 0 {
		var cursor map[string]any
		if err := json.Unmarshal(since, &cursor); err != nil {
			p.Fatal(err)
		}
		p.before(cursor)
		since, _ = json.Marshal(cursor)
		p.before = nil
	}
	return p.source.Read(ctx, ds, since)
}

// night reads once and says what the loads came to: read, stored, unchanged and deleted of each.
func (p *pull) night(want ...string) {
	p.Helper()
	loads, err := pipeline.Ingest(p.Context(), p.warehouse, "housing", p)
	if err != nil {
		p.Fatal(err)
	}
	var got []string
	for _, l := range loads {
		got = append(got, fmt.Sprintf("%d read, %d stored, %d unchanged, %d deleted", l.Read, l.Stored, l.Unchanged, l.Deleted))
	}
	if strings.Join(got, "; ") != strings.Join(want, "; ") {
		p.Errorf("got %q, want %q; notes: %s", got, want, p.notes())
	}
}

// notes are those of the last look.
func (p *pull) notes() string {
	p.Helper()
	return p.query("select coalesce(string_agg(concat_ws(': ', outcome, reason, notes), '; ' order by extract_id), '') from meta.extracts where run_id = (select max(run_id) from meta.extracts)")
}

func (p *pull) query(statement string) (text string) {
	p.Helper()
	if err := p.warehouse.Conn().QueryRowContext(p.Context(), statement).Scan(&text); err != nil {
		p.Fatal(err)
	}
	return text
}

// holds compares what is present with what should be, as names in the order of their ids.
func (p *pull) holds(want string) {
	p.Helper()
	if got := p.query("select coalesce(string_agg(name, ' ' order by id), '') from current.housing__tenancies"); got != want {
		p.Errorf("present are %q, want %q", got, want)
	}
}

func (p *pull) says(words string) {
	p.Helper()
	if notes := p.notes(); !strings.Contains(notes, words) {
		p.Errorf("the look says %q, want %q in it", notes, words)
	}
}

// The eight situations in which a cursor loses rows, or brings them twice, elsewhere.
func TestCursor(t *testing.T) {
	onEachServer(t, func(t *testing.T, server *sqldbtest.Server) {
		for _, test := range []struct {
			name, cursor string
			run          func(p *pull)
		}{
			{"ties over a page edge", "{column: updated_at, look_back: 0s}", tiesOverAPageEdge},
			{"seven-digit fractions", "{column: changed}", sevenDigitFractions},
			{"late commit", "{column: updated_at, look_back: 1h}", lateCommit},
			{"null cursor", "{column: updated_at, fallback: created_at}", nullCursor},
			{"future cursor", "{column: updated_at, look_back: 0s}", futureCursor},
			{"deleted rows", "{column: updated_at}", deletedRows},
			{"cursor moved backwards", "{column: updated_at, look_back: 0s}", cursorMovedBackwards},
			{"source clock behind", "{column: updated_at, look_back: 0s}", sourceClockBehind},
		} {
			t.Run(test.name, func(t *testing.T) {
				test.run(newPull(t, server, "t_"+strings.NewReplacer(" ", "_", "-", "_").Replace(test.name), test.cursor))
			})
		}
	})
}

// A cursor of any type that has an order brings what is at or after it, less the look-back, and none of what is before.
func TestCursorsOfEachType(t *testing.T) {
	onEachServer(t, func(t *testing.T, server *sqldbtest.Server) {
		for _, test := range []struct {
			name, column, cursor string
			values               [4]string // of two rows before and two after
			again                string
		}{
			{"whole numbers", "version bigint", "{column: version, look_back: 1}", [4]string{"10", "12", "11", "13"}, "3 read, 2 stored, 1 unchanged, 0 deleted"},
			{"decimals", "version decimal(20,5)", "{column: version, look_back: 0}", [4]string{"0.99999", "1.00001", "1.00001", "1.00002"}, "3 read, 2 stored, 1 unchanged, 0 deleted"},
			{"dates", "version date", "{column: version, look_back: 24h}", [4]string{"'2026-01-01'", "'2026-01-03'", "'2026-01-02'", "'2026-01-04'"}, "3 read, 2 stored, 1 unchanged, 0 deleted"},
			{"moments", "version MOMENT", "{column: version, look_back: 90m}", [4]string{"'2026-01-01 10:00:00'", "'2026-01-01 12:00:00.000001'", "'2026-01-01 10:30:00.000001'", "'2026-01-02 00:00:00'"}, "3 read, 2 stored, 1 unchanged, 0 deleted"},
			{"texts", "version varchar(20)", "{column: version}", [4]string{"'a'", "'it''s \\ b'", "'it''s \\ b'", "'z'"}, "3 read, 2 stored, 1 unchanged, 0 deleted"},
		} {
			t.Run(test.name, func(t *testing.T) {
				p := newPull(t, server, "typed", test.cursor)
				moment := map[string]string{"postgresql": "timestamptz", "mariadb": "timestamp(6) null"}[server.Engine]
				p.exec("alter table %s add column " + strings.Replace(test.column, "MOMENT", moment, 1))
				escape := map[string]string{"postgresql": `\`, "mariadb": `\\`}[server.Engine]
				for i, value := range test.values {
					if i == 2 {
						p.night("2 read, 2 stored, 0 unchanged, 0 deleted")
					}
					p.exec(fmt.Sprintf("insert into %%s (id, name, version) values (%d, 'row', %s)", i, strings.ReplaceAll(value, `\`, escape)))
				}
				p.night(test.again)
			})
		}
	})
}

func tiesOverAPageEdge(p *pull) {
	p.exec("insert into %s (id, name, updated_at) select i, 'a', '2026-01-01 12:00:00.123456' from SERIES(1000)")
	p.night("1000 read, 1000 stored, 0 unchanged, 0 deleted")
	p.exec("insert into %s (id, name, updated_at) select 1000 + i, 'b', '2026-01-01 12:00:00.123456' from SERIES(500)")
	p.night("1500 read, 500 stored, 1000 unchanged, 0 deleted")
	p.night("1500 read, 0 stored, 1500 unchanged, 0 deleted")
}

func sevenDigitFractions(p *pull) {
	p.exec("insert into %s (id, name, changed) values (1, 'a', '2026-01-01 12:00:00.1234566'), (2, 'b', '2026-01-01 12:00:00.1234567')")
	p.night("2 read, 2 stored, 0 unchanged, 0 deleted")
	p.exec("insert into %s (id, name, changed) values (3, 'c', '2026-01-01 12:00:00.1234567'), (4, 'd', '2026-01-01 12:00:00.1234568')")
	p.night("3 read, 2 stored, 1 unchanged, 0 deleted")
	p.holds("a b c d")
}

func lateCommit(p *pull) {
	p.exec("insert into %s (id, name, updated_at) values (1, 'a', NOW)")
	commit := p.server.Begin(p, p.spell("insert into %s (id, name, updated_at) values (2, 'late', NOW)"))
	p.exec("insert into %s (id, name, updated_at) values (3, 'c', NOW)")
	p.night("2 read, 2 stored, 0 unchanged, 0 deleted")
	commit()
	p.night("3 read, 1 stored, 2 unchanged, 0 deleted")
	p.holds("a late c")
}

func nullCursor(p *pull) {
	p.exec("insert into %s (id, name, created_at, updated_at) values (1, 'a', '2026-01-01', '2026-01-05'), (2, 'new', '2026-01-05', null), (3, 'never', null, null)")
	p.night("3 read, 3 stored, 0 unchanged, 0 deleted")
	p.says("1 row has no cursor")
	p.exec("insert into %s (id, name, created_at) values (4, 'newer', '2026-01-06'), (5, 'never', null)")
	p.exec("update %s set name = 'changed' where id = 3")
	p.night("5 read, 3 stored, 2 unchanged, 0 deleted")
	p.holds("a new changed newer never")
}

func futureCursor(p *pull) {
	p.exec("insert into %s (id, name, updated_at) values (1, 'a', NOW), (2, 'future', '2999-12-31')")
	p.night("2 read, 2 stored, 0 unchanged, 0 deleted")
	p.exec("insert into %s (id, name, updated_at) values (3, 'c', NOW)")
	p.night("2 read, 1 stored, 1 unchanged, 0 deleted")
	p.holds("a future c")
}

func deletedRows(p *pull) {
	p.exec("insert into %s (id, name, updated_at) values (1, 'a', '2026-01-01'), (2, 'b', '2026-01-02'), (3, 'c', '2026-01-03')")
	p.night("3 read, 3 stored, 0 unchanged, 0 deleted")
	p.exec("delete from %s where id = 2")
	p.exec("update %s set name = 'unstamped' where id = 1")
	p.night("1 read, 0 stored, 1 unchanged, 0 deleted")
	p.holds("a b c")
	p.before = func(cursor map[string]any) { cursor["compared"] = cursor["compared"].(float64) - 7*24*60*60 }
	p.night("1 read, 0 stored, 1 unchanged, 0 deleted", "2 read, 1 stored, 1 unchanged, 1 deleted")
	p.holds("unstamped c")
	p.says("a full comparison")
	p.night("1 read, 0 stored, 1 unchanged, 0 deleted")
}

func cursorMovedBackwards(p *pull) {
	p.exec("insert into %s (id, name, updated_at) values (1, 'a', '2026-01-01'), (2, 'b', '2026-01-02'), (3, 'c', '2026-01-03')")
	p.night("3 read, 3 stored, 0 unchanged, 0 deleted")
	p.exec("update %s set name = 'older', updated_at = '2025-12-31' where id = 1")
	p.exec("delete from %s where id > 1")
	p.night("1 read, 1 stored, 0 unchanged, 2 deleted")
	p.says("set back")
	p.holds("older")
}

func sourceClockBehind(p *pull) {
	p.exec("insert into %s (id, name, updated_at) select i, 'ahead', NOW + interval '1' hour from SERIES(2)")
	p.night("2 read, 2 stored, 0 unchanged, 0 deleted")
	p.exec("insert into %s (id, name, updated_at) values (3, 'now', NOW)")
	p.night("3 read, 1 stored, 2 unchanged, 0 deleted")
	// The clock was a day ahead when the cursor was saved.
	p.exec("insert into %s (id, name, updated_at) values (4, 'next', NOW)")
	p.before = func(cursor map[string]any) { cursor["at"] = time.Now().UTC().AddDate(0, 0, 1).Format(time.DateTime) }
	p.night("4 read, 1 stored, 3 unchanged, 0 deleted")
	p.says("clock is behind")
	p.holds("ahead ahead now next")
}

// Events are read by cursor from a query as well; one that is known already is left as it was.
func TestEventsOfAQueryAreAppended(t *testing.T) {
	onEachServer(t, func(t *testing.T, server *sqldbtest.Server) {
		p := newPull(t, server, "events", "{column: updated_at}")
		root := t.TempDir()
		if err := os.WriteFile(filepath.Join(root, "events.sql"), []byte(p.spell("-- Events as the desk counts them.\nselect id, name, updated_at as happened_at from %s where id > 1;\n")), 0o600); err != nil {
			t.Fatal(err)
		}
		p.open(root, `
    sql: events.sql
    mode: append
    key: [id]
    cursor: {column: happened_at, look_back: 1h}
    columns: {id: {type: integer}, name: {type: text}, happened_at: {type: timestamp}}
`)
		p.exec("insert into %s (id, name, updated_at) values (1, 'left out', '2026-01-01'), (2, 'b', '2026-01-02'), (3, 'c', '2026-01-03')")
		p.night("2 read, 2 stored, 0 unchanged, 0 deleted")
		p.exec("update %s set name = 'rewritten' where id = 3")
		p.exec("insert into %s (id, name, updated_at) values (4, 'd', '2026-01-04')")
		p.night("2 read, 1 stored, 1 unchanged, 0 deleted")
		p.holds("b c d")
	})
}
