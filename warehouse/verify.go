package warehouse

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/warehouse/duckdb"
)

// Verified is what a warehouse was found to hold, with nothing missing.
type Verified struct {
	Loads    int64 `json:"loads"`
	LastLoad int64 `json:"last_load"`
	Rows     int64 `json:"rows"`    // ever stored
	Release  int64 `json:"release"` // that readers see
}

//go:embed statements/verify.sql
var verifyQuery string

// Verify holds the file of a warehouse that nobody owns against its ledger and its journal: the loads, whether each adds up,
// the rows that each stored and set aside, and the present rows of each dataset. It writes nothing.
func Verify(ctx context.Context, folder string) (v Verified, err error) {
	text, err := os.ReadFile(filepath.Join(folder, "journal"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return v, err
	}
	entries, _, err := readJournal(filepath.Join(folder, "journal"), text)
	if err != nil {
		return v, err
	}
	db, err := duckdb.Open(ctx, duckdb.Settings{Path: pathIn(folder), ReadOnly: true, MemoryLimit: "512MB", Threads: 1, NoFilesystem: true})
	if err != nil {
		return v, unreadable(folder, err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	conn, err := db.Conn(ctx)
	if err != nil {
		return v, err
	}
	defer conn.Close()
	w := &Warehouse{options: Options{Folder: folder}, conn: conn, journal: &journal{entries: entries}}
	if err := w.verify(ctx, &v); err != nil {
		return v, DiskFault(folder, err)
	}
	v.Release, err = NewReleases(folder).Current()
	return v, err
}

func unreadable(folder string, err error) error {
	return &fault.Error{Where: pathIn(folder), What: "the warehouse file cannot be opened: " + err.Error(), Fix: "restore an earlier backup", Err: err}
}

func (w *Warehouse) verify(ctx context.Context, v *Verified) error {
	known, err := knownFormat()
	if err != nil {
		return err
	}
	var version int
	if err := w.conn.QueryRowContext(ctx, "select coalesce(max(version), 0) from meta.schema_versions").Scan(&version); err != nil {
		return unreadable(w.options.Folder, err)
	}
	if err := newer(w.Path(), version, known); err != nil {
		return err
	}
	if err := w.readCounters(ctx); err != nil {
		return err
	}
	v.LastLoad = w.lastLoad
	newest, err := w.heldAgainstJournal(ctx)
	if err != nil {
		return err
	}
	v.Loads = int64(len(w.journal.entries))
	if err := w.countCurrent(ctx, newest); err != nil {
		return err
	}
	for table := range newest {
		rows, err := w.countLoads(ctx, table)
		if err != nil {
			return err
		}
		v.Rows += rows
	}
	return nil
}

// heldAgainstJournal wants the same loads in ledger and journal, and gives the newest of each table.
func (w *Warehouse) heldAgainstJournal(ctx context.Context) (newest map[string]entry, err error) {
	ledger, err := w.ledgerEntries(ctx)
	if err != nil {
		return nil, err
	}
	newest = map[string]entry{}
	for _, one := range w.journal.entries {
		if ledger[one.LoadID] != one {
			return nil, w.missing(one, "is not in the warehouse as it was acknowledged")
		}
		delete(ledger, one.LoadID)
		newest[one.Source+"__"+one.Dataset] = one
	}
	for _, one := range ledger {
		return nil, w.missing(one, "is not in the journal")
	}
	return newest, nil
}

// countLoads holds the rows of a table, load by load, against the ledger, and gives how many were ever stored. Rows set aside count
// though they are past their time and removed.
func (w *Warehouse) countLoads(ctx context.Context, table string) (rows int64, err error) {
	var wrong sql.NullString
	removed := "(select 0 as load_id, 0 as row_count where false)"
	if there, err := hasRetention(ctx, w.conn); err != nil {
		return 0, err
	} else if there {
		removed = "meta.quarantine_removed"
	}
	err = w.conn.QueryRowContext(ctx, fmt.Sprintf(verifyQuery, duckdb.Name("raw", table), removed), table).Scan(&rows, &wrong)
	if err == nil && wrong.Valid {
		err = &fault.Error{Where: w.Path(), What: wrong.String + ": the file was damaged or replaced", Fix: "restore an earlier backup"}
	}
	return rows, err
}
