package backup

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goldthread/goldthread/internal/failpoint"
	"github.com/goldthread/goldthread/warehouse"
)

var noon = time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)

// archived is the hash of the text "archived\n", under which the archive has it.
var archived = strings.TrimSuffix(sumLine([]byte(strings.Repeat("archived\n", 100))), "  "+manifestName+"\n")

// council gives a folder with a warehouse, release 1 and something of each kind that lies beside them.
func council(t *testing.T) Plan {
	t.Helper()
	folder := t.TempDir()
	state := filepath.Join(folder, ".goldthread")
	for name, text := range map[string]string{
		"goldthread.yaml": "name: Smallborough Council", "targets/waste.csv": "a,b\n", "models/marts/x.sql": "select 1", "manual/Returns née Ä (1).XLSX": "PK",
		"secrets/passwords.csv": "hunter2", "our-password.csv": "hunter2", "sources/housing.yaml": "password_file: our-password.csv\n",
		"council.key": "PRIVATE", ".env": "PASSWORD=x", ".git/config.yaml": "x", "password.txt": "hunter2",
		".goldthread/accounts": "accounts", ".goldthread/accounts.lock": "", ".goldthread/schedules.jsonl": "{}\n", ".goldthread/audit/head": "1",
		".goldthread/audit/000001-2026-04.jsonl": "entry", ".goldthread/audit/lock": "", ".goldthread/serve/trial.key": "PRIVATE", ".goldthread/logs/goldthread.log": "x",
		".goldthread/archive/" + archived[:2] + "/" + archived: strings.Repeat("archived\n", 100), ".goldthread/archive/incoming-1": "half",
	} {
		write(t, filepath.Join(folder, filepath.FromSlash(name)), text)
	}
	releaseOf(t, state, 1)
	return Plan{
		Folder: folder, State: state, Council: "Smallborough Council", Organisation: "E07000001", To: filepath.Join(t.TempDir(), "backups"),
		Beside: []string{"schedules.jsonl", "alarms.json", "accounts", "audit/head", "audit"}, Version: "test", Now: noon,
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// releaseOf makes a release of one number.
func releaseOf(t *testing.T, state string, number int) {
	t.Helper()
	w, err := warehouse.Open(t.Context(), warehouse.Options{Folder: state, MemoryLimit: "256MB", Threads: 1, Version: "test", Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if _, err := w.Conn().ExecContext(t.Context(), "create schema if not exists marts; create or replace table marts.x as select ? as n", number); err != nil {
		t.Fatal(err)
	}
	plan := warehouse.ReleasePlan{RunID: 1, Audience: "staff", Tables: []warehouse.ReleaseTable{{Schema: "marts", Name: "x"}}}
	if made, err := w.Release(t.Context(), plan); err != nil || made != int64(number) {
		t.Fatalf("release %d: %v", made, err)
	}
}

func mustMake(t *testing.T, p Plan) Made {
	t.Helper()
	made, err := Make(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func wantFault(t *testing.T, err error, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("the error lacks %q: %v", part, err)
		}
	}
}

// contents gives the text of each file in a folder.
func contents(t *testing.T, folder string) map[string]string {
	t.Helper()
	held := map[string]string{}
	err := walk(folder, func(name string) error {
		text, err := os.ReadFile(filepath.Join(folder, name))
		held[filepath.ToSlash(name)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return held
}

func namesIn(t *testing.T, folder string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestWhatIsRestoredIsTheCouncilsFolderWithoutItsSecrets(t *testing.T) {
	p := council(t)
	want := contents(t, p.Folder)
	for _, out := range []string{
		"secrets/passwords.csv", "our-password.csv", "council.key", ".env", ".git/config.yaml", "password.txt", ".goldthread/accounts.lock", ".goldthread/audit/lock",
		".goldthread/serve/trial.key", ".goldthread/logs/goldthread.log", ".goldthread/archive/incoming-1", ".goldthread/lock",
	} {
		if _, there := want[out]; !there {
			t.Errorf("%s was not there to be left out", out)
		}
		delete(want, out)
	}
	made := mustMake(t, p)
	to := filepath.Join(t.TempDir(), "new", "council")
	checked, err := RestoreVerified(t.Context(), p.To, to)
	if err != nil {
		t.Fatal(err)
	}
	got := contents(t, to)
	for name, text := range want {
		if got[name] != text {
			t.Errorf("%s is not as it was", name)
		}
	}
	if len(got) != len(want) || made.Files != len(want) || checked.Verified == nil || checked.Verified.Release != 1 {
		t.Errorf("%d files restored of %d, %+v, %+v", len(got), len(want), made, checked.Verified)
	}
	if left := namesIn(t, filepath.Dir(to)); !slices.Equal(left, []string{"council"}) {
		t.Errorf("left are %v", left)
	}
}

func TestAWarehouseElsewhereIsRestoredIntoTheFolder(t *testing.T) {
	p := council(t)
	elsewhere := filepath.Join(t.TempDir(), "state")
	if err := os.Rename(p.State, elsewhere); err != nil {
		t.Fatal(err)
	}
	p.State = elsewhere
	mustMake(t, p)
	to := filepath.Join(t.TempDir(), "council")
	checked, err := RestoreVerified(t.Context(), p.To, to)
	if err != nil || checked.Manifest.StateElsewhere != elsewhere {
		t.Fatalf("%+v: %v", checked, err)
	}
	if !warehouse.Exists(filepath.Join(to, ".goldthread")) {
		t.Error("there is no warehouse")
	}
}

func TestWhatTheBackupBeforeHoldsIsNotCopiedAgain(t *testing.T) {
	p := council(t)
	first := mustMake(t, p)
	releaseOf(t, p.State, 2)
	second := mustMake(t, p)
	if second.Folder != first.Folder+"-2" || second.CopiedBytes >= second.Bytes || second.Files != first.Files+3 {
		t.Errorf("first %+v, then %+v", first, second)
	}
	for name, same := range map[string]bool{"releases/1/staff.duckdb": true, "archive/" + archived[:2] + "/" + archived: true, "warehouse.duckdb": false} {
		before, err := os.Stat(filepath.Join(first.Folder, filesFolder, ".goldthread", name))
		if err != nil {
			t.Fatal(err)
		}
		after, err := os.Stat(filepath.Join(second.Folder, filesFolder, ".goldthread", name))
		if err != nil || os.SameFile(before, after) != same {
			t.Errorf("%s: one file is %v: %v", name, !same, err)
		}
	}
	if _, err := Verify(t.Context(), second.Folder); err != nil {
		t.Error(err)
	}
}

// TestTheWarehouseIsFreeOnceItsFileIsCopied makes a release, as a run would, while the backup is under way.
func TestTheWarehouseIsFreeOnceItsFileIsCopied(t *testing.T) {
	p := council(t)
	reached := false
	at(t, "backup.warehouse_copied", func() { reached = true; releaseOf(t, p.State, 2) })
	made := mustMake(t, p)
	checked, err := Verify(t.Context(), made.Folder)
	if err != nil || !reached || checked.Verified.Release != 1 {
		t.Errorf("reached %v, %+v: %v", reached, checked.Verified, err)
	}
}

// at has do called at a place of the program, once.
func at(t *testing.T, place string, do func()) {
	t.Helper()
	t.Cleanup(func() { failpoint.Arm("", nil) })
	if err := failpoint.Arm(place, do); err != nil {
		t.Fatal(err)
	}
}

func TestAReleaseThatIsRemovedMeanwhileIsLeftOut(t *testing.T) {
	p := council(t)
	releaseOf(t, p.State, 2)
	at(t, "backup.release_copied", func() {
		if err := os.RemoveAll(filepath.Join(p.State, "releases", "1")); err != nil {
			t.Error(err)
		}
	})
	checked, err := Verify(t.Context(), mustMake(t, p).Folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range checked.Manifest.Files {
		if strings.Contains(f.Path, "releases/1/") {
			t.Errorf("%s is held", f.Path)
		}
	}
}

func TestABackupWaitsForARun(t *testing.T) {
	p := council(t)
	run, err := warehouse.Open(t.Context(), warehouse.Options{Folder: p.State, MemoryLimit: "256MB"})
	if err != nil {
		t.Fatal(err)
	}
	defer run.Close()
	_, err = Make(t.Context(), p)
	wantFault(t, err, "another goldthread is at work on this warehouse", "fix: wait until it has finished")
	waited := false
	p.Patience = time.Hour
	p.Waiting = func() {
		waited = true
		if err := run.Close(); err != nil {
			t.Error(err)
		}
	}
	mustMake(t, p)
	if !waited || len(namesIn(t, p.To)) != 1 {
		t.Errorf("waited %v, %v", waited, namesIn(t, p.To))
	}
}

func TestACancelledBackupLeavesNothing(t *testing.T) {
	p := council(t)
	ctx, cancel := context.WithCancel(t.Context())
	at(t, "backup.release_copied", cancel)
	if _, err := Make(ctx, p); err == nil {
		t.Error("no error")
	}
	if left := namesIn(t, p.To); len(left) > 0 {
		t.Errorf("left are %v", left)
	}
}

func TestTheOldestBackupsAreRemovedAndNeverTheNewOne(t *testing.T) {
	p := council(t)
	p.Keep.Most = 2
	for _, now := range []time.Duration{0, time.Hour, 2 * time.Hour} {
		p.Now = noon.Add(now)
		mustMake(t, p)
	}
	if want := []string{"2026-04-01T130000Z", "2026-04-01T140000Z"}; !slices.Equal(namesIn(t, p.To), want) {
		t.Errorf("kept are %v", namesIn(t, p.To))
	}
	p.Now = noon.AddDate(-1, 0, 0) // the clock was put back
	made := mustMake(t, p)
	if want := []string{"2025-04-01T120000Z", "2026-04-01T140000Z"}; !slices.Equal(namesIn(t, p.To), want) || !reflect.DeepEqual(made.Removed, []string{"2026-04-01T130000Z"}) {
		t.Errorf("kept are %v, removed %v", namesIn(t, p.To), made.Removed)
	}
}

func TestABackupIsRefused(t *testing.T) {
	p := council(t)
	mustMake(t, p)
	other := p
	other.Organisation = "E07000002"
	_, err := Make(t.Context(), other)
	wantFault(t, err, "this folder holds backups of Smallborough Council (E07000001)")
	into := p
	into.To = p.Folder
	_, err = Make(t.Context(), into)
	wantFault(t, err, "backups need a folder of their own")
	none := p
	none.State = t.TempDir()
	_, err = Make(t.Context(), none)
	wantFault(t, err, "there is no warehouse here to back up yet")
	if err := os.WriteFile(filepath.Join(p.State, "releases", "1", "staff.duckdb"), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	mustMake(t, p) // the backup before holds it as it was released
	p.To = filepath.Join(t.TempDir(), "elsewhere")
	_, err = Make(t.Context(), p)
	wantFault(t, err, "the file of release 1 is not as it was released")
	if len(namesIn(t, p.To)) != 0 {
		t.Errorf("left are %v", namesIn(t, p.To))
	}
}
