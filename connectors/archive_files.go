package connectors

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/goldthread/goldthread/internal/durable"
	"github.com/goldthread/goldthread/internal/failpoint"
)

// An Archived input is a file of the archive.
type Archived struct {
	SHA256 string
	Size   int64
	CameAt time.Time // into this folder
}

var hashName = regexp.MustCompile(`^[0-9a-f]{64}$`)

// Files lists the inputs that the archive holds.
func (a *Archive) Files() (files []Archived, err error) {
	err = filepath.WalkDir(a.Folder, func(_ string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || !entry.Type().IsRegular() || !hashName.MatchString(entry.Name()) {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			files = append(files, Archived{entry.Name(), info.Size(), info.ModTime()})
		}
		return err
	})
	return files, err
}

// Remove removes inputs. One that is gone already is no fault.
func (a *Archive) Remove(files []Archived) error {
	touched := map[string]bool{}
	for _, f := range files {
		folder := filepath.Join(a.Folder, f.SHA256[:2])
		if err := os.Remove(filepath.Join(folder, f.SHA256)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		touched[folder] = true
		failpoint.Hit("retention.input_removed")
	}
	var faults []error
	for folder := range touched {
		faults = append(faults, durable.SyncFolder(folder))
	}
	return errors.Join(faults...)
}
