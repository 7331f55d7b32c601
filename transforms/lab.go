package transforms

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	duckdb "github.com/duckdb/duckdb-go/v2"

	"github.com/goldthread/goldthread/internal/fault"
)

// A lab is an empty database in memory in which SQL is parsed, bound and tried; Close must be called.
type lab struct {
	parser
	db *sql.DB
}

// openLab opens a lab with the schemas of a warehouse.
func openLab(ctx context.Context) (*lab, error) {
	connector, err := duckdb.NewConnector("?threads=1&autoinstall_known_extensions=false&autoload_known_extensions=false", nil)
	if err != nil {
		return nil, fmt.Errorf("opening a database in memory: %w", err)
	}
	l := &lab{db: sql.OpenDB(connector)}
	if l.conn, err = l.db.Conn(ctx); err != nil {
		l.db.Close()
		return nil, fmt.Errorf("connecting to a database in memory: %w", err)
	}
	// The zone is set, so that a case gives the same on every machine; it is the one that councils' warehouses have.
	statements := "set TimeZone = 'Europe/London';"
	for schema := range layers {
		statements += "create schema " + quoteName(schema) + ";"
	}
	if _, err := l.conn.ExecContext(ctx, statements); err != nil {
		l.Close()
		return nil, fmt.Errorf("making schemas in memory: %w", err)
	}
	return l, nil
}

// Close gives the memory back.
func (l *lab) Close() {
	l.conn.Close()
	l.db.Close()
}

// relations lists the tables that are in the lab, by name.
func (l *lab) relations(ctx context.Context) (map[string]Relation, error) {
	rows, err := l.conn.QueryContext(ctx, `select schema_name || '.' || table_name, column_name, data_type
		from duckdb_columns() where not internal order by schema_name, table_name, column_index`)
	if err != nil {
		return nil, fmt.Errorf("listing relations: %w", err)
	}
	defer rows.Close()
	all := map[string]Relation{}
	for rows.Next() {
		var name string
		var column Column
		if err := rows.Scan(&name, &column.Name, &column.Type); err != nil {
			return nil, fmt.Errorf("listing relations: %w", err)
		}
		relation := all[name]
		relation.Name = name
		relation.Columns = append(relation.Columns, column)
		all[name] = relation
	}
	return all, rows.Err()
}

// add makes a relation as an empty table.
func (l *lab) add(ctx context.Context, relation Relation) error {
	var columns []string
	for _, column := range relation.Columns {
		columns = append(columns, quoteName(column.Name)+" "+column.Type)
	}
	schema, _, _ := strings.Cut(relation.Name, ".")
	_, err := l.conn.ExecContext(ctx, fmt.Sprintf("create schema if not exists %s; create or replace table %s (%s)",
		quoteName(schema), quoteName(relation.Name), strings.Join(columns, ", ")))
	if err != nil {
		return fmt.Errorf("making %s in memory: %w", relation.Name, err)
	}
	return nil
}

// bind makes the model as an empty table: names and types that do not fit show here, before anything is built.
func (l *lab) bind(ctx context.Context, m *Model) error {
	_, err := l.conn.ExecContext(ctx, fmt.Sprintf("create or replace table %s as %s\nwith no data", quoteName(m.Name), m.sql))
	if err != nil {
		return engineFault(err, m.at)
	}
	return nil
}

var (
	engineLine  = regexp.MustCompile(`\n+LINE (\d+):[^\n]*(?:\n[ ^]*)?`)
	engineClass = regexp.MustCompile(`^(?:[A-Z][A-Za-z]* )+Error: `)
)

// engineFault puts the engine's words into a fault at the line it names.
func engineFault(err error, at func(line int) string) error {
	words, line := err.Error(), 0
	if found := engineLine.FindStringSubmatch(words); found != nil {
		line, _ = strconv.Atoi(found[1])
		words = engineLine.ReplaceAllString(words, "")
	}
	words = engineClass.ReplaceAllString(strings.TrimSpace(words), "")
	what, fix, _ := strings.Cut(words, "\n")
	return &fault.Error{Where: at(line), What: what, Fix: strings.TrimSpace(fix), Err: err}
}

// querier is a connection or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// queryTexts gives the first column of a query as texts; null is empty.
func queryTexts(ctx context.Context, q querier, query string, args ...any) ([]string, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var one sql.NullString
		if err := rows.Scan(&one); err != nil {
			return nil, err
		}
		all = append(all, one.String)
	}
	return all, rows.Err()
}
