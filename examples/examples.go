// Package examples holds complete council folders that run, on real data, and the one that a new council starts from, and
// writes them out.
package examples

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/goldthread/goldthread/internal/fault"
)

// Names lists the examples.
var Names = []string{"trafford", "hart"}

// The folders lie here without what a run leaves in them (.goldthread), which embedding a folder by name leaves out like
// all that begins with a dot; a dot file that belongs to an example is named.
//
//go:embed trafford trafford/.gitignore hart hart/.gitignore starter starter/.gitignore
var folders embed.FS

// Write writes the example called name into the folder dir, which it makes where it is not there. A folder that holds
// anything is refused and left as it was, so that no work of the council's is overwritten.
func Write(dir, name string) error {
	if !slices.Contains(Names, name) {
		return &fault.Error{
			What: fmt.Sprintf("there is no example %q", name),
			Fix:  fault.DidYouMean(name, "examples", Names),
		}
	}
	files, err := readAll(name)
	if err != nil {
		return err
	}
	return writeAll(dir, files)
}

// checkEmpty refuses a dir that is a file or that holds anything.
func checkEmpty(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return &fault.Error{
			Where: dir,
			What:  "the folder cannot be read",
			Fix:   "name a folder that is not there yet",
			Err:   err,
		}
	case len(entries) > 0:
		return &fault.Error{
			Where: dir,
			What:  fmt.Sprintf("the folder is not empty: it holds %q", entries[0].Name()),
			Fix:   "name an empty folder, or one that is not there yet",
		}
	}
	return nil
}

// readAll gives the content of every file of an embedded folder, by its path there.
func readAll(folder string) (map[string][]byte, error) {
	within, err := fs.Sub(folders, folder)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	err = fs.WalkDir(within, ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		files[file], err = fs.ReadFile(within, file)
		return err
	})
	return files, err
}

// writeAll writes files into dir, which must be empty or not there yet.
func writeAll(dir string, files map[string][]byte) error {
	if err := checkEmpty(dir); err != nil {
		return err
	}
	for _, file := range slices.Sorted(maps.Keys(files)) {
		if err := writeFile(filepath.Join(dir, filepath.FromSlash(file)), files[file]); err != nil {
			return err
		}
	}
	return nil
}

// writeFile writes a file, and makes its folder; a file that is there already is never replaced.
func writeFile(target string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	out, err := os.OpenFile(target, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = out.Write(content)
	return errors.Join(err, out.Close())
}
