package schedules

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/gofrs/flock"

	"github.com/goldthread/goldthread/internal/durable"
	"github.com/goldthread/goldthread/internal/fault"
)

// What can become of a slot.
const (
	Seen    = "seen"    // the schedule, for the first time: nothing before it is due
	Begun   = "begun"   // its run
	Ended   = "ended"   // its run, with an outcome
	Missed  = "missed"  // it passed while nothing could be run, or was given up
	Skipped = "skipped" // another run was at work, as the schedule wants it
)

// Manual is the name under which the ledger keeps runs that a person started; no schedule can have it.
const Manual = "goldthread run"

// An Event is one line of the ledger.
type Event struct {
	At       time.Time `json:"at"`
	Schedule string    `json:"schedule"`
	Slot     string    `json:"slot,omitempty"` // the local date and time that was meant
	Due      time.Time `json:"due,omitzero"`
	What     string    `json:"what"`
	Why      string    `json:"why,omitempty"`
	RunID    int64     `json:"run_id,omitempty"`
	Outcome  string    `json:"outcome,omitempty"`
	Release  int64     `json:"release,omitempty"`
	Fresh    []string  `json:"fresh,omitempty"` // sources that were read without fault
	By       string    `json:"by,omitempty"`    // who started a manual run
}

// A Ledger is the file of what became of every slot, a JSON line each, written to the disk before anything goes on. Several processes
// may write to it: each line is written under a lock, after what others have written.
type Ledger struct {
	name   string
	lock   *flock.Flock
	file   *os.File
	opened os.FileInfo // which file it is
	read   int64       // so much of it is in events
	torn   bool        // behind that stands half a line
	sync   func(*os.File) error
	alone  func(do func() error) error // while no other process writes
	events map[string][]Event          // by schedule, the oldest first
}

// LedgerFile is its name in the folder of the warehouse.
const LedgerFile = "schedules.jsonl"

// OpenLedger reads the ledger of a folder for a scheduler. A last line that a crash has torn is taken off; any other that cannot be
// read is an error, because it may have been a run.
func OpenLedger(folder string) (l *Ledger, err error) {
	if l, err = openLedger(folder); err != nil {
		return nil, err
	}
	if l.read <= mostBytes {
		return l, nil
	}
	if err = l.alone(l.shorten); err != nil {
		return nil, errors.Join(fmt.Errorf("shortening the ledger of schedules: %w", err), l.Close())
	}
	return l, nil
}

func openLedger(folder string) (*Ledger, error) {
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return nil, err
	}
	name := filepath.Join(folder, LedgerFile)
	l := &Ledger{name: name, lock: flock.New(name + ".lock"), sync: (*os.File).Sync}
	l.alone = l.locked
	return l, l.load()
}

// load reads the file from its beginning.
func (l *Ledger) load() error {
	file, err := os.OpenFile(l.name, os.O_CREATE|os.O_RDWR, 0o640)
	if err != nil {
		return err
	}
	text, err := io.ReadAll(file)
	opened, statErr := file.Stat()
	var events map[string][]Event
	var whole int64
	if err = errors.Join(err, statErr); err == nil {
		events, whole, err = readEvents(l.name, text)
	}
	if err != nil {
		return errors.Join(err, file.Close())
	}
	if l.file != nil {
		err = l.file.Close()
	}
	l.file, l.opened, l.events, l.read, l.torn = file, opened, events, whole, int64(len(text)) > whole
	return err
}

// catchUp brings in what others have written since.
func (l *Ledger) catchUp() error {
	there, err := os.Stat(l.name)
	if err != nil {
		return err
	}
	if os.SameFile(there, l.opened) && there.Size() == l.read {
		return nil
	}
	return l.load()
}

// locked does something while no other process writes.
func (l *Ledger) locked(do func() error) (err error) {
	if err := l.lock.Lock(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.lock.Unlock()) }()
	if err := l.catchUp(); err != nil {
		return err
	}
	return do()
}

// NoteRun writes into a folder's ledger that a run was made which no schedule has started.
func NoteRun(folder string, e Event) (err error) {
	l, err := openLedger(folder)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	e.Schedule, e.What = Manual, Ended
	return l.note(e)
}

// ReadLedger gives what a folder's ledger holds, by schedule, the oldest first, and changes nothing.
func ReadLedger(folder string) (map[string][]Event, error) {
	name := filepath.Join(folder, LedgerFile)
	text, err := os.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) {
		return map[string][]Event{}, nil
	}
	if err != nil {
		return nil, err
	}
	events, _, err := readEvents(name, text)
	return events, err
}

// readEvents gives the events of a text, and how much of it are whole lines.
func readEvents(name string, text []byte) (events map[string][]Event, whole int64, err error) {
	events = map[string][]Event{}
	for number := 1; ; number++ {
		line, rest, ended := bytes.Cut(text, []byte("\n"))
		if !ended {
			return events, whole, nil
		}
		var e Event
		if err := json.Unmarshal(line, &e); err != nil || e.Schedule == "" || e.What == "" {
			return nil, 0, &fault.Error{
				Where: fmt.Sprintf("%s:%d", name, number), What: "a line of the ledger of schedules cannot be read",
				Fix: "put the file back from a backup; or take the line out, and what it said may be run once more", Err: err,
			}
		}
		events[e.Schedule] = shortened(append(events[e.Schedule], e))
		whole += int64(len(line)) + 1
		text = rest
	}
}

// The ledger says what is due and what went wrong lately; runs stand in the warehouse for good.
const (
	mostBytes  = 8 << 20
	mostEvents = 500 // of a schedule
)

// shortened drops the oldest half of too many events.
func shortened(events []Event) []Event {
	if len(events) < mostEvents {
		return events
	}
	return append([]Event(nil), events[len(events)/2:]...)
}

// shorten puts a file with the events that count in the place of the old one.
func (l *Ledger) shorten() error {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	for _, schedule := range slices.Sorted(maps.Keys(l.events)) {
		for _, e := range l.events[schedule] {
			if err := encoder.Encode(e); err != nil {
				return err
			}
		}
	}
	if err := l.file.Close(); err != nil { // some systems replace no open file
		return err
	}
	l.file = nil
	if err := durable.Replace(l.name, text.Bytes(), 0o640); err != nil {
		return err
	}
	return l.load()
}

// note writes an event. When it returns, the event will be there after a crash.
func (l *Ledger) note(e Event) error {
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	line = append(line, '\n')
	err = l.alone(func() error {
		if l.torn {
			if err := l.file.Truncate(l.read); err != nil {
				return err
			}
		}
		if _, err := l.file.WriteAt(line, l.read); err != nil {
			return err
		}
		return l.sync(l.file)
	})
	if err != nil {
		return fmt.Errorf("writing the ledger of schedules: %w", err)
	}
	l.read, l.torn = l.read+int64(len(line)), false
	l.events[e.Schedule] = shortened(append(l.events[e.Schedule], e))
	return nil
}

// Close lets go of the file.
func (l *Ledger) Close() error {
	if l.file == nil {
		return nil
	}
	return l.file.Close()
}

// begun counts how often a slot's run was begun and did not end.
func begun(events []Event, name string) (n int) {
	for _, e := range events {
		if e.Slot == name && e.What == Begun {
			n++
		}
	}
	return n
}

// base is the moment after which slots are due: that of the last slot up to now of which something became, or when the schedule
// was first seen; zero where neither is known. Of times when the clock was ahead of now nothing counts.
func base(events []Event, now time.Time) time.Time {
	var last, seen time.Time
	for _, e := range events {
		switch {
		case e.What == Seen && !e.At.After(now):
			seen = e.At
		case e.What != Begun && !e.Due.After(now) && e.Due.After(last):
			last = e.Due
		}
	}
	if last.IsZero() {
		return seen
	}
	return last
}
