// Package csvdrop reads the CSV files that people and systems leave in a folder.
//
// A file is read strictly by the format and columns its contract declares, from a copy in the archive that cannot change
// under the reader. What a row breaks sets the row aside; what the file breaks as a whole refuses the file. Either way
// the other files go on.
package csvdrop

import (
	"context"
	"fmt"
	"io/fs"
	"iter"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/goldthread/goldthread/connectors"
)

// A Source is a folder of files, of which each dataset takes those that fit its pattern.
type Source struct {
	folder  string // as the contract writes it
	files   fs.FS
	archive *connectors.Archive
	zone    *time.Location
	drops   []drop
}

// A drop is a dataset with the files it is read from.
type drop struct {
	dataset connectors.Dataset
	pattern string
	format  Format
	edition Edition
	onNew   string
}

// Datasets lists the datasets of the contract. Where one takes new columns, they are looked up in the files now there.
func (s *Source) Datasets(ctx context.Context) ([]connectors.Dataset, error) {
	datasets := make([]connectors.Dataset, 0, len(s.drops))
	for _, d := range s.drops {
		ds := d.dataset
		if d.onNew == addColumn {
			more, err := s.newColumns(ctx, d)
			if err != nil {
				return nil, err
			}
			ds.Columns = slices.Concat(ds.Columns, more)
		}
		datasets = append(datasets, ds)
	}
	return datasets, nil
}

// newColumns are those of the files now there that the contract does not name, in the order of paths. A file that cannot
// be read adds none: Read says what is wrong with it.
func (s *Source) newColumns(ctx context.Context, d drop) ([]connectors.Column, error) {
	names, err := find(ctx, s.files, d.pattern)
	if err != nil {
		return nil, ctx.Err()
	}
	var more []connectors.Column
	for _, name := range names {
		header, err := s.peek(name, d.format)
		if err == nil {
			more = append(more, added(header.names, slices.Concat(d.dataset.Columns, more))...)
		}
	}
	return more, nil
}

func (s *Source) peek(name string, format Format) (heading, error) {
	file, err := s.files.Open(name)
	if err != nil {
		return heading{}, err
	}
	defer file.Close()
	r, err := NewReader(file, format)
	if err != nil {
		return heading{}, err
	}
	return readHeader(r, format)
}

// Read yields the files of ds that hold something new, the oldest edition first. Increments and events are one load a
// file; a snapshot is all its files in one load, or none. A file that is refused or cannot be read does not stop the others.
func (s *Source) Read(ctx context.Context, ds connectors.Dataset, since connectors.Cursor) iter.Seq2[connectors.Batch, error] {
	return connectors.Yielding(ctx, func(emit func(connectors.Batch) error) error { return s.read(ctx, ds, since, emit) })
}

func (s *Source) read(ctx context.Context, ds connectors.Dataset, since connectors.Cursor, emit func(connectors.Batch) error) error {
	d, err := s.dropOf(ds)
	if err != nil {
		return err
	}
	cursor, err := readCursor(since)
	if err != nil {
		return err
	}
	r := &reading{Source: s, drop: d, dataset: ds, since: cursor, cursor: cursor.clone(), emit: emit}
	looks, err := r.look(ctx)
	if err != nil || len(looks) == 0 {
		return err
	}
	if ds.Mode == connectors.Snapshot {
		return r.snapshot(ctx, looks)
	}
	return r.increments(ctx, looks)
}

// dropOf finds what a dataset is read from.
func (s *Source) dropOf(ds connectors.Dataset) (drop, error) {
	i := slices.IndexFunc(s.drops, func(d drop) bool { return d.dataset.Name == ds.Name })
	if i < 0 {
		return drop{}, fmt.Errorf("the source has no dataset %q", ds.Name)
	}
	return s.drops[i], nil
}

// place is the path of a file as people know it. A name may hold bytes that are no text, and a place must not.
func (s *Source) place(name string) string {
	return strings.ToValidUTF8(path.Join(s.folder, name), "\uFFFD")
}
