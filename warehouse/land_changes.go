package warehouse

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/goldthread/goldthread/warehouse/duckdb"
)

// fewRows are so few that the engine compares them with any number of present rows sooner than a roll of those is made.
const fewRows = 50_000

// sift takes the rows in that may have to be stored: of many that come most are as a present row, and of those the engine
// sees nothing.
func (l *landing) sift(ctx context.Context) error {
	rows := glanceAt(l.arrival.Rows, cmp.Or(l.few, fewRows))
	defer rows.close()
	if l.many = rows.many; l.many {
		if err := l.w.lessenMemory(ctx, quartersToSift); err != nil {
			return err
		}
	}
	r, err := l.callRoll(ctx, rows.many)
	if err != nil {
		return fmt.Errorf("reading the hashes of the present rows: %w", err)
	}
	if l.sifter, err = newSifter(rows, r, l.w.TempFolder()); err != nil {
		r.close()
		return err
	}
	return duckdb.WithView(l.w.conn, l.sifter, "batch", func() error { return l.exec(ctx, l.statements.text("stage")) })
}

// callRoll puts the present rows on a roll, as many as half of the engine's memory has room for; none where few rows come.
// Those that are not on it are told from the rows that come by the engine.
func (l *landing) callRoll(ctx context.Context, many bool) (*roll, error) {
	if !many {
		return newRoll(0), nil
	}
	var present, room int64
	err := l.w.conn.QueryRowContext(ctx, fmt.Sprintf(`
		select count(*), parse_formatted_bytes(?) // %d
		from %s`, 2*bytesOnRoll, l.statements.Current), cmp.Or(l.w.options.MemoryLimit, "1GB")).Scan(&present, &room)
	if err != nil {
		return nil, err
	}
	r := newRoll(min(present, cmp.Or(l.most, room)))
	if err := l.fill(ctx, r); err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

// fill puts the present rows on a roll, while the engine is already reading the next of them.
func (l *landing) fill(ctx context.Context, r *roll) error {
	batches, filled := make(chan arrow.RecordBatch, 64), make(chan struct{})
	go func() {
		defer close(filled)
		for rows := range batches {
			eachHash(rows, func(_, known []byte) { r.add(words(known)) })
			rows.Release()
		}
	}()
	err := l.presentHashes(ctx, "known hashes", func(rows arrow.RecordBatch) {
		rows.Retain()
		batches <- rows
	}, func() error { return nil })
	close(batches)
	<-filled
	return err
}

// rowsAtATime is how many rows' hashes are asked for or given together: two groups of rows, as the engine stores them.
const rowsAtATime = 2 * 122_880

// presentHashes calls do with the hashes that a statement gives of present rows, and then after each so many rows.
func (l *landing) presentHashes(ctx context.Context, statement string, do func(arrow.RecordBatch), then func() error) error {
	var end int64
	if err := l.query(ctx, fmt.Sprintf("select coalesce(max(rowid) + 1, 0) from %s", l.statements.Current), &end); err != nil {
		return err
	}
	query := l.statements.text(statement)
	for first := int64(0); first < end; first += rowsAtATime {
		err := l.hashes(ctx, query, do, first, first+rowsAtATime-1)
		if err == nil {
			err = then()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// hashes calls do with batches of a query's rows.
func (l *landing) hashes(ctx context.Context, query string, do func(arrow.RecordBatch), args ...any) error {
	return duckdb.Batches(ctx, l.w.conn, query, func(rows arrow.RecordBatch) error { do(rows); return nil }, args...)
}

// eachHash calls do with the first and the last hash of each row: that of its key, and that by which it is known.
func eachHash(rows arrow.RecordBatch, do func(key, known []byte)) {
	keys := rows.Column(0).(*array.FixedSizeBinary)
	known := rows.Column(int(rows.NumCols()) - 1).(*array.FixedSizeBinary)
	for i := range keys.Len() {
		do(keys.Value(i), known.Value(i))
	}
}

// settle sees to rows of one key among those that came, and notes which keys of present rows did not come.
func (l *landing) settle(ctx context.Context) error {
	mayRepeat, err := l.sifter.keys.mayRepeat()
	if err != nil {
		return err
	}
	if err := l.findRivals(ctx); err != nil {
		return fmt.Errorf("looking for keys that came twice: %w", err)
	}
	if l.sifter.twice {
		if err := l.bringBack(ctx); err != nil {
			return fmt.Errorf("bringing back rows whose key came again: %w", err)
		}
	}
	if mayRepeat || l.sifter.twice {
		if err := l.settleRepeats(ctx, l.statements.over("landing")); err != nil {
			return err
		}
	}
	if err := l.findVanished(ctx); err != nil {
		return err
	}
	l.sifter.roll.close()
	if !l.many {
		return nil // and what the engine holds of the present rows it may go on holding
	}
	return l.w.lessenMemory(ctx, quartersToChange)
}

// findRivals looks for rows whose key came twice, once with what is present and once with something else.
func (l *landing) findRivals(ctx context.Context) error {
	s := l.sifter
	if s.roll.came == 0 {
		return nil
	}
	var landed int64
	if err := l.query(ctx, "select count(*) from landing", &landed); err != nil {
		return err
	}
	query := l.statements.text("present beside landing")
	for _, part := range hashParts(landed/rowsAPart + 1) {
		err := l.hashes(ctx, query, func(rows arrow.RecordBatch) { eachHash(rows, s.rival) }, part[0], part[1])
		if err != nil {
			return err
		}
	}
	return nil
}

// bringBack adds to landing the rows that came as they are present and whose key came again. Their values stay out: if one
// of them is kept, it is as the present row.
func (l *landing) bringBack(ctx context.Context) error {
	r := l.sifter.roll
	query, back := l.statements.text("bring back"), newGift("_extract_id", "_row", "_known_hash")
	err := l.sifter.trail.walk(func(s step) error {
		place := int(s.place)
		if !l.sifter.again.has(place) {
			return nil
		}
		r.forget(place)
		back.number(0, s.extract)
		back.number(1, s.row)
		back.hash(2, r.hashes[2*place], r.hashes[2*place+1])
		return l.give(ctx, back, query, rowsAtATime)
	})
	return errors.Join(err, l.give(ctx, back, query, 1))
}

// findVanished notes the keys of present rows that did not come, where that is something to go by.
func (l *landing) findVanished(ctx context.Context) error {
	if err := l.exec(ctx, "create temp table vanished (_key_hash uuid)"); err != nil || !l.statements.Whole {
		return err
	}
	var accounted int64
	if err := l.query(ctx, l.statements.text("count not in landing"), &accounted); err != nil || accounted == l.sifter.roll.came {
		return err
	}
	vanished := newGift("_key_hash")
	note := func(key, known []byte) {
		if !l.sifter.roll.has(words(known)) {
			high, low := words(key)
			vanished.hash(0, high, low)
		}
	}
	return l.presentHashes(ctx, "present hashes", func(rows arrow.RecordBatch) { eachHash(rows, note) }, func() error { return l.give(ctx, vanished, "insert into vanished from batch", 1) })
}
