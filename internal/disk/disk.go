// Package disk tells how much room a disk has, and what takes it.
package disk

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// A Volume is a disk as this account sees it, in bytes.
type Volume struct {
	Free uint64 // that the account may still fill
	Size uint64
}

// A Part is a file or folder, and what it takes.
type Part struct {
	Name  string
	Bytes uint64
}

// Parts are those of a folder, the largest first. A file that goes meanwhile is left out.
func Parts(folder string) (parts []Part, err error) {
	entries, err := os.ReadDir(folder)
	for _, e := range entries {
		bytes, failed := Used(filepath.Join(folder, e.Name()))
		err = errors.Join(err, failed)
		parts = append(parts, Part{e.Name(), bytes})
	}
	slices.SortFunc(parts, func(a, b Part) int { return cmp.Or(cmp.Compare(b.Bytes, a.Bytes), cmp.Compare(a.Name, b.Name)) })
	return parts, err
}

// Used is what a file, or all that is below a folder, takes; 0 where there is none.
func Used(path string) (bytes uint64, err error) {
	err = filepath.WalkDir(path, func(_ string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil {
			bytes += uint64(info.Size())
		}
		return err
	})
	return bytes, err
}

// Words gives a number of bytes as people say it.
func Words(bytes uint64) string {
	switch {
	case bytes >= 1<<30:
		return fmt.Sprintf("%.1f GB", float64(bytes)/(1<<30))
	case bytes >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(bytes)/(1<<20))
	}
	return fmt.Sprintf("%d kB", (bytes+1023)/1024)
}
