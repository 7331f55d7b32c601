package csvdrop

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/goldthread/goldthread/connectors"
)

// A folder is a council's folder with a source that reads its drops.
type folder struct {
	t      *testing.T
	root   string
	source *Source
	drop   *drop
}

func newFolder(t *testing.T) *folder {
	t.Helper()
	root := t.TempDir()
	drops := filepath.Join(root, "drops")
	if err := os.Mkdir(drops, 0o700); err != nil {
		t.Fatal(err)
	}
	d := drop{
		dataset: connectors.Dataset{
			Source: "waste", Name: "tonnes", Mode: connectors.Increment, Key: []string{"area"}, MaxQuarantined: 0.01,
			Columns: []connectors.Column{
				{Name: "area", Kind: connectors.Text, Required: true},
				{Name: "tonnes", Kind: connectors.Decimal, Precision: 18, Scale: 2, Statuses: map[string]string{"NA": "missing"}},
			},
		},
		pattern: "**/*.csv", format: DefaultFormat(), onNew: refuseColumn,
	}
	source := &Source{
		folder: "drops", files: os.DirFS(drops), zone: time.UTC,
		archive: &connectors.Archive{Folder: filepath.Join(root, "archive")}, drops: []drop{d},
	}
	return &folder{t, root, source, &source.drops[0]}
}

func (f *folder) write(name, text string) {
	f.t.Helper()
	path := filepath.Join(f.root, "drops", filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		f.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		f.t.Fatal(err)
	}
}

func (f *folder) remove(name string) {
	f.t.Helper()
	if err := os.RemoveAll(filepath.Join(f.root, "drops", name)); err != nil {
		f.t.Fatal(err)
	}
}

// read tells what a reading since the cursor yields, a line for each thing, and gives the cursor of its last load.
func (f *folder) read(since connectors.Cursor) (told string, cursor connectors.Cursor) {
	f.t.Helper()
	datasets, err := f.source.Datasets(context.Background())
	if err != nil {
		f.t.Fatal(err)
	}
	var b strings.Builder
	cursor = since
	for batch, err := range f.source.Read(context.Background(), datasets[0], since) {
		if err != nil {
			f.t.Fatal(err)
		}
		tell(&b, batch)
		if batch.Cursor != nil {
			cursor = batch.Cursor
		}
	}
	return b.String(), cursor
}

func tell(b *strings.Builder, batch connectors.Batch) {
	if e := batch.Extract; e != nil {
		fmt.Fprintf(b, "%s %s", e.Outcome, e.Place)
		if !e.PublishedAt.IsZero() {
			fmt.Fprintf(b, " of %s", e.PublishedAt.Format(time.DateOnly))
		}
		if e.Reason != "" {
			b.WriteString(": " + e.Reason)
		}
		for _, note := range e.Notes {
			b.WriteString(" (" + note + ")")
		}
		b.WriteString("\n")
	}
	if batch.Rows != nil {
		tellRows(b, batch.Rows)
		batch.Rows.Release()
	}
	for _, r := range batch.Rejects {
		fmt.Fprintf(b, "  set aside line %d %q: %s\n", r.Row, r.Text, r.Reason)
	}
	if batch.Blank > 0 {
		fmt.Fprintf(b, "  blank %d\n", batch.Blank)
	}
	if batch.Discard {
		b.WriteString("discard\n")
	}
	if batch.Cursor != nil && batch.EndOfLoad {
		b.WriteString("load\n")
	}
}

func tellRows(b *strings.Builder, rows arrow.RecordBatch) {
	for i := range int(rows.NumRows()) {
		b.WriteString(" ")
		for _, column := range rows.Columns() {
			b.WriteString(" " + column.ValueStr(i))
		}
		b.WriteString("\n")
	}
}

func expect(t *testing.T, got, want string) {
	t.Helper()
	if want = strings.TrimPrefix(want, "\n"); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestReadLandsEachFileAsALoadInOrderOfEdition(t *testing.T) {
	f := newFolder(t)
	f.drop.edition = Edition{From: "path", Pattern: `/(\d{4}-\d{2})/`}
	f.write("2026-05/a.csv", "area,tonnes\nHale,2.5\n")
	f.write("2024-09/b.csv", "tonnes,area\nNA,Hale\n")
	f.write("old/c.csv", "area,tonnes\n")
	told, _ := f.read(nil)
	expect(t, told, `
refused drops/old/c.csv: the contract reads the date of publication from the path with the pattern /(\d{4}-\d{2})/, which "/drops/old/c.csv" does not fit
landed drops/2024-09/b.csv of 2024-09-01
  Hale (null) missing 2
load
landed drops/2026-05/a.csv of 2026-05-01
  Hale 2.5 ok 2
load
`)
}

func TestReadNotesWhatHasBeenReadBefore(t *testing.T) {
	f := newFolder(t)
	f.write("a.csv", "area,tonnes\nHale,2\n")
	told, first := f.read(nil)
	expect(t, told, "landed drops/a.csv\n  Hale 2 ok 2\nload\n")

	told, _ = f.read(first)
	expect(t, told, "same_hash drops/a.csv\n")

	t.Run("renamed", func(t *testing.T) {
		f.remove("a.csv")
		f.write("b.csv", "area,tonnes\nHale,2\n")
		told, _ := f.read(first)
		expect(t, told, "same_hash drops/b.csv\n")
	})
	t.Run("changed and put back", func(t *testing.T) {
		f.remove("b.csv")
		f.write("a.csv", "area,tonnes\nHale,3\n")
		told, second := f.read(first)
		expect(t, told, "landed drops/a.csv\n  Hale 3 ok 2\nload\n")
		f.write("a.csv", "area,tonnes\nHale,2\n")
		told, _ = f.read(second)
		expect(t, told, "landed drops/a.csv\n  Hale 2 ok 2\nload\n")
	})
}

func TestReadTakesTheSameFileTwiceOnce(t *testing.T) {
	f := newFolder(t)
	f.write("a.csv", "area,tonnes\nHale,2\n")
	f.write("copy of a.csv", "area,tonnes\nHale,2\n")
	told, _ := f.read(nil)
	expect(t, told, "landed drops/a.csv\n  Hale 2 ok 2\nload\nsame_hash drops/copy of a.csv\n")
}

func TestReadKeepsACopyKnownAfterTheFileHasChanged(t *testing.T) {
	f := newFolder(t)
	f.write("a.csv", "area,tonnes\nHale,2\n")
	_, cursor := f.read(nil)
	f.write("a.csv", "area,tonnes\nHale,3\n")
	f.write("b.csv", "area,tonnes\nHale,2\n")
	told, cursor := f.read(cursor)
	expect(t, told, "same_hash drops/b.csv\nlanded drops/a.csv\n  Hale 3 ok 2\nload\n")
	told, _ = f.read(cursor)
	expect(t, told, "same_hash drops/a.csv\nsame_hash drops/b.csv\n")
}

func TestReadTakesASnapshotWholeOrNotAtAll(t *testing.T) {
	f := newFolder(t)
	f.drop.dataset.Mode = connectors.Snapshot
	f.write("a.csv", "area,tonnes\nHale,2\n")
	f.write("b.csv", "area,tonnes\nSale,3\n")
	told, first := f.read(nil)
	expect(t, told, "landed drops/a.csv\n  Hale 2 ok 2\nlanded drops/b.csv\n  Sale 3 ok 2\nload\n")

	told, _ = f.read(first)
	expect(t, told, "same_hash drops/a.csv\nsame_hash drops/b.csv\n")

	f.write("b.csv", "area,tonnes\nSale,4\n")
	told, second := f.read(first)
	expect(t, told, "landed drops/a.csv\n  Hale 2 ok 2\nlanded drops/b.csv\n  Sale 4 ok 2\nload\n")

	f.write("b.csv", "area,weight\nSale,4\n")
	told, third := f.read(second)
	expect(t, told, "landed drops/a.csv\n  Hale 2 ok 2\n"+
		`refused drops/b.csv: line 1 lacks "tonnes"; the contract has "area", "tonnes"; the file has "area", "weight"`+"\ndiscard\n"+
		"refused drops/a.csv: not kept, as a snapshot is read whole and drops/b.csv could not be\n")

	f.remove("b.csv")
	told, _ = f.read(third)
	expect(t, told, "landed drops/a.csv\n  Hale 2 ok 2\nload\n")
}

func TestReadDealsWithNewColumnsAsTheContractSays(t *testing.T) {
	f := newFolder(t)
	f.write("a.csv", "area,tonnes,Note\nHale,2,wet\n")
	f.write("b.csv", "area,tonnes,,site\nSale,3,,Carrington\n")

	f.drop.onNew = ignoreColumn
	told, _ := f.read(nil)
	expect(t, told, `
landed drops/a.csv (columns that the contract does not name were passed over: "Note")
  Hale 2 ok 2
load
landed drops/b.csv (columns that the contract does not name were passed over: "", "site")
  Sale 3 ok 2
load
`)

	f.drop.onNew = addColumn
	f.write("b.csv", "area,tonnes,site\nSale,3,Carrington\n")
	told, _ = f.read(nil)
	expect(t, told, "landed drops/a.csv\n  Hale 2 ok wet (null) 2\nload\nlanded drops/b.csv\n  Sale 3 ok (null) Carrington 2\nload\n")

	f.write("b.csv", "area,tonnes,tonnes_status\nSale,3,ok\n")
	told, _ = f.read(nil)
	expect(t, told, "landed drops/a.csv\n  Hale 2 ok wet 2\nload\n"+
		`refused drops/b.csv: line 1 has columns that cannot be added, as they have no name or one that is taken: "tonnes_status"`+"\n")
}

func TestReadStopsWithItsContext(t *testing.T) {
	f := newFolder(t)
	f.write("a.csv", "area,tonnes\n"+strings.Repeat("Hale,2\n", 3*batchRows))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	batches := 0
	var last error
	for batch, err := range f.source.Read(ctx, f.drop.dataset, nil) {
		last = err
		if err == nil {
			batches++
			batch.Rows.Release()
		}
		cancel()
	}
	if batches != 1 || last != context.Canceled {
		t.Errorf("got %d batches and then %v", batches, last)
	}
}
