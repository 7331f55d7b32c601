package connectors

import (
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// A Load is the rows between two ends of load, read once from the front, and what is known of them at the end. It is an
// array.RecordReader whose columns are those of the batches, then _extract_id, _row, _key_hash and _row_hash.
type Load struct {
	runner  *Runner
	dataset Dataset
	ahead   *readingAhead
	pending *Batch // read and not yet handed on
	schema  *arrow.Schema
	hasher  *rowHasher
	current arrow.RecordBatch

	looks     []Look
	rejects   *rejectSpool
	read      int64
	blank     int64
	cursor    Cursor
	whole     bool
	expected  int64
	ended     bool
	discarded bool
	err       error
}

var errDiscarded = errors.New("the source refused what it had begun to read")

func newLoad(r *Runner, ds Dataset, ahead *readingAhead, begun *Batch) (*Load, error) {
	own := ds.Schema()
	if begun.Rows != nil {
		own = begun.Rows.Schema()
	}
	schema, err := landedSchema(own)
	if err != nil {
		return nil, err
	}
	return &Load{
		runner: r, dataset: ds, ahead: ahead, pending: begun, schema: schema,
		hasher: newRowHasher(own, ds.Key), rejects: newRejectSpool(r.TempFolder), expected: begun.Expected,
	}, nil
}

// Dataset is what the load is of.
func (l *Load) Dataset() Dataset { return l.dataset }

// Schema is that of the rows; see Load.
func (l *Load) Schema() *arrow.Schema { return l.schema }

// Next moves to the next rows. It ends at the end of the load, or at the error that Err then gives.
func (l *Load) Next() bool {
	l.drop()
	for !l.ended {
		batch, ok := l.take()
		if !ok {
			return false
		}
		rows := l.account(batch)
		if rows == nil {
			continue
		}
		l.current, l.err = l.extend(rows)
		rows.Release()
		return l.err == nil
	}
	return false
}

// take gives the next batch of the load and notes what ends it.
func (l *Load) take() (batch Batch, ok bool) {
	more := true
	if l.pending != nil {
		batch, l.pending = *l.pending, nil
	} else {
		batch, more, l.err = l.ahead.next()
	}
	if l.err != nil || !more {
		l.ended = true
		return batch, false
	}
	if batch.Discard {
		l.discard(batch)
		return batch, false
	}
	l.ended = batch.EndOfLoad
	return batch, true
}

// discard forgets the looks of the load: what was begun as landed has come to nothing, and what came of each file the
// source says, here and in the batches that follow.
func (l *Load) discard(batch Batch) {
	l.ended, l.discarded = true, true
	var id int64
	for _, look := range l.looks {
		if batch.Extract != nil && look.Place == batch.Extract.Place {
			id = look.ID
		}
	}
	l.looks = nil
	if batch.Extract == nil {
		return
	}
	if id == 0 {
		id = l.runner.NextExtract()
	}
	l.looks = []Look{{id, *batch.Extract}}
}

// account counts what a batch holds and gives its rows, or nil.
func (l *Load) account(batch Batch) arrow.RecordBatch {
	if batch.Extract != nil {
		l.looks = append(l.looks, Look{l.runner.NextExtract(), *batch.Extract})
	}
	if batch.Cursor != nil {
		l.cursor = batch.Cursor
	}
	l.whole = l.whole || batch.Whole
	l.blank += batch.Blank
	l.read += batch.Blank + int64(len(batch.Rejects))
	for _, reject := range batch.Rejects {
		if err := l.rejects.add(l.extractID(), reject); err != nil && l.err == nil {
			l.err = err
		}
	}
	if l.err != nil || batch.Rows == nil {
		batch.release()
		return nil
	}
	l.read += batch.Rows.NumRows()
	return batch.Rows
}

func (l *Load) extractID() int64 {
	for i := len(l.looks) - 1; i >= 0; i-- {
		if l.looks[i].Outcome == Landed {
			return l.looks[i].ID
		}
	}
	return 0
}

// extend puts where each row came from and its hashes beside its columns.
func (l *Load) extend(rows arrow.RecordBatch) (arrow.RecordBatch, error) {
	if int(rows.NumCols())+3 != l.schema.NumFields() {
		return nil, fmt.Errorf("a batch of %s has %d columns and the first one had %d",
			l.dataset.Table(), rows.NumCols(), l.schema.NumFields()-3)
	}
	extracts := fixedBuilder[int64]{kind: arrow.PrimitiveTypes.Int64, memory: &l.hasher.memory}
	extracts.Reserve(int(rows.NumRows()))
	for id := l.extractID(); len(extracts.values) < int(rows.NumRows()); {
		extracts.add(id)
	}
	keys, contents := l.hasher.hash(rows)
	added := []arrow.Array{extracts.NewArray(), keys, contents}
	defer func() {
		for _, a := range added {
			a.Release()
		}
	}()
	own := rows.Columns()
	last := len(own) - 1
	columns := append(own[:last:last], added[0], own[last], keys, contents)
	return array.NewRecordBatch(l.schema, columns, rows.NumRows()), nil
}

// RecordBatch gives the rows that Next moved to; they are the load's own until the next call.
func (l *Load) RecordBatch() arrow.RecordBatch { return l.current }

// Record is the former name of RecordBatch, which the interface of readers still asks for.
func (l *Load) Record() arrow.RecordBatch { return l.current }

// Err gives the error that ended the rows, or nil.
func (l *Load) Err() error {
	if l.err == nil && l.discarded {
		return errDiscarded
	}
	return l.err
}

// Retain and Release do nothing: the runner lets the load go.
func (l *Load) Retain() {}

// Release does nothing: see Retain.
func (l *Load) Release() {}

// Counts gives how many rows the load held, blank ones and rejects among them, and how many were blank.
func (l *Load) Counts() (read, blank int64) { return l.read, l.blank }

// Looks gives the extracts of the load.
func (l *Load) Looks() []Look { return l.looks }

// Cursor is how far the source has been read with this load.
func (l *Load) Cursor() Cursor { return l.cursor }

// Expected is how many rows are to come, where the source has counted them; else 0.
func (l *Load) Expected() int64 { return l.expected }

// Whole says whether the load is everything there is, beyond what its dataset's mode says.
func (l *Load) Whole() bool { return l.whole }

// PublishedAt is the newest edition among the load's extracts; zero where they have none.
func (l *Load) PublishedAt() (newest time.Time) {
	for _, look := range l.looks {
		if look.Outcome == Landed && look.PublishedAt.After(newest) {
			newest = look.PublishedAt
		}
	}
	return newest
}

// Rejects gives the rows set aside, each with the id of its extract, or the error that reading them back gave.
func (l *Load) Rejects() iter.Seq2[ExtractReject, error] { return l.rejects.all() }

func (l *Load) drop() {
	if l.current != nil {
		l.current.Release()
		l.current = nil
	}
}

func (l *Load) release() {
	l.drop()
	if l.pending != nil {
		l.pending.release()
		l.pending = nil
	}
	l.rejects.close()
}
