package csvdrop

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/goldthread/goldthread/connectors"
)

// FuzzLoad reads any file under a contract: unless it is refused, each of its records is stored, set aside with a reason,
// or blank, and what is set aside can be kept as text.
func FuzzLoad(f *testing.F) {
	f.Add([]byte("ref,cost,raised\na,1,2025-01-01\n\nb,x,\n"))
	f.Add([]byte("ref,cost,raised\r\na,\"£1,000\",30/06/2025\r\n,,\r\n\xFF,1,\r\n\"c,1,\r\n"))
	d := drop{format: DefaultFormat(), onNew: ignoreColumn, dataset: connectors.Dataset{MaxQuarantined: 1, Columns: []connectors.Column{
		{Name: "ref", Kind: connectors.Text, Required: true},
		{Name: "cost", Kind: connectors.Decimal, Precision: 9, Scale: 2, Number: connectors.NumberForms, Statuses: map[string]string{"x": "suppressed"}},
		{Name: "raised", Kind: connectors.Date},
	}}}
	f.Fuzz(func(t *testing.T, text []byte) {
		var landed tally
		r := &reading{Source: &Source{zone: time.UTC}, drop: d, dataset: d.dataset, emit: func(batch connectors.Batch) error {
			landed.add(t, batch)
			return nil
		}}
		rows, err := connectors.NewRows(d.dataset, time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		load := &fileLoad{loading: &loading{reading: r, rows: rows}}
		reader, bound, err := load.open(bytes.NewReader(text))
		if err == nil {
			err = errors.Join(load.records(context.Background(), reader, bound), load.flush(context.Background(), false))
		}
		if err != nil {
			var refused *refusal
			if !errors.As(err, &refused) {
				t.Fatal(err)
			}
			return
		}
		if want := records(t, text, d.format); landed.stored+landed.aside+landed.blank != want {
			t.Errorf("%+v of %d records", landed, want)
		}
	})
}

func (n *tally) add(t *testing.T, batch connectors.Batch) {
	if batch.Rows != nil {
		n.stored += int(batch.Rows.NumRows())
		batch.Rows.Release()
	}
	n.blank += int(batch.Blank)
	n.aside += len(batch.Rejects)
	for _, r := range batch.Rejects {
		if r.Reason == "" || r.Row < 2 || legible([]byte(r.Text)) != r.Text {
			t.Fatalf("set aside %+v", r)
		}
	}
}

// records counts those below the column names.
func records(t *testing.T, text []byte, format Format) (n int) {
	r, err := NewReader(bytes.NewReader(text), format)
	if err != nil {
		t.Fatal(err)
	}
	for {
		record, err := r.Next()
		if err == io.EOF {
			return n - 1
		}
		if err != nil {
			t.Fatal(err)
		}
		if n++; n == 1 {
			r.Width = len(record.Fields)
		}
	}
}
