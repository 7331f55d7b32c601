// Package audit keeps who read what, for good: a line of JSON an entry, each bound to the one before by its hash, so that a
// line that was taken out, altered or moved is found. It holds no statement's text, no value and no row.
//
// What lets somebody in, and what changes an account, is on the disk when Append returns. A statement, or a refusal, is handed
// to the system at once, so that it outlives the program; a power cut may take those of the last second.
package audit

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// An Entry is one statement, one attempt to come in, or one change of an account.
type Entry struct {
	At          time.Time
	Account     string
	From        string
	Application string
	Audience    string
	Release     int64
	Action      string // sign-in, statement, account-add, account-renew, account-remove
	Fingerprint string // of the statement, without its literals
	Rows        int64
	Duration    time.Duration
	Outcome     string // ok, or the SQLSTATE of what went wrong
}

// settled says whether an entry must be on the disk before its answer is given.
func (e Entry) settled() bool { return e.Action != "statement" && e.Outcome == outcomeOK }

const outcomeOK = "ok"

const (
	secondsLate = time.Second // by which an entry may reach the disk, where it need not at once
	mostBytes   = 64 << 20    // of a file, before the next is begun
)

// A Log is written by any number of goroutines, and of processes: while one serves, another may change an account.
type Log struct {
	folder string
	most   int64

	mu     sync.Mutex
	lock   *flock.Flock
	file   *os.File // the newest; nil until the first entry
	name   string   // of it
	size   int64    // of it, as we left it
	last   Head
	late   *time.Timer // running while something waits to be made last
	failed error       // why no entry is taken any more
}

var errClosed = errors.New("the audit log is closed")

// Path is where a warehouse's audit log is.
func Path(warehouse string) string { return filepath.Join(warehouse, "audit") }

// Open opens the log in a folder, which it makes where there is none. An entry that a crash cut off is taken away, and an
// entry says so. A log whose end was tampered with is refused.
func Open(path string) (*Log, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return nil, err
	}
	l := &Log{folder: path, most: mostBytes, lock: flock.New(filepath.Join(path, "lock"), flock.SetPermissions(0o600))}
	if err := l.alone(l.begin); err != nil {
		return nil, errors.Join(err, l.shut())
	}
	return l, nil
}

// begin gives a new log its head, so that one without is known to have lost it.
func (l *Log) begin() error {
	names, err := files(l.folder)
	if err != nil {
		return err
	}
	if _, headed, err := readHead(l.folder); err != nil {
		return err
	} else if !headed && len(names) == 0 {
		if err := writeHead(l.folder, origin); err != nil {
			return err
		}
	}
	return l.load()
}

// Append keeps an entry. What it cannot keep must not be answered.
func (l *Log) Append(e Entry) error {
	if err := e.check(); err != nil {
		return err
	}
	return l.alone(func() error {
		if err := l.catchUp(); err != nil {
			return err
		}
		if err := l.write(e); err != nil {
			return fmt.Errorf("keeping an entry of the audit log: %w", err)
		}
		if e.settled() {
			return l.sync()
		}
		if l.late == nil {
			l.late = time.AfterFunc(secondsLate, l.settle)
		}
		return nil
	})
}

// fingerprints are short and of no words, so that nobody hands over a statement's text for one.
var fingerprints = regexp.MustCompile(`^[0-9a-z_-]{0,64}$`)

func (e Entry) check() error {
	switch {
	case !fingerprints.MatchString(e.Fingerprint):
		return errors.New("this is no fingerprint of a statement, and its text is not kept")
	case e.At.IsZero() || e.Action == "" || e.Outcome == "":
		return errors.New("an entry of the audit log needs its time, action and outcome")
	}
	return nil
}

// alone does something while no other goroutine or process writes the log.
func (l *Log) alone(do func() error) (err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failed != nil {
		return l.failed
	}
	if err := l.lock.Lock(); err != nil {
		return fmt.Errorf("locking the audit log: %w", err)
	}
	defer func() { err = errors.Join(err, l.lock.Unlock()) }()
	return do()
}

// settle makes what waited last. Where it cannot, no entry can be promised to stay, so none is taken any more.
func (l *Log) settle() {
	err := l.alone(func() error {
		l.late = nil
		return errors.Join(l.catchUp(), l.sync())
	})
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failed == nil {
		l.failed = err
	}
}

// sync makes all entries last, and then the head that names the newest. Its caller knows the newest, whoever wrote it.
func (l *Log) sync() error {
	if l.late != nil {
		l.late.Stop()
		l.late = nil
	}
	if l.file == nil {
		return nil
	}
	if err := l.file.Sync(); err != nil {
		l.failed = fmt.Errorf("making the audit log last: %w", err) // the system may have dropped what it could not write
		return l.failed
	}
	return writeHead(l.folder, l.last)
}

// Close makes all entries last. Closing twice is fine.
func (l *Log) Close() error {
	err := l.alone(func() error { return errors.Join(l.catchUp(), l.sync()) })
	if errors.Is(err, errClosed) {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failed = errClosed
	return errors.Join(err, l.shut())
}

func (l *Log) shut() (err error) {
	if l.file != nil {
		err = l.file.Close()
		l.file = nil
	}
	return errors.Join(err, l.lock.Close())
}
