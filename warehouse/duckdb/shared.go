package duckdb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/duckdb/duckdb-go/v2"
)

// OpenShared opens an engine in memory for many readers at once. Its first connection runs the given statements and then,
// where the settings shut it off, locks it. A connection that is given back is closed, so that nothing of one reader is left to the next.
func OpenShared(ctx context.Context, s Settings, statements ...string) (*sql.DB, error) {
	if s.TimeZone != "" {
		statements = append(statements, "set global TimeZone = "+Literal(s.TimeZone)) // limits sets that of one connection
	}
	var setUp sync.Once
	var setUpErr error
	connector, err := duckdb.NewConnector("", func(exec driver.ExecerContext) error {
		setUp.Do(func() { setUpErr = execAll(ctx, exec, slices.Concat(s.limits(), statements, s.shut())) })
		return setUpErr
	})
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector)
	db.SetMaxIdleConns(0)
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func execAll(ctx context.Context, exec driver.ExecerContext, statements []string) error {
	for _, statement := range statements {
		if _, err := exec.ExecContext(ctx, statement, nil); err != nil {
			return fmt.Errorf("setting up the engine (%.80s): %w", statement, err)
		}
	}
	return nil
}
