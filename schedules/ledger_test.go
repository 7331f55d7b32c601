package schedules

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestALineThatACrashHasTornIsTakenOff(t *testing.T) {
	folder := t.TempDir()
	name := filepath.Join(folder, LedgerFile)
	whole := `{"at":"2026-06-01T12:00:00Z","schedule":"nightly","what":"seen"}` + "\n"
	for cut := 1; cut < len(whole); cut++ {
		if err := os.WriteFile(name, []byte(whole+whole[:cut]), 0o600); err != nil {
			t.Fatal(err)
		}
		l, err := OpenLedger(folder)
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		if err := l.note(Event{At: time.Now(), Schedule: "nightly", What: Missed}); err != nil {
			t.Fatal(err)
		}
		l.Close()
		if events, err := ReadLedger(folder); err != nil || len(events["nightly"]) != 2 {
			t.Fatalf("cut at %d: %v, %v", cut, events, err)
		}
	}
}

func TestALineThatCannotBeReadIsTold(t *testing.T) {
	folder := t.TempDir()
	text := `{"at":"2026-06-01T12:00:00Z","schedule":"nightly","what":"seen"}` + "\nrubbish\n"
	if err := os.WriteFile(filepath.Join(folder, LedgerFile), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenLedger(folder); err == nil || !strings.Contains(err.Error(), LedgerFile+":2: ") {
		t.Errorf("got %v", err)
	}
}

// TestManyWriteToALedgerAtOnce: none overwrites a line of another, and what a crash has torn meanwhile is taken off.
func TestManyWriteToALedgerAtOnce(t *testing.T) {
	folder := t.TempDir()
	scheduler, err := OpenLedger(folder)
	if err != nil {
		t.Fatal(err)
	}
	defer scheduler.Close()
	const each = 20
	var writing sync.WaitGroup
	for range 4 {
		writing.Go(func() {
			for range each {
				if err := NoteRun(folder, Event{At: time.Now(), Outcome: "done", Why: strings.Repeat("long ", 100)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range each {
		if err := scheduler.note(Event{At: time.Now(), Schedule: "nightly", What: Missed}); err != nil {
			t.Error(err)
		}
	}
	writing.Wait()
	file, err := os.OpenFile(filepath.Join(folder, LedgerFile), os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		_, err = file.WriteString(`{"at":"2026-06-`)
		err = errors.Join(err, file.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := scheduler.note(Event{At: time.Now(), Schedule: "nightly", What: Missed}); err != nil {
		t.Fatal(err)
	}
	events, err := ReadLedger(folder)
	if err != nil || len(events[Manual]) != 4*each || len(events["nightly"]) != each+1 || len(scheduler.events[Manual]) != 4*each {
		t.Errorf("%d and %d lines, %v", len(events[Manual]), len(events["nightly"]), err)
	}
}

func TestALongLedgerIsShortened(t *testing.T) {
	folder := t.TempDir()
	l, err := OpenLedger(folder)
	if err != nil {
		t.Fatal(err)
	}
	e := Event{At: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), Schedule: "often", What: Missed, Why: strings.Repeat("long ", 500)}
	var text strings.Builder
	for range 5000 {
		line := `{"at":"2026-06-01T12:00:00Z","schedule":"often","what":"missed","why":"` + e.Why + `"}`
		text.WriteString(line + "\n")
	}
	l.Close()
	if err := os.WriteFile(filepath.Join(folder, LedgerFile), []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if l, err = OpenLedger(folder); err != nil {
		t.Fatal(err)
	}
	if err := l.note(e); err != nil {
		t.Fatal(err)
	}
	l.Close()
	events, err := ReadLedger(folder)
	info, _ := os.Stat(filepath.Join(folder, LedgerFile))
	if err != nil || len(events["often"]) != len(l.events["often"]) || info.Size() > mostBytes {
		t.Errorf("%d events of %d, %d bytes, %v", len(events["often"]), len(l.events["often"]), info.Size(), err)
	}
}

func FuzzLedger(f *testing.F) {
	f.Add([]byte(`{"at":"2026-06-01T12:00:00Z","schedule":"nightly","what":"seen"}` + "\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		events, whole, err := readEvents("ledger", text)
		if err == nil && (whole > int64(len(text)) || whole > 0 && text[whole-1] != '\n') {
			t.Errorf("%d of %d bytes are whole lines; %d schedules", whole, len(text), len(events))
		}
	})
}
