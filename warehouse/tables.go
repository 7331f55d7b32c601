package warehouse

import (
	"context"
	"fmt"
	"slices"

	"github.com/goldthread/goldthread/internal/failpoint"
	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/warehouse/duckdb"
)

// Prepare makes the tables of datasets, so that models can read one of which nothing has landed yet, and adds the columns
// that a contract has gained.
func (w *Warehouse) Prepare(ctx context.Context, tables []Table) error {
	err := w.inTransaction(ctx, func() error {
		if err := w.prepareTables(ctx, tables...); err != nil {
			return err
		}
		failpoint.Hit("tables.before_commit")
		return nil
	})
	if err != nil {
		return err
	}
	for _, t := range tables {
		w.prepared[t.Name()] = slices.Clone(t.Columns)
	}
	return nil
}

// prepareTables makes tables as Prepare does, save those that it made since the warehouse was opened: to look at the columns
// of all of them takes longer than a load of few rows.
func (w *Warehouse) prepareTables(ctx context.Context, tables ...Table) error {
	tables = slices.DeleteFunc(slices.Clone(tables), func(t Table) bool { return slices.Equal(w.prepared[t.Name()], t.Columns) })
	if len(tables) == 0 {
		return nil
	}
	held, err := w.heldColumns(ctx)
	if err != nil {
		return err
	}
	for _, t := range tables {
		if err := w.prepareTable(ctx, t, held); err != nil {
			return err
		}
	}
	return nil
}

func (w *Warehouse) prepareTable(ctx context.Context, t Table, held heldColumns) error {
	s := newStatements(t)
	present := held["current"][t.Name()]
	fresh, stale := len(present) == 0, len(held["raw"][t.Name()]) == 0
	if fresh {
		if _, err := w.conn.ExecContext(ctx, s.text("create")); err != nil {
			return fmt.Errorf("making the tables of %s: %w", t.Name(), err)
		}
	}
	for _, column := range t.Columns {
		had, there := present[column.Name]
		if there && had.kind != column.Type {
			return &fault.Error{
				Where: t.Source + "." + t.Dataset,
				What:  fmt.Sprintf("column %q is %s in the warehouse and %s in the contract", column.Name, had.kind, column.Type),
				Fix:   "give the column its old type, or give it a new name so that old and new rows stand beside each other",
			}
		}
		if there || fresh {
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
		present = nil // the view has no words yet
	}
	return w.describeColumns(ctx, s, t.Columns, present)
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

// describeColumns writes the descriptions that differ from those the columns have.
func (w *Warehouse) describeColumns(ctx context.Context, s *statements, columns []Column, present map[string]heldColumn) error {
	for _, column := range columns {
		if column.Comment == present[column.Name].comment {
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

// heldColumns are the columns of the tables and views that stand in raw and current, by schema, table and column.
type heldColumns map[string]map[string]map[string]heldColumn

type heldColumn struct{ kind, comment string }

func (w *Warehouse) heldColumns(ctx context.Context) (heldColumns, error) {
	rows, err := w.conn.QueryContext(ctx, `
		select schema_name, table_name, column_name, data_type, coalesce(comment, '')
		from duckdb_columns()
		where schema_name in ('raw', 'current') and database_name = current_database()`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	held := heldColumns{"raw": {}, "current": {}}
	for rows.Next() {
		var schema, table, name string
		var column heldColumn
		if err := rows.Scan(&schema, &table, &name, &column.kind, &column.comment); err != nil {
			return nil, err
		}
		if held[schema][table] == nil {
			held[schema][table] = map[string]heldColumn{}
		}
		held[schema][table][name] = column
	}
	return held, rows.Err()
}
