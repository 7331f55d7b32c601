package pipeline_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goldthread/goldthread/connectors/all"
	"github.com/goldthread/goldthread/schedules/pipeline"
	"github.com/goldthread/goldthread/warehouse"
)

// An ageing council runs by a clock that the test moves.
type ageing struct {
	*councilFolder
	now time.Time
}

func newAgeing(t *testing.T) *ageing {
	return &ageing{newCouncil(t), time.Date(2026, 1, 10, 9, 0, 0, 0, time.UTC)}
}

func (a *ageing) options() pipeline.Options {
	return pipeline.Options{Version: "test", Now: func() time.Time { return a.now }}
}

func (a *ageing) folder() *pipeline.Folder {
	a.t.Helper()
	folder, err := pipeline.Open(a.t.Context(), a.root, all.Kinds)
	if err != nil {
		a.t.Fatal(err)
	}
	return folder
}

// after runs so many days later, and wants the run to come out well.
func (a *ageing) after(days int) pipeline.Result {
	a.t.Helper()
	a.now = a.now.AddDate(0, 0, days)
	result, err := pipeline.Run(a.t.Context(), a.folder(), a.options())
	if err != nil || result.Outcome != pipeline.Done {
		a.t.Fatalf("%s: %v, %+v", a.now, err, result.Problems)
	}
	return result
}

// held counts the inputs in the archive and the rows set aside.
func (a *ageing) held() (inputs, rows int) {
	a.t.Helper()
	state := filepath.Join(a.root, ".goldthread")
	err := filepath.WalkDir(filepath.Join(state, "archive"), func(_ string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			inputs++
		}
		return err
	})
	if err != nil {
		a.t.Fatal(err)
	}
	err = warehouse.ReadQuarantine(a.t.Context(), state, warehouse.QuarantineFilter{}, func(warehouse.QuarantinedRow) error { rows++; return nil })
	if err != nil {
		a.t.Fatal(err)
	}
	return inputs, rows
}

// upgraded leaves the copy of a warehouse before an upgrade at the present moment.
func (a *ageing) upgraded() (folder string) {
	a.t.Helper()
	folder = filepath.Join(a.root, ".goldthread", warehouse.UpgradeFolder)
	a.write(".goldthread/"+warehouse.UpgradeFolder+"/journal", "x")
	if err := os.Chtimes(filepath.Join(folder, "journal"), a.now, a.now); err != nil {
		a.t.Fatal(err)
	}
	return folder
}

// log leaves a log that was last written at the present moment.
func (a *ageing) log() string {
	a.t.Helper()
	name := ".goldthread/logs/goldthread-" + a.now.Format(time.DateOnly) + ".log"
	a.write(name, "{}\n")
	path := filepath.Join(a.root, name)
	if err := os.Chtimes(path, a.now, a.now); err != nil {
		a.t.Fatal(err)
	}
	return path
}

func subjects(removals []warehouse.Removal) (list []string) {
	for _, r := range removals {
		list = append(list, fmt.Sprintf("%s %d (%s, from %s)", r.Subject, r.Items, r.Rule, r.CutOff.Format(time.DateOnly)))
	}
	return list
}

// TestNothingIsKeptPastItsTimeAndTheLedgerStillAddsUp moves the clock a month at a time.
func TestNothingIsKeptPastItsTimeAndTheLedgerStillAddsUp(t *testing.T) {
	a := newAgeing(t)
	log, copied := a.log(), a.upgraded()
	a.after(0)
	inputs, rows := a.held()
	if inputs < 4 || rows != 1 {
		t.Fatalf("held are %d inputs and %d rows", inputs, rows)
	}
	if r := a.after(30); !slices.Equal(subjects(r.Removed), []string{"logs 1 (keep.logs: 14 days, from 2026-01-26)"}) {
		t.Errorf("after a month %v were removed", subjects(r.Removed))
	}
	if _, err := os.Stat(log); !os.IsNotExist(err) {
		t.Errorf("the log is there: %v", err)
	}
	if r := a.after(30); !slices.Equal(subjects(r.Removed), []string{"before-upgrade 1 (the copy before an upgrade: 35 days, from 2026-02-04)"}) {
		t.Errorf("after two months %v were removed", subjects(r.Removed))
	}
	if _, err := os.Stat(copied); !os.IsNotExist(err) {
		t.Errorf("the copy is there: %v", err)
	}
	a.write("drops/2026-04/waste.csv", "area_code,period,recycled,collected\nE07000002,2023/24,299,1000\nE07000002,?,1,2\n")
	r := a.after(31)
	want := []string{
		"archive 2 (keep.archive: 90 days, from 2026-01-11)", "quarantine 1 (keep.quarantine: 90 days, from 2026-01-11)",
	}
	if !slices.Equal(subjects(r.Removed), want) {
		t.Errorf("after three months %v were removed, and not %v: %v", subjects(r.Removed), want, r.Notes)
	}
	if left, rows := a.held(); left != inputs-2+1 || rows != 1 { // the council's own files, and what came on that day
		t.Errorf("held are %d inputs and %d rows", left, rows)
	}
	a.write("targets/waste.csv", targetsOf60)
	if r := a.after(1); len(r.Removed) > 0 || r.Reconciliation == nil || len(r.Reconciliation.Differing) > 0 {
		t.Errorf("the day after: %v, %+v", subjects(r.Removed), r.Reconciliation)
	}
	a.mustVerify()
	if status := a.status(); status.RemovedOn != "2026-04-11" || len(status.Removed) != 2 {
		t.Errorf("the status tells of %v on %s", subjects(status.Removed), status.RemovedOn)
	}
}

func (a *ageing) mustVerify() {
	a.t.Helper()
	if v, err := warehouse.Verify(a.t.Context(), filepath.Join(a.root, ".goldthread")); err != nil || v.Rows == 0 {
		a.t.Errorf("%+v, %v", v, err)
	}
}

// TestAPersonSaysThatTheClockIsRight asks for a removal after a year without a run.
func TestAPersonSaysThatTheClockIsRight(t *testing.T) {
	a := newAgeing(t)
	a.after(0)
	inputs, _ := a.held()
	if r := a.after(365); len(r.Removed) > 0 || !strings.Contains(strings.Join(r.Notes, "\n"), "So nothing that is past its time is removed before 17 January 2027") {
		t.Errorf("the run removed %v and told %v", subjects(r.Removed), r.Notes)
	}
	for today, want := range map[string]string{"": "the clock of this machine says 2027-01-10. it is 10 January 2027", "2026-01-10": "fix: put the clock right; or, if that is the date, say so with --today 2027-01-10"} {
		if removals, err := pipeline.Prune(t.Context(), a.folder(), pipeline.Pruning{Options: a.options(), Today: today}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("today %q: %v, %v", today, subjects(removals), err)
		}
	}
	would, err := pipeline.PastTime(t.Context(), a.folder(), a.options())
	if err != nil || len(would) != 2 {
		t.Errorf("%v, %v", subjects(would), err)
	}
	if still, _ := a.held(); still != inputs {
		t.Errorf("%d inputs are left of %d", still, inputs)
	}
	removed, err := pipeline.Prune(t.Context(), a.folder(), pipeline.Pruning{Options: a.options(), Today: "2027-01-10"})
	if err != nil || !slices.Equal(subjects(removed), subjects(would)) {
		t.Errorf("%v, %v", subjects(removed), err)
	}
	if left, rows := a.held(); left != inputs-2 || rows != 0 { // the council's own files
		t.Errorf("held are %d inputs and %d rows", left, rows)
	}
	a.mustVerify()
}

func TestWhatIsKeptForeverStays(t *testing.T) {
	a := newAgeing(t)
	text, err := os.ReadFile(filepath.Join(a.root, "goldthread.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	a.write("goldthread.yaml", string(text)+"\nkeep: {archive: forever, quarantine: 12 months}\n")
	a.after(0)
	a.now = a.now.AddDate(0, 0, 360)
	removed, err := pipeline.Prune(t.Context(), a.folder(), pipeline.Pruning{Options: a.options(), Today: a.now.Format(time.DateOnly)})
	if err != nil || len(removed) > 0 {
		t.Errorf("%v, %v", subjects(removed), err)
	}
}
