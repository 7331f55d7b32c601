// Package catalog shows a release as PostgreSQL's catalogue would: tables of the shape of pg_catalog and information_schema,
// filled with the release's own tables, columns, keys, relationships and descriptions, and statements turned so that the
// engine reads them from there.
//
// The tables stand in a database in memory beside the release. What a session cannot see of the release is in no table.
package catalog

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"strings"

	"github.com/goldthread/goldthread/warehouse/duckdb"
)

// The database that holds the catalogue, and its schemas. PostgreSQL's own names are the engine's, which takes none beside.
const (
	Database          = "pgc"
	schemaCatalog     = "pg"
	schemaInformation = "info"
)

// SearchPath is what a session's connection adds to the end of its search path, so that names without a schema are found.
const SearchPath = Database + "." + schemaCatalog

// SignIn is the statement that tells a connection whose session it serves.
func SignIn(account string) string {
	return "set variable goldthread_user = " + duckdb.Literal(account)
}

//go:embed relations.txt fill.sql information.sql keys.sql macros.sql constants
var files embed.FS

// Settings are what SHOW and pg_settings tell, by name.
type Settings map[string]string

// Install lays out the catalogue of the release that an engine has attached as release. The engine may be locked by then.
func Install(ctx context.Context, db *sql.DB, release string, settings Settings) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	statements, err := layOut(settings)
	if err == nil {
		err = install(ctx, conn, release, statements)
	}
	return errors.Join(err, conn.Close())
}

func install(ctx context.Context, conn *sql.Conn, release string, statements []string) error {
	keys, err := hasKeys(ctx, conn, release)
	if err != nil {
		return err
	}
	for _, name := range append(keys, "fill.sql", "macros.sql", "information.sql") {
		text, err := files.ReadFile(name)
		if err != nil {
			return err
		}
		statements = append(statements, string(text))
	}
	statements = append(statements, "use "+duckdb.Name(release))
	for _, statement := range statements {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("laying out the catalogue (%.80s): %w", statement, err)
		}
	}
	return nil
}

// hasKeys names the file that reads the keys which models declare, where the release has them: one from before has not.
func hasKeys(ctx context.Context, conn *sql.Conn, release string) (read []string, err error) {
	var n int
	err = conn.QueryRowContext(ctx, "select count(*) from duckdb_tables() where database_name = ? and schema_name = 'meta' and table_name = 'model_keys'", release).Scan(&n)
	if n > 0 {
		read = []string{"keys.sql"}
	}
	return read, err
}

// layOut gives the statements that make the tables, and fill those that are the same everywhere.
func layOut(settings Settings) ([]string, error) {
	statements := []string{
		"attach if not exists ':memory:' as " + Database,
		"create schema " + Database + "." + schemaCatalog, "create schema " + Database + "." + schemaInformation,
		"use " + SearchPath,
		"create table described (relation uinteger, kind varchar, schema_name varchar, name varchar, number smallint, column_name varchar, type varchar)",
		"create table declared_keys (model varchar, kind varchar, columns varchar[], parent varchar, parent_columns varchar[])",
		"create table set_values (name varchar, value varchar)",
	}
	text, err := files.ReadFile("relations.txt")
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(text)) {
		statements = append(statements, readRelation(line).statements()...)
	}
	for name, value := range settings {
		statements = append(statements, fmt.Sprintf("insert into set_values values (%s, %s)", duckdb.Literal(name), duckdb.Literal(value)))
	}
	constants, err := readConstants()
	return append(statements, constants...), err
}

// readConstants gives the statements that fill in what every server has: types, their functions, access methods and the like.
func readConstants() (statements []string, err error) {
	entries, err := files.ReadDir("constants")
	for _, e := range entries {
		text, readErr := files.ReadFile("constants/" + e.Name())
		if readErr != nil {
			return nil, readErr
		}
		lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
		var rows []string
		for _, line := range lines[1:] {
			var values []string
			for _, value := range strings.Split(line, "\t") {
				values = append(values, constant(value))
			}
			rows = append(rows, "("+strings.Join(values, ", ")+")")
		}
		columns := strings.ReplaceAll(lines[0], "\t", ", ")
		statements = append(statements, fmt.Sprintf("insert into %s (%s) values %s", strings.TrimSuffix(e.Name(), ".tsv"), columns, strings.Join(rows, ", ")))
	}
	return statements, err
}

func constant(value string) string {
	if value == `\N` {
		return "null"
	}
	return duckdb.Literal(value)
}
