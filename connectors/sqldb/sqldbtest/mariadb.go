package sqldbtest

import (
	"context"
	"database/sql"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
)

// StartMariaDB starts a MariaDB server with an empty database; nil where it is not installed, which has been told.
func StartMariaDB(tb testing.TB) *Server {
	tb.Helper()
	return startMariaDB(tb, func(*Server, string) []string { return []string{"--skip-networking"} })
}

// startMariaDB starts a server with more arguments, which are asked for once its folder is there.
func startMariaDB(tb testing.TB, more func(s *Server, place string) []string) *Server {
	tb.Helper()
	server, install := program("/usr/sbin/mariadbd", "/usr/libexec/mariadbd"), program("/usr/bin/mariadb-install-db")
	if server == "" || install == "" {
		leftOut("MariaDB", "mariadb-server")
		return nil
	}
	place := folder(tb, "mysql")
	data, socket := filepath.Join(place, "data"), filepath.Join(place, "socket")
	run(tb, exec.Command(install, "--no-defaults", "--datadir="+data, "--auth-root-authentication-method=normal", "--skip-test-db", "--innodb-flush-method=nosync"), "mysql")
	s := &Server{Engine: "mariadb", Host: socket, Port: 3306, Database: "housing", User: "root"}
	args := append([]string{"--no-defaults", "--datadir=" + data, "--socket=" + socket, "--pid-file=" + filepath.Join(place, "pid"),
		"--innodb-flush-method=nosync", "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=64M"}, more(s, place)...)
	start(tb, exec.Command(server, args...), "mysql", "ready for connections")
	if err := s.mysqlExec("", "create database housing character set utf8mb4"); err != nil {
		tb.Fatal(err)
	}
	return s
}

func (s *Server) mysqlExec(database, statements string) error {
	connector, err := mysql.NewConnector(s.mysqlConfig(database))
	if err != nil {
		return err
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	_, err = db.ExecContext(ctx, statements)
	return err
}

func (s *Server) mysqlConfig(database string) *mysql.Config {
	config := mysql.NewConfig()
	config.Net, config.Addr, config.User, config.DBName, config.MultiStatements = "unix", s.Host, s.User, database, true
	return config
}
