// Package examples holds complete council folders that run, on real data, and writes them out.
package examples

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/goldthread/goldthread/internal/fault"
)

// Names lists the examples.
var Names = []string{"trafford"}

// The folders lie here without what a run leaves in them (.goldthread), which embedding a folder by name leaves out like
// all that begins with a dot; a dot file that belongs to an example is named.
//
//go:embed trafford trafford/.gitignore
var folders embed.FS

// Write writes the example called name into the folder dir, which it makes where it is not there. A folder that holds
// anything is refused and left as it was, so that no work of the council's is overwritten.
func Write(dir, name string) error {
	example, err := open(name)
	if err != nil {
		return err
	}
	if err := checkEmpty(dir); err != nil {
		return err
	}
	return fs.WalkDir(example, ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return writeEntry(example, file, entry, filepath.Join(dir, filepath.FromSlash(file)))
	})
}

// open gives the folder of the example called name.
func open(name string) (fs.FS, error) {
	for _, known := range Names {
		if name == known {
			return fs.Sub(folders, path.Clean(name))
		}
	}
	return nil, &fault.Error{
		What: fmt.Sprintf("there is no example %q", name),
		Fix:  fault.DidYouMean(name, "examples", Names),
	}
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

// writeEntry makes the folder or writes the file that entry is; a file that is there already is never replaced.
func writeEntry(example fs.FS, file string, entry fs.DirEntry, target string) error {
	if entry.IsDir() {
		return os.MkdirAll(target, 0o755)
	}
	content, err := fs.ReadFile(example, file)
	if err != nil {
		return err
	}
	out, err := os.OpenFile(target, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = out.Write(content)
	return errors.Join(err, out.Close())
}
