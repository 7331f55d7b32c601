// Package handbook reads what a council decided for itself: its settings, measure handbook, plan and targets, and the
// reference files about areas and other councils. They land like any other source, so that a target changed in mid-year, or
// a definition, keeps its old version with the day it was recorded.
//
// Every dataset is read whole or not at all, and held in memory: a folder that people keep is small. A fault in one of its
// files refuses the dataset, with every fault told at once, and the last good rows stay.
//
// It is the one kind that imports another: its CSV files are taken apart by the reader of csvdrop, so that a quote or a
// damaged line means the same in all files of a council.
package handbook

import (
	"context"
	"fmt"
	"io/fs"
	"iter"
	"maps"
	"os"
	"slices"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/internal/fault"
)

// The names of the two sources.
const (
	Name          = "handbook"
	ReferenceName = "reference"
)

// A Source is a part of the council's folder.
type Source struct {
	files  fs.FS
	deps   connectors.Deps
	tables []table
}

// New gives the source of the council's settings, measures, plan and targets.
func New(deps connectors.Deps) *Source {
	return newSource(deps, handbookTables(deps.Root))
}

// NewReference gives the source of the files below reference/. A file that is not there is an empty table.
func NewReference(deps connectors.Deps) *Source {
	return newSource(deps, referenceTables())
}

func newSource(deps connectors.Deps, tables []table) *Source {
	return &Source{files: os.DirFS(deps.Root), deps: deps, tables: tables}
}

// A table is a dataset with the files it is made of.
type table struct {
	dataset connectors.Dataset
	// place names the dataset's own files, as a pattern for people.
	place string
	// own lists the files whose rows these are.
	own func(fs.FS) ([]string, error)
	// beside lists files that are needed to judge them; may be nil.
	beside func(fs.FS) ([]string, error)
	// fill makes the rows of the own files, in the order of their names. What is wrong it adds to the sheet's faults.
	fill func(files []file, s *sheet)
}

// A file is one file as it was read.
type file struct {
	name    string // within the council's folder
	text    []byte
	extract connectors.Extract
	own     bool
}

// Datasets lists the tables. They are always the same, whatever the folder holds.
func (s *Source) Datasets(context.Context) ([]connectors.Dataset, error) {
	datasets := make([]connectors.Dataset, len(s.tables))
	for i, t := range s.tables {
		datasets[i] = t.dataset
	}
	return datasets, nil
}

// Check reads all files and tells what is wrong with them, and what is odd, without keeping anything.
func (s *Source) Check(ctx context.Context) (warnings []error, err error) {
	told := map[string]error{} // a file that several datasets are made of is at fault once
	for _, t := range s.tables {
		files, err := s.gather(ctx, t, s.open)
		if err != nil {
			return nil, err
		}
		made, err := t.make(files)
		if err != nil {
			return nil, err
		}
		for _, one := range made.faults {
			told[one.Error()] = one
		}
		warnings = append(warnings, made.warnings...)
		made.release()
	}
	return warnings, fault.Join(slices.Collect(maps.Values(told))...)
}

// Read yields all rows of a dataset where one of its files changed, came or went, and else says that none did.
func (s *Source) Read(ctx context.Context, ds connectors.Dataset, since connectors.Cursor) iter.Seq2[connectors.Batch, error] {
	return connectors.Yielding(ctx, func(emit func(connectors.Batch) error) error { return s.read(ctx, ds, since, emit) })
}

func (s *Source) read(ctx context.Context, ds connectors.Dataset, since connectors.Cursor, emit func(connectors.Batch) error) error {
	t, err := s.tableOf(ds)
	if err != nil {
		return err
	}
	seen, err := s.gather(ctx, t, s.hash)
	if err != nil {
		return reportFailure(err, emit)
	}
	before := former(since)
	if newCursor(t, seen).equals(before) {
		return unchanged(t, seen, emit)
	}
	kept, err := s.gather(ctx, t, s.keep)
	if err != nil {
		return reportFailure(err, emit)
	}
	made, err := t.make(kept)
	if err != nil {
		return err
	}
	if len(made.faults) > 0 {
		made.release()
		return refuse(t, made.faults, kept, emit)
	}
	now := newCursor(t, kept)
	made.withdraw(now.gone(before))
	return made.yield(now, emit)
}

// tableOf finds the table of a dataset.
func (s *Source) tableOf(ds connectors.Dataset) (table, error) {
	i := slices.IndexFunc(s.tables, func(t table) bool { return t.dataset.Name == ds.Name })
	if i < 0 {
		return table{}, fmt.Errorf("the source has no dataset %q", ds.Name)
	}
	return s.tables[i], nil
}
