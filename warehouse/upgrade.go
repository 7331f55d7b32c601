package warehouse

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/goldthread/goldthread/internal/disk"
	"github.com/goldthread/goldthread/internal/durable"
	"github.com/goldthread/goldthread/internal/failpoint"
	"github.com/goldthread/goldthread/internal/fault"
)

// An Upgrade is what opening did to a warehouse of an older format.
type Upgrade struct {
	From, To int    // formats
	Copy     string // folder with the warehouse as it was
}

// UpgradeFolder is the name, in the folder of a warehouse, of the copy of it as it was before its last upgrade.
const UpgradeFolder = "before-upgrade"

// Upgraded says what opening did to a warehouse of an older format; nil where it was of the present one.
func (w *Warehouse) Upgraded() *Upgrade { return w.upgraded }

// upgrade brings the file to the present format. One in which something was run is copied before.
func (w *Warehouse) upgrade(ctx context.Context) error {
	known, err := knownFormat()
	if err != nil {
		return err
	}
	version, err := schemaVersion(ctx, w.conn)
	if err != nil {
		return err
	}
	folder := filepath.Join(w.options.Folder, UpgradeFolder)
	if version > 0 && version < known {
		if err := w.copyBefore(ctx, Upgrade{version, known, folder}); err != nil {
			return err
		}
	}
	if err := migrate(ctx, w.conn, w.Path()); err != nil {
		return err
	}
	failpoint.Hit("upgrade.migrated")
	return errors.Join(w.keepCopy(folder), w.noteFormat())
}

// copyBefore copies the warehouse, while the engine has it closed.
func (w *Warehouse) copyBefore(ctx context.Context, u Upgrade) (err error) {
	var runs int64
	if err := w.conn.QueryRowContext(ctx, "select count(*) from meta.runs").Scan(&runs); err != nil || runs == 0 {
		return err
	}
	failpoint.Hit("upgrade.begun")
	if err := w.roomForCopy(); err != nil {
		return err
	}
	if err := errors.Join(w.conn.Close(), w.db.Close()); err != nil {
		return err
	}
	w.conn, w.db = nil, nil
	if err := w.copyTo(u.Copy + underWay); err != nil {
		return fmt.Errorf("copying the warehouse before its upgrade: %w", err)
	}
	w.upgraded = &u
	if err := w.openFile(ctx); err != nil {
		return err
	}
	return w.GuardCatalogue(ctx)
}

func (w *Warehouse) roomForCopy() error {
	size, err := disk.Used(w.Path())
	if err != nil {
		return err
	}
	volume, err := disk.Of(w.options.Folder)
	if err != nil || volume.Free > 2*size {
		return err
	}
	return &fault.Error{
		Where: w.Path(),
		What: fmt.Sprintf("this warehouse is of an older format. It is copied before it is brought to the present one, and the disk has too little room: %s are free, and %s must be",
			disk.Words(volume.Free), disk.Words(2*size)),
		Fix: "free space on this disk, or go on with the older program",
	}
}

// underWay ends the name of a copy until the upgrade is done: one that was cut short between two migrations goes on with the copy
// that was made before the first.
const underWay = ".under-way"

// copyTo makes a folder with what makes the warehouse, which has its name once all of it is on the disk.
func (w *Warehouse) copyTo(folder string) error {
	if sameFile(filepath.Join(folder, "journal"), filepath.Join(w.options.Folder, "journal")) {
		return nil // nothing was loaded since
	}
	making := folder + ".making"
	if err := errors.Join(os.RemoveAll(folder), os.RemoveAll(making), os.Mkdir(making, 0o700)); err != nil {
		return err
	}
	for _, name := range ownedFiles {
		if err := copyFile(filepath.Join(w.options.Folder, name), filepath.Join(making, name)); err != nil {
			return err
		}
	}
	failpoint.Hit("upgrade.copied")
	if err := durable.SyncFolder(making); err != nil {
		return err
	}
	if err := os.Rename(making, folder); err != nil {
		return err
	}
	failpoint.Hit("upgrade.named")
	return durable.SyncFolder(w.options.Folder)
}

func sameFile(one, other string) bool {
	text, err := os.ReadFile(one)
	otherText, otherErr := os.ReadFile(other)
	return err == nil && otherErr == nil && bytes.Equal(text, otherText)
}

// keepCopy gives the copy of an upgrade that is done its name, in the place of that of an earlier one.
func (w *Warehouse) keepCopy(folder string) error {
	if _, err := os.Stat(folder + underWay); err != nil {
		return nil // there is none
	}
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	if err := os.Rename(folder+underWay, folder); err != nil {
		return err
	}
	failpoint.Hit("upgrade.kept")
	return durable.SyncFolder(w.options.Folder)
}
