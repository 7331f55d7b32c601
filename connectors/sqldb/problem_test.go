package sqldb

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/goldthread/goldthread/connectors/sqldb/sqldbtest"
)

const problemDataset = `
  - {name: tenancies, table: tenancies, mode: snapshot, key: [id], columns: {id: {type: integer}, name: {type: text}}}
`

// through gives a source that reaches its server by a proxy, and waits for no time.
func through(t *testing.T, proxy *sqldbtest.Proxy, more string) (source *Source, waited *[]time.Duration) {
	t.Helper()
	behind := *proxy.Server
	behind.Host, behind.Port = "127.0.0.1", proxy.Port
	source = open(t, strings.Replace(settings(&behind), "tries: 1", "tls: \"off\"\n"+more, 1)+problemDataset)
	waited = &[]time.Duration{}
	source.wait = func(ctx context.Context, d time.Duration) error {
		*waited = append(*waited, d)
		return ctx.Err()
	}
	return source, waited
}

func TestACutIsTriedAgain(t *testing.T) {
	onEachServer(t, func(t *testing.T, server *sqldbtest.Server) {
		server.Exec(t, "create table tenancies (id integer primary key, name varchar(200)); insert into tenancies values (1, repeat('a', 200)), (2, 'b')")
		proxy := sqldbtest.Behind(t, server)
		source, waited := through(t, proxy, "tries: 3")
		whole := source.readAll(t, "tenancies", nil)
		for name, test := range map[string]struct {
			times int
			rows  int
			look  string
		}{
			"twice, and then whole": {2, 2, "landed: try 1 came to nothing: the connection was cut; try 2 came to nothing: the connection was cut"},
			"each time":             {-1, 0, "failed: the connection was cut (tried 3 times); this may pass, and the next run tries again"},
		} {
			t.Run(name, func(t *testing.T) {
				*waited = nil
				proxy.Cut(sqldbtest.Reset, proxy.Passed()-40, test.times)
				g := source.readAll(t, "tenancies", nil)
				if look := strings.Join(strings.Fields(g.look()), " "); len(g.rows) != test.rows || !strings.HasPrefix(look, test.look) {
					t.Errorf("%d rows, the look says %q", len(g.rows), look)
				}
				if len(*waited) != 2 || (*waited)[0] != time.Second || (*waited)[1] != 4*time.Second {
					t.Errorf("waited %v", *waited)
				}
				proxy.Cut(sqldbtest.None, 0, 0)
				if again := source.readAll(t, "tenancies", nil); len(again.rows) != len(whole.rows) {
					t.Errorf("%d rows once it holds", len(again.rows))
				}
			})
		}
	})
}

// What keeps a source from being read is told in words, and whether it may pass.
func TestProblemsAreTold(t *testing.T) {
	onEachServer(t, func(t *testing.T, server *sqldbtest.Server) {
		server.Exec(t, "create table tenancies (id integer primary key, name varchar(200))")
		for name, test := range map[string]struct{ change, with, want string }{
			"no server":   {"/gt", "/nowhere/gt", "may pass"},
			"no database": {"database: ", "database: not_", "failed: the server has no database of this name"},
			"no table":    {"table: tenancies", "table: tenants", "refused: there is no table or view"},
			"no schema":   {"table: tenancies", "table: nowhere.tenancies", "refused: there is no table or view"},
			"no column":   {"name: {type: text}", "title: {type: text}", `refused: the source lacks "title"; the source has "id", "name"`},
			"bad query":   {"table: tenancies", "sql: none.sql", "refused: the query cannot be read"},
			"no secret":   {"tries: 1", "tries: 1\npassword_env: PASSWORD", "failed: the variable PASSWORD is not set"},
		} {
			t.Run(name, func(t *testing.T) {
				g := open(t, strings.ReplaceAll(settings(server)+problemDataset, test.change, test.with)).readAll(t, "tenancies", nil)
				if look := g.look(); !strings.Contains(look, test.want) || len(g.rows) > 0 {
					t.Errorf("the look says %q, want %q", look, test.want)
				}
			})
		}
	})
}
