package connectors

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"
)

// A Runner reads datasets load by load. What every kind needs lives here: counting, hashing, the columns that say where a
// row came from, and reading ahead of who stores.
type Runner struct {
	// NextExtract gives the id of the next look at a file, page or query.
	NextExtract func() int64
	// TempFolder takes rows set aside that are too many to hold in memory.
	TempFolder string
}

// A Look is an extract under its id.
type Look struct {
	ID int64
	Extract
}

// A Taker is handed what a runner reads.
type Taker interface {
	// Load stores one load: it reads the rows to their end and then what else is known of the load.
	Load(ctx context.Context, load *Load) error
	// Looked notes extracts that brought no load.
	Looked(ctx context.Context, looks []Look) error
}

// A Task is a dataset to read from where its cursor stands.
type Task struct {
	Source  Source
	Dataset Dataset
	Since   Cursor
	// Ready is called once, from another goroutine, when there are rows to take or the reading has come to its end.
	Ready func()
}

// A Reading is a task that has begun.
type Reading struct {
	runner  *Runner
	dataset Dataset
	ahead   *readingAhead
	stop    context.CancelFunc
}

// Begin begins to read. The reading goes as far as the first rows and waits there for Take. Take or Stop must follow.
func (r *Runner) Begin(ctx context.Context, task Task) *Reading {
	ctx, stop := context.WithCancel(ctx)
	ahead := readAhead(ctx, task.Source.Read(ctx, task.Dataset, task.Since), task.Ready)
	return &Reading{r, task.Dataset, ahead, stop}
}

// Stop ends a reading that nobody takes, and returns when the source has stopped.
func (g *Reading) Stop() {
	g.stop()
	g.ahead.wait()
}

// Read begins a reading and takes it; see Take.
func (r *Runner) Read(ctx context.Context, src Source, ds Dataset, since Cursor, take Taker) error {
	return r.Begin(ctx, Task{Source: src, Dataset: ds, Since: since, Ready: func() {}}).Take(ctx, take)
}

// Take reads on to the end and hands each load to take. A load that the source discards or breaks off is not kept; a
// discarded one does not end the reading, any other error does.
func (g *Reading) Take(ctx context.Context, take Taker) error {
	defer g.Stop()
	close(g.ahead.taken)
	r, ahead := g.runner, g.ahead
	for {
		looks, begun, err := r.next(ahead)
		if len(looks) > 0 {
			if err := take.Looked(ctx, looks); err != nil {
				return err
			}
		}
		if err != nil || begun == nil {
			return err
		}
		load, err := newLoad(r, g.dataset, ahead, begun)
		if err != nil {
			return err
		}
		if err := r.take(ctx, take, load); err != nil {
			return err
		}
	}
}

func (r *Runner) take(ctx context.Context, take Taker, load *Load) error {
	defer load.release()
	err := take.Load(ctx, load)
	if load.err != nil {
		return load.err
	}
	if load.discarded {
		return take.Looked(ctx, load.looks)
	}
	return err
}

// next passes the batches that begin no load, and gives the looks among them and the batch that begins one.
func (r *Runner) next(ahead *readingAhead) (looks []Look, begun *Batch, err error) {
	for {
		batch, more, err := ahead.next()
		if err != nil || !more {
			return looks, nil, err
		}
		if batch.begins() {
			return looks, &batch, nil
		}
		if batch.Extract != nil {
			looks = append(looks, Look{r.NextExtract(), *batch.Extract})
		}
	}
}

// begins says whether a batch has to do with a load: it holds rows, or it opens a file that has been read.
func (b Batch) begins() bool {
	return !b.Discard && (b.Rows != nil || len(b.Rejects) > 0 || b.Blank > 0 || b.Extract != nil && b.Extract.Outcome == Landed)
}

// A readingAhead runs a source in a goroutine of its own, a few batches ahead of who takes them.
type readingAhead struct {
	batches chan Batch
	taken   chan struct{} // closed when someone takes the batches
	done    chan struct{}
	ready   func()
	err     error
}

// batchesAhead is enough to keep the source busy while the engine is, and small enough not to matter.
const batchesAhead = 3

func readAhead(ctx context.Context, batches iter.Seq2[Batch, error], ready func()) *readingAhead {
	a := &readingAhead{
		batches: make(chan Batch, batchesAhead), taken: make(chan struct{}), done: make(chan struct{}), ready: sync.OnceFunc(ready),
	}
	go func() {
		defer close(a.done)
		defer a.ready()
		defer close(a.batches)
		for batch, err := range batches {
			if err == nil {
				err = a.hand(ctx, batch)
			}
			if err != nil {
				a.err = err
				return
			}
		}
	}()
	return a
}

// hand gives a batch to who takes them. Until someone does, no more is held than a few looks and the first rows.
func (a *readingAhead) hand(ctx context.Context, batch Batch) error {
	if len(a.batches) == cap(a.batches) {
		a.ready()
	}
	select {
	case a.batches <- batch:
	case <-ctx.Done():
		batch.release()
		return ctx.Err()
	}
	if batch.Rows == nil {
		return nil
	}
	a.ready()
	select {
	case <-a.taken:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// next gives the next batch, or the error that ended the reading.
func (a *readingAhead) next() (batch Batch, more bool, err error) {
	batch, more = <-a.batches
	if !more {
		<-a.done
		err = a.err
	}
	return batch, more, err
}

// wait lets go of what nobody took and returns when the source has stopped. The source's context must have ended, or it
// must have come to its end.
func (a *readingAhead) wait() {
	for batch := range a.batches {
		batch.release()
	}
	<-a.done
}

func (b Batch) release() {
	if b.Rows != nil {
		b.Rows.Release()
	}
}

// landedSchema is that of the rows handed on: the batch's own columns without the row number, then where each row came
// from and its hashes.
func landedSchema(own *arrow.Schema) (*arrow.Schema, error) {
	fields := slices.Clone(own.Fields())
	last := len(fields) - 1
	if last < 0 || fields[last].Name != RowColumn {
		return nil, fmt.Errorf("a batch must end with the column %s", RowColumn)
	}
	uuid := arrow.NewMetadata([]string{"ARROW:extension:name", "ARROW:extension:metadata"}, []string{"arrow.uuid", ""})
	hash := func(name string) arrow.Field {
		return arrow.Field{Name: name, Type: &arrow.FixedSizeBinaryType{ByteWidth: 16}, Metadata: uuid}
	}
	extract := arrow.Field{Name: "_extract_id", Type: arrow.PrimitiveTypes.Int64}
	fields = append(fields[:last:last], extract, fields[last], hash("_key_hash"), hash("_row_hash"))
	return arrow.NewSchema(fields, nil), nil
}
