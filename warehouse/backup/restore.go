package backup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/goldthread/goldthread/internal/durable"
	"github.com/goldthread/goldthread/internal/failpoint"
	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/warehouse"
)

// A Checked backup is one whose files are as its manifest says.
type Checked struct {
	Backup   string
	Manifest Manifest
	// Verified is what its warehouse holds, nil where that was not asked.
	Verified *warehouse.Verified
}

// Restore gives back a backup, or the newest of a folder, as a new council's folder. It is made beside and gets its name once
// every file is there as the manifest says; with verify, and once its warehouse is as its ledger and journal say.
func Restore(ctx context.Context, from, to string) (Checked, error) {
	return restore(ctx, from, to, func(context.Context, *Checked, string) error { return nil })
}

// RestoreVerified is Restore, and holds the restored warehouse against its ledger and journal before it gets its name.
func RestoreVerified(ctx context.Context, from, to string) (Checked, error) {
	return restore(ctx, from, to, verify)
}

// Verify holds a backup, or the newest of a folder, against its manifest, and its warehouse against its ledger and journal. It
// writes nothing.
func Verify(ctx context.Context, from string) (c Checked, err error) {
	if c, err = open(from); err != nil {
		return c, err
	}
	err = c.each(func(name string, _ File) (File, error) { return describe(ctx, name) })
	if err != nil {
		return c, err
	}
	return c, verify(ctx, &c, filepath.Join(c.Backup, filesFolder))
}

func open(from string) (c Checked, err error) {
	if c.Backup, err = find(from); err != nil {
		return c, err
	}
	c.Manifest, err = read(c.Backup)
	return c, err
}

func restore(ctx context.Context, from, to string, verify func(context.Context, *Checked, string) error) (c Checked, err error) {
	if c, err = open(from); err != nil {
		return c, err
	}
	if to, err = filepath.Abs(to); err != nil {
		return c, err
	}
	building, err := begin(to)
	if err != nil {
		return c, err
	}
	failpoint.Hit("restore.begun")
	if err := c.copyTo(ctx, building); err != nil {
		return c, errors.Join(fullRestore(to, err), os.RemoveAll(building))
	}
	if err := verify(ctx, &c, building); err != nil {
		return c, errors.Join(err, os.RemoveAll(building))
	}
	failpoint.Hit("restore.before_rename")
	if err := os.Rename(building, to); err != nil {
		return c, err
	}
	failpoint.Hit("restore.named")
	return c, durable.SyncFolder(filepath.Dir(to))
}

// begin makes the folder that is restored into, and clears away what a restore that was killed left there.
func begin(to string) (building string, err error) {
	// This takes an empty folder away, and no other.
	if err := os.Remove(to); err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", &fault.Error{Where: to, What: "this folder is not empty, or cannot be replaced", Fix: "name a folder that is not there yet: nothing is restored over what is there", Err: err}
	}
	parent, name := filepath.Split(to)
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return "", err
	}
	building = filepath.Join(parent, "."+name+".restoring")
	if err := os.RemoveAll(building); err != nil {
		return "", err
	}
	return building, os.Mkdir(building, 0o755)
}

func (c Checked) copyTo(ctx context.Context, folder string) error {
	err := c.each(func(name string, f File) (File, error) {
		return copyFile(ctx, name, filepath.Join(folder, filepath.FromSlash(f.Path)))
	})
	if err != nil {
		return err
	}
	failpoint.Hit("restore.files_copied")
	return syncAll(folder)
}

func fullRestore(folder string, err error) error {
	if !isFull(err) {
		return err
	}
	return &fault.Error{Where: folder, What: "the disk is full, so nothing was restored", Fix: "free space on the disk that holds this folder, or name a folder on another with --to", Err: err}
}

// each hands every file of the manifest to read, two at a time, and gives all that are not as the manifest says.
func (c Checked) each(read func(name string, f File) (File, error)) error {
	faults := make([]error, len(c.Manifest.Files))
	forEach(len(faults), 2, func(i int) {
		f := c.Manifest.Files[i]
		name := filepath.Join(c.Backup, filesFolder, filepath.FromSlash(f.Path))
		got, err := read(name, f)
		faults[i] = f.compare(name, got, err)
		failpoint.Hit("restore.file_copied")
	})
	return fault.Join(faults...)
}

// compare says in what a file differs from what the manifest says of it.
func (f File) compare(name string, got File, err error) error {
	switch {
	case errors.Is(err, os.ErrNotExist) && !exists(name):
		return damaged(name, "this file of the backup is missing")
	case err != nil:
		return err
	case got.Size < f.Size:
		return damaged(name, fmt.Sprintf("this file of the backup is cut short: %d of its %d bytes are there", got.Size, f.Size))
	case got.Size != f.Size || got.SHA256 != f.SHA256:
		return damaged(name, "this file of the backup was changed since: it does not fit its SHA-256")
	}
	return nil
}

// verify holds the warehouse in a folder against its ledger, its journal and the manifest, and the releases against theirs.
func verify(ctx context.Context, c *Checked, folder string) error {
	state := filepath.Join(folder, filepath.FromSlash(c.Manifest.State))
	verified, err := warehouse.Verify(ctx, state)
	if err != nil {
		return err
	}
	c.Verified = &verified
	want := warehouse.Verified{Loads: c.Manifest.Loads, LastLoad: c.Manifest.LastLoad, Rows: c.Manifest.Rows, Release: c.Manifest.Release}
	if verified != want {
		return damaged(state, fmt.Sprintf("the warehouse holds %s, and the manifest says %s", words(verified), words(want)))
	}
	releases := warehouse.NewReleases(state)
	numbers, err := releases.Numbers()
	if err != nil {
		return err
	}
	for _, n := range numbers {
		release, err := releases.Manifest(n)
		if err != nil {
			return err
		}
		if err := releaseFits(c.Manifest, release, c.Manifest.State+"/releases/"+strconv.FormatInt(n, 10)); err != nil {
			return err
		}
	}
	return nil
}

func words(v warehouse.Verified) string {
	return fmt.Sprintf("%d loads up to %d with %d rows, and release %d", v.Loads, v.LastLoad, v.Rows, v.Release)
}
