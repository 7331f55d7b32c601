package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestAFullDiskIsToldAndHealsByItself runs the real program with its state on a file system too small for it, then frees
// space and runs again.
func TestAFullDiskIsToldAndHealsByItself(t *testing.T) {
	program := buildProgram(t)
	folder := smallCouncil(t)
	script := `
		mount -t tmpfs -o size=` + "$SIZE" + ` tmpfs "$FOLDER/.goldthread" || exit 99
		"$PROGRAM" run -C "$FOLDER"; echo "first exit $?"
		mount -o remount,size=256m "$FOLDER/.goldthread" || exit 99
		"$PROGRAM" run -C "$FOLDER"; echo "second exit $?"`
	if err := os.Mkdir(filepath.Join(folder, ".goldthread"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, size := range []string{"300k", "2m", "5m"} {
		t.Run(size, func(t *testing.T) {
			command := exec.Command("unshare", "--map-root-user", "--mount", "sh", "-c", script)
			command.Env = append(os.Environ(), "PROGRAM="+program, "FOLDER="+folder, "SIZE="+size)
			out, err := command.CombinedOutput()
			if err != nil {
				if os.Getenv("CI") == "true" {
					t.Fatalf("a small file system could not be mounted: %v\n%s", err, out)
				}
				t.Logf("LEFT OUT: a small file system cannot be mounted here: %v\n%s", err, out)
				return
			}
			text := string(out)
			if !strings.Contains(text, "the disk is full; what was loaded before this run, and what readers see, is as it was") ||
				!strings.Contains(text, "first exit 1") || !strings.Contains(text, "second exit 0") {
				t.Errorf("got\n%s", text)
			}
		})
	}
}
