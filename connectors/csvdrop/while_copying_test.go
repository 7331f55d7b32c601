package csvdrop

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/goldthread/goldthread/connectors"
)

// looked keeps the looks of the loads that a runner reads, and of those that came to nothing.
type looked struct{ landed, other []connectors.Look }

func (l *looked) Load(_ context.Context, load *connectors.Load) error {
	for load.Next() {
	}
	if load.Err() == nil {
		l.landed = append(l.landed, load.Looks()...)
	}
	return load.Err()
}

func (l *looked) Looked(_ context.Context, looks []connectors.Look) error {
	l.other = append(l.other, looks...)
	return nil
}

func (f *folder) looks() looked {
	f.t.Helper()
	var l looked
	id := int64(0)
	r := &connectors.Runner{NextExtract: func() int64 { id++; return id }, TempFolder: f.t.TempDir()}
	if err := r.Read(f.t.Context(), f.source, f.source.drops[0].dataset, nil, &l); err != nil {
		f.t.Fatal(err)
	}
	return l
}

func TestALookHasTheHashOfAFileThatWasReadWhileItWasCopied(t *testing.T) {
	for _, rows := range []int{1, 2*batchRows + 5} {
		f := newFolder(t)
		text := areas(rows, 0)
		f.write("a.csv", text)
		sum := sha256.Sum256([]byte(text))
		hash := hex.EncodeToString(sum[:])
		l := f.looks()
		if len(l.other) > 0 || len(l.landed) != 1 || l.landed[0].ID != 1 || l.landed[0].SHA256 != hash || l.landed[0].Size != int64(len(text)) {
			t.Errorf("%d rows: %+v", rows, l)
		}
		if _, err := os.Stat(filepath.Join(f.root, "archive", hash[:2], hash)); err != nil {
			t.Errorf("%d rows: %v", rows, err)
		}
	}
}

func TestReadTakesEachFileOfASnapshot(t *testing.T) {
	f := newFolder(t)
	f.drop.dataset.Mode = connectors.Snapshot
	f.write("a.csv", "area,tonnes\nHale,2\n")
	f.write("b.csv", "area,tonnes\nAltrincham,5\n")
	f.write("c.csv", "area,tonnes\nSale,3\n")
	told, cursor := f.read(nil)
	expect(t, told, `
landed drops/a.csv
  Hale 2 ok 2
landed drops/b.csv
  Altrincham 5 ok 2
landed drops/c.csv
  Sale 3 ok 2
load
`)
	if told, _ = f.read(cursor); strings.Count(told, "same_hash") != 3 {
		t.Errorf("again: %s", told)
	}
}

// rewritten is a folder whose file is written to once it has been opened.
type rewritten struct{ fstest.MapFS }

func (r rewritten) Open(name string) (fs.File, error) {
	file, err := r.MapFS.Open(name)
	if held := r.MapFS[name]; held != nil && len(held.Data) > 0 {
		changed := *held
		changed.ModTime = changed.ModTime.Add(time.Second)
		r.MapFS[name] = &changed
	}
	return file, err
}

func TestNothingIsKeptOfAFileThatChangesWhileItsRowsAreYielded(t *testing.T) {
	f := newFolder(t)
	f.source.files = rewritten{fstest.MapFS{"a.csv": {Data: []byte(areas(3*batchRows, 0))}}}
	l := f.looks()
	if len(l.landed) > 0 || len(l.other) != 1 || l.other[0].Outcome != connectors.Failed ||
		!strings.Contains(l.other[0].Reason, "the file changed while it was being read") {
		t.Errorf("%+v", l)
	}
	if err := filepath.WalkDir(filepath.Join(f.root, "archive"), func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			t.Errorf("the archive holds %s", path)
		}
		return err
	}); err != nil {
		t.Error(err)
	}
}
