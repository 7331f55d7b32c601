package examples_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goldthread/goldthread/examples"
)

func TestWriteCopiesEveryFileOfTheExample(t *testing.T) {
	for name, atLeast := range map[string]int{"trafford": 34 + 38, "hart": 1 + 45} { // data and measures
		t.Run(name, func(t *testing.T) { writeCopies(t, name, atLeast) })
	}
}

func writeCopies(t *testing.T, name string, atLeast int) {
	dir := filepath.Join(t.TempDir(), "new", "council")
	if err := examples.Write(dir, name); err != nil {
		t.Fatal(err)
	}
	want, got := readAll(t, name), readAll(t, dir)
	if len(want) < atLeast {
		t.Fatalf("the example holds %d files, fewer than its %d of data and measures", len(want), atLeast)
	}
	if _, found := want[".gitignore"]; !found {
		t.Error("the example holds no .gitignore, so a run's warehouse would be committed")
	}
	for name, content := range want {
		if !bytes.Equal(got[name], content) {
			t.Errorf("%s: differs from the example's", name)
		}
	}
	if len(got) != len(want) {
		t.Errorf("wrote %d files, want %d", len(got), len(want))
	}
}

func TestWriteFillsAnEmptyFolder(t *testing.T) {
	dir := t.TempDir()
	if err := examples.Write(dir, "trafford"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "goldthread.yaml")); err != nil {
		t.Error(err)
	}
}

func TestWriteRefuses(t *testing.T) {
	held := t.TempDir()
	note := filepath.Join(held, "note.txt")
	if err := os.WriteFile(note, []byte("ours"), 0o600); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name, dir, example, says string
	}{
		{"folder that holds a file", held, "trafford", `holds "note.txt"`},
		{"file in the place of a folder", note, "trafford", "cannot be read"},
		{"unknown example", t.TempDir(), "traford", `did you mean "trafford"`},
		{"path out of the examples", t.TempDir(), "../trafford", "there is no example"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			err := examples.Write(c.dir, c.example)
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want an error that says %s", err, c.says)
			}
		})
	}
	if got := readAll(t, held); len(got) != 1 || string(got["note.txt"]) != "ours" {
		t.Errorf("the refused folder was changed: %v", got)
	}
}

// readAll gives the content of every file below dir, by its path there, without what a run left.
func readAll(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := filepath.WalkDir(dir, func(file string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && entry.Name() == ".goldthread" {
			return fs.SkipDir
		}
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, file)
		if err != nil {
			return err
		}
		files[name], err = os.ReadFile(file)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
