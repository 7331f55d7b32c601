package bench

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/schedules/pipeline"
	"github.com/goldthread/goldthread/warehouse"
)

// oneIn is how many rows of the new version stand to one that changed.
const oneIn = 100

// Ingest measures landing a CSV file: for the first time, again as it is, and a new version of it in which one row in a
// hundred changed. Each includes hashing, archive, quarantine, ledger, checkpoint and journal.
func Ingest(ctx context.Context, o Options, kinds connectors.Kinds) ([]Figure, error) {
	rows := int64(o.Rows)
	first := &measurement{figure: Figure{Name: "ingest.first", Rows: rows, Floor: "the engine's own typed insert of the file"}}
	again := &measurement{figure: Figure{Name: "ingest.same_again", Rows: rows, Floor: "reading and hashing the file"}}
	changed := &measurement{figure: Figure{Name: "ingest.one_percent_changed", Rows: rows, Floor: "the engine's own typed insert of the file"}}
	err := withTemp(func(files string) error {
		o.progress("writing two files of %d rows", o.Rows)
		old, fresh := filepath.Join(files, "old.csv"), filepath.Join(files, "new.csv")
		if err := errors.Join(writePayments(old, o.Rows, 0), writePayments(fresh, o.Rows, oneIn)); err != nil {
			return err
		}
		return o.inTemp(ctx, func(folder string) error {
			d, err := o.newDrop(ctx, kinds, folder)
			if err != nil {
				return err
			}
			return errors.Join(d.measure(ctx, old, fresh, first, again, changed), d.warehouse.Close())
		})
	})
	if err != nil {
		return nil, err
	}
	return results(first, again, changed), nil
}

// A drop is a folder into which a file is dropped, and the warehouse in which it lands.
type drop struct {
	Options
	folder    string
	source    connectors.Source
	warehouse *warehouse.Warehouse
}

func (o Options) newDrop(ctx context.Context, kinds connectors.Kinds, folder string) (*drop, error) {
	file, err := kinds.Decode("bench.yaml", []byte(paymentsContract))
	if err != nil {
		return nil, err
	}
	state := filepath.Join(folder, ".goldthread")
	deps := connectors.Deps{Root: folder, Archive: &connectors.Archive{Folder: filepath.Join(state, "archive")}, Zone: time.UTC}
	source, err := file.Config.Open(deps)
	if err != nil {
		return nil, err
	}
	w, err := warehouse.Open(ctx, warehouse.Options{Folder: state, MemoryLimit: o.MemoryLimit, Threads: o.Threads, Version: "bench", Patience: time.Hour})
	if err != nil {
		return nil, err
	}
	return &drop{Options: o, folder: folder, source: source, warehouse: w}, nil
}

func (d *drop) measure(ctx context.Context, old, fresh string, first, again, changed *measurement) error {
	all := int64(d.Rows)
	some := (all + oneIn - 1) / oneIn
	for _, step := range []struct {
		into  *measurement
		file  string
		want  warehouse.Counts
		loads int
		floor func() error
	}{
		{first, old, warehouse.Counts{Read: all, Stored: all}, 1, func() error { return d.engineInsert(ctx, old, filepath.Join(d.folder, "first")) }},
		{again, old, warehouse.Counts{}, 0, func() error { return hashFile(old) }},
		{changed, fresh, warehouse.Counts{Read: all, Stored: some, Unchanged: all - some}, 1, func() error { return d.engineInsert(ctx, fresh, filepath.Join(d.folder, "changed")) }},
	} {
		if err := d.put(step.file); err != nil {
			return err
		}
		err := step.into.time(func() error { return d.land(ctx, step.loads, step.want) })
		if err == nil {
			err = step.into.timeFloor(step.floor)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", step.into.figure.Name, err)
		}
	}
	return nil
}

// put drops the file where the contract looks for it, in place of the one before.
func (d *drop) put(file string) error {
	path := filepath.Join(d.folder, "drops", "payments.csv")
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return copyFile(file, path)
}

// land reads the source and makes sure that what was measured is what was to be measured.
func (d *drop) land(ctx context.Context, loads int, want warehouse.Counts) error {
	got, err := pipeline.Ingest(ctx, d.warehouse, "bench", d.source)
	if err != nil {
		return err
	}
	var sum warehouse.Counts
	for _, l := range got {
		sum.Read += l.Read
		sum.Stored += l.Stored
		sum.Unchanged += l.Unchanged
		sum.Quarantined += l.Quarantined
	}
	if len(got) != loads || sum != want {
		return fmt.Errorf("%d loads brought %+v; it was to be %d with %+v", len(got), sum, loads, want)
	}
	return nil
}

func hashFile(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = io.Copy(sha256.New(), file)
	return err
}

// copyFile is a plain copy that is on disk when it returns.
func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if _, err := io.Copy(out, in); err != nil {
		return err
	}
	return out.Sync()
}
