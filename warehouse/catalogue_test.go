package warehouse

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestACheckpointThatIsCutShortIsPutBack tears each block that a checkpoint writes in place at several pages, as a kill may:
// the pages before are the new ones, those behind are still the old ones, and so are the headers.
func TestACheckpointThatIsCutShortIsPutBack(t *testing.T) {
	folder := t.TempDir()
	w := openTest(t, folder)
	if _, err := w.Land(t.Context(), arrive(t, testTable("increment", "ref"), "", "a open", "b open")); err != nil {
		t.Fatal(err)
	}
	if _, err := w.BeginRun(t.Context()); err != nil {
		t.Fatal(err)
	}
	killed := t.TempDir()
	if err := os.CopyFS(killed, os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	if _, err := w.conn.ExecContext(t.Context(), "checkpoint"); err != nil {
		t.Fatal(err)
	}
	before, after := readFile(t, pathIn(killed)), readFile(t, w.Path())
	torn := 0
	for block := blocksBegin; block+blockSize <= len(before); block += blockSize {
		if bytes.Equal(before[block:block+blockSize], after[block:block+blockSize]) {
			continue
		}
		for _, pages := range []int{1, 16, 32, 63} {
			text := bytes.Clone(before)
			copy(text[block:block+pages*4096], after[block:])
			if bytes.Equal(text[block:block+blockSize], after[block:block+blockSize]) {
				continue // nothing behind differs
			}
			torn++
			one := t.TempDir()
			if err := os.CopyFS(one, os.DirFS(killed)); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(pathIn(one), text, 0o644); err != nil {
				t.Fatal(err)
			}
			checkPutBack(t, one)
		}
	}
	if torn == 0 {
		t.Error("the checkpoint wrote no block in place")
	}
}

func checkPutBack(t *testing.T, folder string) {
	t.Helper()
	copied := filepath.Join(folder, "warehouse.duckdb.catalogue")
	without := t.TempDir()
	if err := os.CopyFS(without, os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(guardPath(without)); err != nil {
		t.Fatal(err)
	}
	if w, err := Open(t.Context(), Options{Folder: without}); err == nil {
		w.Close()
		t.Error("the engine opens the torn file by itself, so this shows nothing")
	}
	w := openTest(t, folder)
	if got := list(t, w, `select ref from "current".desk__requests order by ref`); len(got) != 2 {
		t.Errorf("current holds %v", got)
	}
	if _, err := w.BeginRun(t.Context()); err != nil {
		t.Error(err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(copied); err == nil {
		t.Error("the copy of the catalogue is left behind")
	}
}

func TestACopyOfTheCatalogueThatIsOldOrHalfIsNotPutBack(t *testing.T) {
	folder := t.TempDir()
	w := openTest(t, folder)
	old := readFile(t, guardPath(folder))
	if _, err := w.Land(t.Context(), arrive(t, testTable("increment", "ref"), "", "a open")); err != nil {
		t.Fatal(err)
	}
	now := readFile(t, guardPath(folder))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{"old": old, "half": now[:len(now)/2], "empty": {}} {
		if err := os.WriteFile(guardPath(folder), text, 0o644); err != nil {
			t.Fatal(err)
		}
		w := openTest(t, folder)
		if got := list(t, w, `select ref from "current".desk__requests`); len(got) != 1 {
			t.Errorf("%s: current holds %v", name, got)
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	}
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
