package warehouse

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goldthread/goldthread/internal/failpoint"
	"github.com/goldthread/goldthread/warehouse/duckdb"
)

// ofFormat gives the folder of a warehouse as a program wrote it that knew so many migrations, after a run without loads.
func ofFormat(t *testing.T, version int) string {
	t.Helper()
	folder := t.TempDir()
	db, err := duckdb.Open(t.Context(), duckdb.Settings{Path: pathIn(folder), Storage: storage})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := schemaVersion(t.Context(), conn); err != nil {
		t.Fatal(err)
	}
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range names[:version] {
		if err := applyMigration(t.Context(), conn, name, i+1); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := conn.ExecContext(t.Context(), "insert into meta.runs values (1, now(), now(), date '2026-04-01', 'done', 'old', null, null)"); err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return folder
}

func latestFormat(t *testing.T) int {
	t.Helper()
	known, err := knownFormat()
	if err != nil {
		t.Fatal(err)
	}
	return known
}

// formatOf reads the format of the warehouse in a folder.
func formatOf(t *testing.T, folder string) (version int) {
	t.Helper()
	db, err := duckdb.Open(t.Context(), duckdb.Settings{Path: pathIn(folder), ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRowContext(t.Context(), "select max(version) from meta.schema_versions").Scan(&version); err != nil {
		t.Fatal(err)
	}
	return version
}

func TestAWarehouseOfAnyEarlierFormatIsCopiedAndUpgraded(t *testing.T) {
	last := latestFormat(t)
	for version := 1; version < last; version++ {
		folder := ofFormat(t, version)
		for _, again := range []bool{false, true} {
			w, err := Open(t.Context(), Options{Folder: folder})
			if err != nil {
				t.Fatalf("format %d: %v", version, err)
			}
			u := w.Upgraded()
			if (u == nil) != again || u != nil && *u != (Upgrade{version, last, filepath.Join(folder, UpgradeFolder)}) {
				t.Errorf("format %d, again %v: %+v", version, again, u)
			}
			if id, err := w.BeginRun(t.Context()); err != nil || id < 2 {
				t.Errorf("format %d: run %d, %v", version, id, err)
			}
			if err := w.Close(); err != nil {
				t.Error(err)
			}
		}
		if was, is := formatOf(t, filepath.Join(folder, UpgradeFolder)), formatOf(t, folder); was != version || is != last {
			t.Errorf("format %d: the copy is of format %d, the warehouse of %d", version, was, is)
		}
	}
}

func TestANewWarehouseAndOneInWhichNothingWasRunAreNotCopied(t *testing.T) {
	folder := ofFormat(t, 1)
	db, err := duckdb.Open(t.Context(), duckdb.Settings{Path: pathIn(folder)})
	if err == nil {
		_, err = db.ExecContext(t.Context(), "delete from meta.runs")
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{folder, t.TempDir()} {
		w, err := Open(t.Context(), Options{Folder: folder})
		if err != nil {
			t.Fatal(err)
		}
		if u := w.Upgraded(); u != nil {
			t.Errorf("%+v", u)
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestAMigrationThatFailsLeavesTheFormatBefore takes a table that a later migration makes.
func TestAMigrationThatFailsLeavesTheFormatBefore(t *testing.T) {
	folder := ofFormat(t, 1)
	change := func(statement string) {
		t.Helper()
		db, err := duckdb.Open(t.Context(), duckdb.Settings{Path: pathIn(folder)})
		if err == nil {
			_, err = db.ExecContext(t.Context(), statement)
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	change("create schema history")
	if err := os.WriteFile(filepath.Join(folder, "journal"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), Options{Folder: folder}); err == nil || !strings.Contains(err.Error(), "migration 0003_history.sql") {
		t.Errorf("got %v", err)
	}
	if version := formatOf(t, folder); version != 2 {
		t.Errorf("the format is %d", version)
	}
	change("drop schema history")
	if err := reopen(t, folder); err != nil {
		t.Error(err)
	}
	if was, is := formatOf(t, filepath.Join(folder, UpgradeFolder)), formatOf(t, folder); was != 1 || is != latestFormat(t) {
		t.Errorf("the copy is of format %d, the warehouse of %d", was, is)
	}
}

func TestAnUpgradeReplacesWhatAnEarlierOneLeft(t *testing.T) {
	folder := ofFormat(t, 2)
	for _, left := range []string{UpgradeFolder, UpgradeFolder + underWay, UpgradeFolder + underWay + ".making"} {
		if err := os.MkdirAll(filepath.Join(folder, left, "old"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	reached := false
	if err := failpoint.Arm("upgrade.copied", func() { reached = true }); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = failpoint.Arm("", nil) })
	if err := reopen(t, folder); err != nil || !reached {
		t.Errorf("reached %v, %v", reached, err)
	}
	left, err := fs.Glob(os.DirFS(folder), UpgradeFolder+"*")
	if err != nil || len(left) != 1 || formatOf(t, filepath.Join(folder, left[0])) != 2 {
		t.Errorf("left are %v, %v", left, err)
	}
	if _, err := os.Stat(filepath.Join(folder, UpgradeFolder, "old")); !os.IsNotExist(err) {
		t.Errorf("what was there before is there still: %v", err)
	}
}

func TestAFolderOfANewerProgramIsRefusedByThoseWhoOpenNoWarehouse(t *testing.T) {
	folder := t.TempDir()
	if err := CheckFormat(folder); err != nil {
		t.Errorf("a folder without a warehouse: %v", err)
	}
	if err := reopen(t, folder); err != nil {
		t.Fatal(err)
	}
	if err := CheckFormat(folder); err != nil {
		t.Errorf("one of the present format: %v", err)
	}
	if err := os.WriteFile(filepath.Join(folder, "format"), []byte("99\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	wantFault(t, CheckFormat(folder), "a newer goldthread wrote this warehouse (its format is 99", "fix: use the newer program")
}
