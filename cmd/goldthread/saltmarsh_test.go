package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/goldthread/goldthread/connectors/lginform/lginformtest"
	"github.com/goldthread/goldthread/connectors/sqldb/sqldbtest"
)

// lineOfBusiness is the example whose sources are systems.
var lineOfBusiness = filepath.Join("..", "..", "examples", "line-of-business")

// saltmarsh is the example's council, with the servers that its folder reads from.
type saltmarsh struct {
	folder        string
	care, housing *sqldbtest.Server
	benchmarks    *lginformtest.Server
}

// startSaltmarsh starts the servers, fills them by the example's scripts and copies its folder, in which nothing but the
// places of the servers is changed. It gives nil where a server is not installed, which has been told.
func startSaltmarsh(t *testing.T) *saltmarsh {
	t.Helper()
	s := &saltmarsh{folder: t.TempDir(), care: sqldbtest.StartPostgreSQL(t)}
	if s.care == nil {
		return nil
	}
	if s.housing = sqldbtest.StartMariaDB(t); s.housing == nil {
		return nil
	}
	s.benchmarks = lginformtest.NewOf(t, os.DirFS(filepath.Join(lineOfBusiness, "standin")))
	s.benchmarks.Today("2025-04-07")
	s.care.Exec(t, "create database socialcare")
	s.care.Database = "socialcare"
	for _, script := range []string{"tables.sql", "rows.sql"} {
		s.runScript(t, script)
	}
	copyFolder(t, filepath.Join(lineOfBusiness, "council"), s.folder)
	for file, lines := range map[string]map[string]string{
		"care.yaml":    {"host": s.care.Host, "port": fmt.Sprint(s.care.Port)},
		"housing.yaml": {"host": s.housing.Host, "port": fmt.Sprint(s.housing.Port)},
		"lgi.yaml":     {"url": s.benchmarks.URL},
	} {
		setLines(t, filepath.Join(s.folder, "sources", file), lines)
	}
	return s
}

// setLines gives settings that stand on lines of their own in a file another value.
func setLines(t *testing.T, path string, values map[string]string) {
	t.Helper()
	text := read(t, path)
	for setting, value := range values {
		line := regexp.MustCompile(`(?m)^` + setting + `: .*$`)
		if len(line.FindAll(text, -1)) != 1 {
			t.Fatalf("%s has not one line with %s", path, setting)
		}
		text = line.ReplaceAll(text, []byte(setting+": "+value))
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// holds gives the server that has a table.
func (s *saltmarsh) holds(table string) *sqldbtest.Server {
	if strings.HasPrefix(table, "care.") {
		return s.care
	}
	return s.housing
}

// runScript runs the script of both systems that has a name.
func (s *saltmarsh) runScript(t *testing.T, name string) {
	t.Helper()
	s.care.Exec(t, string(read(t, filepath.Join(lineOfBusiness, "systems", "care", name))))
	s.housing.Exec(t, string(read(t, filepath.Join(lineOfBusiness, "systems", "housing", name))))
}

// goldthread runs the program on the folder as a user does, with the secrets in its environment, and gives what it prints.
func (s *saltmarsh) goldthread(t *testing.T, args ...string) []byte {
	t.Helper()
	secrets := map[string]string{
		"CARE_PASSWORD": "for-this-example-only", "HOUSING_PASSWORD": "for-this-example-only",
		"LGINFORM_KEY": lginformtest.Key, "LGINFORM_SECRET": lginformtest.Secret,
	}
	var out, faults bytes.Buffer
	getenv := func(name string) string { return secrets[name] }
	if code := run(context.Background(), append([]string{"goldthread", "-C", s.folder}, args...), &out, &faults, getenv); code != exitDone {
		t.Fatalf("%v ended with %d\n%s%s", args, code, out.Bytes(), faults.Bytes())
	}
	return out.Bytes()
}

// ask gives the rows of the answer to a query of the release.
func (s *saltmarsh) ask(t *testing.T, query string) [][]string {
	t.Helper()
	return records(t, s.goldthread(t, "sql", query, "--format", "csv"))[1:]
}

// document reads what a command gives with --json.
func (s *saltmarsh) document(t *testing.T, into any, args ...string) {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(s.goldthread(t, append(args, "--json")...)))
	if err := decoder.Decode(into); err != nil && err != io.EOF {
		t.Fatal(err)
	}
}

// rowsAt gives the rows of a query of one of the systems, each column as text.
func rowsAt(t *testing.T, server *sqldbtest.Server, query string, args ...any) (all [][]string) {
	t.Helper()
	db, err := server.DB()
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		row, into := make([]string, len(columns)), make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		all = append(all, row)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}
