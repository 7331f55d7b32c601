package connectors

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

var requests = Dataset{Source: "desk", Name: "requests", Mode: Increment, Key: []string{"ref"},
	Columns: []Column{{Name: "ref", Kind: Text}, {Name: "status", Kind: Text}}}

// A script is a source that yields what it was given, in order, and then err.
type script struct {
	batches []Batch
	err     error
}

func (s script) Datasets(context.Context) ([]Dataset, error) { return []Dataset{requests}, nil }

func (s script) Read(context.Context, Dataset, Cursor) iter.Seq2[Batch, error] {
	return func(yield func(Batch, error) bool) {
		for _, b := range s.batches {
			if !yield(b, nil) {
				return
			}
		}
		if s.err != nil {
			yield(Batch{}, s.err)
		}
	}
}

func rows(texts ...string) arrow.RecordBatch {
	b := array.NewRecordBuilder(memory.DefaultAllocator, requests.Schema())
	for i, text := range texts {
		ref, status, held := strings.Cut(text, " ")
		b.Field(0).(*array.StringBuilder).Append(ref)
		if held {
			b.Field(1).(*array.StringBuilder).Append(status)
		} else {
			b.Field(1).AppendNull()
		}
		b.Field(2).(*array.Int64Builder).Append(int64(i + 2))
	}
	return b.NewRecordBatch()
}

func looked(place string, outcome Outcome) *Extract { return &Extract{Place: place, Outcome: outcome} }

// A notebook takes loads and writes down what it was handed.
type notebook struct{ lines []string }

func (n *notebook) Load(_ context.Context, load *Load) error {
	var held []string
	for load.Next() {
		batch := load.RecordBatch()
		for row := range int(batch.NumRows()) {
			held = append(held, batch.Column(2).ValueStr(row)+":"+batch.Column(0).ValueStr(row))
		}
	}
	if load.Err() != nil {
		return load.Err()
	}
	read, blank := load.Counts()
	rejects := 0
	for range load.Rejects() {
		rejects++
	}
	n.lines = append(n.lines, fmt.Sprintf("load %s read %d blank %d rejects %d cursor %s", strings.Join(held, ","), read, blank, rejects, load.Cursor()))
	return nil
}

func (n *notebook) Looked(_ context.Context, looks []Look) error {
	for _, l := range looks {
		n.lines = append(n.lines, fmt.Sprintf("look %d %s %s", l.ID, l.Place, l.Outcome))
	}
	return nil
}

func runScript(t *testing.T, s script) ([]string, error) {
	t.Helper()
	var last int64
	r := &Runner{NextExtract: func() int64 { last++; return last }, TempFolder: t.TempDir()}
	n := &notebook{}
	err := r.Read(t.Context(), s, requests, nil, n)
	return n.lines, err
}

func TestReadHandsLoadsOn(t *testing.T) {
	for _, test := range []struct {
		name    string
		batches []Batch
		want    []string
	}{
		{"nothing", nil, nil},
		{"a file read before", []Batch{{Extract: looked("a", SameHash)}}, []string{"look 1 a same_hash"}},
		{"one load of two batches", []Batch{
			{Extract: looked("a", Landed), Rows: rows("x 1", "y 1"), Cursor: Cursor("1")},
			{Rows: rows("z 1"), Rejects: []Reject{{Row: 9, Reason: "no"}}, Blank: 2, Cursor: Cursor("2")},
		}, []string{"load 1:x,1:y,1:z read 6 blank 2 rejects 1 cursor 2"}},
		{"a load a file", []Batch{
			{Extract: looked("a", SameHash)},
			{Extract: looked("b", Landed), Rows: rows("x 1"), Cursor: Cursor("1"), EndOfLoad: true},
			{Extract: looked("c", Landed), Rows: rows("y 1"), Cursor: Cursor("2"), EndOfLoad: true},
		}, []string{"look 1 a same_hash", "load 2:x read 1 blank 0 rejects 0 cursor 1", "load 3:y read 1 blank 0 rejects 0 cursor 2"}},
		{"a header alone", []Batch{{Extract: looked("a", Landed), Cursor: Cursor("1"), EndOfLoad: true}},
			[]string{"load  read 0 blank 0 rejects 0 cursor 1"}},
		{"a refused file between two good ones", []Batch{
			{Extract: looked("a", Landed), Rows: rows("x 1"), EndOfLoad: true},
			{Extract: looked("b", Landed), Rows: rows("y 1")},
			{Extract: looked("b", Refused), Discard: true},
			{Extract: looked("c", Landed), Rows: rows("z 1"), EndOfLoad: true},
		}, []string{"load 1:x read 1 blank 0 rejects 0 cursor ", "look 2 b refused", "load 3:z read 1 blank 0 rejects 0 cursor "}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := runScript(t, script{batches: test.batches})
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
		})
	}
}

func TestReadKeepsNothingOfALoadThatBreaksOff(t *testing.T) {
	lost := errors.New("the line went dead")
	got, err := runScript(t, script{batches: []Batch{
		{Extract: looked("a", Landed), Rows: rows("x 1"), EndOfLoad: true},
		{Extract: looked("b", Landed), Rows: rows("y 1")},
	}, err: lost})
	if !errors.Is(err, lost) || len(got) != 1 {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestRejectsBeyondMemoryComeBackInOrder(t *testing.T) {
	spool := newRejectSpool(t.TempDir())
	defer spool.close()
	const many = rejectsInMemory + 25
	for i := range many {
		if err := spool.add(1, Reject{Row: int64(i), Reason: "no"}); err != nil {
			t.Fatal(err)
		}
	}
	var next int64
	for reject, err := range spool.all() {
		if err != nil || reject.Row != next {
			t.Fatalf("reject %d: %+v, %v", next, reject, err)
		}
		next++
	}
	if next != many {
		t.Errorf("%d of %d came back", next, many)
	}
}

func TestRowHashTellsRowsApart(t *testing.T) {
	batch := rows("ab c", "a bc", "a", "ab c")
	keys, contents := NewRowHasher(batch.Schema(), requests.Key).Hash(batch)
	same := func(a arrow.Array, i, j int) bool { return a.ValueStr(i) == a.ValueStr(j) }
	if !same(contents, 0, 3) || same(contents, 0, 1) || same(contents, 1, 2) {
		t.Error("equal rows must have one hash and different rows two")
	}
	if !same(keys, 1, 2) || same(keys, 0, 1) {
		t.Error("the key's hash must follow the key alone")
	}
}

func TestRowHashIsLeftAloneByAnEmptyNewColumn(t *testing.T) {
	wide := rows("a", "b")
	narrow := array.NewRecordBatch(arrow.NewSchema([]arrow.Field{wide.Schema().Field(0), wide.Schema().Field(2)}, nil),
		[]arrow.Array{wide.Column(0), wide.Column(2)}, 2)
	_, one := NewRowHasher(wide.Schema(), nil).Hash(wide)
	_, two := NewRowHasher(narrow.Schema(), nil).Hash(narrow)
	if one.ValueStr(0) != two.ValueStr(0) {
		t.Error("a column without a value changed the hash of its row")
	}
}
