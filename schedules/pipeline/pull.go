package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/internal/council"
	"github.com/goldthread/goldthread/internal/failpoint"
	"github.com/goldthread/goldthread/warehouse"
)

// pull reads the sources and lands what is new. What the council decided itself is there before anything else is read.
func (r *run) pull(ctx context.Context) error {
	var jobs []*job
	for _, s := range r.folder.sources {
		if !s.program && len(r.options.Select) > 0 && !slices.Contains(r.options.Select, s.name) {
			if err := r.passOver(ctx, s); err != nil {
				return err
			}
			continue
		}
		if s.program {
			if err := r.extract(ctx, s.name, s.source); err != nil {
				return err
			}
			continue
		}
		more, err := r.jobs(ctx, s.name, s.source)
		if err != nil {
			return err
		}
		jobs = append(jobs, more...)
	}
	if err := r.readAll(ctx, jobs, r.folder.Settings.Parallel); err != nil {
		return err
	}
	failpoint.Hit("run.sources_read")
	if err := r.warehouse.SetDatasets(ctx, r.ledger); err != nil {
		return fmt.Errorf("noting the datasets: %w", err)
	}
	failpoint.Hit("datasets.noted")
	return nil
}

// extract reads one source, dataset by dataset.
func (r *run) extract(ctx context.Context, name string, src connectors.Source) error {
	jobs, err := r.jobs(ctx, name, src)
	if err != nil {
		return err
	}
	return r.readAll(ctx, jobs, council.Parallel{InAll: 1, PerHost: 1})
}

// A job is one dataset to be read.
type job struct {
	*taker
	host    string
	place   int // in the order of the folder
	reading *connectors.Reading
	ready   bool // there is something to take
}

// jobs are the datasets of a source.
func (r *run) jobs(ctx context.Context, name string, src connectors.Source) ([]*job, error) {
	if metered, is := src.(connectors.Metered); is {
		metered.Meter(func(ctx context.Context, since time.Time) (int64, error) { return r.warehouse.Taken(ctx, name, since) })
	}
	datasets, err := src.Datasets(ctx)
	if err != nil {
		r.fail(name, "", err)
		for _, ds := range r.folder.datasetsOf(name) {
			r.noteDataset(ds, true)
		}
		return nil, ctx.Err()
	}
	host := name
	if hosted, is := src.(connectors.Hosted); is {
		host = hosted.Host()
	}
	var jobs []*job
	for _, ds := range datasets {
		jobs = append(jobs, &job{taker: &taker{r: r, source: src, dataset: ds, looked: map[string]bool{}}, host: host})
	}
	return jobs, nil
}

// A crew is datasets that are read at the same time. The engine stores one load at a time, so what is gained is the waiting
// for sources. Loads are stored in the order of the folder, as if one dataset were read after the other; only where the next
// one makes everybody wait for longer than patience do those that are ready go before it.
type crew struct {
	r       *run
	limits  council.Parallel
	waiting []*job
	begun   []*job // in the order of the folder
	told    string // the source that was told of last
	ready   chan *job
	late    *job // the one that made everybody wait
}

// readAll reads datasets. One that fails leaves the others alone; an error is one after which nothing more is read.
func (r *run) readAll(ctx context.Context, jobs []*job, limits council.Parallel) error {
	for i, j := range jobs {
		j.place = i
	}
	c := &crew{r: r, limits: limits, waiting: slices.Clone(jobs), ready: make(chan *job, len(jobs))}
	defer c.stop()
	for {
		if err := c.begin(ctx); err != nil {
			return err
		}
		if len(c.begun) == 0 {
			break
		}
		next, err := c.next(ctx)
		if err != nil {
			return err
		}
		if err := r.finish(ctx, next); err != nil {
			return err
		}
		c.begun = slices.DeleteFunc(c.begun, func(j *job) bool { return j == next })
	}
	for _, j := range jobs {
		r.noteDataset(j.dataset, j.stale)
	}
	return nil
}

// begin begins as many readings as the limits allow.
func (c *crew) begin(ctx context.Context) error {
	var left []*job
	for _, j := range c.waiting {
		onHost := 0
		for _, other := range c.begun {
			if other.host == j.host {
				onHost++
			}
		}
		if len(c.begun) >= c.limits.InAll || onHost >= c.limits.PerHost {
			left = append(left, j)
			continue
		}
		if c.told != j.dataset.Source {
			c.told = j.dataset.Source
			c.r.progress("reading " + c.told)
		}
		if err := j.begin(ctx, c.ready); err != nil {
			return err
		}
		c.begun = append(c.begun, j)
	}
	c.waiting = left
	slices.SortFunc(c.begun, func(a, b *job) int { return a.place - b.place })
	return nil
}

// begin begins to read a dataset from where its last load left off.
func (j *job) begin(ctx context.Context, ready chan<- *job) error {
	failpoint.Hit("extract.begun")
	cursor, err := j.r.warehouse.Cursor(ctx, j.dataset.Source, j.dataset.Name)
	if err != nil {
		return fmt.Errorf("%w: reading the cursor: %w", errWarehouse, err)
	}
	j.first = cursor == ""
	if j.r.options.Full {
		cursor = ""
	}
	runner := &connectors.Runner{NextExtract: j.r.warehouse.NextExtract, TempFolder: j.r.warehouse.TempFolder()}
	j.reading = runner.Begin(ctx, connectors.Task{
		Source: j.source, Dataset: j.dataset, Since: connectors.Cursor(cursor), Ready: func() { ready <- j },
	})
	return nil
}

// usualPatience is long enough for any source in order, so that the order of loads is the same from run to run.
const usualPatience = 10 * time.Second

// next gives the reading to take: the first in the order of the folder, or the first that is ready where that one is late.
func (c *crew) next(ctx context.Context) (*job, error) {
	first := c.begun[0]
	patience := time.NewTimer(c.r.patience)
	defer patience.Stop()
	for {
		if first.ready {
			return first, nil
		}
		if i := slices.IndexFunc(c.begun, func(j *job) bool { return j.ready }); i >= 0 && c.late == first {
			return c.begun[i], nil
		}
		select {
		case j := <-c.ready:
			j.ready = true
		case <-patience.C:
			c.late = first
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// stop ends the readings that nobody took.
func (c *crew) stop() {
	for _, j := range c.begun {
		j.reading.Stop()
	}
}

// finish stores what a reading brings. Its error is one after which no other dataset is tried.
func (r *run) finish(ctx context.Context, j *job) error {
	if err := j.reading.Take(ctx, j); err != nil {
		if ctx.Err() != nil || errors.Is(err, errWarehouse) || warehouse.OfTheDisk(err) {
			return err
		}
		j.stale = true
		if !errors.Is(err, errHeld) { // told already
			r.fail(j.dataset.Source, j.dataset.Name, err)
		}
	}
	failpoint.Hit("extract.ended")
	return nil
}

// passOver keeps the datasets of a source that was not selected in the list, as stale as they were.
func (r *run) passOver(ctx context.Context, s namedSource) error {
	for _, ds := range r.folder.datasetsOf(s.name) {
		stale, err := r.warehouse.Stale(ctx, ds.Source, ds.Name)
		if err != nil {
			return err
		}
		r.noteDataset(ds, stale)
	}
	return nil
}

func (r *run) noteDataset(ds connectors.Dataset, stale bool) {
	r.ledger = append(r.ledger, warehouse.Dataset{
		Source: ds.Source, Name: ds.Name, Description: ds.Description, Owner: ds.Owner, Refresh: ds.Refresh,
		Mode: string(ds.Mode), Stale: stale,
	})
}
