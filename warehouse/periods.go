package warehouse

import (
	"context"
	"fmt"
	"strings"

	"github.com/goldthread/goldthread/internal/periods"
	"github.com/goldthread/goldthread/warehouse/duckdb"
)

// RegisterPeriods makes the period codes of a table known to the models, with their parents. A code that is none is an
// error: a measure's SQL made it.
func (w *Warehouse) RegisterPeriods(ctx context.Context, table string) error {
	schema, name, _ := strings.Cut(table, ".")
	return w.registerPeriods(ctx, "select period_code from "+duckdb.Name(schema, name))
}

func (w *Warehouse) registerPeriods(ctx context.Context, query string) error {
	if query == "" {
		return nil
	}
	codes, err := w.newPeriods(ctx, query)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for len(codes) > 0 {
		code := codes[0]
		codes = codes[1:]
		if code == "" || seen[code] {
			continue
		}
		seen[code] = true
		p, err := periods.FromCode(code)
		if err != nil {
			return err
		}
		if err := w.insertPeriod(ctx, p); err != nil {
			return fmt.Errorf("registering period %s: %w", code, err)
		}
		codes = append(codes, p.Parent)
	}
	return nil
}

func (w *Warehouse) newPeriods(ctx context.Context, query string) ([]string, error) {
	rows, err := w.conn.QueryContext(ctx, fmt.Sprintf(`
		select distinct period_code from (%s)
		where period_code is not null and period_code not in (select period_code from meta.periods)
		order by period_code`, query))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var codes []string
	for rows.Next() {
		var code string
		if err := rows.Scan(&code); err != nil {
			return nil, err
		}
		codes = append(codes, code)
	}
	return codes, rows.Err()
}

func (w *Warehouse) insertPeriod(ctx context.Context, p periods.Period) error {
	_, err := w.conn.ExecContext(ctx, `
		insert into meta.periods
		select ?, ?, ?, ?, ?, ?, ?, ?
		where not exists (select 1 from meta.periods where period_code = ?)`,
		p.Code, p.Label, p.Basis, p.Type, p.Start, p.End, p.Months, orNull(p.Parent), p.Code)
	return err
}
