package transforms

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	duckdb "github.com/duckdb/duckdb-go/v2"
)

// A shelf is a State that keeps what it is told in the database the models are built in, as a warehouse does.
type shelf struct{ conn *sql.Conn }

func newShelf(t *testing.T, conn *sql.Conn) shelf {
	t.Helper()
	run(t, conn, `create table if not exists meta.table_states (name text, state text);
		create table if not exists meta.test_states (table_name text, name text, state text)`)
	return shelf{conn}
}

func (s shelf) InputVersion(ctx context.Context, relation string) (string, error) {
	var version string
	err := s.conn.QueryRowContext(ctx, fmt.Sprintf("select md5(coalesce(string_agg(r::varchar, chr(10) order by r::varchar), '')) from %s as r",
		quoteName(relation))).Scan(&version)
	return version, err
}

func (s shelf) Tables(ctx context.Context) ([]TableState, error) {
	return stored[TableState](ctx, s.conn, "select state from meta.table_states")
}

func (s shelf) Tests(ctx context.Context) ([]TestState, error) {
	return stored[TestState](ctx, s.conn, "select state from meta.test_states")
}

func stored[T any](ctx context.Context, conn *sql.Conn, query string) ([]T, error) {
	texts, err := queryTexts(ctx, conn, query)
	all := make([]T, len(texts))
	for i, text := range texts {
		if err := json.Unmarshal([]byte(text), &all[i]); err != nil {
			return nil, err
		}
	}
	return all, err
}

func (s shelf) SaveTable(ctx context.Context, tx *sql.Tx, state TableState) error {
	text, _ := json.Marshal(state)
	if _, err := tx.ExecContext(ctx, "delete from meta.table_states where name = ?", state.Name); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, "insert into meta.table_states values (?, ?)", state.Name, string(text))
	return err
}

func (s shelf) SaveTest(ctx context.Context, tx *sql.Tx, state TestState) error {
	text, _ := json.Marshal(state)
	if _, err := tx.ExecContext(ctx, "delete from meta.test_states where table_name = ? and name = ?", state.Table, state.Name); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, "insert into meta.test_states values (?, ?, ?)", state.Table, state.Name, string(text))
	return err
}

func (s shelf) DropTable(ctx context.Context, tx *sql.Tx, name string) error {
	_, err := tx.ExecContext(ctx, "delete from meta.table_states where name = ?", name)
	return err
}

// warehouse opens a database in a file with the schemas that landing makes.
func warehouse(t *testing.T) *sql.Conn {
	t.Helper()
	connector, err := duckdb.NewConnector(t.TempDir()+"/warehouse.duckdb", nil)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	conn, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(); db.Close() })
	run(t, conn, "create schema raw; create schema current; create schema history; create schema meta; create schema reference; create schema handbook")
	return conn
}

func run(t *testing.T, conn *sql.Conn, statements string) {
	t.Helper()
	if _, err := conn.ExecContext(context.Background(), statements); err != nil {
		t.Fatalf("%s: %v", statements, err)
	}
}

// rowsOf gives the rows of a query, a line each, values joined by commas.
func rowsOf(t *testing.T, conn *sql.Conn, query string) string {
	t.Helper()
	rows, err := conn.QueryContext(context.Background(), query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	columns, _ := rows.Columns()
	var all []string
	for rows.Next() {
		texts, into := make([]string, len(columns)), make([]any, len(columns))
		for i := range columns {
			into[i] = new(any)
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		for i := range columns {
			texts[i] = fmt.Sprint(*into[i].(*any))
		}
		all = append(all, strings.Join(texts, ", "))
	}
	return strings.ReplaceAll(strings.Join(all, "\n"), "<nil>", "null")
}

// folder makes a Folder of files given by path and text.
func folder(path string, files map[string]string) Folder {
	tree := fstest.MapFS{}
	for name, text := range files {
		tree[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return Folder{FS: tree, Path: path}
}

// model is the text of a model over the columns named, whose first column is its grain.
func model(kind, sql string, columns ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "-- One row per %s.\n--\n-- materialized: %s\n-- grain: %[1]s\n-- columns:\n", columns[0], kind)
	for _, column := range columns {
		fmt.Fprintf(&b, "--   %s: What %[1]s holds.\n", column)
	}
	fmt.Fprintf(&b, "-- tests:\n--   - unique: %s\n\n%s\n", columns[0], sql)
	return b.String()
}
