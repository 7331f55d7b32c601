package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goldthread/goldthread/connectors/all"
)

const samples = "../../deploy/samples"

// TestTheSampleFoldersRun lays each sample over a new folder, as its README says.
func TestTheSampleFoldersRun(t *testing.T) {
	t.Parallel()
	for sample, c := range map[string]struct{ organisation, query, want string }{
		"district": {"E07000123", "select value, target, rag from marts.scorecard where measure_code = 'PLA01'", "93.75,90,green"},
		"county":   {"E10000017", "select round(value, 2) as value, target, rag from marts.scorecard where measure_code = 'ASC01'", "83.46,85,amber"},
		"unitary":  {"E06000009", "select value, target, rag from marts.scorecard where measure_code = 'HOU01'", "60,90,red"},
	} {
		t.Run(sample, func(t *testing.T) {
			folder := filepath.Join(t.TempDir(), "council")
			tell(t, "init", folder, "--organisation", c.organisation)
			layOver(t, filepath.Join(samples, sample), folder)
			if said := tell(t, "validate", "-C", folder); !strings.Contains(said, "nothing is wrong") {
				t.Error(said)
			}
			tell(t, "run", "-C", folder)
			if said := tell(t, "sql", c.query, "--format", "csv", "-C", folder); !strings.Contains(said, c.want) {
				t.Errorf("the scorecard says %s, not %s", said, c.want)
			}
			tell(t, "schedule", "list", "-C", folder)
		})
	}
}

// TestSourcesThatWaitToBeSwitchedOnAreRight reads those whose names end in .example.
func TestSourcesThatWaitToBeSwitchedOnAreRight(t *testing.T) {
	waiting, err := filepath.Glob(filepath.Join(samples, "*", "sources", "*.yaml.example"))
	if err != nil || len(waiting) != 2 {
		t.Fatalf("%v, %v", waiting, err)
	}
	for _, path := range waiting {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := all.Kinds.Decode("sources/"+strings.TrimSuffix(filepath.Base(path), ".example"), text); err != nil {
			t.Error(err)
		}
	}
}

// tell runs the program, which must do what it is told, and gives what it prints.
func tell(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), buildProgram(t), args...).CombinedOutput()
	if err != nil {
		t.Fatalf("goldthread %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// layOver puts files over those of a folder.
func layOver(t *testing.T, from, to string) {
	t.Helper()
	files := os.DirFS(from)
	names, err := filepath.Glob(filepath.Join(from, "*"))
	if err != nil || len(names) == 0 {
		t.Fatalf("%v, %v", names, err)
	}
	if err := os.Remove(filepath.Join(to, "goldthread.yaml")); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(to, "schedules", "nightly.yaml")); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(to, files); err != nil {
		t.Fatal(err)
	}
}
