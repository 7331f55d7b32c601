package pipeline

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/zeebo/xxh3"

	"github.com/goldthread/goldthread/connectors"
)

// mostKeys is how many keys are remembered to find those that stand twice: some 100 MB.
const mostKeys = 2_000_000

// An examined is what a reading showed of a dataset, in counts.
type examined struct {
	dataset connectors.Dataset
	looks   int
	rows    int64
	aside   map[string]int64 // by reason, which names the column
	blank   int64
	notes   []string
	failed  string // why something could not be read
	cursor  connectors.Cursor
	columns []extent
	keys    map[xxh3.Uint128]struct{} // of the load under way
	unlike  int                       // keys of loads before it
	twice   int64                     // rows with a key that another row of their load has

	findings []connectors.Finding
}

// An extent is how far the values of a column go.
type extent struct {
	nulls          int64
	whole, decimal int    // most digits before and behind the point
	longest        int    // characters of a text
	finest         string // of moments
}

func newExamined(ds connectors.Dataset) *examined {
	return &examined{dataset: ds, aside: map[string]int64{}, columns: make([]extent, len(ds.Schema().Fields())), keys: map[xxh3.Uint128]struct{}{}}
}

// read reads on to the end where it is to be deep, else to the first rows. Its error is that of a context that ended.
func (x *examined) read(ctx context.Context, src connectors.Source, since connectors.Cursor, deep bool) error {
	for batch, err := range src.Read(ctx, x.dataset, since) {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			x.failed = err.Error()
			return nil
		}
		x.take(batch)
		if !deep && batch.Rows != nil {
			return nil
		}
	}
	return ctx.Err()
}

func (x *examined) take(batch connectors.Batch) {
	if e := batch.Extract; e != nil {
		x.looks++
		x.notes = append(x.notes, e.Notes...)
		if e.Outcome == connectors.Refused || e.Outcome == connectors.Failed {
			x.failed = e.Place + ": " + e.Reason
		}
	}
	if batch.Cursor != nil {
		x.cursor = batch.Cursor
	}
	x.blank += batch.Blank
	for _, r := range batch.Rejects {
		x.aside[r.Reason]++
	}
	if batch.Rows != nil {
		x.takeRows(batch)
	}
	if batch.EndOfLoad { // a later load may restate a row
		x.unlike += len(x.keys)
		clear(x.keys)
	}
}

func (x *examined) takeRows(batch connectors.Batch) {
	defer batch.Rows.Release()
	x.rows += batch.Rows.NumRows()
	for i, column := range batch.Rows.Columns() {
		if i < len(x.columns) {
			x.columns[i].widen(column)
		}
	}
	x.count(batch.Rows)
}

// count looks for keys that stand twice.
func (x *examined) count(rows arrow.RecordBatch) {
	var key []int
	for _, name := range x.dataset.Key {
		key = append(key, rows.Schema().FieldIndices(name)...)
	}
	if len(key) == 0 {
		return
	}
	var text strings.Builder
	for row := range int(rows.NumRows()) {
		if len(x.keys) >= mostKeys {
			return
		}
		text.Reset()
		for _, column := range key {
			value := rows.Column(column).ValueStr(row)
			fmt.Fprintf(&text, "%d:%s", len(value), value)
		}
		hash := xxh3.HashString128(text.String())
		if _, held := x.keys[hash]; held {
			x.twice++
		}
		x.keys[hash] = struct{}{}
	}
}

// widen takes the values of a column into account.
func (e *extent) widen(column arrow.Array) {
	e.nulls += int64(column.NullN())
	for row := range column.Len() {
		if column.IsNull(row) {
			continue
		}
		switch c := column.(type) {
		case *array.Decimal128:
			whole, behind, _ := strings.Cut(strings.TrimPrefix(c.ValueStr(row), "-"), ".")
			e.whole, e.decimal = max(e.whole, len(strings.TrimLeft(whole, "0"))), max(e.decimal, len(strings.TrimRight(behind, "0")))
		case *array.String:
			e.longest = max(e.longest, utf8.RuneCountInString(c.Value(row)))
		case *array.Timestamp:
			e.finest = finer(e.finest, int64(c.Value(row)))
		}
	}
}

// A fraction is a part of a second.
type fraction struct {
	name   string
	micros int64
}

// fractions are from the coarsest.
var fractions = []fraction{{"whole seconds", int64(time.Second / time.Microsecond)}, {"milliseconds", 1000}, {"microseconds", 1}}

// finer is the finer of a fraction and that of a moment.
func finer(so string, moment int64) string {
	at := slices.IndexFunc(fractions, func(f fraction) bool { return moment%f.micros == 0 })
	before := slices.IndexFunc(fractions, func(f fraction) bool { return f.name == so })
	return fractions[max(at, before)].name
}

func (x *examined) find(tried string, ok bool, found string, args ...any) {
	x.findings = append(x.findings, connectors.Finding{Dataset: x.dataset.Name, Tried: tried, Found: fmt.Sprintf(found, args...), OK: ok})
}

// reached says whether the source answered, and what it had to say beside its rows.
func (x *examined) reached(took time.Duration) {
	switch {
	case x.failed != "":
		x.find("reading", false, "%s", x.failed)
		return
	case x.rows == 0:
		x.find("reading", true, "it answered in %.1f seconds, and no row came", took.Seconds())
	default:
		x.find("reading", true, "it answered in %.1f seconds, and rows came", took.Seconds())
	}
	for _, note := range x.notes {
		x.find("note", true, "%s", note)
	}
}

// contents says what came: how many rows, which do not fit, how far each column goes, whether the key tells rows apart.
func (x *examined) contents() {
	var aside int64
	for _, n := range x.aside {
		aside += n
	}
	x.find("rows", true, "%d fit the contract, %d would be set aside, %d are blank, in %d looks", x.rows, aside, x.blank, x.looks)
	for _, reason := range slices.Sorted(maps.Keys(x.aside)) {
		x.find("types", false, "%s, in %d of %d rows", reason, x.aside[reason], x.rows+aside)
	}
	fields := x.dataset.Schema().Fields()
	for i, field := range fields[:len(fields)-1] { // the last is the row's number
		x.find("precision", true, "%s: %s", field.Name, x.columns[i].told(field.Type, x.rows))
	}
	key := strings.Join(x.dataset.Key, ", ")
	switch {
	case key == "":
		x.find("key", true, "there is none; rows are told apart by content")
	case x.twice > 0:
		x.find("key", false, "%d rows have a key (%s) that another row has too, and would be set aside", x.twice, key)
	default:
		x.find("key", true, "%s tells one row from another in %d rows", key, x.unlike+len(x.keys))
	}
}

// again says what comes again after the cursor of this reading.
func (x *examined) again(second *examined) {
	switch {
	case second.failed != "":
		x.find("cursor", false, "the second reading failed: %s", second.failed)
	case len(x.cursor) == 0:
		x.find("cursor", true, "the source keeps none; %d rows come again each time", second.rows)
	case second.rows == 0:
		x.find("cursor", true, "one of %d bytes; nothing comes again after it", len(x.cursor))
	default:
		x.find("cursor", true, "one of %d bytes; %d of %d rows come again after it, and landing counts them as unchanged", len(x.cursor), second.rows, x.rows)
	}
}

// told says how far the values of a column go.
func (e extent) told(kind arrow.DataType, rows int64) string {
	var what string
	switch t := kind.(type) {
	case *arrow.Int64Type:
		what = "whole numbers"
	case *arrow.Date32Type:
		what = "dates"
	case *arrow.BooleanType:
		what = "true or false"
	case *arrow.Decimal128Type:
		what = fmt.Sprintf("at most %d digits before the point and %d behind it, where %d and %d have room", e.whole, e.decimal, t.Precision-t.Scale, t.Scale)
	case *arrow.StringType:
		what = fmt.Sprintf("text of at most %d characters", e.longest)
	case *arrow.TimestampType:
		what = "moments"
		if e.finest != "" {
			what += " to " + e.finest
		}
	}
	return fmt.Sprintf("%s; %d of %d empty", what, e.nulls, rows)
}
