package handbook

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/goldthread/goldthread/connectors"
)

// A folder is a council's folder.
type folder struct {
	t    *testing.T
	root string
}

// newFolder unpacks a folder of testdata.
func newFolder(t *testing.T, archive string) *folder {
	t.Helper()
	f := &folder{t, t.TempDir()}
	unpacked, err := txtar.ParseFile(filepath.Join("testdata", archive))
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range unpacked.Files {
		f.write(one.Name, string(one.Data))
	}
	return f
}

func (f *folder) write(name, text string) {
	f.t.Helper()
	path := filepath.Join(f.root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		f.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		f.t.Fatal(err)
	}
}

func (f *folder) remove(name string) {
	f.t.Helper()
	if err := os.Remove(filepath.Join(f.root, name)); err != nil {
		f.t.Fatal(err)
	}
}

func (f *folder) deps() connectors.Deps {
	return connectors.Deps{Root: f.root, Archive: &connectors.Archive{Folder: filepath.Join(f.root, ".goldthread", "archive")}}
}

// datasetOf finds a dataset and the source it is of.
func (f *folder) datasetOf(name string) (*Source, connectors.Dataset) {
	f.t.Helper()
	for _, source := range []*Source{New(f.deps()), NewReference(f.deps())} {
		datasets, err := source.Datasets(context.Background())
		if err != nil {
			f.t.Fatal(err)
		}
		for _, ds := range datasets {
			if ds.Name == name {
				return source, ds
			}
		}
	}
	f.t.Fatalf("there is no dataset %s", name)
	return nil, connectors.Dataset{}
}

// read tells what a reading yields, a line for each thing, and gives the cursor of its load.
func (f *folder) read(name string, since connectors.Cursor) (told string, cursor connectors.Cursor) {
	f.t.Helper()
	source, ds := f.datasetOf(name)
	var b strings.Builder
	cursor = since
	for batch, err := range source.Read(context.Background(), ds, since) {
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
		if e.Reason != "" {
			b.WriteString(":\n" + e.Reason)
		}
		for _, note := range e.Notes {
			b.WriteString(" (" + note + ")")
		}
		b.WriteString("\n")
	}
	if batch.Rows == nil {
		return
	}
	defer batch.Rows.Release()
	for i := range int(batch.Rows.NumRows()) {
		last := int(batch.Rows.NumCols()) - 1
		fmt.Fprintf(b, "  %s:", batch.Rows.Column(last).ValueStr(i))
		for c := range last {
			if column := batch.Rows.Column(c); !column.IsNull(i) {
				fmt.Fprintf(b, " %s=%s", batch.Rows.ColumnName(c), column.ValueStr(i))
			}
		}
		b.WriteString("\n")
	}
}

func expect(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
