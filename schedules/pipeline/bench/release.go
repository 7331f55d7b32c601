package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/goldthread/goldthread/warehouse"
)

// observations fills a table with as many rows as a release is to carry, of every measure, organisation and period.
const observations = `
create schema core;
create table core.fct_observations as
select
    cast(n %% 300 as integer) as measure_key,
    cast(n // 300 %% 400 as integer) as organisation_key,
    cast(n // 120000 as integer) as period_key,
    cast(hash(n) %% 1000000 as decimal(38, 10)) / 1000 as value,
    cast(hash(n + 1) %% 100000 as decimal(38, 10)) as numerator,
    cast(hash(n + 2) %% 100000 + 1 as decimal(38, 10)) as denominator,
    'ok' as value_status,
    cast(1 as bigint) as _load_id,
    cast(1 as bigint) as _extract_id,
    cast(n + 2 as bigint) as _row
from range(%d) as numbers (n);
checkpoint`

// Release measures the making of a release beside a plain copy of its file.
func Release(ctx context.Context, o Options) ([]Figure, error) {
	m := &measurement{figure: Figure{Name: "release", Rows: int64(o.Rows), Floor: "a plain copy of the release's file"}}
	err := o.inTemp(ctx, func(folder string) error {
		w, err := warehouse.Open(ctx, warehouse.Options{Folder: folder, MemoryLimit: o.MemoryLimit, Threads: o.Threads, Version: "bench"})
		if err != nil {
			return err
		}
		return errors.Join(o.release(ctx, w, folder, m), w.Close())
	})
	if err != nil {
		return nil, err
	}
	return results(m), nil
}

func (o Options) release(ctx context.Context, w *warehouse.Warehouse, folder string, m *measurement) error {
	if _, err := w.Conn().ExecContext(ctx, fmt.Sprintf(observations, o.Rows)); err != nil {
		return err
	}
	plan := warehouse.ReleasePlan{RunID: 1, Audience: "staff", Tables: []warehouse.ReleaseTable{
		// A model's table brings what tells its content; it was worked out when it was built.
		{Schema: "core", Name: "fct_observations", Content: "bench"},
	}}
	err := m.time(func() error {
		number, err := w.Release(ctx, plan)
		if err == nil && number != 1 {
			err = fmt.Errorf("release %d was made; it was to be the first", number)
		}
		return err
	})
	if err != nil {
		return err
	}
	made := filepath.Join(folder, "releases", "1", "staff.duckdb")
	if _, err := os.Stat(made); err != nil {
		return err
	}
	return m.timeFloor(func() error { return copyFile(made, filepath.Join(folder, "copy")) })
}
