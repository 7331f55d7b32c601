package warehouse

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/goldthread/goldthread/internal/failpoint"
)

// A Reconciliation says how the control totals of the last run stand.
type Reconciliation struct {
	Totals    int64          `json:"totals"`    // compared
	Differing []ControlTotal `json:"differing"` // those that do not agree
	// NotCompared says, of each step that a model of the council's own keeps from being compared, why.
	NotCompared []string `json:"not_compared,omitempty"`
}

// A ControlTotal is what a dataset or measure must come to at a step from landing to core, and what is there.
type ControlTotal struct {
	Kind       string `json:"subject_kind"` // dataset, measure or model
	Subject    string `json:"subject_code"`
	Step       string `json:"step"`
	Total      string `json:"total"`
	Expected   string `json:"expected"`
	Found      string `json:"found"`
	Difference string `json:"difference"`
}

func (c ControlTotal) String() string {
	return fmt.Sprintf("control total of %s, %s, %s: %s expected, %s found", c.Subject, c.Step, c.Total, c.Expected, c.Found)
}

// Reconcile replaces the control totals by those that a SELECT gives, with the columns of meta.reconciliation.
func (w *Warehouse) Reconcile(ctx context.Context, query string) (r Reconciliation, err error) {
	err = w.inTransaction(ctx, func() error {
		if _, err := w.conn.ExecContext(ctx, "delete from meta.reconciliation"); err != nil {
			return err
		}
		_, err := w.conn.ExecContext(ctx, "insert into meta.reconciliation by name "+query)
		failpoint.Hit("reconcile.before_commit")
		return err
	})
	if err != nil {
		return r, fmt.Errorf("comparing control totals: %w", err)
	}
	failpoint.Hit("reconcile.noted")
	return readReconciliation(ctx, w.conn)
}

// queries is a connection or a database.
type queries interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// readReconciliation gives the totals that differ without the noughts that end a decimal(38, 10).
func readReconciliation(ctx context.Context, db queries) (r Reconciliation, err error) {
	r.Differing = []ControlTotal{}
	if err := db.QueryRowContext(ctx, "select count(is_ok) from meta.reconciliation").Scan(&r.Totals); err != nil {
		return r, err
	}
	if r.NotCompared, err = readNotCompared(ctx, db); err != nil {
		return r, err
	}
	rows, err := db.QueryContext(ctx, `
		select subject_kind, subject_code, step, total,
			rtrim(rtrim(cast(expected as varchar), '0'), '.'),
			rtrim(rtrim(cast(found as varchar), '0'), '.'),
			rtrim(rtrim(cast(difference as varchar), '0'), '.')
		from meta.reconciliation
		where not is_ok
		order by all`)
	if err != nil {
		return r, err
	}
	defer rows.Close()
	for rows.Next() {
		var c ControlTotal
		if err := rows.Scan(&c.Kind, &c.Subject, &c.Step, &c.Total, &c.Expected, &c.Found, &c.Difference); err != nil {
			return r, err
		}
		r.Differing = append(r.Differing, c)
	}
	return r, rows.Err()
}

func readNotCompared(ctx context.Context, db queries) (why []string, err error) {
	rows, err := db.QueryContext(ctx, "select subject_code || ', ' || step || ': ' || note from meta.reconciliation where is_ok is null")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			return nil, err
		}
		why = append(why, one)
	}
	return why, rows.Err()
}

// lastReconciliation gives the control totals as the last run left them, or nil where a program that made none wrote the
// warehouse.
func lastReconciliation(ctx context.Context, db queries) (*Reconciliation, error) {
	var made bool
	err := db.QueryRowContext(ctx, "select count(*) > 0 from duckdb_tables() where schema_name = 'meta' and table_name = 'reconciliation'").Scan(&made)
	if err != nil || !made {
		return nil, err
	}
	r, err := readReconciliation(ctx, db)
	if r.Totals == 0 {
		return nil, err
	}
	return &r, err
}
