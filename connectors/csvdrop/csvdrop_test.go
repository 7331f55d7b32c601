package csvdrop

import (
	"context"
	"fmt"
	"io/fs"
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

func TestReadSaysWhatIsWrongWithAFileAndGoesOn(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"empty", "", "refused drops/a.csv: the file is empty (0 bytes); ask its sender for it again\n"},
		{"header only", "area,tonnes\n", "landed drops/a.csv (the file holds column names and no row)\nload\n"},
		{"column missing", "area,weight\nHale,2\n",
			`refused drops/a.csv: line 1 lacks "tonnes"; the contract has "area", "tonnes"; the file has "area", "weight"` + "\n"},
		{"column new", "area,tonnes,note\nHale,2,x\n",
			`refused drops/a.csv: line 1 has columns that the contract does not name: "note"; the contract has "area", "tonnes"; ` +
				"name them there, or set on_new_column to add or ignore\n"},
		{"column twice", "area,tonnes,Tonnes\nHale,2,3\n",
			`refused drops/a.csv: line 1 names the column "Tonnes" twice; the file has "area", "tonnes", "Tonnes"` + "\n"},
		{"no header", "Hale,2\nSale,3\n",
			`refused drops/a.csv: line 1 holds none of the contract's column names ("area", "tonnes"); they may be missing, ` +
				`on another line (header_row), or parted by another sign than "," (delimiter)` + "\n"},
		{"header damaged", "area,ton\"nes\nHale,2\n",
			"refused drops/a.csv: the column names in line 1 cannot be read: a quote stands within a field that does not begin with one\n"},
		{"utf-16", "\xFF\xFEa\x00", "refused drops/a.csv: the contract says utf-8 and the file is UTF-16; save it as UTF-8, or set encoding to utf-16\n"},
		{"too much set aside", "area,tonnes\nHale,2\nSale,a\nTimperley,b\nStretford,c\nUrmston,d\n",
			"refused drops/a.csv: 4 of 5 rows cannot be read, and the contract bears 3 (max_quarantined 0.01); " +
				"the first is line 3: column \"tonnes\": not a number, expected decimal(18,2)\n"},
		{"all set aside", "area,tonnes\nHale,a\n",
			"refused drops/a.csv: 1 of 1 rows cannot be read, and the contract bears 0 (max_quarantined 0.01); " +
				"the first is line 2: column \"tonnes\": not a number, expected decimal(18,2)\n"},
		{"a handful set aside", "area,tonnes\nHale,2\nTotal\n,5\n,\n\n",
			"landed drops/a.csv\n  Hale 2 ok 2\n  set aside line 3 \"Total\": the record has 1 fields and the header 2\n" +
				"  set aside line 4 \"\": column \"area\": empty, and the contract requires a value\n  blank 2\nload\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := newFolder(t)
			f.write("a.csv", test.text)
			f.write("b.csv", "area,tonnes\nBowdon,7\n")
			told, _ := f.read(nil)
			expect(t, told, test.want+"landed drops/b.csv\n  Bowdon 7 ok 2\nload\n")
		})
	}
}

func TestReadSaysThatTheFolderIsMissing(t *testing.T) {
	f := newFolder(t)
	f.remove("")
	told, _ := f.read(nil)
	expect(t, told, "failed drops: the folder drops is not there; make it, or correct \"folder\" in the source's file\n")
}

func TestReadTellsAFolderWithoutFilesBeforeAndAfterTheFirstLoad(t *testing.T) {
	f := newFolder(t)
	told, _ := f.read(nil)
	expect(t, told, "failed drops/**/*.csv: no file in drops fits \"**/*.csv\"; leave one there, or correct \"files\" in the source's file\n")
	f.write("a.csv", "area,tonnes\nHale,2\n")
	_, cursor := f.read(nil)
	f.remove("a.csv")
	told, _ = f.read(cursor)
	expect(t, told, "unchanged drops/**/*.csv (no file in drops fits \"**/*.csv\" now; what was read before is kept)\n")
}

// growing is a file system in which somebody adds to one file while it is read.
type growing struct {
	fs.FS
	name, path string
}

func (g growing) Open(name string) (fs.File, error) {
	file, err := g.FS.Open(name)
	if err != nil || name != g.name {
		return file, err
	}
	return &growingFile{File: file, path: g.path}, nil
}

type growingFile struct {
	fs.File
	path  string
	grown bool
}

func (g *growingFile) Read(p []byte) (int, error) {
	if !g.grown {
		g.grown = true
		if err := appendTo(g.path, "Sale,3\n"); err != nil {
			return 0, err
		}
	}
	return g.File.Read(p)
}

func appendTo(path, text string) error {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = file.WriteString(text)
	return err
}

func TestReadLeavesAFileThatIsStillBeingWritten(t *testing.T) {
	f := newFolder(t)
	f.write("a.csv", "area,tonnes\nHale,2\n")
	f.write("b.csv", "area,tonnes\nBowdon,7\n")
	still := f.source.files
	f.source.files = growing{still, "a.csv", filepath.Join(f.root, "drops", "a.csv")}
	told, cursor := f.read(nil)
	expect(t, told, "failed drops/a.csv: the file changed while it was being read, so it may still be being copied here; "+
		"the next run reads it again\nlanded drops/b.csv\n  Bowdon 7 ok 2\nload\n")

	f.source.files = still
	told, _ = f.read(cursor)
	expect(t, told, "same_hash drops/b.csv\nlanded drops/a.csv\n  Hale 2 ok 2\n  Sale 3 ok 3\nload\n")
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

func TestReadTakesBackWhatItYieldedOfAFileThatIsRefused(t *testing.T) {
	f := newFolder(t)
	var text strings.Builder
	text.WriteString("area,tonnes\n")
	for range batchRows {
		text.WriteString("Hale,2\n")
	}
	f.write("a.csv", text.String()+strings.Repeat("Sale,x\n", batchRows))
	f.write("b.csv", "area,tonnes\nBowdon,7\n")
	told, cursor := f.read(nil)
	for _, row := range []string{"  Hale 2 ok ", "  set aside line "} {
		told = without(told, row)
	}
	expect(t, told, "landed drops/a.csv\nrefused drops/a.csv: 16384 of 32768 rows cannot be read, and the contract bears 327 (max_quarantined 0.01); "+
		"the first is line 16386: column \"tonnes\": not a number, expected decimal(18,2)\ndiscard\nlanded drops/b.csv\n  Bowdon 7 ok 2\nload\n")
	if strings.Contains(string(cursor), "a.csv") {
		t.Errorf("the cursor holds the refused file: %s", cursor)
	}
}

// without drops the lines that begin with prefix.
func without(text, prefix string) string {
	var kept strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, prefix) {
			kept.WriteString(line)
		}
	}
	return kept.String()
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

func TestMatchesTellsPathsByPattern(t *testing.T) {
	tests := []struct {
		pattern, name string
		want          bool
	}{
		{"*/climate/waste.csv", "2026-05/climate/waste.csv", true},
		{"*/climate/waste.csv", "climate/waste.csv", false},
		{"*/climate/waste.csv", "a/b/climate/waste.csv", false},
		{"**/waste.csv", "waste.csv", true},
		{"**/waste.csv", "a/b/waste.csv", true},
		{"a/**", "a/b/c.csv", true},
		{"*.csv", "a.CSV", false},
		{"spend_20??-*.csv", "spend_2025-04.csv", true},
	}
	for _, test := range tests {
		if got := matches(test.pattern, test.name); got != test.want {
			t.Errorf("%s, %s: got %v", test.pattern, test.name, got)
		}
	}
}
