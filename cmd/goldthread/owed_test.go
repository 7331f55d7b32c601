package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/goldthread/goldthread/internal/council"
	"github.com/goldthread/goldthread/schedules"
	"github.com/goldthread/goldthread/schedules/pipeline"
)

// TestWhoOwesFiguresIsToldOnceACutOff goes through the runs of a few nights, the last of which is one in which nobody knows.
func TestWhoOwesFiguresIsToldOnceACutOff(t *testing.T) {
	folder := t.TempDir()
	settings := "name: Saltmarsh\norganisation: E07000001\nalerts:\n  file: alarms.txt\n"
	if err := os.WriteFile(filepath.Join(folder, "goldthread.yaml"), []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(folder, ".goldthread"), 0o700); err != nil {
		t.Fatal(err)
	}
	read, err := council.Load(folder)
	if err != nil {
		t.Fatal(err)
	}
	p := &program{folder: folder, term: &terminal{getenv: func(string) string { return "" }}}
	w, err := p.newWatch(read, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	bins := pipeline.Owed{Cycle: "Cabinet", Period: "Q1 2026/27", CutOff: "2026-07-21", MeasureCode: "B", MeasureName: "Bins", Owner: "Head of Waste", Seen: "Q4 2025/26"}
	air, cars := bins, bins
	air.MeasureCode, air.MeasureName, air.Seen = "A", "Air", ""
	cars.MeasureCode, cars.MeasureName, cars.Owner = "C", "Cars", "Head of Cars"
	late := bins
	late.IsLate = true
	for _, owed := range [][]pipeline.Owed{{air, bins, cars}, {bins, cars}, {late}, {late}, nil, {}} {
		w.tell(schedules.Schedule{Name: "nightly"}, schedules.Event{At: time.Now(), What: schedules.Ended, Outcome: "done"},
			schedules.Outcome{RunID: 1, Outcome: "done", Owed: owedByOwner(owed)})
	}
	if err := w.desk.Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(folder, "alarms.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for words, times := range map[string]int{
		"what is owed to Cabinet, Q1 2026/27, by Head of Waste needs attention": 2, // once reminded, once late
		"by Head of Cars needs attention":                                       1,
		"is on Tuesday 21 July 2026, and these figures are still to come":       3, // once more where it is said to be over
		"was on Tuesday 21 July 2026, and these figures have not come":          2,
		"A: nothing yet": 1,
		"B: Q4 2025/26":  2,
		"is well again":  2,
	} {
		if n := strings.Count(string(text), words); n != times {
			t.Errorf("%q is said %d times, not %d", words, n, times)
		}
	}
	if t.Failed() {
		t.Logf("%s", text)
	}
}
