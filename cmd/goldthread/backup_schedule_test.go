package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goldthread/goldthread/schedules"
)

// backupDue writes a schedule that backs up to a folder and has been due for an hour.
func backupDue(t *testing.T, folder, to string) {
	t.Helper()
	dueSince(t, folder, fmt.Sprintf("backup: {to: %q, keep: 35 days, verify: true}\n", to))
}

// dueSince writes the schedule copies, with some further setting, that has been due for an hour.
func dueSince(t *testing.T, folder, setting string) {
	t.Helper()
	text := "schedule: copies\nwhen: every 30 minutes\n" + setting
	seen := fmt.Sprintf(`{"at":%q,"schedule":"copies","what":"seen"}`+"\n", time.Now().Add(-time.Hour).UTC().Format(time.RFC3339))
	for name, text := range map[string]string{"schedules/copies.yaml": text, ".goldthread/schedules.jsonl": seen} {
		name = filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// lastOf gives the last event of the schedule of backups.
func lastOf(t *testing.T, folder string) schedules.Event {
	t.Helper()
	events, err := schedules.ReadLedger(filepath.Join(folder, ".goldthread"))
	if err != nil || len(events["copies"]) == 0 {
		t.Fatalf("%v, %v", events, err)
	}
	return events["copies"][len(events["copies"])-1]
}

// TestABackupByTheClockIsMadeAndAFailureIsTold has one made, then one refused whose folder is a file, and then one again.
func TestABackupByTheClockIsMadeAndAFailureIsTold(t *testing.T) {
	program := buildProgram(t)
	folder := tinyCouncil(t)
	mustRun(t, program, folder)
	appendTo(t, filepath.Join(folder, "goldthread.yaml"), "\nalerts: {file: alarms.txt}\n")
	to := filepath.Join(t.TempDir(), "backups")
	for _, step := range []struct{ to, outcome, told string }{
		{to, "done", ""},
		{filepath.Join(folder, "goldthread.yaml"), "failed", "the schedule copies needs attention"},
		{to, "done", "the schedule copies is well again"},
	} {
		backupDue(t, folder, step.to)
		succeed(t, commandWith(program, folder, "", "schedule", "--once"))
		if e := lastOf(t, folder); e.What != schedules.Ended || e.Outcome != step.outcome {
			t.Errorf("to %s: %+v", step.to, e)
		}
		alarms, err := os.ReadFile(filepath.Join(folder, "alarms.txt"))
		if step.told != "" && (err != nil || !strings.Contains(string(alarms), step.told)) {
			t.Errorf("it is not told that %s: %s, %v", step.told, alarms, err)
		}
	}
	wantFiles(t, to, 2)
}

func appendTo(t *testing.T, path, text string) {
	t.Helper()
	before, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, append(before, text...), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}
