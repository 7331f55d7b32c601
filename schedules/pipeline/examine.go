package pipeline

import (
	"context"
	"errors"
	"os"
	"slices"
	"time"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/warehouse"
)

// Examine looks whether the datasets of a source can be read: up to the first rows, or deep, twice to the end. What comes is
// looked at and nothing of it is kept or told. What it takes counts against an allowance while it lasts.
func (f *Folder) Examine(ctx context.Context, source string, deep bool) (found []connectors.Finding, err error) {
	temp, err := os.MkdirTemp("", "goldthread-doctor")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	i := slices.IndexFunc(f.files, func(file connectors.File) bool { return file.Source == source })
	if i < 0 {
		return nil, f.CheckSelection([]string{source})
	}
	src, err := f.files[i].Config.Open(connectors.Deps{
		Root: f.Root, Archive: &connectors.Archive{Folder: temp}, Zone: f.Settings.Location(), Getenv: f.getenv,
	})
	if err != nil {
		return nil, err
	}
	if err := f.meter(ctx, source, src); err != nil {
		return nil, err
	}
	if prober, is := src.(connectors.Prober); is && deep {
		if found, err = prober.Deep(ctx); err != nil {
			return nil, err
		}
	}
	datasets, err := src.Datasets(ctx)
	if err != nil {
		return nil, err
	}
	for _, ds := range datasets {
		more, err := examine(ctx, src, ds, deep)
		if err != nil {
			return nil, err
		}
		found = append(found, more...)
	}
	return found, nil
}

// meter tells a source with an allowance what the ledger has of it so far.
func (f *Folder) meter(ctx context.Context, name string, src connectors.Source) error {
	metered, is := src.(connectors.Metered)
	if !is {
		return nil
	}
	w, err := warehouse.OpenToRead(ctx, f.StateFolder())
	if err != nil || w == nil {
		return err
	}
	var taken []int64
	now := time.Now().UTC()
	month := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
	day := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC)
	for _, since := range []time.Time{month, day} {
		bytes, failed := w.Taken(ctx, name, since)
		taken, err = append(taken, bytes), errors.Join(err, failed)
	}
	metered.Meter(func(_ context.Context, since time.Time) (int64, error) {
		if since.Equal(month) {
			return taken[0], nil
		}
		return taken[1], nil
	})
	return errors.Join(err, w.Close())
}

// examine looks into one dataset.
func examine(ctx context.Context, src connectors.Source, ds connectors.Dataset, deep bool) ([]connectors.Finding, error) {
	first := newExamined(ds)
	began := time.Now()
	if err := first.read(ctx, src, nil, deep); err != nil {
		return nil, err
	}
	first.reached(time.Since(began))
	if !deep || first.failed != "" {
		return first.findings, nil
	}
	first.contents()
	second := newExamined(ds)
	if err := second.read(ctx, src, first.cursor, true); err != nil {
		return nil, err
	}
	first.again(second)
	return first.findings, nil
}
