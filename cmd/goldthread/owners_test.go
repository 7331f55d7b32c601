package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestTwoOwnersAtOnceLandEachFileOnce starts the program twice at the same moment, fifty times, each time with a new file to
// land, and with what killed owners and careless people leave in the place of the lock.
func TestTwoOwnersAtOnceLandEachFileOnce(t *testing.T) {
	t.Parallel()
	program := buildProgram(t)
	folder := tinyCouncil(t)
	mustRun(t, program, folder)
	loads := len(journalOf(folder))
	const trials = 50
	refused, killed := 0, 0
	for i := range trials {
		writeEdition(t, folder, i)
		leaveStaleLock(t, folder, i)
		if i%5 == 4 {
			mustBeKilled(t, program, folder, "load.before_commit")
			killed++
		}
		one, two := startRun(t, program, folder), startRun(t, program, folder)
		refused += checkOwners(t, one, two)
		if held := len(journalOf(folder)); held != loads+i+1 {
			t.Fatalf("after trial %d the journal names %d loads, want %d", i, held, loads+i+1)
		}
	}
	if _, faults := stateOf(t.Context(), folder); len(faults) > 0 {
		t.Error(strings.Join(faults, "\n"))
	}
	if refused == 0 {
		t.Error("the two never met")
	}
	fmt.Printf("owners: %d trials of two at once, %d refused, %d after a kill, each file landed once\n", trials, refused, killed)
}

// writeEdition adds a file of its own month, with one row that no other has.
func writeEdition(t *testing.T, folder string, n int) {
	t.Helper()
	drop := filepath.Join(folder, "drops", fmt.Sprintf("%d-%02d", 2026+n/12, 1+n%12))
	text := fmt.Sprintf("area_code,period,recycled,collected\nE07000001,2024/25,%d,1000\n", n)
	for period := 2020; period < 2024; period++ {
		text += fmt.Sprintf("E07000002,%d/%d,300,1000\n", period, period%100+1)
		text += fmt.Sprintf("E07000001,%d/%d,400,1000\n", period, period%100+1)
	}
	if err := os.MkdirAll(drop, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(drop, "waste.csv"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// leaveStaleLock leaves, in turn, nothing, a note of a process that is long gone, a note that is none, and a lock file
// that holds something.
func leaveStaleLock(t *testing.T, folder string, n int) {
	t.Helper()
	lock := filepath.Join(folder, ".goldthread", "lock")
	var err error
	switch n % 4 {
	case 1:
		err = os.WriteFile(lock+".owner", []byte(`{"process_id":1,"host":"elsewhere","since":"2020-01-01T00:00:00Z"}`), 0o644)
	case 2:
		err = os.WriteFile(lock+".owner", []byte("{"), 0o644)
	case 3:
		err = os.WriteFile(lock, []byte("mine"), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

type running struct {
	command *exec.Cmd
	out     *bytes.Buffer
}

func startRun(t *testing.T, program, folder string) running {
	t.Helper()
	r := running{commandOf(program, folder, ""), new(bytes.Buffer)}
	r.command.Stdout, r.command.Stderr = r.out, r.out
	if err := r.command.Start(); err != nil {
		t.Fatal(err)
	}
	return r
}

// checkOwners waits for both and wants one at least to come to its end, and the other to come to its end after it or to be
// told that it must wait. It gives the number of those.
func checkOwners(t *testing.T, both ...running) (refused int) {
	t.Helper()
	for _, r := range both {
		err := r.command.Wait()
		switch {
		case err == nil:
		case strings.Contains(r.out.String(), "another goldthread is at work on this warehouse"):
			refused++
		default:
			t.Errorf("%v\n%s", err, r.out)
		}
	}
	if refused == len(both) {
		t.Error("both were refused")
	}
	return refused
}
