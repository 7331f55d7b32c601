package audit

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/goldthread/goldthread/internal/durable"
	"github.com/goldthread/goldthread/internal/failpoint"
	"github.com/goldthread/goldthread/internal/fault"
)

// keptFrom names the last entry that was removed because its time was over: the log begins after it.
const keptFrom = "kept-from"

// Old is the beginning of a log that is past its time, in whole files.
type Old struct {
	Entries, Bytes int64
	folder         string
	names          []string
	last           Head
}

// Past finds the files of a log that begin before a moment, so that no entry is kept longer; one that is written still is none of
// them. A log that does not follow from line to line there is evidence, and refused.
func Past(path string, cutOff time.Time) (old Old, err error) {
	old.folder = path
	names, err := files(path)
	if errors.Is(err, fs.ErrNotExist) {
		return old, nil
	}
	if err != nil || len(names) == 0 {
		return old, err
	}
	for _, name := range names[:len(names)-1] {
		begun, err := time.ParseInLocation("2006-01", name[7:14], time.UTC)
		if err != nil || !begun.Before(cutOff) {
			break
		}
		if err := old.add(name); err != nil {
			return Old{folder: path}, err
		}
	}
	return old, nil
}

func (o *Old) add(name string) error {
	path := filepath.Join(o.folder, name)
	end, err := endOf(path)
	if err != nil {
		return err
	}
	if end.fault != "" || end.torn > 0 {
		return &fault.Error{Where: path, What: "this file of the audit log is past its time, and is not removed because it is not whole", Fix: "goldthread audit verify names what is wrong; keep the folder for whoever looks into it under another name"}
	}
	if end.lines > 0 {
		o.last = end.last
	}
	o.names, o.Entries, o.Bytes = append(o.names, name), o.Entries+int64(end.lines), o.Bytes+end.size
	return nil
}

// Remove removes it. An entry says so, and what is left is held against the last entry that went: see Verify.
func (o Old) Remove(now time.Time) (err error) {
	l, err := Open(o.folder)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	if err := l.Append(Entry{At: now, Action: "prune", Outcome: outcomeOK, Rows: o.Entries}); err != nil {
		return err
	}
	return l.alone(func() error {
		if err := durable.Replace(filepath.Join(o.folder, keptFrom), []byte(o.last.String()+"\n"), 0o600); err != nil {
			return err
		}
		failpoint.Hit("retention.audit_noted")
		for _, name := range o.names {
			if err := os.Remove(filepath.Join(o.folder, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
		return durable.SyncFolder(o.folder)
	})
}

// readNamed reads a file that names an entry.
func readNamed(folder, name string) (h Head, found bool, err error) {
	path := filepath.Join(folder, name)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return h, false, nil
	}
	if err != nil {
		return h, false, err
	}
	if h, err = ParseHead(strings.TrimSuffix(string(text), "\n")); err != nil {
		return h, false, &fault.Error{Where: path, What: "the " + name + " of the audit log is damaged", Fix: "goldthread audit verify names all that is wrong with the log", Err: err}
	}
	return h, true, nil
}
