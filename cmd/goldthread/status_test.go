package main

import (
	"strings"
	"testing"
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
