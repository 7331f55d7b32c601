package warehouse

import (
	"context"
	"errors"

	"github.com/goldthread/goldthread/warehouse/duckdb"
)

// While a load is stored the engine keeps to so many quarters of its limit. It fills what it may with blocks that it has
// written and will not read again, goes past it by a fifth and more where it joins many rows, and beside it stand the rows on
// their way in and the roll of the present ones, which are memory of ours.
const (
	quartersToInsert = 3
	quartersToSift   = 1
	quartersToChange = 2
)

// lessenMemory has the engine keep to so many quarters of its limit, if it has one, until restoreMemory.
func (w *Warehouse) lessenMemory(ctx context.Context, quarters int) error {
	if w.options.MemoryLimit == "" {
		return nil
	}
	var less string
	err := w.conn.QueryRowContext(ctx,
		"select concat(parse_formatted_bytes(?) * ? // 4, 'B')", w.options.MemoryLimit, quarters).Scan(&less)
	if err != nil {
		return err
	}
	w.lessened = true
	return w.limitMemory(ctx, less)
}

// restoreMemory gives the engine its limit again, if it has less: to be told one takes it longer than to remove a few rows.
func (w *Warehouse) restoreMemory(ctx context.Context) error {
	if !w.lessened {
		return nil
	}
	w.lessened = false
	return w.limitMemory(ctx, w.options.MemoryLimit)
}

func (w *Warehouse) limitMemory(ctx context.Context, limit string) error {
	_, err := w.conn.ExecContext(ctx, "set memory_limit = "+duckdb.Literal(limit))
	return err
}

// mostGaps is the share of removed rows, one in so many, up to which their room in the file is left as it is.
const mostGaps = 8

// writeAtCommit has the commit write the load into the file itself; otherwise it writes it into the engine's log, and the
// checkpoint that follows writes it again. The engine would close up the room of removed rows each time, and rewrite good rows
// beside it to do so, which took as long as storing a load of few changes; so it waits until there is some.
func (l *landing) writeAtCommit(ctx context.Context) error {
	if err := l.exec(ctx, "set checkpoint_threshold = '0B'"); err != nil {
		return err
	}
	var places int64 // of the rows that were present and of those that were removed before
	err := l.w.conn.QueryRowContext(ctx, `
		select estimated_size
		from duckdb_tables()
		where database_name = current_database() and schema_name = 'current' and table_name = ?`,
		l.arrival.Table.Name()).Scan(&places)
	if err != nil {
		return err
	}
	places += l.counts.Stored
	if (places-l.current)*mostGaps > places {
		return nil
	}
	return l.exec(ctx, "set max_vacuum_tasks = 0")
}

// checkpoint makes sure that the load is in the file, and leaves the engine as it was. Where the commit wrote it there is
// nothing left to write.
func (l *landing) checkpoint(ctx context.Context) error {
	return errors.Join(l.exec(ctx, "checkpoint"), l.leaveEngine(context.WithoutCancel(ctx)))
}

func (l *landing) leaveEngine(ctx context.Context) error {
	return errors.Join(l.exec(ctx, "reset checkpoint_threshold; reset max_vacuum_tasks"), l.w.restoreMemory(ctx))
}
