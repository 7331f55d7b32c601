package warehouse

import (
	"context"
	"errors"

	"github.com/goldthread/goldthread/warehouse/duckdb"
)

// While a load is stored the engine keeps to so many quarters of its limit. It fills what it may with blocks that it has
// written and will not read again, goes past it by a fifth and more where it joins many rows, and beside it stand the rows on
// their way in, which are memory of ours.
const (
	quartersToInsert = 3
	quartersToStage  = 2
)

// lessenMemory has the engine keep to so many quarters of its limit, if it has one, until restoreMemory.
func (w *Warehouse) lessenMemory(ctx context.Context, quarters int) error {
	if w.options.MemoryLimit == "" {
		return nil
	}
	var less string
	err := w.conn.QueryRowContext(ctx,
		"select concat(parse_formatted_bytes(current_setting('memory_limit')) * ? // 4, 'B')", quarters).Scan(&less)
	if err != nil {
		return err
	}
	return w.limitMemory(ctx, less)
}

func (w *Warehouse) restoreMemory(ctx context.Context) error {
	if w.options.MemoryLimit == "" {
		return nil
	}
	return w.limitMemory(ctx, w.options.MemoryLimit)
}

func (w *Warehouse) limitMemory(ctx context.Context, limit string) error {
	_, err := w.conn.ExecContext(ctx, "set memory_limit = "+duckdb.Literal(limit))
	return err
}

// handful is how many rows may be held in memory while the present ones among them are looked for, which is several times
// quicker where few come to many.
const handful = 100_000

// inWrittenOrder has the engine join as the statement is written. It takes rows on their way in for a handful, and would
// hold all of them in memory to look for the present ones among them, rather than the other way about.
func (l *landing) inWrittenOrder(ctx context.Context, do func() error) error {
	if err := l.exec(ctx, "set disabled_optimizers = 'build_side_probe_side'"); err != nil {
		return err
	}
	err := do()
	return errors.Join(err, l.exec(context.WithoutCancel(ctx), "reset disabled_optimizers"))
}

// mostGaps is the share of removed rows, one in so many, up to which their room in the file is left as it is.
const mostGaps = 8

// checkpoint writes the load into the file. The engine would close up the room of removed rows each time, and rewrite good
// rows beside it to do so, which took as long as storing a load of few changes; so it waits until there is some.
func (l *landing) checkpoint(ctx context.Context) error {
	var places int64
	err := l.w.conn.QueryRowContext(ctx, `
		select estimated_size
		from duckdb_tables()
		where database_name = current_database() and schema_name = 'current' and table_name = ?`,
		l.arrival.Table.Name()).Scan(&places)
	if err != nil {
		return err
	}
	if (places-l.current)*mostGaps > places {
		return l.exec(ctx, "checkpoint")
	}
	if err := l.exec(ctx, "set max_vacuum_tasks = 0"); err != nil {
		return err
	}
	return errors.Join(l.exec(ctx, "checkpoint"), l.exec(context.WithoutCancel(ctx), "reset max_vacuum_tasks"))
}
