package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// backedUp is a council's folder that has run twice, and its backups, of which there is one.
func backedUp(t *testing.T, program string) (folder, to string) {
	t.Helper()
	folder, to = afterFirstPass(t, program, tinyCouncil), filepath.Join(t.TempDir(), "backups")
	mustRun(t, program, folder)
	succeed(t, commandWith(program, folder, "", "backup", "--to", to))
	return folder, to
}

func succeed(t *testing.T, command *exec.Cmd) []byte {
	t.Helper()
	out, err := command.Output()
	if err != nil {
		var said string
		if ended, ok := err.(*exec.ExitError); ok {
			said = string(ended.Stderr)
		}
		t.Fatalf("%v: %v\n%s%s", command.Args, err, out, said)
	}
	return out
}

// restoredState restores the newest backup and says what its state is, with what does not fit within it.
func restoredState(t *testing.T, program, to string) (state string, faults []string) {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "restored")
	succeed(t, exec.Command(program, "restore", to, "--to", folder, "--verify"))
	return stateOf(t.Context(), folder)
}

// TestAKilledBackupLeavesNoneHalf kills the program at each step of a backup that is to replace an earlier one: there is always
// one that can be restored, and the next backup clears away what was left.
func TestAKilledBackupLeavesNoneHalf(t *testing.T) {
	program := buildProgram(t)
	folder, first := backedUp(t, program)
	want, faults := stateOf(t.Context(), folder)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	for _, place := range []string{
		"backup.begun", "backup.warehouse_copied", "backup.half_copied:1", "backup.half_copied:12", "backup.release_copied",
		"backup.files_copied", "backup.manifest_written", "backup.named", "backup.removing",
	} {
		t.Run(place, func(t *testing.T) {
			to := filepath.Join(t.TempDir(), "backups")
			copyFolder(t, first, to)
			mustDieAt(t, commandWith(program, folder, place, "backup", "--to", to, "--keep", "1"))
			if got, faults := restoredState(t, program, to); got != want || len(faults) > 0 {
				t.Errorf("what a killed backup left differs: %v%s", faults, difference(want, got))
			}
			succeed(t, commandWith(program, folder, "", "backup", "--to", to, "--keep", "1"))
			if got, faults := restoredState(t, program, to); got != want || len(faults) > 0 {
				t.Errorf("the next backup differs: %v%s", faults, difference(want, got))
			}
			wantFiles(t, to, 1)
		})
	}
	if got, faults := stateOf(t.Context(), folder); got != want || len(faults) > 0 {
		t.Errorf("the warehouse itself differs: %v%s", faults, difference(want, got))
	}
}

// TestABackupOfWhatAKilledRunLeftIsWhole backs up a warehouse whose owner was killed: a load is in the engine's log only.
func TestABackupOfWhatAKilledRunLeftIsWhole(t *testing.T) {
	program := buildProgram(t)
	want := undisturbed(t, program, tinyCouncil)
	for _, place := range []string{"load.after_commit", "journal.half_written", "release.after_pointer"} {
		t.Run(place, func(t *testing.T) {
			folder, to := afterFirstPass(t, program, tinyCouncil), filepath.Join(t.TempDir(), "backups")
			mustBeKilled(t, program, folder, place)
			succeed(t, commandWith(program, folder, "", "backup", "--to", to))
			restored := filepath.Join(t.TempDir(), "restored")
			succeed(t, exec.Command(program, "restore", to, "--to", restored, "--verify"))
			goesOn(t, program, restored, want, journalOf(folder)...)
		})
	}
}

// TestAKilledRestoreLeavesNoFolderHalf kills the program at each step of a restore.
func TestAKilledRestoreLeavesNoFolderHalf(t *testing.T) {
	program := buildProgram(t)
	folder, from := backedUp(t, program)
	want, _ := stateOf(t.Context(), folder)
	for _, place := range []string{"restore.begun", "restore.file_copied:1", "restore.file_copied:9", "restore.files_copied", "restore.before_rename", "restore.named"} {
		t.Run(place, func(t *testing.T) {
			parent := t.TempDir()
			to := filepath.Join(parent, "council")
			command := exec.Command(program, "restore", from, "--to", to, "--verify")
			command.Env = append(os.Environ(), "GOLDTHREAD_FAILPOINT="+place)
			mustDieAt(t, command)
			if _, err := os.Stat(to); place != "restore.named" {
				if !os.IsNotExist(err) {
					t.Errorf("a folder that is not whole has the name already: %v", err)
				}
				succeed(t, exec.Command(program, "restore", from, "--to", to, "--verify"))
			}
			if got, faults := stateOf(t.Context(), to); got != want || len(faults) > 0 {
				t.Errorf("what was restored differs: %v%s", faults, difference(want, got))
			}
			wantFiles(t, parent, 1)
		})
	}
}

// TestBackupsDuringLoadsAreEqualToTheLedger makes twenty backups while runs land one edition after the other, and restores each
// elsewhere.
func TestBackupsDuringLoadsAreEqualToTheLedger(t *testing.T) {
	program := buildProgram(t)
	folder := tinyCouncil(t)
	mustRun(t, program, folder)
	loading, end := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- landAgainAndAgain(loading, program, folder) }()
	to := filepath.Join(t.TempDir(), "backups")
	loads := map[int64]bool{}
	for range 20 {
		succeed(t, commandWith(program, folder, "", "backup", "--to", to, "--wait", "10m", "--keep", "2"))
		restored := filepath.Join(t.TempDir(), "restored")
		out := succeed(t, exec.Command(program, "restore", to, "--to", restored, "--verify", "--json"))
		var told struct {
			Loads    int64 `json:"loads"`
			Verified bool  `json:"verified"`
		}
		if err := json.Unmarshal(out, &told); err != nil || !told.Verified {
			t.Errorf("%s: %v", out, err)
		}
		if _, faults := stateOf(t.Context(), restored); len(faults) > 0 {
			t.Errorf("what was restored does not fit the ledger:\n%s", strings.Join(faults, "\n"))
		}
		loads[told.Loads] = true
	}
	end()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if len(loads) < 3 {
		t.Errorf("hardly a run came between the backups: %v loads", loads)
	}
	if _, faults := stateOf(t.Context(), folder); len(faults) > 0 {
		t.Errorf("the warehouse itself:\n%s", strings.Join(faults, "\n"))
	}
	fmt.Printf("backups: 20 made during loads and restored, at %d different loads, all equal to the ledger unless a failure is told above\n", len(loads))
}

// landAgainAndAgain adds an edition and runs, until it is ended between two runs.
func landAgainAndAgain(ctx context.Context, program, folder string) error {
	for year := 2027; ctx.Err() == nil; year++ {
		edition := filepath.Join(folder, "drops", fmt.Sprintf("%d-01", year))
		if err := os.Mkdir(edition, 0o755); err != nil {
			return err
		}
		text := fmt.Sprintf("area_code,period,recycled,collected\nE07000001,%d/%02d,%d,100\n", year-1, year%100, year%100)
		if err := os.WriteFile(filepath.Join(edition, "waste.csv"), []byte(text), 0o644); err != nil {
			return err
		}
		if out, err := commandWith(program, folder, "", "run", "--wait", "10m").CombinedOutput(); err != nil {
			return fmt.Errorf("a run beside the backups: %w\n%s", err, out)
		}
	}
	return nil
}

// onASmallBackupDisk backs up to a file system of $SIZE bytes, with room for more the second time.
const onASmallBackupDisk = `
	mount -t tmpfs -o size=$SIZE tmpfs "$TO" || exit 99
	"$PROGRAM" backup --to "$TO" -C "$FOLDER"; echo "first exit $?"
	echo "left: $(ls -A "$TO")"
	mount -o remount,size=256m "$TO" || exit 99
	"$PROGRAM" backup --to "$TO" -C "$FOLDER" || exit 98
	"$PROGRAM" restore "$TO" --verify || exit 98
	mount -o remount,size=$(($(du -sb "$TO" | cut -f1) * 3 / 2)) "$TO" || exit 99
	"$PROGRAM" restore "$TO" --to "$TO/new"; echo "restore exit $?"
	ls -A "$TO/.new.restoring" "$TO/new"; echo "done"`

func TestADiskThatABackupFillsIsTold(t *testing.T) {
	program := buildProgram(t)
	folder := tinyCouncil(t)
	mustRun(t, program, folder)
	command := exec.Command("unshare", "--map-root-user", "--mount", "sh", "-c", onASmallBackupDisk)
	size := sizeOf(t, filepath.Join(folder, ".goldthread")) / 2
	command.Env = append(os.Environ(), "PROGRAM="+program, "FOLDER="+folder, "TO="+t.TempDir(), fmt.Sprintf("SIZE=%d", size))
	text, err := command.CombinedOutput()
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("a small file system could not be mounted: %v\n%s", err, text)
		}
		t.Logf("LEFT OUT: a small file system cannot be mounted here: %v\n%s", err, text)
		return
	}
	for _, said := range []string{
		"the disk is full, so no backup was made; those that are there are as they were", "first exit 1", "left: \n",
		"each as the manifest says", "the disk is full, so nothing was restored", "restore exit 1",
	} {
		if !strings.Contains(string(text), said) {
			t.Errorf("this does not say %q:\n%s", said, text)
		}
	}
	if !strings.Contains(string(text), "new.restoring': No such file") {
		t.Errorf("something was left:\n%s", text)
	}
}

// TestVerifyAloneLeavesNothing looks at every file beside and in a backup before and after.
func TestVerifyAloneLeavesNothing(t *testing.T) {
	program := buildProgram(t)
	_, to := backedUp(t, program)
	before := listing(t, filepath.Dir(to))
	succeed(t, exec.Command(program, "restore", to, "--verify"))
	if after := listing(t, filepath.Dir(to)); after != before {
		t.Errorf("files differ:%s", difference(before, after))
	}
}

func listing(t *testing.T, folder string) string {
	t.Helper()
	var lines []string
	err := filepath.WalkDir(folder, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		lines = append(lines, fmt.Sprint(name, info.Size(), info.ModTime()))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}
