package pipeline

import (
	"context"
	"errors"
	"fmt"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/internal/council"
	"github.com/goldthread/goldthread/warehouse"
)

// errHeld ends the reading of a dataset of which a delivery was held back. Those behind it wait too: the cursor of a later
// one would pass over it.
var errHeld = errors.New("a delivery is held back")

// believe gives what goes with the rows of a load, unless their number is one that a person must see first.
func (t *taker) believe(ctx context.Context, load *connectors.Load) (warehouse.Rest, error) {
	if t.dataset.Volume == nil {
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
		Below: t.dataset.Volume.Below, Above: t.dataset.Volume.Above,
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
	reason := whyHeld(t.dataset, d.Rows, t.volume)
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

// whyHeld says what came, what is usual and what to do.
func whyHeld(ds connectors.Dataset, rows int64, v warehouse.Volume) string {
	came := fmt.Sprintf("%d rows came", rows)
	if rows == 1 {
		came = "1 row came"
	}
	usual := "and rows stand there that would all be removed"
	if v.Most != nil {
		usual = fmt.Sprintf("where %s are usual (the median of its last %d loads), and fewer than %d or more than %d wait for a person's word",
			v.Usual, v.Loads, v.Least, *v.Most)
	}
	return fmt.Sprintf("held back: %s, %s; nothing of it is stored and the rows of before stay. "+
		"If it is right: goldthread accept %s.%s, then goldthread run; if not, put the right file in its place", came, usual, ds.Source, ds.Name)
}

// Accept lets in what the last run held back of a dataset; see warehouse.Accept.
func Accept(ctx context.Context, root string, settings council.Settings, version string, a warehouse.Acceptance) (accepted warehouse.Acceptance, err error) {
	w, err := warehouse.Open(ctx, warehouse.Options{
		Folder:      StateFolder(root, settings),
		MemoryLimit: settings.Warehouse.MemoryLimit,
		Threads:     settings.Warehouse.Threads,
		Location:    settings.Location(),
		Version:     version,
	})
	if err != nil {
		return a, err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	return w.Accept(ctx, a)
}
