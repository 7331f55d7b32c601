package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goldthread/goldthread/warehouse"
)

// TestAKilledExportLeavesNoFolderHalfWritten kills the program at each step of an export, and then lets it export again.
func TestAKilledExportLeavesNoFolderHalfWritten(t *testing.T) {
	program := buildProgram(t)
	council := tinyCouncil(t)
	mustRun(t, program, council)
	manifest, err := warehouse.NewReleases(filepath.Join(council, ".goldthread")).Manifest(0)
	if err != nil {
		t.Fatal(err)
	}
	wanted := 1 // datapackage.json
	for _, one := range manifest.Tables {
		if one.Audience == "staff" && !strings.HasPrefix(one.Name, "meta.") {
			wanted++
		}
	}
	for _, place := range []string{"export.table_written:1", "export.table_written:2", "export.described", "export.before_rename", "export.renamed"} {
		t.Run(place, func(t *testing.T) {
			parent := t.TempDir()
			folder := filepath.Join(parent, "out")
			mustDieAt(t, commandWith(program, council, place, "export", "--to", folder, "--format", "csv"))
			if _, err := os.Stat(folder); place == "export.renamed" {
				wantFiles(t, folder, wanted)
				return
			} else if !os.IsNotExist(err) {
				t.Errorf("a folder that is not whole has the name already: %v", err)
			}
			if out, err := commandWith(program, council, "", "export", "--to", folder, "--format", "csv").CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			wantFiles(t, folder, wanted)
			wantFiles(t, parent, 1)
		})
	}
}

func wantFiles(t *testing.T, folder string, wanted int) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != wanted {
		t.Errorf("%s holds %v, not %d: %v", folder, entries, wanted, err)
	}
}
