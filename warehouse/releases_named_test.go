package warehouse

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"
)

// newReleases makes so many releases.
func newReleases(t *testing.T, n int) (*Releases, *Warehouse) {
	t.Helper()
	folder := t.TempDir()
	w := openTest(t, folder)
	for i := range n {
		setMart(t, w, fmt.Sprintf("('a', '%d')", i))
		releaseTest(t, w)
	}
	return NewReleases(folder), w
}

func named(release int64, name string) Naming {
	return Naming{At: time.Date(2026, 7, 14, 9, 0, 0, 0, time.UTC), By: "ann", Name: name, Release: release}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestANamedReleaseIsFoundByItsNameAndKeptForGood(t *testing.T) {
	releases, w := newReleases(t, 2)
	must(t, releases.Name(named(1, "cabinet-2026-q1")))
	must(t, releases.Name(named(1, "cabinet-2026-q1"))) // once more changes nothing
	for n := range releasesKept + 2 {
		setMart(t, w, fmt.Sprintf("('b', '%d')", n))
		releaseTest(t, w)
	}
	if number, err := releases.Find("cabinet-2026-q1"); number != 1 || err != nil {
		t.Errorf("found is release %d, %v", number, err)
	}
	if kept, err := releases.Numbers(); err != nil || !slices.Contains(kept, 1) || slices.Contains(kept, 2) {
		t.Errorf("kept are %v, %v", kept, err)
	}
	must(t, releases.Unname(named(0, "cabinet-2026-q1")))
	must(t, releases.Prune())
	if kept, err := releases.Numbers(); err != nil || slices.Contains(kept, 1) {
		t.Errorf("without its name it is kept among %v, %v", kept, err)
	}
	trail, err := releases.Namings()
	if err != nil || len(trail) != 2 || trail[0].Release != 1 || trail[1].Release != 0 {
		t.Errorf("the trail tells %+v, %v", trail, err)
	}
}

func TestNamesArePlainAndUnique(t *testing.T) {
	releases, _ := newReleases(t, 2)
	must(t, releases.Name(named(1, "cabinet-2026-q1")))
	for name, says := range map[string]string{
		"": "cannot be the name", "12": "cannot be the name", "current ": "cannot be the name", "../1": "cannot be the name", "Cabinet": "cannot be the name",
		"a--b": "cannot be the name", "cabinet-2026-q1": "release 1 has the name",
	} {
		wantFault(t, releases.Name(named(2, name)), says, "fix: ")
	}
	wantFault(t, releases.Name(named(9, "cabinet-2026-q2")), "release 9 is not kept")
	must(t, releases.Name(named(2, "cabinet-2026-q2")))
	to := func(was, name string) Naming { return Naming{By: "ann", Was: was, Name: name} }
	wantFault(t, releases.Rename(to("cabinet-2026-q1", "cabinet-2026-q2")), "release 2 has the name")
	wantFault(t, releases.Rename(to("cabinet-2026-q3", "x")), "no release has the name", `did you mean "cabinet-2026-q`)
	must(t, releases.Rename(to("cabinet-2026-q1", "first")))
	if number, err := releases.Find("first"); number != 1 || err != nil {
		t.Errorf("renamed is release %d, %v", number, err)
	}
	_, err := releases.Find("cabinet-2026-q1")
	wantFault(t, err, `no release has the name "cabinet-2026-q1"`)
}

// TestANameIsNotLentToAnotherRelease is about a backup that was given back: it holds the names, and a run makes another release of
// the number that one of them stood for.
func TestANameIsNotLentToAnotherRelease(t *testing.T) {
	releases, _ := newReleases(t, 2)
	must(t, releases.Name(named(2, "cabinet-2026-q2")))
	path := filepath.Join(releases.folder, "2", "manifest.json")
	text, err := os.ReadFile(path)
	must(t, err)
	must(t, os.WriteFile(path, append(text, '\n'), 0o644))
	_, err = releases.Find("cabinet-2026-q2")
	wantFault(t, err, `release 2, which was named "cabinet-2026-q2", is not here any more`, "put it back from a backup")
	if releases.Pinned(2) {
		t.Error("the other release is kept for good")
	}
	must(t, releases.Unname(named(0, "cabinet-2026-q2")))
	must(t, releases.Name(named(2, "cabinet-2026-q2")))
}

func TestNamesThatCannotBeReadAreAnErrorAndNothingIsRemoved(t *testing.T) {
	releases, _ := newReleases(t, 1)
	must(t, releases.Name(named(1, "cabinet-2026-q1")))
	path := filepath.Join(releases.folder, "names.jsonl")
	text, err := os.ReadFile(path)
	must(t, err)
	must(t, os.WriteFile(path, append(text, "half a li"...), 0o644))
	_, err = releases.Find("cabinet-2026-q1")
	wantFault(t, err, "names.jsonl:2: a line of the names of releases cannot be read", "put the file back from a backup")
	if !releases.Pinned(1) {
		t.Error("a release may be removed though nobody knows whether it has a name")
	}
}

func TestManyWhoNameAtOnceTakeTurns(t *testing.T) {
	releases, _ := newReleases(t, 1)
	const many = 20
	faults := make([]error, many)
	var working sync.WaitGroup
	for i := range many {
		working.Go(func() { faults[i] = NewReleases(filepath.Dir(releases.folder)).Name(named(1, fmt.Sprint("name-", i))) })
	}
	working.Wait()
	for _, err := range faults {
		must(t, err)
	}
	if all, err := releases.Named(); err != nil || len(all) != many {
		t.Errorf("%d names hold, %v", len(all), err)
	}
}
