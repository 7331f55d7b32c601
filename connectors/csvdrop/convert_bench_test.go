package csvdrop

import (
	"bytes"
	"context"
	"io/fs"
	"testing"
	"testing/fstest"
	"time"

	"github.com/goldthread/goldthread/connectors"
)

func sampleDrop() drop {
	text := connectors.Text
	return drop{
		pattern: "*.csv", format: DefaultFormat(), onNew: refuseColumn,
		dataset: connectors.Dataset{Name: "requests", Mode: connectors.Increment, Columns: []connectors.Column{
			{Name: "ref", Kind: text, Required: true}, {Name: "uprn", Kind: text}, {Name: "raised", Kind: connectors.Date},
			{Name: "closed", Kind: connectors.Date}, {Name: "priority", Kind: text, Values: []string{"Urgent", "Routine"}},
			{Name: "cost", Kind: connectors.Decimal, Precision: 18, Scale: 2, Statuses: map[string]string{"": "missing"}},
			{Name: "hours", Kind: connectors.Integer}, {Name: "ward", Kind: text},
			{Name: "period", Kind: connectors.Period, Forms: []string{"financial_year"}}, {Name: "done", Kind: connectors.Boolean},
			{Name: "description", Kind: text},
		}},
	}
}

// BenchmarkConvert reads records into Arrow batches, without the archive.
func BenchmarkConvert(b *testing.B) {
	text := sample(200_000)
	d := sampleDrop()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		rows := 0
		r := &reading{Source: &Source{zone: time.UTC}, drop: d, dataset: d.dataset, emit: func(batch connectors.Batch) error {
			if batch.Rows != nil {
				rows += int(batch.Rows.NumRows())
				batch.Rows.Release()
			}
			return nil
		}}
		converter, err := connectors.NewRows(d.dataset, time.UTC)
		if err != nil {
			b.Fatal(err)
		}
		f := &fileLoad{loading: &loading{reading: r, rows: converter}}
		reader, bound, err := f.open(bytes.NewReader(text))
		if err != nil {
			b.Fatal(err)
		}
		if err := f.records(context.Background(), reader, bound); err != nil {
			b.Fatal(err)
		}
		if rows != 200_000 {
			b.Fatal(rows)
		}
	}
	b.ReportMetric(200_000*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkSource is the whole of a source: hash, archive, read, convert.
func BenchmarkSource(b *testing.B) {
	text := sample(200_000)
	d := sampleDrop()
	b.SetBytes(int64(len(text)))
	var files fs.FS = fstest.MapFS{"a.csv": {Data: text}}
	s := &Source{folder: "drops", files: files, zone: time.UTC, archive: &connectors.Archive{Folder: b.TempDir()}, drops: []drop{d}}
	for b.Loop() {
		for batch, err := range s.Read(context.Background(), d.dataset, nil) {
			if err != nil {
				b.Fatal(err)
			}
			if batch.Rows != nil {
				batch.Rows.Release()
			}
		}
	}
}
