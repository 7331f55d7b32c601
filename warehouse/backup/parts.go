package backup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/goldthread/goldthread/internal/failpoint"
	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/warehouse"
)

// warehouse copies the warehouse's own files.
func (m *making) warehouse(ctx context.Context) error {
	folder := m.to(m.state)
	verified, err := warehouse.Snapshot{Folder: m.State, To: folder, Now: m.Now, Patience: m.Patience, Waiting: m.Waiting}.Copy(ctx)
	if err != nil {
		return err
	}
	m.manifest.Loads, m.manifest.LastLoad = verified.Loads, verified.LastLoad
	m.manifest.Rows, m.manifest.Release = verified.Rows, verified.Release
	return walk(folder, func(name string) error {
		from := filepath.Join(folder, name)
		f, err := describe(ctx, from)
		if err != nil {
			return err
		}
		m.copied, m.bytes = m.copied+1, m.bytes+f.Size
		m.add(filepath.Join(m.state, name), f)
		return nil
	})
}

// releases brings the releases up to the current one, the newest first: a run that goes on may remove the oldest meanwhile.
func (m *making) releases(ctx context.Context) error {
	all := warehouse.NewReleases(m.to(m.state))
	if m.manifest.Release == 0 {
		return nil
	}
	entries, err := os.ReadDir(filepath.Join(m.State, "releases"))
	if err != nil {
		return err
	}
	var numbers []int64
	for _, e := range entries {
		if n, err := strconv.ParseInt(e.Name(), 10, 64); err == nil && n <= m.manifest.Release {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	slices.Reverse(numbers)
	for _, n := range numbers {
		if err := m.release(ctx, n); err != nil {
			return fmt.Errorf("copying release %d: %w", n, err)
		}
		failpoint.Hit("backup.release_copied")
	}
	_, err = all.Manifest(0)
	return err
}

// release brings one release. Its manifest comes last, and one that has gone meanwhile is left out.
func (m *making) release(ctx context.Context, number int64) error {
	folder := filepath.Join("releases", strconv.FormatInt(number, 10))
	manifest, err := warehouse.NewReleases(m.State).Manifest(number)
	known := map[string]File{}
	for _, f := range manifest.Files {
		known[f.Name] = File{Size: f.Size, SHA256: f.SHA256}
	}
	before := len(m.manifest.Files)
	if err == nil {
		err = walk(filepath.Join(m.State, folder), func(name string) error {
			return m.bring(ctx, filepath.Join(m.State, folder, name), filepath.Join(m.state, folder, name), known[name])
		})
	}
	if err == nil {
		return m.fits(manifest, folder)
	}
	if number == m.manifest.Release || exists(filepath.Join(m.State, folder)) {
		return err
	}
	for _, f := range m.manifest.Files[before:] {
		delete(m.held, f.SHA256)
	}
	m.manifest.Files = m.manifest.Files[:before]
	return os.RemoveAll(m.to(filepath.Join(m.state, folder)))
}

// fits holds what was copied of a release against the release's own manifest.
func (m *making) fits(release warehouse.Manifest, folder string) error {
	return releaseFits(m.manifest, release, filepath.ToSlash(filepath.Join(m.state, folder)))
}

func releaseFits(m Manifest, release warehouse.Manifest, folder string) error {
	for _, wanted := range release.Files {
		at := slices.IndexFunc(m.Files, func(f File) bool { return f.Path == folder+"/"+wanted.Name })
		if at < 0 || m.Files[at].SHA256 != wanted.SHA256 {
			return &fault.Error{Where: folder + "/" + wanted.Name, What: fmt.Sprintf("the file of release %d is not as it was released", release.Release), Fix: "put it back from an earlier backup, or unpin and remove the release"}
		}
	}
	return nil
}

// archive brings the inputs, each of which is named by its hash.
func (m *making) archive(ctx context.Context) error {
	folder := filepath.Join(m.State, "archive")
	if !exists(folder) {
		return nil
	}
	return walk(folder, func(name string) error {
		from := filepath.Join(folder, name)
		hash := filepath.Base(name)
		if !hashForm.MatchString(hash) {
			return nil // of a copy that is under way
		}
		info, err := os.Stat(from)
		if err != nil {
			return unlessGone(err)
		}
		failpoint.Hit("backup.input_found")
		if err := m.bring(ctx, from, filepath.Join(m.state, "archive", name), File{Size: info.Size(), SHA256: hash}); err != nil {
			return unlessGone(err) // a run may remove what is past its time meanwhile
		}
		if last := m.manifest.Files[len(m.manifest.Files)-1]; last.SHA256 != hash {
			return &fault.Error{Where: from, What: "this file of the archive is not what was read: its content does not fit its name", Fix: "put it back from an earlier backup, or take it away: what was read of it stands in the warehouse"}
		}
		return nil
	})
}

// beside copies what others write at any time. A file that was copied already is not copied a second time.
func (m *making) beside(ctx context.Context) error {
	copied := map[string]bool{}
	for _, part := range m.Beside {
		from := filepath.Join(m.State, part)
		if !exists(from) {
			continue
		}
		err := walk(from, func(name string) error {
			name = filepath.Join(part, name)
			if copied[name] || passing(name) {
				return nil
			}
			copied[name] = true
			return unlessGone(m.copy(ctx, filepath.Join(m.State, name), filepath.Join(m.state, name)))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// passing are files that only a process that is at work needs.
func passing(name string) bool {
	base := filepath.Base(name)
	return base == "lock" || strings.HasSuffix(base, ".lock") || strings.HasSuffix(base, ".new") || strings.HasSuffix(base, ".owner")
}

// unlessGone lets a file be taken away by others while its folder is copied.
func unlessGone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// walk calls do for each regular file in a folder, or for a file itself, by its path from there, in the order of the names.
func walk(folder string, do func(name string) error) error {
	return filepath.WalkDir(folder, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		name, err = filepath.Rel(folder, name)
		if err != nil {
			return err
		}
		return do(name)
	})
}
