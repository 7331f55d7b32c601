package main

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// onASmallDisk runs twice with the state on a file system of $SIZE bytes, with room for more before the second time, and
// copies out what the state was after each.
const onASmallDisk = `
	mount -t tmpfs -o size=$SIZE tmpfs "$FOLDER/.goldthread" || exit 99
	"$PROGRAM" run -C "$FOLDER"; echo "first exit $?"
	cp -r "$FOLDER/.goldthread" "$OUT/full" || exit 98
	mount -o remount,size=256m "$FOLDER/.goldthread" || exit 99
	"$PROGRAM" run -C "$FOLDER"; echo "second exit $?"
	cp -r "$FOLDER/.goldthread" "$OUT/.goldthread" || exit 98`

// unguarded is a council whose runs end only when its disk is full.
func unguarded(t *testing.T) string {
	folder := tinyCouncil(t)
	setFreeDisk(t, folder, "1KB")
	return folder
}

// TestAFullDiskIsToldAndHealsByItself runs the real program with its state on a file system too small for it, then frees
// space and runs again. The sizes are shares of what a run takes, so that the disk is full in different stages of it.
func TestAFullDiskIsToldAndHealsByItself(t *testing.T) {
	program := buildProgram(t)
	want := undisturbed(t, program, unguarded)
	whole := afterFirstPass(t, program, unguarded)
	need := sizeOf(t, filepath.Join(whole, ".goldthread"))
	var mutex sync.Mutex
	stages := map[string]int{}
	t.Cleanup(func() {
		sizes := 0
		for _, n := range stages {
			sizes += n
		}
		fmt.Printf("disks: full at %d sizes, while %v; nothing lost and healed by the next run unless a failure is told above\n", sizes, stages)
		if distinct := len(kindsOf(stages)); distinct < 3 && len(stages) > 0 {
			t.Errorf("the disk was full in %d different stages only", distinct)
		}
	})
	for _, percent := range []int64{1, 8, 30, 50, 62, 77} {
		t.Run(fmt.Sprintf("%d percent", percent), func(t *testing.T) {
			t.Parallel()
			folder, out := unguarded(t), t.TempDir()
			addEdition(t, folder)
			if err := os.Mkdir(filepath.Join(folder, ".goldthread"), 0o755); err != nil {
				t.Fatal(err)
			}
			text, mounted := withADiskOfItsOwn(t, onASmallDisk, "PROGRAM="+program, "FOLDER="+folder, "OUT="+out, fmt.Sprintf("SIZE=%d", need*percent/100))
			if !mounted {
				return
			}
			checkHealed(t, text)
			acknowledged := journalIn(filepath.Join(out, "full"))
			for _, fault := range verdict(t.Context(), out, acknowledged, want) {
				t.Error(fault)
			}
			mutex.Lock()
			defer mutex.Unlock()
			stages[stageOf(filepath.Join(out, "full"), len(acknowledged))]++
		})
	}
}

// withADiskOfItsOwn runs a script that may mount file systems, and gives what it said; not mounted where this machine lets it not.
func withADiskOfItsOwn(t *testing.T, script string, environment ...string) (said string, mounted bool) {
	t.Helper()
	command := exec.Command("unshare", "--map-root-user", "--mount", "sh", "-c", script)
	command.Env = append(os.Environ(), environment...)
	text, err := command.CombinedOutput()
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatalf("a small file system could not be mounted: %v\n%s", err, text)
	}
	if err != nil {
		t.Logf("LEFT OUT: a small file system cannot be mounted here: %v\n%s", err, text)
	}
	return string(text), err == nil
}

func checkHealed(t *testing.T, text string) {
	t.Helper()
	for _, said := range []string{
		"the disk is full; what was loaded before this run, and what readers see, is as it was", "first exit 1", "second exit 0",
	} {
		if !strings.Contains(text, said) {
			t.Errorf("this does not say %q:\n%s", said, text)
		}
	}
}

// stageOf says how far a run had come when the disk was full.
func stageOf(state string, loads int) string {
	_, err := os.Stat(filepath.Join(state, "releases"))
	switch {
	case err == nil:
		return "releasing"
	case loads == 12:
		return "building"
	case loads > 0:
		return fmt.Sprintf("landing load %d", loads+1)
	default:
		return "opening or landing load 1"
	}
}

// kindsOf takes the loads together.
func kindsOf(stages map[string]int) map[string]bool {
	kinds := map[string]bool{}
	for stage := range stages {
		kinds[strings.TrimRight(stage, " 0123456789")] = true
	}
	return kinds
}

func sizeOf(t *testing.T, folder string) (bytes int64) {
	t.Helper()
	err := filepath.WalkDir(folder, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		bytes += info.Size()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return bytes
}
