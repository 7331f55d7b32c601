package durable

import (
	"os"
	"path/filepath"
	"testing"
)

func TestReplaceLeavesTheOldFileWhereItFails(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "head")
	for _, text := range []string{"first", "second"} {
		if err := Replace(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != text {
			t.Errorf("%q, %v", got, err)
		}
	}
	taken := filepath.Join(folder, "taken") // a folder, which no file can replace
	if err := os.MkdirAll(filepath.Join(taken, "inside"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := Replace(taken, []byte("third"), 0o600); err == nil {
		t.Error("a file took the place of a folder")
	}
	if names, err := os.ReadDir(folder); err != nil || len(names) != 2 {
		t.Errorf("left behind: %v, %v", names, err)
	}
}
