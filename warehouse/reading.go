package warehouse

import (
	"context"
	"database/sql"
	"errors"
	"os"

	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/warehouse/duckdb"
)

// OpenToRead opens the warehouse of a folder beside no owner, to ask what it remembers; nil where there is none yet. Of the
// methods of a Warehouse only those that ask go through.
func OpenToRead(ctx context.Context, folder string) (*Warehouse, error) {
	db, err := openToRead(ctx, folder)
	if err != nil || db == nil {
		return nil, err
	}
	w := &Warehouse{options: Options{Folder: folder}, db: db}
	if w.conn, err = db.Conn(ctx); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

// openToRead opens the warehouse's file beside no owner, or gives nil where there is none yet.
func openToRead(ctx context.Context, folder string) (*sql.DB, error) {
	path := pathIn(folder)
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	db, err := duckdb.Open(ctx, duckdb.Settings{Path: path, ReadOnly: true})
	if err != nil {
		return nil, &fault.Error{Where: path, What: "the warehouse cannot be read now: a run may be at work", Fix: "wait until it has finished", Err: err}
	}
	return db, nil
}
