package bench

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/warehouse"
	"github.com/goldthread/goldthread/warehouse/backup"
)

// Operations measures a load that begins while a backup is made, a backup, and a restore. The council's folder holds a file,
// its rows in the warehouse, and a release of as many observations.
func Operations(ctx context.Context, o Options, kinds connectors.Kinds) ([]Figure, error) {
	rows := int64(o.Rows)
	s := standing{
		Options: o, kinds: kinds,
		beside: &measurement{figure: Figure{Name: "operations.load_beside_backup", Rows: rows, Floor: "the same load without a backup"}},
		made:   &measurement{figure: Figure{Name: "operations.backup", Rows: rows, Floor: "a plain copy of the same files"}},
		back:   &measurement{figure: Figure{Name: "operations.restore", Rows: rows, Floor: "a plain copy of the same files"}},
	}
	err := withTemp(func(files string) error {
		o.progress("writing two files of %d rows", o.Rows)
		s.old, s.fresh = filepath.Join(files, "old.csv"), filepath.Join(files, "new.csv")
		if err := errors.Join(writePayments(s.old, o.Rows, 0), writePayments(s.fresh, o.Rows, oneIn)); err != nil {
			return err
		}
		return o.inTemp(ctx, func(folder string) error { return s.measure(ctx, folder) })
	})
	if err != nil {
		return nil, err
	}
	return results(s.beside, s.made, s.back), nil
}

// A standing council has run before.
type standing struct {
	Options
	kinds              connectors.Kinds
	old, fresh         string // files to land
	beside, made, back *measurement
}

func (s standing) measure(ctx context.Context, folder string) error {
	calm, busy := filepath.Join(folder, "calm"), filepath.Join(folder, "busy")
	if err := s.begin(ctx, calm); err != nil {
		return err
	}
	if err := copyFolder(calm, busy); err != nil {
		return err
	}
	if err := s.loadBesideBackup(ctx, busy, filepath.Join(folder, "busy-backups")); err != nil {
		return err
	}
	if err := s.beside.timeFloor(func() error { return s.load(ctx, calm) }); err != nil {
		return err
	}
	return s.backUpAndRestore(ctx, calm, folder)
}

// begin makes the council's folder, with its first load and a release.
func (s standing) begin(ctx context.Context, folder string) error {
	d, err := s.newDrop(ctx, s.kinds, folder)
	if err != nil {
		return err
	}
	err = os.WriteFile(filepath.Join(folder, "goldthread.yaml"), []byte("name: Bench\n"), 0o644)
	if err == nil {
		err = d.put(s.old)
	}
	if err == nil {
		err = d.land(ctx, 1, warehouse.Counts{Read: int64(s.Rows), Stored: int64(s.Rows)})
	}
	if err == nil {
		_, err = d.warehouse.Conn().ExecContext(ctx, fmt.Sprintf(observations, s.Rows))
	}
	if err == nil {
		_, err = d.warehouse.Release(ctx, warehouse.ReleasePlan{RunID: 1, Audience: "staff", Tables: []warehouse.ReleaseTable{
			{Schema: "core", Name: "fct_observations", Content: "bench"},
		}})
	}
	return errors.Join(err, d.warehouse.Close())
}

// load lands a file in which one row in a hundred changed, and waits for whoever has the warehouse.
func (s standing) load(ctx context.Context, folder string) error {
	d, err := s.newDrop(ctx, s.kinds, folder)
	if err != nil {
		return err
	}
	all := int64(s.Rows)
	some := (all + oneIn - 1) / oneIn
	err = d.put(s.fresh)
	if err == nil {
		err = d.land(ctx, 1, warehouse.Counts{Read: all, Stored: some, Unchanged: all - some})
	}
	return errors.Join(err, d.warehouse.Close())
}

// loadBesideBackup begins the load when the backup begins to copy.
func (s standing) loadBesideBackup(ctx context.Context, folder, to string) error {
	begun, ended := make(chan struct{}), make(chan error, 1)
	first := sync.OnceFunc(func() { close(begun) })
	go func() {
		defer first()
		_, err := backup.Make(ctx, planOf(folder, to, func(string) { first() }))
		ended <- err
	}()
	<-begun
	err := s.beside.time(func() error { return s.load(ctx, folder) })
	return errors.Join(err, <-ended)
}

func planOf(folder, to string, progress func(string)) backup.Plan {
	return backup.Plan{
		Folder: folder, State: filepath.Join(folder, ".goldthread"), To: to, Council: "Bench", Organisation: "E07000001",
		Version: "bench", Now: time.Now(), Patience: time.Hour, Progress: progress,
	}
}

func (s standing) backUpAndRestore(ctx context.Context, calm, folder string) error {
	to := filepath.Join(folder, "backups")
	var kept backup.Made
	err := s.made.time(func() (err error) {
		kept, err = backup.Make(ctx, planOf(calm, to, nil))
		return err
	})
	if err == nil {
		err = s.made.timeFloor(func() error { return copyFolder(kept.Folder, filepath.Join(folder, "copy")) })
	}
	if err == nil {
		err = s.back.time(func() error {
			_, err := backup.Restore(ctx, kept.Folder, filepath.Join(folder, "restored"))
			return err
		})
	}
	if err == nil {
		err = s.back.timeFloor(func() error { return copyFolder(kept.Folder, filepath.Join(folder, "copy again")) })
	}
	return err
}

// copyFolder makes a plain copy of a folder that is on disk when it returns.
func copyFolder(from, to string) error {
	return filepath.WalkDir(from, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		within, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return os.MkdirAll(filepath.Join(to, within), 0o755)
		}
		return copyFile(name, filepath.Join(to, within))
	})
}
