// Package sqldb reads tables, views and queries of databases: PostgreSQL, MySQL and MariaDB, SQL Server, Oracle.
//
// Each reading has one connection and one transaction that may only read and sees one snapshot. Columns are selected by the
// names of the contract. What the source says of its rows in sum is compared with what was read of them, so that a
// reading is whole or an error.
package sqldb

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/goldthread/goldthread/connectors"
)

// engines are the dialects by the name a source file uses.
var engines = map[string]dialect{
	"mariadb":    mysql{},
	"mysql":      mysql{},
	"postgresql": postgresql{},
	"oracle":     oracle{connector: oraConnector},
	"sqlserver":  sqlserver{},
}

func engineNames() []string { return slices.Sorted(maps.Keys(engines)) }

// A Source is one database as one account sees it.
type Source struct {
	config  Config
	deps    connectors.Deps
	dialect dialect
	zone    *time.Location
	tables  []table
	// wait passes time between two tries; tests put their own in its place.
	wait func(ctx context.Context, d time.Duration) error
}

// A table is a dataset with what is read for it.
type table struct {
	Settings
	dataset connectors.Dataset
}

// Datasets lists the datasets of the contract. The server is not asked.
func (s *Source) Datasets(context.Context) ([]connectors.Dataset, error) {
	datasets := make([]connectors.Dataset, len(s.tables))
	for i, t := range s.tables {
		datasets[i] = t.dataset
	}
	return datasets, nil
}

// Read yields a dataset: all of it at first and in mode snapshot, else the rows at and after the cursor, less the look-back.
// Where a full comparison is due, everything there is follows as a second load of the same snapshot.
func (s *Source) Read(ctx context.Context, ds connectors.Dataset, since connectors.Cursor) iter.Seq2[connectors.Batch, error] {
	return connectors.Yielding(ctx, func(emit func(connectors.Batch) error) error {
		i := slices.IndexFunc(s.tables, func(t table) bool { return t.dataset.Name == ds.Name })
		if i < 0 {
			return fmt.Errorf("the source has no dataset %q", ds.Name)
		}
		before, err := readCursor(since)
		if err != nil {
			return err
		}
		r := &reading{Source: s, table: s.tables[i], before: before, emit: emit}
		return r.read(ctx)
	})
}

// waitFor passes time, or ends with the context.
func waitFor(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
