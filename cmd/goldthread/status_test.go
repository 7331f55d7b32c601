package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goldthread/goldthread/warehouse"
)

// TestStatusAndRunTellWhatACouncilsModelKeepsFromBeingCompared takes the tiny council, whose fact has no keys.
func TestStatusAndRunTellWhatACouncilsModelKeepsFromBeingCompared(t *testing.T) {
	program, folder := buildProgram(t), tinyCouncil(t)
	ran, err := commandOf(program, folder, "").CombinedOutput()
	if err != nil {
		t.Fatalf("the run failed: %v\n%s", err, ran)
	}
	told, err := commandWith(program, folder, "", "status").CombinedOutput()
	if err != nil {
		t.Fatalf("the status failed: %v\n%s", err, told)
	}
	const why = "observations to facts: not compared, as the council's own model has no "
	if !strings.Contains(string(ran), "\nnote: ") || !strings.Contains(string(ran), why) {
		t.Errorf("the run does not tell:\n%s", ran)
	}
	if !strings.Contains(string(told), "control totals that can be compared agree.\n") || !strings.Contains(string(told), why) {
		t.Errorf("the status does not tell:\n%s", told)
	}
}

// TestStatusTellsHowThingsStandWhileARunIsAtWork has the warehouse held by another process, as a run holds it.
func TestStatusTellsHowThingsStandWhileARunIsAtWork(t *testing.T) {
	program, folder := buildProgram(t), tinyCouncil(t)
	mustRun(t, program, folder)
	told, err := commandWith(program, folder, "", "status").CombinedOutput()
	if err != nil || !strings.Contains(string(told), "1 release kept; goldthread releases lists them.") {
		t.Errorf("%v: %s", err, told)
	}
	w, err := warehouse.Open(t.Context(), warehouse.Options{Folder: filepath.Join(folder, ".goldthread"), Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	id, err := w.BeginRun(t.Context())
	if err == nil {
		err = w.WriteStanding(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	told, err = commandWith(program, folder, "", "status").CombinedOutput()
	if err != nil || !strings.Contains(string(told), fmt.Sprintf("Run %d is at work since ", id)) || !strings.Contains(string(told), "returns.waste") {
		t.Errorf("%v: %s", err, told)
	}
	if told, err := commandWith(program, folder, "", "status", "--json").CombinedOutput(); err == nil {
		t.Errorf("a program is told what may have changed: %s", told)
	}
}
