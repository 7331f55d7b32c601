package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goldthread/goldthread/warehouse"
	"github.com/goldthread/goldthread/warehouse/duckdb"
)

// ofAnOlderProgram takes from a council's warehouse what the last migration made.
func ofAnOlderProgram(t *testing.T, folder string) {
	t.Helper()
	db, err := duckdb.Open(t.Context(), duckdb.Settings{Path: filepath.Join(folder, ".goldthread", "warehouse.duckdb")})
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{
		"drop table meta.retention", "drop table meta.quarantine_removed",
		"delete from meta.schema_versions where version = (select max(version) from meta.schema_versions)",
	} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestAKilledUpgradeLeavesTheWarehouseBeforeOrAfter kills the first run of a newer program in its upgrade, and then lets it go on. The
// copy of the warehouse as it was is whole each time. The package warehouse has every step, without loads.
func TestAKilledUpgradeLeavesTheWarehouseBeforeOrAfter(t *testing.T) {
	program := buildProgram(t)
	want := undisturbed(t, program, tinyCouncil)
	older := afterFirstPass(t, program, tinyCouncil)
	ofAnOlderProgram(t, older)
	acknowledged := journalOf(older)
	for _, place := range []string{"upgrade.copied", "migration.before_commit", "upgrade.kept"} {
		t.Run(place, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			copyFolder(t, older, folder)
			mustBeKilled(t, program, folder, place)
			goesOn(t, program, folder, want, acknowledged...)
			left, err := filepath.Glob(filepath.Join(folder, ".goldthread", warehouse.UpgradeFolder+"*"))
			if err != nil || len(left) != 1 {
				t.Fatalf("copies are %v, %v", left, err)
			}
			verified, err := warehouse.Verify(t.Context(), left[0])
			if err != nil || verified.Loads != int64(len(acknowledged)) {
				t.Errorf("the copy holds %+v, %v", verified, err)
			}
		})
	}
}

func TestAnUpgradeIsTold(t *testing.T) {
	program := buildProgram(t)
	folder := afterFirstPass(t, program, tinyCouncil)
	ofAnOlderProgram(t, folder)
	addEdition(t, folder)
	said := string(succeed(t, commandOf(program, folder, "")))
	copied := filepath.Join(folder, ".goldthread", warehouse.UpgradeFolder)
	if !strings.Contains(said, "note: the warehouse was of format ") || !strings.Contains(said, copied) {
		t.Errorf("it is not told:\n%s", said)
	}
	if _, err := os.Stat(filepath.Join(copied, "warehouse.duckdb")); err != nil {
		t.Error(err)
	}
}
