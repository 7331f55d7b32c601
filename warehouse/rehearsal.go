package warehouse

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// A Rehearsal is a copy of a warehouse in which a run can be tried. Nothing done there reaches the warehouse.
type Rehearsal struct {
	Folder string // of the copy
	lock   *ownerLock
}

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
	if err := copyOwned(ctx, folder, r.Folder, owning{now: now, names: ownedFiles}); err != nil {
		return nil, err
	}
	return r, nil
}

// Close removes the copy.
func (r *Rehearsal) Close() error {
	return errors.Join(os.RemoveAll(r.Folder), r.lock.release())
}
