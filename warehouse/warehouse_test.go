package warehouse

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func wantFault(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error lacks %q:\n%v", part, err)
		}
	}
}

func reopen(t *testing.T, folder string) error {
	t.Helper()
	w, err := Open(t.Context(), Options{Folder: folder, MemoryLimit: "256MB", Version: "test"})
	if err == nil {
		err = w.Close()
	}
	return err
}

// loaded gives the folder of a warehouse with two loads, closed.
func loaded(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	w := openTest(t, folder)
	table := testTable("increment", "ref")
	land(t, w, arrive(t, table, "", "a open", "b open"))
	land(t, w, arrive(t, table, "", "b closed", "c open"))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return folder
}

func TestOpenRefusesASecondOwner(t *testing.T) {
	folder := t.TempDir()
	openTest(t, folder)
	wantFault(t, reopen(t, folder), "another goldthread is at work on this warehouse (process ", "fix: wait until it has finished")
}

func TestOpenTakesOverWhatAKilledOwnerLeft(t *testing.T) {
	folder := loaded(t)
	for name, text := range map[string]string{"lock": "", "lock.owner": `{"process_id":1}`} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := reopen(t, folder); err != nil {
		t.Error(err)
	}
}

func TestOpenRefusesAFileOfANewerProgram(t *testing.T) {
	folder := t.TempDir()
	w := openTest(t, folder)
	if _, err := w.Conn().ExecContext(t.Context(), "insert into meta.schema_versions values (99, now())"); err != nil {
		t.Fatal(err)
	}
	w.Close()
	wantFault(t, reopen(t, folder), "a newer goldthread wrote this warehouse (its format is 99", "fix: use the newer program")
}

func TestOpenTellsOfALoadThatTheFileLacks(t *testing.T) {
	folder := loaded(t)
	path := filepath.Join(folder, "journal")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	w := openTest(t, folder)
	land(t, w, arrive(t, testTable("increment", "ref"), "", "d open"))
	w.Close()
	newer, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("journal of a later state", func(t *testing.T) {
		older := loaded(t)
		if err := os.WriteFile(filepath.Join(older, "journal"), newer, 0o644); err != nil {
			t.Fatal(err)
		}
		wantFault(t, reopen(t, older), "load 3 of desk.requests is not in the warehouse as it was acknowledged")
	})
	t.Run("journal that was cut", func(t *testing.T) {
		if err := os.WriteFile(path, text[:len(text)-10], 0o644); err != nil {
			t.Fatal(err)
		}
		if err := reopen(t, folder); err != nil {
			t.Fatal(err)
		}
		mended, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(mended, newer) {
			t.Errorf("the journal was not completed from the ledger: %v\n%s", err, mended)
		}
	})
	t.Run("journal that was altered", func(t *testing.T) {
		spoilt := bytes.Replace(newer, []byte(`"stored":2`), []byte(`"stored":3`), 1)
		if err := os.WriteFile(path, spoilt, 0o644); err != nil {
			t.Fatal(err)
		}
		wantFault(t, reopen(t, folder), "journal:1: the journal of loads is damaged: the line does not fit its checksum")
	})
}

func TestOpenCountsTheRowsThatTheLastLoadLeft(t *testing.T) {
	folder := loaded(t)
	w := openTest(t, folder)
	if _, err := w.Conn().ExecContext(t.Context(), `delete from "current".desk__requests where ref = 'a'`); err != nil {
		t.Fatal(err)
	}
	w.Close()
	wantFault(t, reopen(t, folder), "load 2 of desk.requests left 3 rows, and 2 are there")
}

func TestCloseTwiceIsFine(t *testing.T) {
	w := openTest(t, t.TempDir())
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
}
