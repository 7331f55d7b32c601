package pgwire

import (
	"context"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/rs/zerolog"

	"github.com/goldthread/goldthread/warehouse"
	"github.com/goldthread/goldthread/warehouse/duckdb"
	"github.com/goldthread/goldthread/warehouse/serve/accounts"
)

const testSecret = "a secret of the test"

// keysOf are those of a secret, as RFC 5802 derives them.
func keysOf(t *testing.T, secret string, salt []byte, iterations int) accounts.Keys {
	t.Helper()
	salted, err := pbkdf2.Key(sha256.New, secret, salt, iterations, sha256.Size)
	if err != nil {
		t.Fatal(err)
	}
	sum := func(key []byte, text string) []byte {
		h := hmac.New(sha256.New, key)
		h.Write([]byte(text))
		return h.Sum(nil)
	}
	return accounts.Keys{Stored: sha256.Sum256(sum(salted, "Client Key")), Server: [32]byte(sum(salted, "Server Key"))}
}

// testAccounts lets one account in and notes who tried.
type testAccounts struct {
	verifier accounts.Verifier
	mu       sync.Mutex
	tried    []string
	spent    bool // nobody is let in any more
}

func (a *testAccounts) Verifier(name string) accounts.Verifier {
	if name != "reader" {
		v := a.verifier
		v.Keys = []accounts.Keys{{}}
		return v
	}
	return a.verifier
}

func (a *testAccounts) Answer(name, from string, ok bool) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.tried = append(a.tried, fmt.Sprint(name, " ", from, " ", ok))
	return ok && !a.spent
}

type testAudit struct {
	mu      sync.Mutex
	entries []Entry
}

func (a *testAudit) Append(e Entry) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.entries = append(a.entries, e)
	return nil
}

// A testServer serves a small release on this machine until the test ends.
type testServer struct {
	*Server
	t        *testing.T
	folder   string
	address  string
	accounts *testAccounts
	audit    *testAudit
	stop     func()
}

func openWarehouse(t testing.TB, folder string) *warehouse.Warehouse {
	t.Helper()
	w, err := warehouse.Open(context.Background(), warehouse.Options{Folder: folder, MemoryLimit: "256MB", Threads: 2, Location: time.UTC,
		Now: func() time.Time { return time.Date(2026, 4, 1, 6, 0, 0, 0, time.UTC) }, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// release makes a release whose mart says which one it is.
func release(t testing.TB, folder, mark string) {
	t.Helper()
	w := openWarehouse(t, folder)
	defer w.Close()
	for _, statement := range []string{
		"create schema if not exists marts",
		"create or replace view marts.scorecard as select 'COR0' || n as measure_code, cast(n as decimal(38, 10)) / 8 as value, " +
			"n as rank, '" + mark + "' as mark from range(1, 4) as r (n)",
	} {
		if _, err := w.Conn().ExecContext(context.Background(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Release(context.Background(), warehouse.ReleasePlan{RunID: 1, Audience: "staff",
		Tables:   []warehouse.ReleaseTable{{Schema: "marts", Name: "scorecard", Order: []string{"measure_code"}}},
		Comments: []warehouse.Comment{{Schema: "marts", Table: "scorecard", Text: "How the measures stand."}},
	}); err != nil {
		t.Fatal(err)
	}
}

func serve(t *testing.T, change func(*Config)) *testServer {
	t.Helper()
	folder := t.TempDir()
	release(t, folder, "first")
	salt := []byte("salt of the test")
	s := &testServer{t: t, folder: folder, audit: &testAudit{}, accounts: &testAccounts{verifier: accounts.Verifier{Salt: salt, Iterations: 4096,
		Keys: []accounts.Keys{keysOf(t, "another", salt, 4096), keysOf(t, testSecret, salt, 4096)}, Audience: "staff"}}}
	config := Config{
		Releases: warehouse.NewReleases(folder), Accounts: s.accounts, Audit: s.audit, Limits: DefaultLimits(),
		Gate:   func(context.Context, *sql.Conn, string) (Checked, error) { return Checked{Fingerprint: "f"}, nil },
		Engine: duckdb.Settings{MemoryLimit: "256MB", Threads: 2, TimeZone: "Europe/London"}, Now: time.Now, Log: zerolog.New(zerolog.NewTestWriter(t)),
	}
	if change != nil {
		change(&config)
	}
	s.Server = New(config)
	listener, err := s.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.address = listener.Addr().String()
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, listener) }()
	t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return s
}

// url is where and as whom a client connects.
func (s *testServer) url(options string) string {
	host, port, _ := net.SplitHostPort(s.address)
	return fmt.Sprintf("postgres://reader:%s@%s:%s/goldthread?sslmode=disable%s", strings.ReplaceAll(testSecret, " ", "%20"), host, port, options)
}

func (s *testServer) connect(options string) *pgx.Conn {
	s.t.Helper()
	return s.connectTo(s.url(options))
}

func (s *testServer) connectTo(url string) *pgx.Conn {
	s.t.Helper()
	conn, err := pgx.Connect(s.t.Context(), url)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// psql runs the real client and gives what it printed.
func (s *testServer) psql(arguments ...string) string {
	s.t.Helper()
	out, err := exec.CommandContext(s.t.Context(), "psql", append([]string{"-X", "-A", "-t", s.url("")}, arguments...)...).CombinedOutput()
	if err != nil {
		return fmt.Sprintf("%s%v", out, err)
	}
	return string(out)
}

// everyType is a statement of one row with each type that is sent, and what psql of PostgreSQL shows for it.
const everyType = `select true, cast(-7 as tinyint), cast(300 as smallint), 70000, 5000000000, cast(18446744073709551615 as ubigint),
	cast(170141183460469231731687303715884105727 as hugeint), cast('-12345678901234567890.0123456789' as decimal(38, 10)),
	cast(1.5 as float), 1e300, 'a'',"b', date '2026-02-28', time '23:59:59.5', timestamp '2026-07-01 12:30:00.25',
	timestamptz '2026-07-01 12:30:00+00', timestamptz '2026-01-01 00:00:00+00', interval '14 months 3 days 4 hours', '\x00\xFF'::blob,
	uuid '12345678-1234-1234-1234-123456789abc', [1, null, 3], ['a', 'b c', 'NULL', null], cast(null as integer), cast('low' as enum ('low', 'high')),
	[cast(1.5 as decimal(4, 2))], -0.05::decimal(4, 2), 'infinity'::double, date '0044-03-15 (BC)'`

var everyText = []string{"t", "-7", "300", "70000", "5000000000", "18446744073709551615",
	"170141183460469231731687303715884105727", "-12345678901234567890.0123456789", "1.5", "1e+300", `a',"b`, "2026-02-28", "23:59:59.5",
	"2026-07-01 12:30:00.25", "2026-07-01 13:30:00+01", "2026-01-01 00:00:00+00", "1 year 2 mons 3 days 04:00:00", `\x00ff`,
	"12345678-1234-1234-1234-123456789abc", "{1,NULL,3}", `{a,"b c","NULL",NULL}`, "", "low", "{1.50}", "-0.05", "Infinity", "0044-03-15 BC"}

func TestPsqlShowsEveryType(t *testing.T) {
	got := strings.TrimSuffix(serve(t, nil).psql("-F", ";", "-c", everyType), "\n")
	if want := strings.Join(everyText, ";"); got != want {
		t.Errorf("psql shows\n%s\nwanted\n%s", got, want)
	}
}

func TestPgxReadsTheScorecard(t *testing.T) {
	rows, err := serve(t, nil).connect("").Query(t.Context(), "select measure_code, value::text as value, rank from scorecard where rank > $1 order by 1", 1)
	if err != nil {
		t.Fatal(err)
	}
	got, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (string, error) {
		var code, value string
		var rank int64
		err := row.Scan(&code, &value, &rank)
		return fmt.Sprint(code, " ", value, " ", rank), err
	})
	if want := "[COR02 0.25 2 COR03 0.375 3]"; err != nil || fmt.Sprint(got) != want {
		t.Errorf("%v, %v", got, err)
	}
}

func TestAWrongSecretAndAnUnknownAccountAreToldAlike(t *testing.T) {
	s := serve(t, nil)
	var said []string
	for _, account := range []string{"reader", "nobody"} {
		_, err := pgx.Connect(t.Context(), strings.Replace(s.url(""), "reader:a", account+":b", 1))
		if err == nil {
			t.Fatalf("%s was let in", account)
		}
		said = append(said, strings.ReplaceAll(err.Error(), account, "who"))
	}
	if said[0] != said[1] || !strings.Contains(said[0], "SQLSTATE 28P01") {
		t.Errorf("told %q", said)
	}
	if got := fmt.Sprint(s.accounts.tried); got != "[reader 127.0.0.1 false nobody 127.0.0.1 false]" {
		t.Errorf("tried: %s", got)
	}
}

// TestTheRightSecretIsNoUseAfterTooManyGuesses: neither the yes nor the server's own proof gets out.
func TestTheRightSecretIsNoUseAfterTooManyGuesses(t *testing.T) {
	s := serve(t, nil)
	s.accounts.spent = true
	if _, err := pgx.Connect(t.Context(), s.url("")); state(err) != codeSecret {
		t.Errorf("let in: %v", err)
	}
}
