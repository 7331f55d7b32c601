package sqldb

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/goldthread/goldthread/connectors"
)

const (
	batchBytes = 8 << 20 // of text
	// firstBatch is how many rows are yielded first, if batches may be that large; each batch has twice the rows of the one
	// before until they are. So of few rows some are on their way while the rest is read.
	firstBatch = 2 << 10
	// handful is how many rows may be set aside whatever their share.
	handful = 3
)

// A loading is one load being read.
type loading struct {
	*visit
	scope   scope
	told    totals // what the source says
	counted tally  // what was read
	rows    *connectors.Rows
	batch   int                 // rows of the next to be yielded
	extract *connectors.Extract // not yet yielded
	rejects []connectors.Reject
	aside   int64
	first   connectors.Reject
	more    connectors.Batch // the next to be yielded
}

// load reads a scope as one load.
func (v *visit) load(ctx context.Context, s scope, told totals) error {
	rows, err := connectors.NewRows(v.dataset, v.zone)
	if err != nil {
		return err
	}
	l := &loading{visit: v, scope: s, told: told, rows: rows, batch: min(firstBatch, v.config.BatchRows), counted: v.plan.tally(told)}
	l.extract = l.describe()
	statement, args := v.plan.rows(s)
	if err := v.session.query(ctx, statement, args, func(row []connectors.Cell) error { return l.row(ctx, row) }); err != nil {
		return err
	}
	if err := l.counted.check(told); err != nil {
		return err
	}
	if err := l.judge(); err != nil {
		return err
	}
	return l.end(ctx)
}

// describe is the look that the load is. Its mark is made of what the source says in sum, by which the same content is known
// again well enough for a person's word on it to hold.
func (l *loading) describe() *connectors.Extract {
	sum := sha256.Sum256([]byte(l.place() + "\n" + l.told.mark()))
	e := &connectors.Extract{Place: l.place(), SHA256: hex.EncodeToString(sum[:]), Outcome: connectors.Landed}
	if l.plan.by != "" && l.scope.since == nil {
		e.Place += " (whole)"
	}
	e.Notes = append(e.Notes, l.notes...)
	e.Notes = append(e.Notes, l.about...)
	if l.told.rows == 0 && l.scope.since == nil {
		e.Notes = append(e.Notes, "the source holds no row")
	}
	switch none := l.told.rows - l.told.dated; {
	case l.plan.by == "" || none == 0:
	case none == 1:
		e.Notes = append(e.Notes, "1 row has no cursor and is read each time")
	default:
		e.Notes = append(e.Notes, fmt.Sprintf("%d rows have no cursor and are read each time", none))
	}
	if l.scope.why != "" {
		e.Notes = append(e.Notes, "everything was read: "+l.scope.why)
	}
	l.about = nil
	return e
}

// row takes one row: stored or set aside.
func (l *loading) row(ctx context.Context, row []connectors.Cell) error {
	l.counted.add(row)
	reject, ok := l.rows.AppendCells(l.counted.rows, row)
	if !ok {
		if l.aside == 0 {
			l.first = reject // without the key, which may be personal, as a refusal's words reach the log
		}
		l.aside++
		reject.Reason += l.keyOf(row)
		l.rejects = append(l.rejects, reject)
	}
	if l.rows.Len()+len(l.rejects) >= l.batch || l.rows.Size() >= batchBytes {
		return l.flush(ctx)
	}
	return nil
}

// keyOf says which row is meant, as rows of a table have no lines to find them by.
func (l *loading) keyOf(row []connectors.Cell) string {
	var parts []string
	for i, c := range l.dataset.Columns {
		for _, name := range l.table.Key {
			if name == c.Name {
				parts = append(parts, fmt.Sprintf("%s %s", name, bytes.TrimSpace(row[i].AppendText(nil))))
			}
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return " (the row with " + strings.Join(parts, ", ") + ")"
}

// flush yields what has been gathered, with the look the first time.
func (l *loading) flush(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	batch := connectors.Batch{Rows: l.rows.Take(), Rejects: l.rejects, Extract: l.extract}
	l.rejects, l.extract, l.begun = nil, nil, true
	l.batch = min(2*l.batch, l.config.BatchRows)
	if err := l.emit(batch); err != nil {
		return err
	}
	if pause := duration(l.config.Pause); pause > 0 {
		return l.wait(ctx, pause)
	}
	return nil
}

// judge refuses a load of which more was set aside than the contract bears.
func (l *loading) judge() error {
	total, share := l.counted.rows, l.dataset.MaxQuarantined
	allowed := int64(share * float64(total))
	if share > 0 {
		allowed = max(allowed, handful)
	}
	if l.aside == 0 || l.aside <= allowed && (l.aside < total || share >= 1) {
		return nil
	}
	return refuse("%d of %d rows cannot be read, and the contract bears %d (max_quarantined %g); the first: %s",
		l.aside, total, min(allowed, total-1), share, l.first.Reason)
}

// end hands the load over, with the cursor that holds from now on.
func (l *loading) end(ctx context.Context) error {
	l.after.At, l.after.Compared = l.told.latest, l.before.Compared
	if l.scope.since == nil {
		l.after.Compared = l.told.now
	} else if l.after.At == nil {
		l.after.At = l.before.At
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	batch := connectors.Batch{Rows: l.rows.Take(), Rejects: l.rejects, Extract: l.extract, Cursor: l.after.text(), EndOfLoad: true}
	batch.Whole = l.scope.since == nil && l.table.Mode == connectors.Increment
	l.begun, l.notes = false, nil
	if err := l.emit(batch); err != nil {
		return err
	}
	l.before = l.after
	return nil
}
