package warehouse

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// A Rehearsal is a copy of a warehouse in which a run can be tried. Nothing done there reaches the warehouse.
type Rehearsal struct {
	Folder string // of the copy
	lock   *ownerLock
}

// rehearsed are the files that make a warehouse; what is not there is not copied. The log beside the file holds what a
// killed owner had committed and not yet moved into it, the copy of the catalogue what a checkpoint may have left half written.
var rehearsed = []string{"warehouse.duckdb", "warehouse.duckdb.wal", "warehouse.duckdb.catalogue", "journal"}

// Rehearse copies the warehouse of a folder. It is owned while it is copied, and free again after that. One rehearsal of a
// warehouse is held at a time; what a killed one left is cleared away.
func Rehearse(ctx context.Context, folder string, now time.Time) (_ *Rehearsal, err error) {
	r := &Rehearsal{Folder: filepath.Join(folder, "rehearsal")}
	if r.lock, err = takeLock(ctx, r.Folder+".lock", now, 0); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.Close())
		}
	}()
	if err := errors.Join(os.RemoveAll(r.Folder), os.Mkdir(r.Folder, 0o700)); err != nil {
		return nil, fmt.Errorf("making a folder for the rehearsal: %w", err)
	}
	owner, err := takeLock(ctx, filepath.Join(folder, "lock"), now, 0)
	if err != nil {
		return nil, err
	}
	for _, name := range rehearsed {
		if err == nil {
			err = copyFile(filepath.Join(folder, name), filepath.Join(r.Folder, name))
		}
	}
	if err != nil {
		err = fmt.Errorf("copying the warehouse for the rehearsal: %w", err)
	}
	return r, errors.Join(err, owner.release())
}

// Close removes the copy.
func (r *Rehearsal) Close() error {
	return errors.Join(os.RemoveAll(r.Folder), r.lock.release())
}

// copyFile copies a file that is there.
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
	_, err = io.Copy(out, in)
	return err
}
