package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goldthread/goldthread/warehouse"
	"github.com/goldthread/goldthread/warehouse/serve/audit"
)

// old is long past every time.
var old = time.Date(2021, 3, 1, 9, 0, 0, 0, time.UTC)

// leaveOld leaves three inputs in the archive of which the ledger knows nothing, three logs, and an audit log of two
// months and of now.
func leaveOld(t *testing.T, folder string) {
	t.Helper()
	state := filepath.Join(folder, ".goldthread")
	for n := range 3 {
		for _, name := range []string{
			fmt.Sprintf("archive/%02x/%02x%062d", n, n, 0), fmt.Sprintf("logs/goldthread-2021-03-%02d.log", n+1),
		} {
			path := filepath.Join(state, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte("x"), 0o644); err != nil {
				t.Fatal(err)
			}
			if err := os.Chtimes(path, old, old); err != nil {
				t.Fatal(err)
			}
		}
	}
	log, err := audit.Open(audit.Path(state))
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []time.Time{old, old.AddDate(0, 1, 0), time.Now()} {
		if err := log.Append(audit.Entry{At: at, Account: "powerbi", Action: "sign-in", Outcome: "ok"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
}

// oldLeft lists what is left of it.
func oldLeft(t *testing.T, folder string) (left []string) {
	t.Helper()
	for _, pattern := range []string{"archive/0?/0?0000*", "logs/goldthread-2021-*", "audit/*-2021-03.jsonl", "audit/*-2021-04.jsonl"} {
		names, err := filepath.Glob(filepath.Join(folder, ".goldthread", filepath.FromSlash(pattern)))
		if err != nil {
			t.Fatal(err)
		}
		left = append(left, names...)
	}
	return left
}

// TestAKillWhileOldThingsAreRemovedLosesNothing kills a run at each step of its removals, and then lets it go on.
func TestAKillWhileOldThingsAreRemovedLosesNothing(t *testing.T) {
	program := buildProgram(t)
	want := undisturbed(t, program, tinyCouncil)
	for _, place := range []string{
		"retention.before_commit", "retention.noted", "retention.input_removed:2", "retention.removed:2", "retention.audit_noted",
	} {
		t.Run(place, func(t *testing.T) {
			t.Parallel()
			folder := tinyCouncil(t)
			leaveOld(t, folder)
			mustBeKilled(t, program, folder, place)
			if len(oldLeft(t, folder)) == 0 {
				t.Error("everything was removed before the kill")
			}
			goesOn(t, program, folder, want)
			if left := oldLeft(t, folder); len(left) > 0 {
				t.Errorf("left are %v", left)
			}
			if report, err := audit.Verify(audit.Path(filepath.Join(folder, ".goldthread"))); err != nil || len(report.Findings) > 0 || report.Removed != 2 {
				t.Errorf("the audit log: %+v, %v", report, err)
			}
		})
	}
}

// TestPruneSaysWhatItRemovesAndStatusAfterIt asks first, and then has it done.
func TestPruneSaysWhatItRemovesAndStatusAfterIt(t *testing.T) {
	program, folder := buildProgram(t), tinyCouncil(t)
	mustRun(t, program, folder)
	leaveOld(t, folder)
	before := oldLeft(t, folder)
	words := []string{
		"archived inputs: 3, 1 kB (keep.archive: 90 days)", "logs: 3, 1 kB (keep.logs: 14 days)", "entries of the audit log: 2, 1 kB (keep.audit: 24 months)",
	}
	wantWords := func(said []byte, words ...string) {
		t.Helper()
		for _, word := range words {
			if !strings.Contains(string(said), word) {
				t.Errorf("it does not say %q:\n%s", word, said)
			}
		}
	}
	wantWords(succeed(t, commandWith(program, folder, "", "prune", "--dry-run")), append(words, "Past their time, and removed by the next run: ")...)
	if left := oldLeft(t, folder); len(left) != len(before) || len(left) == 0 {
		t.Errorf("left are %v of %v", left, before)
	}
	wantWords(succeed(t, commandWith(program, folder, "", "prune")), append(words, "Removed, being past their time: ")...)
	if left := oldLeft(t, folder); len(left) > 0 {
		t.Errorf("left are %v", left)
	}
	wantWords(succeed(t, commandWith(program, folder, "", "prune")), "Nothing is past its time.")
	wantWords(succeed(t, commandWith(program, folder, "", "status")), append(words, "Last removed, being past their time, on ")...)
	wantWords(succeed(t, commandWith(program, folder, "", "prune", "list")), "│ by hand │ archived inputs          │     3 │ 1 kB │ keep.archive: 90 days │", "keep.audit: 24 months")
	wantWords(succeed(t, commandWith(program, folder, "", "audit", "verify")), "The audit log is whole: 2 lines in 1 file.", "It begins after entry 2: those before were removed because their time was over.")
}

// TestExplainSaysThatAFileIsNotKeptAnyMore takes an input from the archive by the rule, and by hand.
func TestExplainSaysThatAFileIsNotKeptAnyMore(t *testing.T) {
	program, folder := buildProgram(t), copyCouncil(t, "testdata/small")
	mustRun(t, program, folder)
	state := filepath.Join(folder, ".goldthread")
	explain := func() string {
		t.Helper()
		return string(succeed(t, commandWith(program, folder, "", "explain", "WAS-01", "FY2023-24")))
	}
	if said := explain(); !strings.Contains(said, "the line    E07000001,2023/24,480,1000") || strings.Contains(said, "was removed") {
		t.Errorf("before: %s", said)
	}
	noteOldRemoval(t, state)
	if said := explain(); strings.Contains(said, "was removed") {
		t.Errorf("though the file is there: %s", said)
	}
	if err := os.RemoveAll(filepath.Join(state, "archive")); err != nil {
		t.Fatal(err)
	}
	said := explain()
	for _, want := range []string{
		"file        drops/2025-06/waste.csv, line 2", "sha256      ", "the row     area_code E07000001, ",
		"the file    was removed from the archive on " + time.Now().UTC().Format(time.DateOnly) + " by the rule keep.archive: 90 days; its hash stands above",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("it does not say %q:\n%s", want, said)
		}
	}
}

// noteOldRemoval notes in the ledger that inputs were removed up to tomorrow.
func noteOldRemoval(t *testing.T, state string) {
	t.Helper()
	w, err := warehouse.Open(t.Context(), warehouse.Options{Folder: state})
	if err != nil {
		t.Fatal(err)
	}
	err = w.NoteRemoval(t.Context(), 0, warehouse.Removal{Subject: warehouse.Inputs, Rule: "keep.archive: 90 days", CutOff: time.Now().AddDate(0, 0, 2), Items: 3})
	if err != nil {
		t.Error(err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
}
