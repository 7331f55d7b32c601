package warehouse

import (
	"os"
	"path/filepath"
	"testing"
)

func snapshotOf(t *testing.T, folder string) (string, Verified, error) {
	t.Helper()
	to := filepath.Join(t.TempDir(), "copy")
	v, err := Snapshot{Folder: folder, To: to, Now: testTime}.Copy(t.Context())
	return to, v, err
}

func TestASnapshotHoldsWhatTheWarehouseHolds(t *testing.T) {
	to, got, err := snapshotOf(t, loaded(t))
	if want := (Verified{Loads: 2, LastLoad: 2, Rows: 4}); err != nil || got != want {
		t.Errorf("%+v, not %+v: %v", got, want, err)
	}
	if err := reopen(t, to); err != nil {
		t.Error(err)
	}
}

func TestASnapshotOfWhatAKilledOwnerLeftIsClosed(t *testing.T) {
	folder, left := t.TempDir(), t.TempDir()
	w := openTest(t, folder)
	table := testTable("increment", "ref")
	land(t, w, arrive(t, table, "", "a open", "b open"))
	if _, err := w.BeginRun(t.Context()); err != nil { // which stays in the log
		t.Fatal(err)
	}
	for _, name := range ownedFiles {
		if err := copyFile(filepath.Join(folder, name), filepath.Join(left, name)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(filepath.Join(left, "warehouse.duckdb.wal")); err != nil {
		t.Fatal(err)
	}
	to, got, err := snapshotOf(t, left)
	if err != nil || got.Loads != 1 {
		t.Fatalf("%+v: %v", got, err)
	}
	entries, err := os.ReadDir(to)
	if err != nil || len(entries) != 4 { // format, journal, releases, warehouse.duckdb
		t.Errorf("the copy holds %v: %v", entries, err)
	}
}

// TestVerifyTellsWhatDoesNotFit alters a warehouse by statements of which neither ledger nor journal knows.
func TestVerifyTellsWhatDoesNotFit(t *testing.T) {
	for name, one := range map[string]struct{ statement, told string }{
		"a stored row is gone":  {`delete from history.desk__requests`, "load 1 stored 2 rows, and 1 are there"},
		"a present row is gone": {`delete from "current".desk__requests where ref = 'a'`, "load 2 of desk.requests left 3 rows, and 2 are there"},
		"a load is gone":        {`delete from meta.loads where load_id = 2`, "load 2 of desk.requests is not in the warehouse as it was acknowledged"},
		"a load is added":       {`insert into meta.loads by name select * replace (3 as load_id) from meta.loads where load_id = 2`, "load 3 of desk.requests is not in the journal"},
		"a row is set aside":    {`insert into meta.quarantine (load_id, extract_id, row_number, reason) values (2, 1, 9, 'it is odd')`, "load 2 set aside 0 rows, and 1 are there"},
		"a newer program":       {`insert into meta.schema_versions values (99, now())`, "a newer goldthread wrote this warehouse (its format is 99"},
	} {
		t.Run(name, func(t *testing.T) {
			folder := loaded(t)
			w := openTest(t, folder)
			if _, err := w.Conn().ExecContext(t.Context(), one.statement); err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			_, err := Verify(t.Context(), folder)
			wantFault(t, err, one.told)
		})
	}
}
