package disk

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

func TestPartsNamesTheLargestFirst(t *testing.T) {
	folder := t.TempDir()
	for name, size := range map[string]int{"archive/ab/one": 300, "archive/cd/two": 400, "warehouse.duckdb": 500, "lock": 0} {
		name = filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, make([]byte, size), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want := []Part{{"archive", 700}, {"warehouse.duckdb", 500}, {"lock", 0}}
	if got, err := Parts(folder); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
	if used, err := Used(filepath.Join(folder, "gone")); used != 0 || err != nil {
		t.Errorf("what is not there takes %d, %v", used, err)
	}
}

func TestOfTellsOfTheDisk(t *testing.T) {
	v, err := Of(t.TempDir())
	if err != nil || v.Size == 0 || v.Free > v.Size {
		t.Errorf("%+v, %v", v, err)
	}
}
