package schedules

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

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
}

// A Ledger is the file of what became of every slot, a JSON line each, written to the disk before anything goes on.
type Ledger struct {
	file   *os.File
	sync   func() error
	events map[string][]Event // by schedule, the oldest first
}

// LedgerFile is its name in the folder of the warehouse.
const LedgerFile = "schedules.jsonl"

// OpenLedger reads the ledger of a folder. A last line that a crash has torn is taken off; any other that cannot be read is an
// error, because it may have been a run.
func OpenLedger(folder string) (*Ledger, error) {
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return nil, err
	}
	name := filepath.Join(folder, LedgerFile)
	text, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	events, whole, err := readEvents(name, text)
	if err != nil {
		return nil, err
	}
	if whole > mostBytes {
		if whole, err = rewrite(name, events); err != nil {
			return nil, fmt.Errorf("shortening the ledger of schedules: %w", err)
		}
	}
	file, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY, 0o640)
	if err != nil {
		return nil, err
	}
	_, seekErr := file.Seek(whole, 0)
	if err := errors.Join(file.Truncate(whole), seekErr); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &Ledger{file: file, sync: file.Sync, events: events}, nil
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

// rewrite puts a file with these events in the place of the old one.
func rewrite(name string, events map[string][]Event) (size int64, err error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	for _, schedule := range slices.Sorted(maps.Keys(events)) {
		for _, e := range events[schedule] {
			if err := encoder.Encode(e); err != nil {
				return 0, err
			}
		}
	}
	return int64(text.Len()), durable.Replace(name, text.Bytes(), 0o640)
}

// note writes an event. When it returns, the event will be there after a crash.
func (l *Ledger) note(e Event) error {
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	if _, err := l.file.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("writing the ledger of schedules: %w", err)
	}
	if err := l.sync(); err != nil {
		return fmt.Errorf("writing the ledger of schedules: %w", err)
	}
	l.events[e.Schedule] = shortened(append(l.events[e.Schedule], e))
	return nil
}

// Close lets go of the file.
func (l *Ledger) Close() error { return l.file.Close() }

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
