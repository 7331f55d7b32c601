package main

import (
	"context"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/goldthread/goldthread/warehouse"
)

var (
	randomKills = flag.Int("kills", 12, "how often the program is killed at a random moment")
	seed        = flag.Uint64("seed", 1, "of the random moments and of the flipped bits")
)

// A kill is a place, the how manieth time it is reached, and the pass.
type kill struct {
	place  string
	nth    int
	second bool
}

func (k kill) String() string {
	return fmt.Sprintf("%s:%d/%s pass", k.place, k.nth, map[bool]string{false: "first", true: "second"}[k.second])
}

// onlyFirst are the places that a program passes only where there is no warehouse yet.
var onlyFirst = []string{"open.file_made", "open.file_named", "migration.before_commit", "migration.before_checkpoint"}

// TestAKillWhileTheFileIsMadeLeavesNoneHalf kills the first run as soon as the engine has begun a database file, of which
// the first pages alone cannot be opened.
func TestAKillWhileTheFileIsMadeLeavesNoneHalf(t *testing.T) {
	program := buildProgram(t)
	for i := range 12 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			folder := tinyCouncil(t)
			command := commandOf(program, folder, "")
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 1)
			go func() { ended <- command.Wait() }()
			for begun := false; !begun; {
				select {
				case err := <-ended:
					t.Fatalf("the run ended and made no file: %v", err)
				default:
					begun = hasFile(filepath.Join(folder, ".goldthread"))
				}
			}
			if err := command.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			<-ended
			mustRun(t, program, folder)
		})
	}
}

// hasFile says whether a database file stands in a state folder or in its temporary one.
func hasFile(state string) bool {
	for _, name := range []string{"warehouse.duckdb", "tmp/warehouse.duckdb"} {
		if _, err := os.Stat(filepath.Join(state, filepath.FromSlash(name))); err == nil {
			return true
		}
	}
	return false
}

// elsewhere are the stages of places that a run passes only in a state of its own: see
// TestAKillWhileReleasesAreRemovedLeavesNoneHalf, TestAKillAroundAHeldDeliveryLosesNothing and
// TestAKilledExportLeavesNoFolderHalfWritten, TestAKilledBackupLeavesNoneHalf, TestAKilledRestoreLeavesNoFolderHalf,
// TestAKilledUpgradeLeavesTheWarehouseBeforeOrAfter and TestAKillWhileOldThingsAreRemovedLosesNothing.
var elsewhere = []string{"prune.", "hold.", "accept.", "withdraw.", "export.", "backup.", "restore.", "upgrade.", "retention."}

// repeated are places that a run passes often: for each load, model and file. They are killed at a later time too, on the
// first pass: the eleventh load is that of the drops.
var repeated = map[string]int{
	"load.begun": 11, "load.before_rows": 11, "load.after_rows": 11, "load.before_ledger": 11, "load.after_ledger": 11,
	"load.before_commit": 11, "load.after_commit": 11, "load.after_checkpoint": 11, "load.acknowledged": 11,
	"journal.before_write": 11, "journal.half_written": 11, "journal.before_sync": 11, "journal.after_sync": 11,
	"build.before_commit": 20, "build.after_commit": 20, "release.table_copied": 9, "release.text_half_written": 2,
	"release.file_written": 2, "release.file_synced": 2, // that for members
}

// placesInTheSource finds every call of failpoint.Hit, so that a place that is added is killed at without a further line.
func placesInTheSource(t *testing.T) (places []string) {
	t.Helper()
	hit := regexp.MustCompile(`failpoint\.Hit\("([^"]+)"\)`)
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, found := range hit.FindAllSubmatch(text, -1) {
			if filepath.Base(filepath.Dir(path)) != "failpoint" {
				places = append(places, string(found[1]))
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(places)
	return slices.Compact(places)
}

func killsOf(places []string) (kills []kill) {
	for _, place := range places {
		if slices.ContainsFunc(elsewhere, func(stage string) bool { return strings.HasPrefix(place, stage) }) {
			continue
		}
		kills = append(kills, kill{place, 1, false})
		if nth := repeated[place]; nth > 0 {
			kills = append(kills, kill{place, nth, false})
		}
		if !slices.Contains(onlyFirst, place) {
			kills = append(kills, kill{place, 1, true})
		}
	}
	return kills
}

// TestAKilledRunLosesNothingAndRepeatsNothing kills the real program at each place with SIGKILL, on an empty warehouse and
// on one that holds an earlier edition, and then lets it run again.
func TestAKilledRunLosesNothingAndRepeatsNothing(t *testing.T) {
	program := buildProgram(t)
	want := undisturbed(t, program, tinyCouncil)
	second := afterFirstPass(t, program, tinyCouncil)
	places := placesInTheSource(t)
	kills := killsOf(places)
	if len(places) < 40 || len(kills) < 80 {
		t.Errorf("%d places and %d kills are too few", len(places), len(kills))
	}
	var died atomic.Int64
	t.Cleanup(func() {
		fmt.Printf("kills: %d at %d places, nothing lost and nothing twice after each unless a failure is told above\n", died.Load(), len(places))
	})
	for _, k := range kills {
		t.Run(k.String(), func(t *testing.T) {
			t.Parallel()
			var folder string
			if k.second {
				folder = t.TempDir()
				copyFolder(t, second, folder)
			} else {
				folder = tinyCouncil(t)
			}
			mustBeKilled(t, program, folder, fmt.Sprintf("%s:%d", k.place, k.nth))
			died.Add(1)
			goesOn(t, program, folder, want)
		})
	}
}

// goesOn runs what was killed once more, to its end, and checks what came of it and of the loads that were acknowledged
// before the last kill and earlier.
func goesOn(t *testing.T, program, folder, want string, acknowledged ...string) {
	t.Helper()
	acknowledged = append(acknowledged, journalOf(folder)...)
	addEdition(t, folder)
	mustRun(t, program, folder)
	for _, fault := range verdict(t.Context(), folder, acknowledged, want) {
		t.Error(fault)
	}
}

// TestAKilledBuildOfTheWholeStarGoesOn does the same with the models that the program ships.
func TestAKilledBuildOfTheWholeStarGoesOn(t *testing.T) {
	program := buildProgram(t)
	want := undisturbed(t, program, smallCouncil)
	for _, place := range []string{"build.before_commit:25", "run.models_built:1", "release.table_copied:5"} {
		t.Run(place, func(t *testing.T) {
			t.Parallel()
			folder := smallCouncil(t)
			mustBeKilled(t, program, folder, place)
			goesOn(t, program, folder, want)
		})
	}
}

// TestAKillAtARandomMomentLosesNothing kills the program from outside, again and again in the same folder until a run
// comes to its end. make kills N=1000 SEED=7 makes it a campaign.
func TestAKillAtARandomMomentLosesNothing(t *testing.T) {
	program := buildProgram(t)
	want := undisturbed(t, program, tinyCouncil)
	began := time.Now()
	mustRun(t, program, tinyCouncil(t))
	whole := time.Since(began)
	var died atomic.Int64
	t.Cleanup(func() {
		fmt.Printf("kills: %d at random moments (seed %d), nothing lost and nothing twice unless a failure is told above\n", died.Load(), *seed)
	})
	const each = 4
	for i := range (*randomKills + each - 1) / each {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			moments := rand.New(rand.NewPCG(*seed, uint64(i)))
			folder := tinyCouncil(t)
			var acknowledged []string
			for range each {
				if killAfter(t, program, folder, time.Duration(moments.Int64N(int64(whole)))) {
					died.Add(1)
				} else {
					addEdition(t, folder)
				}
				acknowledged = append(acknowledged, journalOf(folder)...)
			}
			goesOn(t, program, folder, want, acknowledged...)
		})
	}
}

// killAfter runs and kills, and says whether the run was still at work.
func killAfter(t *testing.T, program, folder string, moment time.Duration) bool {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), moment)
	defer stop()
	command := commandOf(program, folder, "")
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("the run failed: %v", err)
		}
		return false
	case <-ctx.Done():
	}
	if err := command.Process.Kill(); err != nil {
		t.Log(err) // it came to its end in this moment
	}
	return wasKilled(<-ended)
}

// TestAKillWhileReleasesAreRemovedLeavesNoneHalf lets a run make the thirty-second release, after which two are removed.
func TestAKillWhileReleasesAreRemovedLeavesNoneHalf(t *testing.T) {
	program := buildProgram(t)
	second := afterFirstPass(t, program, tinyCouncil)
	state := filepath.Join(second, ".goldthread")
	for n := 2; n <= 31; n++ {
		copyFolder(t, filepath.Join(state, "releases", "1"), filepath.Join(state, "releases", fmt.Sprint(n)))
	}
	if err := os.WriteFile(filepath.Join(state, "releases", "current"), []byte("31\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, place := range []string{"prune.begun", "prune.renamed", "prune.removed:1", "prune.removed:2"} {
		t.Run(place, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			copyFolder(t, second, folder)
			mustBeKilled(t, program, folder, place)
			mustRun(t, program, folder)
			releases := warehouse.NewReleases(filepath.Join(folder, ".goldthread"))
			numbers, err := releases.Numbers()
			if err != nil || len(numbers) < 30 || numbers[len(numbers)-1] != 32 {
				t.Errorf("kept are %v: %v", numbers, err)
			}
			for _, number := range numbers {
				for _, fault := range releaseFaults(releases, folder, number) {
					t.Error(fault)
				}
			}
			if left, err := fs.Glob(os.DirFS(filepath.Join(folder, ".goldthread", "releases")), ".*"); err != nil || len(left) > 0 {
				t.Errorf("left are %v: %v", left, err)
			}
		})
	}
}
