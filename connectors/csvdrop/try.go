package csvdrop

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/internal/fault"
)

// mostRejects is how many of the rows set aside a trial shows.
const mostRejects = 100

// Try reads a file as its dataset would, and keeps nothing. See connectors.Trier.
func (c *Config) Try(ctx context.Context, dataset, name string, zone *time.Location) (connectors.Trial, error) {
	settings, err := c.dataset(dataset, filepath.Base(name))
	if err != nil {
		return connectors.Trial{}, err
	}
	trial := connectors.Trial{
		Dataset: settings.Name, Rejects: []connectors.Reject{}, Missing: []string{}, New: []string{}, Notes: []string{},
	}
	if !matchesBase(settings.Files, filepath.Base(name)) {
		trial.Notes = append(trial.Notes, fmt.Sprintf("a file of this name would not be looked at: files is %q", settings.Files))
	}
	a := &attempt{drop: settings.drop(c.Source), path: name, zone: zone, trial: &trial}
	err = a.read(ctx)
	var refused *refusal
	switch {
	case errors.As(err, &refused):
		trial.Refused = refused.reason
	case errors.Is(err, io.EOF):
		trial.Refused = "the file is empty (0 bytes); ask its sender for it again"
	case err != nil:
		return trial, err
	}
	trial.Read = trial.Stored + trial.Quarantined + trial.Blank
	return trial, nil
}

// dataset is the one of that name, or the only one whose files may be called so.
func (c *Config) dataset(name, base string) (Settings, error) {
	var fitting []Settings
	var names []string
	for _, d := range c.Datasets {
		names = append(names, d.Name)
		if d.Name == name || name == "" && (len(c.Datasets) == 1 || matchesBase(d.Files, base)) {
			fitting = append(fitting, d)
		}
	}
	if len(fitting) == 1 {
		return fitting[0], nil
	}
	fix := "name one of " + c.Source + "." + strings.Join(names, ", "+c.Source+".")
	if name != "" {
		return Settings{}, &fault.Error{Where: c.Source, What: fmt.Sprintf("the source has no dataset %q", name), Fix: fix}
	}
	return Settings{}, &fault.Error{Where: c.Source, What: fmt.Sprintf("%d datasets have files called like %s", len(fitting), base), Fix: fix}
}

// matchesBase says whether a file of this name may fit the pattern, in whatever folder it will lie.
func matchesBase(pattern, base string) bool {
	last := path.Base(pattern)
	return last == "**" || matches(last, base)
}

func peekAt(name string, format Format) (heading, error) {
	file, err := os.Open(name)
	if err != nil {
		return heading{}, err
	}
	defer file.Close()
	reader, err := NewReader(file, format)
	if err != nil {
		return heading{}, err
	}
	return readHeader(reader, format)
}

// An attempt is one trial under way.
type attempt struct {
	drop  drop
	path  string
	zone  *time.Location
	trial *connectors.Trial
	seen  *repeats
}

// read counts what comes of the rows of the file.
func (a *attempt) read(ctx context.Context) error {
	head, err := peekAt(a.path, a.drop.format)
	if err != nil {
		return err
	}
	a.compare(head.names)
	if a.drop.onNew == addColumn {
		a.drop.dataset.Columns = slices.Concat(a.drop.dataset.Columns, added(head.names, a.drop.dataset.Columns))
	}
	file, err := os.Open(a.path)
	if err != nil {
		return err
	}
	defer file.Close()
	rows, err := connectors.NewRows(a.drop.dataset, a.zone)
	if err != nil {
		return err
	}
	a.seen = newRepeats(a.drop.dataset)
	reading := &reading{Source: &Source{zone: a.zone}, drop: a.drop, dataset: a.drop.dataset, emit: a.count}
	return a.readRows(ctx, file, &fileLoad{loading: &loading{reading: reading, rows: rows}})
}

func (a *attempt) readRows(ctx context.Context, file io.Reader, load *fileLoad) error {
	reader, bound, err := load.open(file)
	if err != nil {
		return err
	}
	a.trial.Notes = append(a.trial.Notes, bound.notes...)
	judged := load.records(ctx, reader, bound)
	if err := load.flush(ctx, false); err != nil {
		return err
	}
	a.seen.judge(a.trial)
	return judged
}

// compare says how the names of the file differ from those of the contract.
func (a *attempt) compare(names []string) {
	used := make([]bool, len(names))
	for _, c := range a.drop.dataset.Columns {
		if at := findColumn(names, c); at >= 0 {
			used[at] = true
		} else {
			a.trial.Missing = append(a.trial.Missing, c.Name)
		}
	}
	for i, name := range names {
		if !used[i] {
			a.trial.New = append(a.trial.New, name)
		}
	}
}

// count takes a batch into account and lets it go.
func (a *attempt) count(batch connectors.Batch) error {
	if batch.Rows != nil {
		a.trial.Stored += batch.Rows.NumRows()
		a.seen.add(batch.Rows)
		batch.Rows.Release()
	}
	a.trial.Blank += batch.Blank
	a.trial.Quarantined += int64(len(batch.Rejects))
	room := max(0, mostRejects-len(a.trial.Rejects))
	a.trial.Rejects = append(a.trial.Rejects, batch.Rejects[:min(room, len(batch.Rejects))]...)
	return nil
}
