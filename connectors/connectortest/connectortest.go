// Package connectortest is what every kind of source must pass. It is imported by tests alone.
//
// A kind hands the suite a way to open a source over some data of its own, and settings that must be refused. Where a
// kind cannot do what a test asks, it says so with a reason in Waive.
package connectortest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/internal/strictyaml"
)

// A Case is one kind under test.
type Case struct {
	// Open gives a new source over the same data each time: at least one dataset with a key and several batches.
	Open func(t *testing.T) connectors.Source
	// Broken gives a source of which reading a dataset comes to a fault after some of it was read.
	Broken func(t *testing.T) connectors.Source
	// Bad are settings that must be refused, by what is wrong with them.
	Bad map[string]connectors.Config
	// Again says of datasets that are read again from some way before the cursor, or whole, how many rows of the data come
	// again; of any other none may. What comes again must be rows that came before, so that landing them stores nothing.
	Again map[string]int
	// Waive names tests the kind does not pass, each with the reason.
	Waive map[string]string
}

// A test is one of the suite.
type test struct {
	name string
	run  func(t *testing.T, c Case)
}

var tests = []test{
	{"stops on cancel", stopsOnCancel},
	{"stops when nobody wants more", stopsWhenNobodyWantsMore},
	{"same rows twice", sameRowsTwice},
	{"nothing new since the cursor", nothingNew},
	{"whole or error", wholeOrError},
	{"keys unique", keysUnique},
	{"batches follow the schema", followsSchema},
	{"bad settings refused", badSettings},
}

// Run runs the suite.
func Run(t *testing.T, c Case) {
	t.Helper()
	for name := range c.Waive {
		if !slices.ContainsFunc(tests, func(one test) bool { return one.name == name }) {
			t.Errorf("waived %q is no test of the suite", name)
		}
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if reason, waived := c.Waive[test.name]; waived {
				t.Logf("waived: %s", reason)
				return
			}
			test.run(t, c)
		})
	}
}

// datasets lists what a source can give, of which there must be something.
func datasets(t *testing.T, source connectors.Source) []connectors.Dataset {
	t.Helper()
	all, err := source.Datasets(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		t.Fatal("the source has no dataset")
	}
	return all
}

// A reading is what a source has yielded, load by load as the runner would keep it.
type reading struct {
	rows []string // as text, of the loads that are kept
	keys []string
	// contents are the rows without their places.
	contents []string
	cursor   connectors.Cursor
	loads    int
	err      error
}

// read reads a dataset to its end.
func read(ctx context.Context, source connectors.Source, ds connectors.Dataset, since connectors.Cursor) reading {
	done := reading{cursor: since}
	var open reading
	keep := func() {
		if len(open.rows) > 0 || open.cursor != nil {
			done.rows, done.keys = append(done.rows, open.rows...), append(done.keys, open.keys...)
			done.contents = append(done.contents, open.contents...)
			done.loads++
		}
		if open.cursor != nil {
			done.cursor = open.cursor
		}
		open = reading{}
	}
	for batch, err := range source.Read(ctx, ds, since) {
		if err != nil {
			done.err = err
			return done
		}
		open.take(ds, batch)
		switch {
		case batch.Discard:
			open = reading{}
		case batch.EndOfLoad:
			keep()
		}
	}
	keep()
	return done
}

func (r *reading) take(ds connectors.Dataset, batch connectors.Batch) {
	if batch.Cursor != nil {
		r.cursor = batch.Cursor
	}
	if batch.Rows == nil {
		return
	}
	defer batch.Rows.Release()
	schema := batch.Rows.Schema()
	for i := range int(batch.Rows.NumRows()) {
		var row, key, content strings.Builder
		for c, column := range batch.Rows.Columns() {
			text := fmt.Sprintf("%q ", column.ValueStr(i))
			row.WriteString(text)
			if schema.Field(c).Name != connectors.RowColumn {
				content.WriteString(text)
			}
			if slices.Contains(ds.Key, schema.Field(c).Name) {
				key.WriteString(text)
			}
		}
		r.rows, r.keys = append(r.rows, row.String()), append(r.keys, key.String())
		r.contents = append(r.contents, content.String())
	}
}

func stopsOnCancel(t *testing.T, c Case) {
	source := c.Open(t)
	ds := datasets(t, source)[0]
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	batches := 0
	var last error
	for batch, err := range source.Read(ctx, ds, nil) {
		if last != nil {
			t.Fatal("something follows the error")
		}
		last = err
		if err == nil {
			batches++
			release(batch)
		}
		cancel()
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("a cancelled reading ends with %v", last)
	}
	if batches > 1 {
		t.Errorf("%d batches came after the cancel", batches-1)
	}
}

func release(batch connectors.Batch) {
	if batch.Rows != nil {
		batch.Rows.Release()
	}
}

func stopsWhenNobodyWantsMore(t *testing.T, c Case) {
	source := c.Open(t)
	for batch, err := range source.Read(context.Background(), datasets(t, source)[0], nil) {
		if err != nil {
			t.Fatal(err)
		}
		release(batch)
		break // an iterator that yields on panics here
	}
}

func sameRowsTwice(t *testing.T, c Case) {
	for _, ds := range datasets(t, c.Open(t)) {
		first, second := read(context.Background(), c.Open(t), ds, nil), read(context.Background(), c.Open(t), ds, nil)
		if first.err != nil || second.err != nil {
			t.Fatal(first.err, second.err)
		}
		if len(first.rows) == 0 {
			t.Errorf("%s: nothing was read", ds.Name)
		}
		if !slices.Equal(first.rows, second.rows) || string(first.cursor) != string(second.cursor) {
			t.Errorf("%s: two readings of the same data differ: %d and %d rows", ds.Name, len(first.rows), len(second.rows))
		}
	}
}

func nothingNew(t *testing.T, c Case) {
	for _, ds := range datasets(t, c.Open(t)) {
		first := read(context.Background(), c.Open(t), ds, nil)
		again := read(context.Background(), c.Open(t), ds, first.cursor)
		if again.err != nil {
			t.Fatal(again.err)
		}
		most, may := c.Again[ds.Name]
		if len(again.rows) != most || again.loads > 0 && !may {
			t.Errorf("%s: %d rows in %d loads come again after the cursor %s, where %d may", ds.Name, len(again.rows), again.loads, first.cursor, most)
		}
		if may {
			cameBefore(t, ds, first, again)
		}
	}
}

// cameBefore makes sure that what comes again is word for word what came before, wherever it stands now.
func cameBefore(t *testing.T, ds connectors.Dataset, first, again reading) {
	t.Helper()
	known := map[string]bool{}
	for _, row := range first.contents {
		known[row] = true
	}
	for _, row := range again.contents {
		if !known[row] {
			t.Errorf("%s: a row comes again that did not come before: %s", ds.Name, row)
		}
	}
}

func wholeOrError(t *testing.T, c Case) {
	source := c.Broken(t)
	for _, ds := range datasets(t, source) {
		if got := read(context.Background(), source, ds, nil); got.loads > 0 {
			t.Errorf("%s: a reading that failed leaves %d rows in %d loads", ds.Name, len(got.rows), got.loads)
		}
	}
}

func keysUnique(t *testing.T, c Case) {
	keyed := 0
	for _, ds := range datasets(t, c.Open(t)) {
		if len(ds.Key) == 0 {
			continue
		}
		keyed++
		seen := map[string]bool{}
		for _, key := range read(context.Background(), c.Open(t), ds, nil).keys {
			if seen[key] {
				t.Errorf("%s: the key %s comes twice", ds.Name, key)
			}
			seen[key] = true
		}
	}
	if keyed == 0 {
		t.Error("the case has no dataset with a key")
	}
}

func followsSchema(t *testing.T, c Case) {
	source := c.Open(t)
	for _, ds := range datasets(t, source) {
		for batch, err := range source.Read(context.Background(), ds, nil) {
			if err != nil {
				t.Fatal(err)
			}
			if batch.Rows == nil {
				continue
			}
			if !batch.Rows.Schema().Equal(ds.Schema()) {
				t.Errorf("%s: a batch has %v, the dataset %v", ds.Name, batch.Rows.Schema(), ds.Schema())
			}
			numbers := batch.Rows.Column(int(batch.Rows.NumCols()) - 1).(*array.Int64)
			if numbers.NullN() > 0 {
				t.Errorf("%s: a row has no number", ds.Name)
			}
			release(batch)
		}
	}
}

func badSettings(t *testing.T, c Case) {
	if len(c.Bad) == 0 {
		t.Error("the case has no bad settings")
	}
	for wrong, config := range c.Bad {
		if err := config.Validate(&strictyaml.Positions{}); err == nil {
			t.Errorf("settings with %s are taken", wrong)
		}
	}
}
