package lginform

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/zeebo/xxh3"

	"github.com/goldthread/goldthread/connectors"
)

const (
	batchRows = 16 << 10
	// handful is how many records may be set aside whatever their share.
	handful = 3
)

// A landing is the one load of a reading.
type landing struct {
	*reading
	rows    *connectors.Rows
	seen    map[xxh3.Uint128]xxh3.Uint128 // content by key
	places  []int                         // of the key's columns
	fields  [][]byte
	rejects []connectors.Reject
	record  int64 // of the answer, from 1
	stored  int64
	aside   int64
	twice   int64 // records that bring nothing new, not yet yielded
	first   connectors.Reject
	begun   bool
	extract *connectors.Extract // not yet yielded
}

// land yields the answers that are new as one load, beside those that are not.
func (r *reading) land(ctx context.Context, all, fresh []got) error {
	rows, err := connectors.NewRows(r.dataset, r.deps.Zone)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, g := range fresh {
		known[g.id()] = true
	}
	for _, g := range all {
		if !known[g.id()] {
			if err := r.same([]got{g}); err != nil {
				return err
			}
		}
	}
	l := &landing{reading: r, rows: rows, seen: map[xxh3.Uint128]xxh3.Uint128{}, places: r.keyPlaces(), fields: make([][]byte, len(r.dataset.Columns))}
	for i := range fresh {
		if err := l.read(ctx, &fresh[i]); err != nil {
			return l.takeBack(ctx, &fresh[i], err)
		}
	}
	return l.end(ctx, &fresh[len(fresh)-1])
}

func (r *reading) keyPlaces() []int {
	var places []int
	for i, c := range r.dataset.Columns {
		for _, name := range r.dataset.Key {
			if name == c.Name {
				places = append(places, i)
			}
		}
	}
	return places
}

// read reads one answer from the archive.
func (l *landing) read(ctx context.Context, g *got) error {
	file, err := os.Open(g.path)
	if err != nil {
		return err
	}
	defer file.Close()
	l.extract, l.record = &g.extract, 0
	err = l.topic.subject.rows(l.topic, g.call, json.NewDecoder(file), func(fields []string) error { return l.row(ctx, fields) })
	if errors.Is(err, errObject) {
		err = ofObject(g.path)
	}
	if err != nil {
		return err
	}
	return l.flush(ctx)
}

// ofObject is what the service says in an object that came in the place of a list.
func ofObject(path string) error {
	told, err := toldIn(path)
	if err == nil && told == nil {
		return refuse("%s", errObject)
	}
	return cmp.Or(told, err)
}

// toldIn is what the service says is wrong, in a file; nil where the file says no such thing.
func toldIn(path string) (told, err error) {
	const most = 64 << 10 // such answers are short
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, most))
	return toldBy(text), err
}

func toldBy(text []byte) error {
	var body problems
	if json.Unmarshal(text, &body) != nil {
		return nil
	}
	return body.err()
}

// row takes one record: stored, set aside, or the same as one before, as where an area is asked for by itself and by a group.
func (l *landing) row(ctx context.Context, fields []string) error {
	l.record++
	if l.topic.subject.tracked {
		l.after.given(fields[metricTypeField], fields[periodField])
	}
	if l.repeats(fields) {
		l.twice++
		return nil
	}
	for i, field := range fields {
		l.fields[i] = []byte(field)
	}
	reject, ok := l.rows.Append(l.record, l.fields)
	if ok {
		l.stored++
	} else {
		if l.aside == 0 {
			l.first = reject
		}
		l.aside++
		l.rejects = append(l.rejects, reject)
	}
	if l.rows.Len()+len(l.rejects) >= batchRows {
		return l.flush(ctx)
	}
	return nil
}

// repeats says whether a record came before, key and content alike. One that differs is kept: landing sets both aside.
func (l *landing) repeats(fields []string) bool {
	var key strings.Builder
	for _, place := range l.places {
		fmt.Fprintf(&key, "%d:%s", len(fields[place]), fields[place])
	}
	id, content := xxh3.HashString128(key.String()), xxh3.HashString128(strings.Join(fields, "\x00"))
	if before, held := l.seen[id]; held {
		return before == content
	}
	l.seen[id] = content
	return false
}

// flush yields what has been gathered, with the answer's extract the first time.
func (l *landing) flush(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if l.twice > 0 && l.extract != nil {
		l.extract.Notes = append(l.extract.Notes, fmt.Sprintf("%d records are the same as others and are counted as blank", l.twice))
	}
	batch := connectors.Batch{Rows: l.rows.Take(), Rejects: l.rejects, Blank: l.twice, Extract: l.extract}
	l.rejects, l.extract, l.twice, l.begun = nil, nil, 0, true
	return l.emit(batch)
}

// end closes the load, if what was set aside is within what the contract bears.
func (l *landing) end(ctx context.Context, last *got) error {
	total, share := l.stored+l.aside, l.dataset.MaxQuarantined
	allowed := int64(share * float64(total))
	if share > 0 {
		allowed = max(allowed, handful)
	}
	if l.aside > allowed || l.aside > 0 && l.stored == 0 && share < 1 {
		return l.takeBack(ctx, last, refuse("%d of %d records cannot be read, and the contract bears %d (max_quarantined %g); the first is record %d: %s",
			l.aside, total, min(allowed, total-1), share, l.first.Row, l.first.Reason))
	}
	return l.emit(connectors.Batch{Cursor: l.after.text(), Whole: l.whole, EndOfLoad: true})
}

// takeBack drops the load and says which answer it broke on.
func (l *landing) takeBack(ctx context.Context, g *got, cause error) error {
	if ctx.Err() != nil || errors.Is(cause, connectors.ErrStopped) {
		return cause
	}
	if rows := l.rows.Take(); rows != nil {
		rows.Release()
	}
	e := g.extract
	e.Outcome, e.Reason = connectors.Refused, l.reason(cause)
	l.dropped(&e)
	return l.emit(connectors.Batch{Extract: &e, Discard: l.begun, EndOfLoad: true})
}
