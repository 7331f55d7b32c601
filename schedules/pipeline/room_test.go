package pipeline

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/goldthread/goldthread/internal/disk"
)

func TestARunAsksForAFifthOfTheDiskOrWhatItWritesAtWorst(t *testing.T) {
	const gb = 1 << 30
	state := t.TempDir()
	for name, size := range map[string]int64{"warehouse.duckdb": 4 * gb, "releases/7/staff.duckdb": gb, "releases/6/staff.duckdb": 9 * gb} {
		name = filepath.Join(state, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(name, size); err != nil { // it takes no room
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(state, "releases", "current"), []byte("7\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		set, disk, want uint64
	}{
		"a small disk":  {0, 40 * gb, 8 * gb},
		"a large disk":  {0, 2000 * gb, 9*gb + littleRun},
		"as it was set": {3 * gb, 2000 * gb, 3 * gb},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := neededIn(state, test.set, disk.Volume{Size: test.disk}); err != nil || got != test.want {
				t.Errorf("%d, %v", got, err)
			}
		})
	}
	if got, err := neededIn(t.TempDir(), 0, disk.Volume{Size: 100 * gb}); err != nil || got != littleRun {
		t.Errorf("without a warehouse %d, %v", got, err)
	}
}
