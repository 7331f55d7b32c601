package clients

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"net"

	"github.com/jackc/pgx/v5"

	"github.com/goldthread/goldthread/warehouse/serve/accounts"
)

// account is who the tests sign in as.
const account = "reader"

// A server is the program answering from the example's release, with TLS and an account.
type server struct {
	Address     string `json:"address"`
	Certificate string `json:"trial_certificate"`
	host, port  string
	secret      string
	folder      string
	program     string
}

// shared is the server of all tests, which the first of them starts and TestMain stops.
var shared struct {
	once sync.Once
	*server
	command *exec.Cmd
	place   string
	err     error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if shared.command != nil {
		_ = shared.command.Process.Signal(syscall.SIGTERM)
		_ = shared.command.Wait()
	}
	if shared.place != "" {
		_ = os.RemoveAll(shared.place)
	}
	os.Exit(code)
}

// serve gives the server.
func serve(t testing.TB) *server {
	t.Helper()
	shared.once.Do(func() { shared.err = start() })
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.server
}

func start() (err error) {
	if shared.place, err = os.MkdirTemp("", "clients"); err != nil {
		return err
	}
	s := &server{folder: filepath.Join(shared.place, "demo"), program: filepath.Join(shared.place, "goldthread")}
	for _, command := range []*exec.Cmd{
		exec.Command("go", "build", "-tags", "duckdb_arrow", "-o", s.program, "github.com/goldthread/goldthread/cmd/goldthread"),
		exec.Command(s.program, "demo", s.folder),
	} {
		if out, err := command.CombinedOutput(); err != nil {
			return &exec.Error{Name: command.String() + "\n" + string(out), Err: err}
		}
	}
	store, err := accounts.Open(accounts.Path(filepath.Join(s.folder, ".goldthread")), time.Now)
	if err != nil {
		return err
	}
	if s.secret, err = store.Add(account, "staff", time.Now().AddDate(0, 1, 0)); err != nil {
		return err
	}
	shared.command = exec.Command(s.program, "serve", "-C", s.folder, "--listen", "127.0.0.1:0", "--json")
	shared.command.Stderr = os.Stderr
	out, err := shared.command.StdoutPipe()
	if err != nil {
		return err
	}
	if err := shared.command.Start(); err != nil {
		return err
	}
	if err := json.NewDecoder(out).Decode(s); err != nil {
		return err
	}
	shared.server = s
	s.host, s.port, err = net.SplitHostPort(s.Address)
	return err
}

// connect opens a session with pgx, over TLS.
func (s *server) connect(t testing.TB) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), "host="+s.host+" port="+s.port+" user="+account+" password="+s.secret+" dbname=goldthread sslmode=require")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// environment is what programs are told about the server, as libpq's clients read it.
func (s *server) environment() []string {
	return append(os.Environ(), "PGHOST="+s.host, "PGPORT="+s.port, "PGUSER="+account, "PGPASSWORD="+s.secret, "PGDATABASE=goldthread",
		"PGSSLMODE=require", "PGSSLROOTCERT="+s.Certificate, "PGCONNECT_TIMEOUT=20", "LC_ALL=C.UTF-8")
}
