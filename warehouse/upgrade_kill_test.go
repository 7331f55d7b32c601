package warehouse

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/goldthread/goldthread/internal/failpoint"
)

var everyFormat = flag.Bool("every-format", false, "kill the upgrade of each earlier format, and not of the first and the last alone")

// TestMain opens a warehouse and does nothing else where a test started this program to be killed.
func TestMain(m *testing.M) {
	if folder := os.Getenv("UPGRADE_FOLDER"); folder != "" {
		os.Exit(openToBeKilled(folder, os.Getenv("UPGRADE_FAILPOINT")))
	}
	os.Exit(m.Run())
}

func openToBeKilled(folder, place string) int {
	err := failpoint.Arm(place, func() {
		if self, err := os.FindProcess(os.Getpid()); err == nil {
			_ = self.Kill()
		}
		select {}
	})
	var w *Warehouse
	if err == nil {
		w, err = Open(context.Background(), Options{Folder: folder, Threads: 1})
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// TestAKilledUpgradeIsBeforeOrAfterEachMigration kills a program at every step of the upgrade of a warehouse of an earlier format.
// The format is one that a program knew, and the next opening brings it to the present one, with the copy as it was at first.
func TestAKilledUpgradeIsBeforeOrAfterEachMigration(t *testing.T) {
	last, kills := latestFormat(t), 0
	for version := 1; version < last; version++ {
		if !*everyFormat && version > 1 && version < last-1 {
			continue
		}
		places := []string{"upgrade.begun", "upgrade.copied", "upgrade.named", "migration.before_checkpoint", "upgrade.migrated", "upgrade.kept"}
		for n := range last - version {
			places = append(places, fmt.Sprintf("migration.before_commit:%d", n+1))
		}
		for _, place := range places {
			folder := ofFormat(t, version)
			if err := os.WriteFile(filepath.Join(folder, "journal"), nil, 0o644); err != nil {
				t.Fatal(err)
			}
			killed := exec.Command(os.Args[0])
			killed.Env = append(os.Environ(), "UPGRADE_FOLDER="+folder, "UPGRADE_FAILPOINT="+place)
			if out, err := killed.CombinedOutput(); killed.ProcessState.Exited() {
				t.Errorf("format %d, %s: it was not killed: %v\n%s", version, place, err, out)
			}
			kills++
			if err := reopen(t, folder); err != nil {
				t.Errorf("format %d, %s: %v", version, place, err)
				continue
			}
			if was, is := formatOf(t, filepath.Join(folder, UpgradeFolder)), formatOf(t, folder); was != version || is != last {
				t.Errorf("format %d, %s: the copy is of format %d, the warehouse of %d", version, place, was, is)
			}
		}
	}
	fmt.Printf("upgrades: killed %d times, each went on to format %d with a copy as it was\n", kills, last)
}
