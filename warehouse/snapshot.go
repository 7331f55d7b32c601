package warehouse

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/goldthread/goldthread/internal/failpoint"
)

// ownedFiles are those that make a warehouse; what is not there is not copied. The log beside the file holds what a killed owner
// had committed and not yet moved into it, the copy of the catalogue what a checkpoint may have left half written.
var ownedFiles = []string{"warehouse.duckdb", "warehouse.duckdb.wal", "warehouse.duckdb.catalogue", "journal", formatFile}

// A Snapshot says how a warehouse is copied while runs go on.
type Snapshot struct {
	Folder   string // of the warehouse
	To       string // a new folder
	Now      time.Time
	Patience time.Duration // with a run that is at work
	Waiting  func()        // called before it is waited for
}

// Copy copies the files of the warehouse and the pointer to the current release. The warehouse is owned while they are
// copied, and free again after that. What a killed run left to be done is then done in the copy, which is held against its
// ledger and journal.
func (s Snapshot) Copy(ctx context.Context) (Verified, error) {
	if err := os.MkdirAll(filepath.Join(s.To, "releases"), 0o755); err != nil {
		return Verified{}, err
	}
	names := append([]string{filepath.Join("releases", "current")}, ownedFiles...)
	if err := copyOwned(ctx, s.Folder, s.To, owning{s.Now, s.Patience, s.Waiting, names}); err != nil {
		return Verified{}, err
	}
	failpoint.Hit("backup.warehouse_copied")
	if err := settle(ctx, s.To); err != nil {
		return Verified{}, err
	}
	v, err := Verify(ctx, s.To)
	if err != nil {
		err = fmt.Errorf("what was copied of the warehouse is not whole: %w", err)
	}
	return v, err
}

// settle opens and closes a warehouse that its last owner did not close.
func settle(ctx context.Context, folder string) error {
	left := false
	for _, name := range ownedFiles[1:3] {
		_, err := os.Stat(filepath.Join(folder, name))
		left = left || err == nil
	}
	if !left {
		return nil
	}
	w, err := Open(ctx, Options{Folder: folder, Threads: 1})
	if err != nil {
		return err
	}
	return errors.Join(w.Close(), os.RemoveAll(w.TempFolder()), os.RemoveAll(filepath.Join(folder, UpgradeFolder)), os.Remove(filepath.Join(folder, "lock")))
}

// owning is how a warehouse is owned for a copy, and of which of its files.
type owning struct {
	now      time.Time
	patience time.Duration
	waiting  func()
	names    []string
}

// take takes the lock, and says so before it waits.
func (o owning) take(ctx context.Context, path string) (*ownerLock, error) {
	lock, err := takeLock(ctx, path, o.now, 0)
	if o.patience == 0 || !errors.Is(err, errOwned) {
		return lock, err
	}
	if o.waiting != nil {
		o.waiting()
	}
	return takeLock(ctx, path, o.now, o.patience)
}

// copyOwned copies files of a warehouse while it is owned.
func copyOwned(ctx context.Context, folder, to string, o owning) error {
	owner, err := o.take(ctx, filepath.Join(folder, "lock"))
	if err != nil {
		return err
	}
	for _, name := range o.names {
		if err == nil {
			err = copyFile(filepath.Join(folder, name), filepath.Join(to, name))
		}
	}
	if err != nil {
		err = fmt.Errorf("copying the warehouse: %w", err)
	}
	return errors.Join(err, owner.release())
}

// copyFile copies a file that is there, and has the disk write it.
func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if _, err = io.Copy(out, in); err != nil {
		return err
	}
	return out.Sync()
}
