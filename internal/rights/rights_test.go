package rights

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestWhatEverybodyMayReadIsTold(t *testing.T) {
	for mode, open := range map[os.FileMode]bool{0o600: false, 0o640: false, 0o644: true, 0o602: true} {
		path := filepath.Join(t.TempDir(), "secret")
		if err := errors.Join(os.WriteFile(path, nil, mode), os.Chmod(path, mode)); err != nil {
			t.Fatal(err)
		}
		if found, err := OpenToAll(path); err != nil || found != open {
			t.Errorf("with the mode %o it is open: %v, %v", mode, found, err)
		}
	}
	if _, err := OpenToAll(filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("of a file that is not there: %v", err)
	}
}
