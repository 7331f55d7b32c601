package sqldb

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/connectors/sqldb/sqldbtest"
)

// The grants of docs/databases.md, for an account that may only read.
func grants(s *sqldbtest.Server) string {
	if s.Engine == "mariadb" {
		return "create user goldthread identified by 'planted-secret-1'; grant select, show view on housing.* to goldthread"
	}
	return `create role goldthread login password 'planted-secret-1';
		revoke create on schema public from public; grant connect on database postgres to goldthread;
		grant usage on schema public to goldthread; grant select on all tables in schema public to goldthread`
}

func TestAnAccountThatMayWriteIsWarnedOf(t *testing.T) {
	onEachServer(t, func(t *testing.T, server *sqldbtest.Server) {
		server.Exec(t, "create table tenancies (id integer primary key, name varchar(40)); insert into tenancies values (1, 'a'); "+grants(server))
		reader := *server
		reader.User = "goldthread"
		read := func() string {
			text := strings.Replace(settings(&reader), "tries: 1", "tries: 1\npassword_env: PASSWORD", 1) + problemDataset
			source := open(t, text)
			source.deps.Getenv = func(string) string { return "planted-secret-1" }
			return source.readAll(t, "tenancies", nil).look()
		}
		if look := read(); look != "landed:" {
			t.Errorf("of an account that may only read is said %q", look)
		}
		server.Exec(t, "grant insert, delete on tenancies to goldthread")
		if look := read(); !strings.Contains(look, "the account goldthread may write to") || !strings.Contains(look, "tenancies") {
			t.Errorf("of an account that may write is said %q", look)
		}
	})
}

// What a session may do is bounded by the session itself, whatever the account may.
func TestASessionOnlyReadsAndSeesOneSnapshot(t *testing.T) {
	onEachServer(t, func(t *testing.T, server *sqldbtest.Server) {
		server.Exec(t, "create table tenancies (id integer primary key, name varchar(40)); insert into tenancies values (1, 'a')")
		r := &reading{Source: open(t, settings(server)+problemDataset)}
		s, err := r.connect(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		count := func() (n string) {
			err := s.query(t.Context(), "select count(*) from tenancies", nil, func(row []connectors.Cell) error {
				n = string(row[0].AppendText(nil))
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		first := count()
		server.Exec(t, "insert into tenancies values (2, 'b')")
		if again := count(); first != "1" || again != "1" {
			t.Errorf("a session sees %s rows, and then %s", first, again)
		}
		err = s.query(t.Context(), "insert into tenancies values (3, 'c')", nil, func([]connectors.Cell) error { return nil })
		if err == nil || !strings.Contains(strings.ToLower(err.Error()), "read only") && !strings.Contains(err.Error(), "read-only") {
			t.Errorf("a session can write: %v", err)
		}
		s.close()
	})
}

func TestALockIsNotWaitedForLong(t *testing.T) {
	onEachServer(t, func(t *testing.T, server *sqldbtest.Server) {
		server.Exec(t, "create table tenancies (id integer primary key, name varchar(40))")
		statement := "lock table tenancies in access exclusive mode"
		if server.Engine == "mariadb" {
			statement = "lock tables tenancies write"
		}
		release := server.Begin(t, statement)
		source := open(t, strings.Replace(settings(server), "tries: 1", "tries: 1\nlock_timeout: 1s", 1)+problemDataset)
		began := time.Now()
		look := source.readAll(t, "tenancies", nil).look()
		if want := "failed: another session holds a lock for longer than lock_timeout; this may pass"; !strings.HasPrefix(look, want) {
			t.Errorf("the look says %q", look)
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("it took %s", took)
		}
		release()
	})
}

func TestAPauseIsMadeBetweenBatches(t *testing.T) {
	onEachServer(t, func(t *testing.T, server *sqldbtest.Server) {
		server.Exec(t, "create table tenancies (id integer primary key, name varchar(40)); insert into tenancies values (1, 'a'), (2, 'b'), (3, 'c'), (4, 'd'), (5, 'e')")
		source := open(t, strings.Replace(settings(server), "batch_rows: 100", "batch_rows: 2\npause: 3s", 1)+problemDataset)
		var waited []time.Duration
		source.wait = func(ctx context.Context, d time.Duration) error {
			waited = append(waited, d)
			return ctx.Err()
		}
		if g := source.readAll(t, "tenancies", nil); len(g.rows) != 5 || fmt.Sprint(waited) != "[3s 3s]" {
			t.Errorf("%d rows, waited %v", len(g.rows), waited)
		}
	})
}

// A server's certificate is verified, against the authority that the settings name.
func TestTheCertificateIsVerified(t *testing.T) {
	for name, start := range map[string]func(testing.TB) *sqldbtest.Server{"postgresql": sqldbtest.StartPostgreSQLWithTLS, "mariadb": sqldbtest.StartMariaDBWithTLS} {
		t.Run(name, func(t *testing.T) {
			server := start(t)
			if server == nil {
				return
			}
			server.Exec(t, "create table tenancies (id integer primary key, name varchar(40)); insert into tenancies values (1, 'a'); "+grants(server))
			for name, test := range map[string]struct{ host, more, want string }{
				"the council's authority": {"127.0.0.1", "ca_file: " + server.CAFile, "landed:"},
				"nobody's authority":      {"127.0.0.1", "tls: verify", "failed: the server's certificate is not trusted: certificate signed by unknown authority; name the council's own authority in ca_file"},
				"another's name":          {"127.0.0.2", "ca_file: " + server.CAFile, "failed: the server's certificate is not trusted: certificate is valid for 127.0.0.1, not 127.0.0.2"},
				"no file":                 {"127.0.0.1", "ca_file: nowhere.pem", "failed: "},
			} {
				t.Run(name, func(t *testing.T) {
					at := *server
					at.Host, at.User = test.host, "goldthread"
					at.Port = server.TCPPort
					source := open(t, strings.Replace(settings(&at), "tries: 1", "tries: 1\npassword_env: PASSWORD\n"+test.more, 1)+problemDataset)
					source.deps.Getenv = func(string) string { return "planted-secret-1" }
					g := source.readAll(t, "tenancies", nil)
					if look := g.look(); !strings.HasPrefix(look, test.want) || strings.Contains(look, "planted-secret") {
						t.Errorf("the look says %q", look)
					}
				})
			}
			wrong := *server
			wrong.Host, wrong.User, wrong.Port = "127.0.0.1", "goldthread", server.TCPPort
			source := open(t, strings.Replace(settings(&wrong), "tries: 1", "tries: 1\npassword_env: PASSWORD\nca_file: "+server.CAFile, 1)+problemDataset)
			source.deps.Getenv = func(string) string { return "planted-secret-2" }
			if look := source.readAll(t, "tenancies", nil).look(); !strings.HasPrefix(look, "failed: the server did not accept user and password") || strings.Contains(look, "planted-secret") {
				t.Errorf("the look says %q", look)
			}
		})
	}
}

func TestAServerThatCannotEncryptIsToldSo(t *testing.T) {
	server := sqldbtest.StartPostgreSQLWithTLS(t)
	if server == nil {
		return
	}
	server.Exec(t, "alter system set ssl = off")
	server.Exec(t, "select pg_reload_conf()")
	at := *server
	at.Host, at.Port = "127.0.0.1", server.TCPPort
	if look := open(t, settings(&at)+problemDataset).readAll(t, "tenancies", nil).look(); look != "failed: "+noTLS {
		t.Errorf("the look says %q", look)
	}
}
