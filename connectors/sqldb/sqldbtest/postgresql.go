package sqldbtest

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// StartPostgreSQL starts a PostgreSQL server with an empty database; nil where it is not installed, which has been told.
func StartPostgreSQL(tb testing.TB) *Server {
	tb.Helper()
	return startPostgreSQL(tb, func(*Server, string) []string { return []string{"-c", "listen_addresses="} })
}

// startPostgreSQL starts a server with more arguments, which are asked for once its data folder is there.
func startPostgreSQL(tb testing.TB, more func(s *Server, data string) []string) *Server {
	tb.Helper()
	initdb := program("/usr/lib/postgresql/*/bin/initdb", "/usr/pgsql-*/bin/initdb", "/usr/bin/initdb")
	if initdb == "" {
		leftOut("PostgreSQL", "postgresql")
		return nil
	}
	place := folder(tb, "postgres")
	data := filepath.Join(place, "data")
	run(tb, exec.Command(initdb, "-D", data, "-U", "owner", "-A", "trust", "-E", "UTF8", "--locale", "C.UTF-8", "--no-sync", "--no-instructions"), "postgres")
	s := &Server{Engine: "postgresql", Host: place, Port: 5432, Database: "postgres", User: "owner"}
	args := more(s, data)
	args = append(args, "-D", data, "-k", place, "-p", strconv.Itoa(s.Port), "-c", "fsync=off", "-c", "autovacuum=off")
	start(tb, exec.Command(filepath.Join(filepath.Dir(initdb), "postgres"), args...), "postgres", "ready to accept connections")
	return s
}

// PgConn opens a connection as the owner.
func (s *Server) pgConn(ctx context.Context) (*pgconn.PgConn, error) {
	return pgconn.Connect(ctx, fmt.Sprintf("host=%s port=%d user=%s dbname=%s sslmode=disable", s.Host, s.Port, s.User, s.Database))
}

func (s *Server) pgExec(statements string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := s.pgConn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, statements).ReadAll()
	return err
}
