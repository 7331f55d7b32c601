package warehouse

import (
	"context"
	"fmt"

	"github.com/goldthread/goldthread/internal/failpoint"
	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/warehouse/duckdb"
)

// Prepare makes the tables of datasets, so that models can read one of which nothing has landed yet, and adds the columns
// that a contract has gained.
func (w *Warehouse) Prepare(ctx context.Context, tables []Table) error {
	return w.inTransaction(ctx, func() error {
		for _, t := range tables {
			if err := w.prepareTable(ctx, t); err != nil {
				return err
			}
		}
		failpoint.Hit("tables.before_commit")
		return nil
	})
}

func (w *Warehouse) prepareTable(ctx context.Context, t Table) error {
	s := newStatements(t)
	if _, err := w.conn.ExecContext(ctx, s.text("create")); err != nil {
		return fmt.Errorf("making the tables of %s: %w", t.Name(), err)
	}
	present, err := w.columnTypes(ctx, "current", t.Name())
	if err != nil {
		return err
	}
	shown, err := w.columnTypes(ctx, "raw", t.Name())
	if err != nil {
		return err
	}
	stale := len(shown) == 0
	for _, column := range t.Columns {
		held, there := present[column.Name]
		if there && held != column.Type {
			return &fault.Error{
				Where: t.Source + "." + t.Dataset,
				What:  fmt.Sprintf("column %q is %s in the warehouse and %s in the contract", column.Name, held, column.Type),
				Fix:   "give the column its old type, or give it a new name so that old and new rows stand beside each other",
			}
		}
		if there {
			continue
		}
		stale = true
		if err := w.addColumn(ctx, s, column); err != nil {
			return err
		}
	}
	if stale {
		if _, err := w.conn.ExecContext(ctx, s.text("show raw")); err != nil {
			return fmt.Errorf("showing all rows of %s: %w", t.Name(), err)
		}
	}
	return w.describeColumns(ctx, s, t.Columns)
}

func (w *Warehouse) addColumn(ctx context.Context, s *statements, column Column) error {
	for _, table := range []string{s.Current, s.History} {
		_, err := w.conn.ExecContext(ctx, fmt.Sprintf("alter table %s add column %s %s", table, duckdb.Name(column.Name), column.Type))
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *Warehouse) describeColumns(ctx context.Context, s *statements, columns []Column) error {
	for _, column := range columns {
		if column.Comment == "" {
			continue
		}
		for _, table := range []string{s.Raw, s.Current} {
			name := duckdb.Name(column.Name)
			if _, err := w.conn.ExecContext(ctx, fmt.Sprintf("comment on column %s.%s is %s", table, name, duckdb.Literal(column.Comment))); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *Warehouse) columnTypes(ctx context.Context, schema, table string) (map[string]string, error) {
	rows, err := w.conn.QueryContext(ctx, `
		select column_name, data_type
		from duckdb_columns()
		where schema_name = ? and table_name = ? and database_name = current_database()`, schema, table)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	types := map[string]string{}
	for rows.Next() {
		var name, kind string
		if err := rows.Scan(&name, &kind); err != nil {
			return nil, err
		}
		types[name] = kind
	}
	return types, rows.Err()
}
