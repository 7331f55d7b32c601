package main

import (
	"fmt"
	"os"
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
func wantSaid(t *testing.T, script string, environment []string, words ...string) {
	t.Helper()
	said, mounted := withADiskOfItsOwn(t, script, environment...)
	for _, want := range words {
		if mounted && !strings.Contains(said, want) {
			t.Errorf("this does not say %q:\n%s", want, said)
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

// TestARunThatFindsNoRoomByTheClockIsToldAndTheNextOneGoes asks for more room than any disk has, and then for less.
func TestARunThatFindsNoRoomByTheClockIsToldAndTheNextOneGoes(t *testing.T) {
	program, folder := buildProgram(t), tinyCouncil(t)
	setFreeDisk(t, folder, "900000TB")
	appendTo(t, filepath.Join(folder, "goldthread.yaml"), "\nalerts: {file: alarms.txt}\n")
	runDue := func(outcome string, told ...string) {
		t.Helper()
		dueSince(t, folder, "")
		succeed(t, commandWith(program, folder, "", "schedule", "--once"))
		if e := lastOf(t, folder); e.Outcome != outcome {
			t.Errorf("%+v", e)
		}
		alarms, err := os.ReadFile(filepath.Join(folder, "alarms.txt"))
		for _, want := range told {
			if err != nil || !strings.Contains(string(alarms), want) {
				t.Errorf("it is not told that %s: %s, %v", want, alarms, err)
			}
		}
	}
	runDue("failed", "the schedule copies needs attention", "the disk has too little room: ", " must be; the run has not begun", "fix: free space on this disk")
	text, err := os.ReadFile(filepath.Join(folder, "goldthread.yaml"))
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, "goldthread.yaml"), []byte(strings.Replace(string(text), "900000TB", "1MB", 1)), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	runDue("done", "the schedule copies is well again")
}
