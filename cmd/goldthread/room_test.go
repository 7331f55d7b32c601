package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// onADiskThatFills runs on a file system of $SIZE bytes, then with a filler of $FILLER on it, and without it again.
const onADiskThatFills = `
	mount -t tmpfs -o size=$SIZE tmpfs "$FOLDER/.goldthread" || exit 99
	"$PROGRAM" run -C "$FOLDER"; echo "exit $? while there is room"
	head -c $FILLER /dev/zero > "$FOLDER/.goldthread/filler" || exit 98
	"$PROGRAM" run -C "$FOLDER" 2>&1; echo "exit $? while there is none"
	"$PROGRAM" doctor -C "$FOLDER"
	rm "$FOLDER/.goldthread/filler"
	"$PROGRAM" run -C "$FOLDER"; echo "exit $? when there is room again"`

// onADiskTooSmall runs on a file system of $SIZE bytes, and again after it was made larger.
const onADiskTooSmall = `
	mount -t tmpfs -o size=$SIZE tmpfs "$FOLDER/.goldthread" || exit 99
	"$PROGRAM" run -C "$FOLDER" 2>&1; echo "exit $? while there is little room"
	mount -o remount,size=256m "$FOLDER/.goldthread" || exit 99
	"$PROGRAM" run -C "$FOLDER"; echo "exit $? when there is room"`

// setFreeDisk has a council ask for so much room.
func setFreeDisk(t *testing.T, folder, amount string) {
	t.Helper()
	path := filepath.Join(folder, "goldthread.yaml")
	text, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, []byte(strings.Replace(string(text), "threads: 1", "threads: 1, free_disk: "+amount, 1)), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// wantSaid runs a script with a file system of its own and wants its output to say something.
func wantSaid(t *testing.T, script string, environment []string, said ...string) {
	t.Helper()
	command := exec.Command("unshare", "--map-root-user", "--mount", "sh", "-c", script)
	command.Env = append(os.Environ(), environment...)
	text, err := command.CombinedOutput()
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("a small file system could not be mounted: %v\n%s", err, text)
		}
		t.Logf("LEFT OUT: a small file system cannot be mounted here: %v\n%s", err, text)
		return
	}
	for _, want := range said {
		if !strings.Contains(string(text), want) {
			t.Errorf("this does not say %q:\n%s", want, text)
		}
	}
}

func TestARunDoesNotBeginOnADiskAlmostFullAndHealsByItself(t *testing.T) {
	program, folder := buildProgram(t), tinyCouncil(t)
	if err := os.Mkdir(filepath.Join(folder, ".goldthread"), 0o755); err != nil {
		t.Fatal(err)
	}
	wantSaid(t, onADiskThatFills, []string{"PROGRAM=" + program, "FOLDER=" + folder, "SIZE=256m", "FILLER=210m"},
		"exit 0 while there is room", "exit 3 while there is none", "exit 0 when there is room again",
		"the disk has too little room: ", " are free, and 51.2 MB must be; the run has not begun, and readers see what they saw before.",
		"This folder holds 210.0 MB filler, ", " warehouse.duckdb, ", "fix: free space on this disk: ",
		"!!  disk         ", " are free, and a run begins with 51.2 MB")
}

func TestARunIsEndedBeforeTheDiskIsFullAndGoesOnLater(t *testing.T) {
	program, folder := buildProgram(t), tinyCouncil(t)
	need := sizeOf(t, filepath.Join(afterFirstPass(t, program, tinyCouncil), ".goldthread")) / 2
	setFreeDisk(t, folder, fmt.Sprintf("%dKB", need*9/10/1000))
	if err := os.Mkdir(filepath.Join(folder, ".goldthread"), 0o755); err != nil {
		t.Fatal(err)
	}
	wantSaid(t, onADiskTooSmall, []string{"PROGRAM=" + program, "FOLDER=" + folder, fmt.Sprintf("SIZE=%d", need)},
		"exit 3 while there is little room", "exit 0 when there is room",
		"the run was ended before the disk is full; what was loaded is kept, and readers see what they saw before")
}
