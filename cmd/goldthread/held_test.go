package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/goldthread/goldthread/warehouse/duckdb"
)

// A heldCouncil is the states in which a council finds itself around a delivery that is held back.
type heldCouncil struct {
	program  string
	settled  string // four loads of nine rows; then one of a single row and a usual one were left
	held     string // a run held the single row back
	accepted string // and a person accepted it
	want     string // the state after that landed, with what stood behind it
}

func newHeldCouncil(t *testing.T) heldCouncil {
	t.Helper()
	h := heldCouncil{program: buildProgram(t), settled: tinyCouncil(t), held: t.TempDir(), accepted: t.TempDir()}
	for n := range 4 {
		writeEdition(t, h.settled, n)
	}
	mustRun(t, h.program, h.settled)
	writeEdition(t, h.settled, 5)
	odd := []byte("area_code,period,recycled,collected\nE07000001,2024/25,77,1000\n")
	if err := os.WriteFile(filepath.Join(h.settled, "drops", "2026-06", "waste.csv"), odd, 0o644); err != nil {
		t.Fatal(err)
	}
	writeEdition(t, h.settled, 6)
	copyFolder(t, h.settled, h.held)
	if !isHeld(t, h.program, h.held) {
		t.Fatal("a load of a single row landed")
	}
	copyFolder(t, h.held, h.accepted)
	mustDo(t, h.program, h.accepted, "accept", "returns.waste")
	landed := t.TempDir()
	copyFolder(t, h.accepted, landed)
	mustRun(t, h.program, landed)
	want, faults := stateOf(t.Context(), landed)
	if len(faults) > 0 {
		t.Fatalf("without a kill:\n%s", strings.Join(faults, "\n"))
	}
	h.want = want
	return h
}

// TestAKillAroundAHeldDeliveryLosesNothing kills the program while it holds a delivery back, and while a person accepts it
// or withdraws that, each before and after it is noted, the first and the second time that it happens.
func TestAKillAroundAHeldDeliveryLosesNothing(t *testing.T) {
	h := newHeldCouncil(t)
	stages := map[string]struct {
		args          []string
		first, second string
	}{
		"hold.":     {[]string{"run"}, h.settled, h.held},
		"accept.":   {[]string{"accept", "returns.waste"}, h.held, h.accepted},
		"withdraw.": {[]string{"accept", "returns.waste", "--withdraw"}, h.accepted, h.accepted},
	}
	var died atomic.Int64
	t.Cleanup(func() {
		fmt.Printf("kills: %d around a held delivery, nothing lost and nothing twice unless a failure is told above\n", died.Load())
	})
	for name, stage := range stages {
		places := placesOf(t, name)
		for pass, from := range []string{stage.first, stage.second} {
			for _, place := range places {
				t.Run(fmt.Sprintf("%s/pass %d", place, pass+1), func(t *testing.T) {
					t.Parallel()
					folder := t.TempDir()
					copyFolder(t, from, folder)
					mustDieAt(t, commandWith(h.program, folder, place, stage.args...))
					died.Add(1)
					h.goesOn(t, folder, place, from == h.accepted)
				})
			}
		}
	}
}

// placesOf are the places in the source whose name begins so.
func placesOf(t *testing.T, stage string) []string {
	t.Helper()
	places := slices.DeleteFunc(placesInTheSource(t), func(place string) bool { return !strings.HasPrefix(place, stage) })
	if len(places) == 0 {
		t.Errorf("no place is named %s", stage)
	}
	return places
}

// goesOn runs what was killed to its end. What was noted before the kill counts, and what was not must be said again.
func (h heldCouncil) goesOn(t *testing.T, folder, place string, wasAccepted bool) {
	t.Helper()
	acknowledged := journalOf(folder)
	counts := wasAccepted && place != "withdraw.noted" || place == "accept.noted"
	held := isHeld(t, h.program, folder)
	if held == counts {
		t.Errorf("the delivery was held: %v; an acceptance was noted: %v", held, counts)
	}
	if held {
		checkHeldOnce(t, folder)
		mustDo(t, h.program, folder, "accept", "returns.waste")
		mustRun(t, h.program, folder)
	}
	for _, fault := range verdict(t.Context(), folder, acknowledged, h.want) {
		t.Error(fault)
	}
}

// isHeld runs and says whether a delivery was held back.
func isHeld(t *testing.T, program, folder string) bool {
	t.Helper()
	out, err := commandOf(program, folder, "").CombinedOutput()
	var ended *exec.ExitError
	if err != nil && (!errors.As(err, &ended) || ended.ExitCode() != exitRed) {
		t.Fatalf("the run failed: %v\n%s", err, out)
	}
	return strings.Contains(string(out), "held back: 1 row came")
}

// checkHeldOnce makes sure that each run notes what it holds once, with the look that brought it.
func checkHeldOnce(t *testing.T, folder string) {
	t.Helper()
	db, err := duckdb.Open(t.Context(), duckdb.Settings{Path: filepath.Join(folder, ".goldthread", "warehouse.duckdb"), ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	wrong, faults := ask(t.Context(), db, []string{`
		select concat('run ', run_id, ' holds ', count(held.run_id), ' deliveries and has ', count(looks.run_id), ' looks at one')
		from meta.held as held
		full join (from meta.extracts where outcome = 'refused') as looks using (run_id)
		group by run_id having count(held.run_id) <> 1 or count(looks.run_id) <> 1`})
	for _, fault := range slices.Concat(wrong, faults) {
		t.Error(fault)
	}
}

func mustDo(t *testing.T, program, folder string, args ...string) {
	t.Helper()
	if out, err := commandWith(program, folder, "", args...).CombinedOutput(); err != nil {
		t.Fatalf("%v failed: %v\n%s", args, err, out)
	}
}
