package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/internal/council"
	"github.com/goldthread/goldthread/warehouse"
)

// errHeld ends the reading of a dataset of which a delivery was held back. Those behind it wait too: the cursor of a later
// one would pass over it.
var errHeld = errors.New("a delivery is held back")

// believe gives what goes with the rows of a load, unless their number is one that a person must see first.
func (t *taker) believe(ctx context.Context, load *connectors.Load) (warehouse.Rest, error) {
	if t.dataset.Volume == nil || t.dataset.Volume.OfWhole && !load.Whole() {
		return restOf(load), nil
	}
	volume, err := t.r.warehouse.Weigh(ctx, t.delivery(load))
	if err != nil {
		return warehouse.Rest{}, err
	}
	if volume.Held {
		t.volume = volume
		return warehouse.Rest{}, errHeld
	}
	return restOf(load), nil
}

func (t *taker) delivery(load *connectors.Load) warehouse.Delivery {
	read, blank := load.Counts()
	d := warehouse.Delivery{
		RunID: t.r.id, Table: tableOf(t.dataset, load.Schema()), Rows: read - blank,
		Below: t.dataset.Volume.Below, Above: t.dataset.Volume.Above, Whole: load.Whole(),
	}
	for _, look := range load.Looks() {
		if look.Outcome == connectors.Landed {
			d.Places = append(d.Places, look.Place)
		}
		if look.Outcome == connectors.Landed && look.SHA256 != "" {
			d.Hashes = append(d.Hashes, look.SHA256)
		}
	}
	return d
}

// hold notes that a delivery was held back and makes the run red.
func (t *taker) hold(ctx context.Context, load *connectors.Load) error {
	d := t.delivery(load)
	waiting, err := t.waiting(ctx, d)
	if err != nil {
		return fmt.Errorf("looking for what waits behind %s: %w", strings.Join(d.Places, ", "), err)
	}
	reason := whyHeld(t.dataset, d.Rows, t.volume, waiting)
	looks := load.Looks()
	for i := range looks {
		if looks[i].Outcome == connectors.Landed {
			looks[i].Outcome, looks[i].Reason = connectors.Refused, reason
		}
	}
	if err := t.r.warehouse.Hold(ctx, d, t.volume, extractsOf(looks)); err != nil {
		return fmt.Errorf("%w: noting what was held: %w", errWarehouse, err)
	}
	t.stale = true
	problem := Problem{Source: t.dataset.Source, Dataset: t.dataset.Name, What: reason, Held: true}
	if len(d.Places) > 0 {
		problem.Place = d.Places[0]
	}
	if more := len(d.Places) - 1; more > 0 {
		problem.Place += fmt.Sprintf(" and %d more", more)
	}
	t.r.problem(problem)
	return errHeld
}

// waiting are the files behind a delivery that was held back, where the source can tell. A snapshot leaves none behind.
func (t *taker) waiting(ctx context.Context, d warehouse.Delivery) (places []string, err error) {
	previewer, can := t.source.(connectors.Previewer)
	if !can || t.dataset.Mode == connectors.Snapshot {
		return nil, nil
	}
	cursor, err := t.r.warehouse.Cursor(ctx, t.dataset.Source, t.dataset.Name)
	if err != nil {
		return nil, err
	}
	found, err := previewer.Preview(ctx, t.dataset, connectors.Cursor(cursor))
	for _, f := range found {
		isNew := f.State == connectors.FoundNew || f.State == connectors.FoundChanged
		if isNew && !slices.Contains(d.Places, f.Place) && !t.looked[f.Place] {
			places = append(places, f.Place)
		}
	}
	return places, err
}

// whyHeld says what came, what is usual, what waits behind it and what to do.
func whyHeld(ds connectors.Dataset, rows int64, v warehouse.Volume, waiting []string) string {
	came := fmt.Sprintf("%d rows came", rows)
	if rows == 1 {
		came = "1 row came"
	}
	usual := "and rows stand there that would all be removed"
	if v.Most != nil {
		usual = fmt.Sprintf("where %s are usual (the median of its last %d loads), and fewer than %d or more than %d wait for a person's word",
			v.Usual, v.Loads, v.Least, *v.Most)
	}
	behind := ""
	switch n := len(waiting); {
	case n == 1:
		behind = fmt.Sprintf("; %s waits behind it", waiting[0])
	case n > 1:
		behind = fmt.Sprintf("; %s and %d more wait behind it", waiting[0], n-1)
	}
	return fmt.Sprintf("held back: %s, %s; nothing of it is stored and the rows of before stay%s. "+
		"If it is right: goldthread accept %s.%s, then goldthread run; if not, put the right file in its place",
		came, usual, behind, ds.Source, ds.Name)
}

// A Council is a council's folder as far as accepting needs it.
type Council struct {
	Root     string
	Settings council.Settings
	Version  string // of the program
}

// Accept lets in what the last run held back of a dataset; see warehouse.Accept.
func (c Council) Accept(ctx context.Context, a warehouse.Acceptance) (accepted warehouse.Acceptance, err error) {
	err = c.with(ctx, func(w *warehouse.Warehouse) error {
		accepted, err = w.Accept(ctx, a)
		return err
	})
	return accepted, err
}

// Withdraw takes back the acceptances of a dataset that no run has acted on; see warehouse.Withdraw.
func (c Council) Withdraw(ctx context.Context, source, dataset, by string) (withdrawn []warehouse.Acceptance, err error) {
	err = c.with(ctx, func(w *warehouse.Warehouse) error {
		withdrawn, err = w.Withdraw(ctx, source, dataset, by)
		return err
	})
	return withdrawn, err
}

// with opens the council's warehouse for as long as do takes.
func (c Council) with(ctx context.Context, do func(*warehouse.Warehouse) error) (err error) {
	w, err := openWarehouse(ctx, StateFolder(c.Root, c.Settings), c.Settings, Options{Version: c.Version})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	return do(w)
}
