package pipeline

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/warehouse"
)

// An Examination is what a look into one dataset of a source found.
type Examination struct {
	Source   string               `json:"source"`
	Dataset  string               `json:"dataset"`
	Findings []connectors.Finding `json:"findings"`
}

// Faulty says whether a check came out as a fault.
func (e Examination) Faulty() bool {
	return slices.ContainsFunc(e.Findings, func(f connectors.Finding) bool { return f.State == connectors.Fault })
}

// Examine looks whether the datasets of a source can be read: up to the first rows, or deep, twice to the end. What comes is
// looked at and nothing of it is kept or told. What it takes counts against an allowance while it lasts.
func (f *Folder) Examine(ctx context.Context, source string, deep bool) (all []Examination, err error) {
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
	datasets, err := src.Datasets(ctx)
	if err != nil {
		return nil, err
	}
	for _, ds := range datasets {
		one, err := examine(ctx, src, ds, deep)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
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
func examine(ctx context.Context, src connectors.Source, ds connectors.Dataset, deep bool) (Examination, error) {
	e := Examination{Source: ds.Source, Dataset: ds.Name}
	first := newExamined(ds)
	began := time.Now()
	if err := first.read(ctx, src, nil, deep); err != nil {
		return e, err
	}
	e.Findings = first.reached(time.Since(began))
	if own, is := src.(connectors.Deep); is && deep {
		more, err := own.Deep(ctx, ds)
		if err != nil {
			return e, err
		}
		e.Findings = append(e.Findings, more...)
	}
	if !deep || e.Faulty() {
		return e, nil
	}
	e.Findings = append(e.Findings, first.contents()...)
	second := newExamined(ds)
	if err := second.read(ctx, src, first.cursor, true); err != nil {
		return e, err
	}
	e.Findings = append(e.Findings, first.again(second))
	return e, nil
}

// again says what comes again after the cursor of the first reading.
func (x *examined) again(second *examined) connectors.Finding {
	f := connectors.Finding{Check: "cursor", State: connectors.Fine}
	switch {
	case len(x.cursor) == 0:
		f.What = fmt.Sprintf("the source keeps no cursor; %d rows come again each time", second.rows)
	case second.rows == 0:
		f.What = fmt.Sprintf("a cursor of %d bytes; nothing comes again after it", len(x.cursor))
	default:
		f.What = fmt.Sprintf("a cursor of %d bytes; %d of %d rows come again after it, and landing counts them as unchanged", len(x.cursor), second.rows, x.rows)
	}
	if second.failed != "" {
		f.State, f.What = connectors.Fault, "the second reading failed: "+second.failed
	}
	return f
}
