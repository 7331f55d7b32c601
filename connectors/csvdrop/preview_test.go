package csvdrop

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goldthread/goldthread/connectors"
)

// previewed gives what a preview finds since a cursor, a line for each file.
func (f *folder) previewed(since connectors.Cursor) string {
	f.t.Helper()
	found, err := f.source.Preview(context.Background(), f.source.drops[0].dataset, since)
	if err != nil {
		f.t.Fatal(err)
	}
	var lines []string
	for _, one := range found {
		lines = append(lines, string(one.State)+" "+one.Place)
	}
	return strings.Join(lines, "\n")
}

func TestPreviewTellsWhatReadWouldFindAndKeepsNothing(t *testing.T) {
	for _, c := range []struct {
		name   string
		mode   connectors.Mode
		change func(f *folder)
		want   string
	}{
		{"nothing", connectors.Increment, func(*folder) {}, "same drops/a.csv\nsame drops/b.csv"},
		{"a new file", connectors.Increment, func(f *folder) { f.write("c.csv", areas(3, 0)) }, "same drops/a.csv\nsame drops/b.csv\nnew drops/c.csv"},
		{"a changed file", connectors.Increment, func(f *folder) { f.write("a.csv", areas(4, 0)) }, "changed drops/a.csv\nsame drops/b.csv"},
		{"a renamed file", connectors.Snapshot, func(f *folder) { f.remove("a.csv"); f.write("c.csv", areas(1, 0)) }, "same drops/b.csv\nsame drops/c.csv"},
		{"a file of a snapshot that is gone", connectors.Snapshot, func(f *folder) { f.remove("a.csv") }, "same drops/b.csv\ngone drops/a.csv"},
		{"a file that was read and is gone", connectors.Increment, func(f *folder) { f.remove("a.csv") }, "same drops/b.csv"},
		{"no folder", connectors.Increment, func(f *folder) { f.remove("") }, "unreadable drops"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFolder(t)
			f.drop.dataset.Mode = c.mode
			f.write("a.csv", areas(1, 0))
			f.write("b.csv", areas(2, 0))
			_, cursor := f.read(nil)
			c.change(f)
			if err := os.RemoveAll(filepath.Join(f.root, "archive")); err != nil {
				t.Fatal(err)
			}
			if got := f.previewed(cursor); got != c.want {
				t.Errorf("found is\n%s\nwant\n%s", got, c.want)
			}
			if _, err := os.Stat(filepath.Join(f.root, "archive")); !os.IsNotExist(err) {
				t.Errorf("the preview kept something in the archive: %v", err)
			}
		})
	}
}
