// Package sqldbtest starts the database servers that tests read from, each with data of its own. It is imported by tests alone.
package sqldbtest

import (
	"bufio"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// A Server is a database server on this machine that ends with its test. It listens on a socket alone.
type Server struct {
	Engine   string
	Host     string // the socket: a folder for PostgreSQL, a file for MariaDB
	Port     int    // that the name of PostgreSQL's socket is made of
	Database string
	User     string // who owns everything; needs no password on the socket
	TCPPort  int    // of a server with TLS, on 127.0.0.1
	CAFile   string // that knows its certificate
}

// Exec runs statements as the owner.
func (s *Server) Exec(tb testing.TB, statements string) {
	tb.Helper()
	if err := s.Try(statements); err != nil {
		tb.Fatal(err)
	}
}

// Try runs statements as the owner and gives their error.
func (s *Server) Try(statements string) error {
	if s.Engine == "postgresql" {
		return s.pgExec(statements)
	}
	return s.mysqlExec(s.Database, statements)
}

// leftOut tells where a server's program is missing, on a line that .ci/test looks for: with CI=true it fails for it.
func leftOut(what, program string) {
	fmt.Printf("LEFT OUT: what is read from %s (needs %s)\n", what, program)
}

// program finds a server's program in the usual places.
func program(names ...string) string {
	for _, name := range names {
		if found, _ := filepath.Glob(name); len(found) > 0 {
			return found[len(found)-1]
		}
	}
	return ""
}

// folder is a new folder that an account owns, under a short path, as that of a socket must be.
func folder(tb testing.TB, owner string) string {
	tb.Helper()
	path, err := os.MkdirTemp("", "gt")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { os.RemoveAll(path) })
	give(tb, path, owner)
	return path
}

// give makes an account the owner of a file, where this one is root.
func give(tb testing.TB, path, owner string) {
	tb.Helper()
	if os.Getuid() != 0 {
		return
	}
	who, err := user.Lookup(owner)
	if err != nil {
		tb.Fatal(err)
	}
	uid, _ := strconv.Atoi(who.Uid)
	gid, _ := strconv.Atoi(who.Gid)
	if err := os.Chown(path, uid, gid); err != nil {
		tb.Fatal(err)
	}
}

// run runs a command to its end.
func run(tb testing.TB, command *exec.Cmd, as string) {
	tb.Helper()
	asUser(tb, command, as)
	command.Dir = os.TempDir()
	if out, err := command.CombinedOutput(); err != nil {
		tb.Fatalf("%s: %v\n%s", command, err, out)
	}
}

// start runs a server until the test ends, and returns once it says that it is ready.
func start(tb testing.TB, command *exec.Cmd, as, ready string) {
	tb.Helper()
	asUser(tb, command, as)
	command.Dir = os.TempDir()
	out, in, err := os.Pipe()
	if err != nil {
		tb.Fatal(err)
	}
	command.Stdout, command.Stderr = in, in
	begun, ended := make(chan error), make(chan struct{})
	go func() {
		runtime.LockOSThread() // a child dies with the thread that began it
		err := command.Start()
		in.Close()
		begun <- err
		if err == nil {
			_ = command.Wait()
		}
		close(ended)
	}()
	if err := <-begun; err != nil {
		tb.Fatal(err)
	}
	said := listen(out)
	tb.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(20 * time.Second):
			_ = command.Process.Kill()
			<-ended
		}
	})
	if lines, ok := said.until(ready); !ok {
		tb.Fatalf("%s did not start:\n%s", command, lines)
	}
}

// A listener reads what a server says, for as long as it says anything.
type listener struct{ lines chan string }

func listen(from *os.File) listener {
	l := listener{make(chan string, 100)}
	go func() {
		defer close(l.lines)
		defer from.Close()
		for scanner := bufio.NewScanner(from); scanner.Scan(); {
			select {
			case l.lines <- scanner.Text():
			default: // nobody listens any more
			}
		}
	}()
	return l
}

// until waits for a line that holds the words, and gives those before it.
func (l listener) until(words string) (before string, ok bool) {
	for line := range l.lines {
		before += line + "\n"
		if strings.Contains(line, words) {
			return before, true
		}
	}
	return before, false
}

// Begin runs a statement in a transaction of its own, which stays open until commit is called.
func (s *Server) Begin(tb testing.TB, statement string) (commit func()) {
	tb.Helper()
	db, err := s.DB()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { db.Close() })
	tx, err := db.Begin()
	if err == nil {
		_, err = tx.Exec(statement)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return func() {
		if err := tx.Commit(); err != nil {
			tb.Fatal(err)
		}
	}
}

// DB opens the server as the owner.
func (s *Server) DB() (*sql.DB, error) {
	if s.Engine == "postgresql" {
		config, err := pgx.ParseConfig(fmt.Sprintf("host=%s port=%d user=%s dbname=%s sslmode=disable", s.Host, s.Port, s.User, s.Database))
		if err != nil {
			return nil, err
		}
		return stdlib.OpenDB(*config), nil
	}
	connector, err := mysql.NewConnector(s.mysqlConfig(s.Database))
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}
