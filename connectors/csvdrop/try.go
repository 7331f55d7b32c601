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
	head, err := peekAt(name, settings.Format.format())
	if err == nil {
		err = trySettings(ctx, settings, c.Source, name, head.names, zone, &trial)
	}
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

// trySettings reads the file at name, whose column names are known, and counts what comes of its rows.
func trySettings(ctx context.Context, s Settings, source, name string, names []string, zone *time.Location, trial *connectors.Trial) error {
	d := drop{dataset: s.Dataset(source), format: s.Format.format(), edition: s.PublishedAt, onNew: s.OnNewColumn}
	if d.onNew == "" {
		d.onNew = refuseColumn
	}
	compare(names, d.dataset.Columns, trial)
	if d.onNew == addColumn {
		d.dataset.Columns = slices.Concat(d.dataset.Columns, added(names, d.dataset.Columns))
	}
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	rows, err := connectors.NewRows(d.dataset, zone)
	if err != nil {
		return err
	}
	seen := newRepeats(d.dataset)
	emit := func(batch connectors.Batch) error {
		tallyUp(batch, trial, seen)
		return nil
	}
	load := &fileLoad{loading: &loading{reading: &reading{Source: &Source{zone: zone}, drop: d, dataset: d.dataset, emit: emit}, rows: rows}}
	reader, bound, err := load.open(file)
	if err != nil {
		return err
	}
	trial.Notes = append(trial.Notes, bound.notes...)
	judged := load.records(ctx, reader, bound)
	if judged != nil { // the rest has not been given out
		if err := load.flush(ctx, false); err != nil {
			return err
		}
	}
	seen.judge(trial)
	return judged
}

// compare says how the names of a file differ from those of the contract.
func compare(names []string, columns []connectors.Column, trial *connectors.Trial) {
	used := make([]bool, len(names))
	for _, c := range columns {
		if at := findColumn(names, c); at >= 0 {
			used[at] = true
		} else {
			trial.Missing = append(trial.Missing, c.Name)
		}
	}
	for i, name := range names {
		if !used[i] {
			trial.New = append(trial.New, name)
		}
	}
}

func tallyUp(batch connectors.Batch, trial *connectors.Trial, seen *repeats) {
	if batch.Rows != nil {
		trial.Stored += batch.Rows.NumRows()
		seen.add(batch.Rows)
		batch.Rows.Release()
	}
	trial.Blank += batch.Blank
	trial.Quarantined += int64(len(batch.Rejects))
	room := max(0, mostRejects-len(trial.Rejects))
	trial.Rejects = append(trial.Rejects, batch.Rejects[:min(room, len(batch.Rejects))]...)
}
