// Package backup copies a council's folder with its warehouse while runs and readers go on, and gives it back.
//
// A backup is a folder named by its time, below the one that backups are made in: folder/ holds what a restore gives back,
// manifest.json each file with its size and SHA-256, manifest.sha256 the manifest's own. It is made under another name and
// gets its own once all of it is on the disk, so that what has the name is whole.
package backup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/gofrs/flock"

	"github.com/goldthread/goldthread/internal/durable"
	"github.com/goldthread/goldthread/internal/failpoint"
	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/warehouse"
)

// A Plan says what is backed up, and where to.
type Plan struct {
	Folder       string // of the council
	State        string // the warehouse's
	Council      string
	Organisation string
	To           string // holds the backups
	// Beside are files and folders of the state that others write at any time, copied in this order where they are there.
	Beside []string
	Keep   Keep
	// Verify reads the backup again and compares it before an older one is removed.
	Verify   bool
	Version  string
	Now      time.Time
	Patience time.Duration // with a run that is at work
	Waiting  func()        // called before it is waited for
	// Progress is told what is being copied. It may be nil.
	Progress func(stage string)
}

// A Made backup is one that is whole.
type Made struct {
	Folder      string   `json:"backup"`
	Files       int      `json:"files"`
	Bytes       int64    `json:"size_bytes"`
	CopiedFiles int      `json:"copied_files"`
	CopiedBytes int64    `json:"copied_bytes"` // the others lie in an earlier backup already
	LastLoad    int64    `json:"last_load"`
	Release     int64    `json:"release"`
	Removed     []string `json:"removed"`
	Verified    bool     `json:"verified"`
}

// Make makes a backup. The warehouse is owned only while its own files are copied; releases and archived inputs never change,
// so they are copied after that, unless the backup before holds them: then they are linked to it where the disk can.
func Make(ctx context.Context, p Plan) (made Made, err error) {
	if !warehouse.Exists(p.State) {
		return made, &fault.Error{Where: p.State, What: "there is no warehouse here to back up yet", Fix: "goldthread run makes one"}
	}
	lock, err := alone(p.State)
	if err != nil {
		return made, err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	if err := os.MkdirAll(p.To, 0o700); err != nil {
		return made, err
	}
	m := &making{Plan: p, held: map[string]heldFile{}}
	if err := m.begin(); err != nil {
		return made, err
	}
	failpoint.Hit("backup.begun")
	if err := m.make(ctx); err != nil {
		return made, errors.Join(full(p.To, err), os.RemoveAll(m.building))
	}
	failpoint.Hit("backup.named")
	made = m.made()
	if p.Verify {
		if err := m.verify(ctx); err != nil {
			return made, err
		}
		made.Verified = true
	}
	made.Removed, err = p.Keep.apply(m.To, m.name, p.Now)
	return made, err
}

// verify reads the backup that was made as a restore would.
func (m *making) verify(ctx context.Context) error {
	if m.Progress != nil {
		m.Progress("comparing what was copied")
	}
	if _, err := Verify(ctx, filepath.Join(m.To, m.name)); err != nil {
		return fmt.Errorf("the backup was made and is not right, so no older one was removed: %w", err)
	}
	return nil
}

// alone takes the lock of which there is one a warehouse.
func alone(state string) (*flock.Flock, error) {
	lock := flock.New(filepath.Join(state, "backup.lock"))
	taken, err := lock.TryLock()
	if err == nil && !taken {
		err = &fault.Error{Where: lock.Path(), What: "another goldthread backup of this warehouse is at work", Fix: "wait until it has finished"}
	}
	return lock, err
}

// full says in words what a full disk means.
func full(folder string, err error) error {
	if !isFull(err) {
		return err
	}
	return &fault.Error{Where: folder, What: "the disk is full, so no backup was made; those that are there are as they were",
		Fix: "free space on the disk that holds this folder, or keep fewer backups with --keep", Err: err}
}

// isFull knows the words of the engine too.
func isFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || strings.Contains(err.Error(), "No space left on device")
}

// A making is a backup under way.
type making struct {
	Plan
	name     string
	building string
	state    string              // where the warehouse's folder goes, from the council's
	held     map[string]heldFile // what this backup and the one before hold, by SHA-256
	manifest Manifest
	copied   int
	bytes    int64
}

type heldFile struct {
	path string
	size int64
}

// begin makes the folder, and notes what the backup before holds.
func (m *making) begin() error {
	m.manifest = Manifest{Format: format, Council: m.Council, Organisation: m.Organisation, MadeAt: m.Now.UTC(), Version: m.Version}
	if err := m.place(); err != nil {
		return err
	}
	m.name = m.Now.UTC().Format(nameForm)
	for n := 2; exists(filepath.Join(m.To, m.name)); n++ {
		m.name = fmt.Sprintf("%s-%d", m.Now.UTC().Format(nameForm), n)
	}
	m.building = filepath.Join(m.To, makingPrefix+m.name)
	if err := m.holdLast(); err != nil {
		return err
	}
	if err := clearUnfinished(m.To); err != nil {
		return err
	}
	return os.MkdirAll(filepath.Join(m.building, filesFolder), 0o700)
}

// place says where the warehouse's folder goes: where it is, if that is within the council's.
func (m *making) place() (err error) {
	for _, folder := range []*string{&m.Folder, &m.State, &m.To} {
		if *folder, err = filepath.Abs(*folder); err != nil {
			return err
		}
		if *folder, err = filepath.EvalSymlinks(*folder); err != nil {
			return err
		}
	}
	if m.To == m.Folder || m.To == m.State {
		return &fault.Error{Where: m.To, What: "backups need a folder of their own", Fix: "name one on another disk with --to"}
	}
	m.state, err = filepath.Rel(m.Folder, m.State)
	if err != nil || m.state == "." || !filepath.IsLocal(m.state) {
		m.state, m.manifest.StateElsewhere = ".goldthread", m.State
	}
	m.manifest.State = filepath.ToSlash(m.state)
	return nil
}

// holdLast notes what the newest backup holds. One that is damaged holds nothing to rely on.
func (m *making) holdLast() error {
	names, err := list(m.To)
	if err != nil || len(names) == 0 {
		return err
	}
	last := filepath.Join(m.To, names[len(names)-1])
	manifest, err := read(last)
	if err != nil {
		return nil
	}
	if manifest.Organisation != m.Organisation {
		return &fault.Error{Where: m.To, What: fmt.Sprintf("this folder holds backups of %s (%s)", manifest.Council, manifest.Organisation), Fix: "give each council a folder of its own with --to"}
	}
	for _, f := range manifest.Files {
		name := filepath.Join(last, filesFolder, filepath.FromSlash(f.Path))
		if info, err := os.Stat(name); err == nil && info.Size() == f.Size {
			m.held[f.SHA256] = heldFile{name, f.Size}
		}
	}
	return nil
}

func (m *making) make(ctx context.Context) error {
	for _, step := range []struct {
		copying string
		do      func(context.Context) error
	}{
		{"the warehouse's file", m.warehouse}, {"releases", m.releases}, {"the archive", m.archive},
		{"accounts, audit log and schedules", m.beside}, {"the council's folder", m.council},
	} {
		if m.Progress != nil {
			m.Progress("copying " + step.copying)
		}
		if err := step.do(ctx); err != nil {
			return err
		}
	}
	failpoint.Hit("backup.files_copied")
	if err := errors.Join(m.manifest.check(), m.manifest.write(m.building), syncAll(m.building)); err != nil {
		return err
	}
	failpoint.Hit("backup.manifest_written")
	if err := os.Rename(m.building, filepath.Join(m.To, m.name)); err != nil {
		return err
	}
	return durable.SyncFolder(m.To)
}

// to is where a file goes by its path from the council's folder.
func (m *making) to(name string) string { return filepath.Join(m.building, filesFolder, name) }

func (m *making) add(name string, f File) {
	f.Path = filepath.ToSlash(name)
	m.manifest.Files = append(m.manifest.Files, f)
	m.held[f.SHA256] = heldFile{m.to(name), f.Size}
}

// copy copies a file to its path from the council's folder.
func (m *making) copy(ctx context.Context, from, name string) error {
	f, err := copyFile(ctx, from, m.to(name))
	if err != nil {
		return err
	}
	m.copied, m.bytes = m.copied+1, m.bytes+f.Size
	m.add(name, f)
	return nil
}

// bring brings a file of a known content that never changes: by a link to what is held already, else by a copy.
func (m *making) bring(ctx context.Context, from, name string, f File) error {
	if held := m.held[f.SHA256]; held.size == f.Size && f.Size >= leastLinked {
		err := os.MkdirAll(filepath.Dir(m.to(name)), 0o755)
		if err == nil {
			err = os.Link(held.path, m.to(name))
		}
		if err == nil {
			m.add(name, f)
			return nil
		}
	}
	return m.copy(ctx, from, name)
}

// leastLinked is the size from which a file is worth a link.
const leastLinked = 512

func (m *making) made() Made {
	return Made{
		Folder: filepath.Join(m.To, m.name), Files: len(m.manifest.Files), Bytes: m.manifest.Bytes(),
		CopiedFiles: m.copied, CopiedBytes: m.bytes, LastLoad: m.manifest.LastLoad, Release: m.manifest.Release,
	}
}

func exists(name string) bool {
	_, err := os.Lstat(name)
	return !errors.Is(err, fs.ErrNotExist)
}
