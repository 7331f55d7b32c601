package main

import (
	"encoding/json"
	"os/exec"
	"testing"
)

// TestBenchOperationsMeasuresTheProgramItself does so on next to nothing.
func TestBenchOperationsMeasuresTheProgramItself(t *testing.T) {
	t.Parallel()
	out := succeed(t, exec.Command(buildProgram(t), "bench", "operations", "--rows", "3000", "--repeat", "1", "--idle", "1s", "--gigabytes", "0.001", "--json"))
	var figures []struct {
		Name         string
		Seconds      float64
		FloorSeconds float64 `json:"floor_seconds"`
		PeakMiB      float64 `json:"peak_mib"`
	}
	if err := json.Unmarshal(out, &figures); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	names := map[string]bool{}
	for _, f := range figures {
		names[f.Name] = true
		if f.Seconds <= 0 || f.FloorSeconds <= 0 {
			t.Errorf("%+v", f)
		}
		if f.Name == "operations.schedule_idle_cpu" && (f.PeakMiB <= 0 || f.PeakMiB > 80) {
			t.Errorf("a scheduler with nothing to do holds %.0f MiB", f.PeakMiB)
		}
	}
	for _, name := range []string{"operations.backup", "operations.restore", "operations.load_beside_backup", "operations.schedule_idle_cpu", "operations.serve_start"} {
		if !names[name] {
			t.Errorf("there is no figure %s", name)
		}
	}
}
