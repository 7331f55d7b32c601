// Package warehouse keeps what sources gave: the present rows, those that were replaced, and views of both that only grow; the
// ledger of every look, load and release; the journal outside the file; and the releases that readers open.
//
// It knows no source and no model. One process at a time owns a warehouse.
package warehouse

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/goldthread/goldthread/internal/durable"
	"github.com/goldthread/goldthread/internal/failpoint"
	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/warehouse/duckdb"
)

// Options say where a warehouse is and what it may use.
type Options struct {
	Folder      string // holds warehouse.duckdb, journal, lock, releases/ and tmp/
	MemoryLimit string
	Threads     int
	Location    *time.Location   // local time, by which a load has its date
	Now         func() time.Time // the clock; time.Now where nil
	Version     string           // of the program, for the ledger
	Patience    time.Duration    // with another owner, before it is an error that there is one
}

// A Warehouse is open for its one owner. It is not safe for concurrent use.
type Warehouse struct {
	options Options
	db      *sql.DB
	conn    *sql.Conn
	lock    *ownerLock
	journal *journal
	// catalogue is there while the file is open to be written.
	catalogue *catalogueGuard
	upgraded  *Upgrade

	lastLoad, lastExtract, lastRun int64
	prepared                       map[string][]Column // of tables that stand as committed, by their names
	lessened                       bool                // the engine has less memory than the options say
}

// Open takes the warehouse, making it where there is none. It fails where another process has it, where a newer program
// wrote it, or where a load that the journal names is missing.
func Open(ctx context.Context, options Options) (_ *Warehouse, err error) {
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.Location == nil {
		options.Location = time.UTC
	}
	if err := os.MkdirAll(options.Folder, 0o755); err != nil {
		return nil, fmt.Errorf("making the warehouse's folder: %w", err)
	}
	w := &Warehouse{options: options, prepared: map[string][]Column{}}
	temp := w.TempFolder()
	defer func() {
		if err != nil {
			err = errors.Join(err, w.Close())
		}
	}()
	if w.lock, err = takeLock(ctx, filepath.Join(options.Folder, "lock"), options.Now(), options.Patience); err != nil {
		return nil, err
	}
	failpoint.Hit("open.locked")
	// What an owner that was killed left to spill is of no use to the next.
	if err := errors.Join(os.RemoveAll(temp), os.MkdirAll(temp, 0o755)); err != nil {
		return nil, fmt.Errorf("clearing the temporary folder: %w", err)
	}
	if err := w.open(ctx); err != nil {
		return nil, err
	}
	if w.journal, err = openJournal(filepath.Join(options.Folder, "journal")); err != nil {
		return nil, err
	}
	if err := w.compareJournal(ctx); err != nil {
		return nil, err
	}
	failpoint.Hit("open.journal_compared")
	return w, nil
}

// open opens the file, which it makes where there is none, and brings it to the form that this program knows.
func (w *Warehouse) open(ctx context.Context) (err error) {
	if err := w.makeFile(ctx); err != nil {
		return err
	}
	if w.catalogue, err = newCatalogueGuard(w.options.Folder); err != nil {
		return err
	}
	if err := w.catalogue.yield(); err != nil {
		return err
	}
	if err := w.openFile(ctx); err != nil {
		return err
	}
	if err := w.catalogue.share(); err != nil {
		return err
	}
	failpoint.Hit("open.file_opened")
	if err := w.GuardCatalogue(ctx); err != nil {
		return err
	}
	if err := w.upgrade(ctx); err != nil {
		return err
	}
	failpoint.Hit("open.migrated")
	return errors.Join(w.GuardCatalogue(ctx), w.readCounters(ctx))
}

// storage is the form of a new warehouse's file. It has better ways to compress texts than the engine's default, which
// engines of two years earlier can read: a load takes a sixth less time. Releases keep to the default.
const storage = "v1.4.0"

// makeFile makes the database file where there is none. The engine writes a new file page by page, and one of which a killed
// program left only the first cannot be opened. So it is made in the temporary folder, and moved when it is whole.
func (w *Warehouse) makeFile(ctx context.Context) error {
	if _, err := os.Stat(w.Path()); !errors.Is(err, os.ErrNotExist) {
		return nil // it is there, or opening it tells what is wrong
	}
	making := filepath.Join(w.TempFolder(), filepath.Base(w.Path()))
	db, err := duckdb.Open(ctx, duckdb.Settings{Path: making, Storage: storage})
	if err == nil {
		err = db.Close()
	}
	if err != nil {
		return fmt.Errorf("making the warehouse's file: %w", err)
	}
	failpoint.Hit("open.file_made")
	if err := os.Rename(making, w.Path()); err != nil {
		return fmt.Errorf("making the warehouse's file: %w", err)
	}
	failpoint.Hit("open.file_named")
	return durable.SyncFolder(w.options.Folder)
}

func (w *Warehouse) openFile(ctx context.Context) error {
	db, err := duckdb.Open(ctx, duckdb.Settings{
		Path:        w.Path(),
		MemoryLimit: w.options.MemoryLimit,
		Threads:     w.options.Threads,
		TempFolder:  w.TempFolder(),
		TimeZone:    w.options.Location.String(),
		Storage:     storage,
	})
	if err != nil {
		return &fault.Error{
			Where: w.Path(),
			What:  "the warehouse file cannot be opened: " + err.Error(),
			Fix:   "if the file is damaged, " + damageFix,
			Err:   err,
		}
	}
	w.db = db
	w.conn, err = db.Conn(ctx)
	return err
}

func (w *Warehouse) readCounters(ctx context.Context) error {
	return w.conn.QueryRowContext(ctx, `
		select
			(select coalesce(max(load_id), 0) from meta.loads),
			(select coalesce(max(extract_id), 0) from meta.extracts),
			(select coalesce(max(run_id), 0) from meta.runs)`,
	).Scan(&w.lastLoad, &w.lastExtract, &w.lastRun)
}

// Path is the warehouse's database file.
func (w *Warehouse) Path() string { return pathIn(w.options.Folder) }

func pathIn(folder string) string { return filepath.Join(folder, "warehouse.duckdb") }

// Exists says whether there is a warehouse in a folder.
func Exists(folder string) bool {
	_, err := os.Stat(pathIn(folder))
	return err == nil
}

// TempFolder is where the engine and the runner may put what does not fit into memory. It is emptied at each opening.
func (w *Warehouse) TempFolder() string { return filepath.Join(w.options.Folder, "tmp") }

// Conn is the one connection that writes. Only the warehouse begins and ends transactions on it, save while models build.
func (w *Warehouse) Conn() *sql.Conn { return w.conn }

// NextExtract gives the id of the next look at a file, page or query.
func (w *Warehouse) NextExtract() int64 {
	w.lastExtract++
	return w.lastExtract
}

// Close checkpoints the file and gives the warehouse up. Closing twice is fine.
func (w *Warehouse) Close() error {
	var errs []error
	if w.conn != nil {
		errs = append(errs, w.conn.Close())
		w.conn = nil
	}
	if w.db != nil {
		errs = append(errs, w.db.Close())
		w.db = nil
	}
	if w.catalogue != nil {
		engineClosed := errors.Join(errs...) == nil
		errs = append(errs, w.catalogue.close())
		if engineClosed {
			errs = append(errs, os.RemoveAll(w.catalogue.path))
		}
		w.catalogue = nil
	}
	if w.journal != nil {
		errs = append(errs, w.journal.close())
		w.journal = nil
	}
	if w.lock != nil {
		errs = append(errs, w.lock.release())
		w.lock = nil
	}
	return errors.Join(errs...)
}

// inTransaction runs do between begin and commit, and rolls back where it fails.
func (w *Warehouse) inTransaction(ctx context.Context, do func() error) error {
	err := inTransaction(ctx, w.conn, func() error {
		if err := do(); err != nil {
			return err
		}
		return w.GuardCatalogue(ctx) // the commit may begin a checkpoint
	})
	if err != nil {
		return err
	}
	return w.GuardCatalogue(ctx) // and one may follow it
}

func inTransaction(ctx context.Context, conn *sql.Conn, do func() error) error {
	if _, err := conn.ExecContext(ctx, "begin transaction"); err != nil {
		return err
	}
	if err := do(); err != nil {
		// The rollback must go through though the run was cancelled.
		_, rollback := conn.ExecContext(context.WithoutCancel(ctx), "rollback")
		if rollback != nil && !isNoTransaction(rollback) {
			return errors.Join(err, rollback)
		}
		return err
	}
	_, err := conn.ExecContext(ctx, "commit")
	return err
}
