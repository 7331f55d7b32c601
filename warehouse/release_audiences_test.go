package warehouse

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// planFor is a release to staff, and to members of some of its tables.
func planFor(members ...string) ReleasePlan {
	all := []ReleaseTable{
		{Schema: "core", Name: "people", Order: []string{"name"}},
		{Schema: "marts", Name: "wards", Order: []string{"ward"}},
		{Schema: "marts", Name: "named", View: "select name from core.people"},
	}
	plan := ReleasePlan{RunID: 1, Audience: "staff", Tables: all, Comments: []Comment{{"marts", "wards", "ward", "Where."}}}
	if len(members) == 0 {
		return plan
	}
	part := ReleasePart{Audience: "members"}
	for _, t := range all {
		for _, name := range members {
			if t.name() == name {
				t.View = "" // its tables are not there
				part.Tables = append(part.Tables, t)
			}
		}
	}
	plan.Limited = []ReleasePart{part}
	return plan
}

const secret = "Zebedee Quillfeather"

func newPeople(t *testing.T) (*Warehouse, string) {
	t.Helper()
	folder := t.TempDir()
	w := openTest(t, folder)
	execAll(t, w, `create schema core; create schema marts;
		create table core.people as select '`+secret+` ' || n as name, n % 3 as ward from range(5000) as r (n);
		create view marts.named as select name from core.people;
		create view marts.wards as select ward, count(*) as people from core.people group by ward`)
	return w, folder
}

func execAll(t *testing.T, w *Warehouse, statements string) {
	t.Helper()
	if _, err := w.Conn().ExecContext(t.Context(), statements); err != nil {
		t.Fatal(err)
	}
}

func mustRelease(t *testing.T, w *Warehouse, plan ReleasePlan, want int64) {
	t.Helper()
	number, err := w.Release(t.Context(), plan)
	if err != nil || number != want {
		t.Fatalf("made is release %d, not %d: %v", number, want, err)
	}
}

// tablesOf lists what an audience finds in a release, with the rows.
func tablesOf(ctx context.Context, t *testing.T, folder string, number int64, audience string) map[string]int64 {
	t.Helper()
	db, err := NewReleases(folder).Open(ctx, number, audience)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(ctx, "select concat(table_schema, '.', table_name) from information_schema.tables")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	found := map[string]int64{}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		found[name] = -1
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	for name := range found {
		var n int64
		if err := db.QueryRowContext(ctx, "select count(*) from "+name).Scan(&n); err != nil {
			t.Fatal(err)
		}
		found[name] = n
	}
	return found
}

func fileOf(t *testing.T, folder, release, audience string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, "releases", release, audience+".duckdb"))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestAnAudienceFindsItsTablesAndNothingElse(t *testing.T) {
	w, folder := newPeople(t)
	mustRelease(t, w, planFor("marts.wards"), 1)
	all := map[string]int64{"core.people": 5000, "marts.named": 5000, "marts.wards": 3}
	if got := tablesOf(t.Context(), t, folder, 1, "staff"); !reflect.DeepEqual(got, all) {
		t.Errorf("staff find %v", got)
	}
	if got := tablesOf(t.Context(), t, folder, 1, "members"); !reflect.DeepEqual(got, map[string]int64{"marts.wards": 3}) {
		t.Errorf("members find %v", got)
	}
	if bytes.Contains(fileOf(t, folder, "1", "members"), []byte("Quill")) {
		t.Error("a name is in the file for members")
	}
	m, err := NewReleases(folder).Manifest(1)
	if err != nil || !reflect.DeepEqual(m.Audiences(), []string{"staff", "members"}) || m.Files[1].SHA256 != sumOfText(fileOf(t, folder, "1", "members")) {
		t.Errorf("the manifest tells %+v: %v", m.Files, err)
	}
	_, err = NewReleases(folder).Open(t.Context(), 1, "member")
	if err == nil || !strings.Contains(err.Error(), `no file for the audience "member"`) || !strings.Contains(err.Error(), `did you mean "members"? it has one for: staff, members`) {
		t.Errorf("another audience: %v", err)
	}
}

func TestAViewReachesAnAudienceWithoutItsTablesAsRows(t *testing.T) {
	w, folder := newPeople(t)
	mustRelease(t, w, planFor("marts.named"), 1)
	if got := tablesOf(t.Context(), t, folder, 1, "members"); !reflect.DeepEqual(got, map[string]int64{"marts.named": 5000}) {
		t.Errorf("members find %v", got)
	}
}

func TestAReleaseFollowsWhatAudiencesMaySee(t *testing.T) {
	w, folder := newPeople(t)
	mustRelease(t, w, planFor(), 1)
	mustRelease(t, w, planFor("marts.wards"), 2)
	mustRelease(t, w, planFor("marts.wards"), 0)
	mustRelease(t, w, planFor("marts.wards", "core.people"), 3)
	if got := tablesOf(t.Context(), t, folder, 3, "members"); !reflect.DeepEqual(got, map[string]int64{"marts.wards": 3, "core.people": 5000}) {
		t.Errorf("members find %v", got)
	}
	// A table that staff alone see is another: the file for members is as it was.
	execAll(t, w, "create or replace view marts.named as select name || '!' as name from core.people")
	plan := planFor("marts.wards", "core.people")
	plan.Tables[2].View = ""
	mustRelease(t, w, plan, 4)
	if got := tablesOf(t.Context(), t, folder, 4, "members"); !reflect.DeepEqual(got, map[string]int64{"marts.wards": 3, "core.people": 5000}) {
		t.Errorf("members find %v", got)
	}
	mustRelease(t, w, planFor(), 5)
	if _, err := os.Stat(filepath.Join(folder, "releases", "5", "members.duckdb")); !os.IsNotExist(err) {
		t.Errorf("there is still a file for members: %v", err)
	}
}

// TestAFileKeepsNothingThatItsAudienceMayNoLongerSee looks at the bytes: the engine leaves those of a dropped table where they
// were.
func TestAFileKeepsNothingThatItsAudienceMayNoLongerSee(t *testing.T) {
	w, folder := newPeople(t)
	mustRelease(t, w, planFor("marts.wards", "core.people"), 1)
	if !bytes.Contains(fileOf(t, folder, "1", "members"), []byte("Quill")) {
		t.Fatal("the names cannot be seen in a file that holds them, so this test shows nothing")
	}
	mustRelease(t, w, planFor("marts.wards"), 2)
	if bytes.Contains(fileOf(t, folder, "2", "members"), []byte("Quill")) {
		t.Error("names are left in the file")
	}
}

func TestAFileForAnAudienceIsNotMadeFromADamagedOne(t *testing.T) {
	w, folder := newPeople(t)
	mustRelease(t, w, planFor("core.people"), 1)
	path := filepath.Join(folder, "releases", "1", "members.duckdb")
	text := fileOf(t, folder, "1", "members")
	text[len(text)/2] ^= 0x10
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
	execAll(t, w, "create or replace view marts.wards as select 1 as ward, 2 as people")
	mustRelease(t, w, planFor("core.people"), 2)
	if got := tablesOf(t.Context(), t, folder, 2, "members"); !reflect.DeepEqual(got, map[string]int64{"core.people": 5000}) {
		t.Errorf("members find %v", got)
	}
}

func TestAFileThatWasTakenAwayIsToldAndMadeAgain(t *testing.T) {
	w, folder := newPeople(t)
	mustRelease(t, w, planFor("core.people"), 1)
	if err := os.Remove(filepath.Join(folder, "releases", "1", "members.duckdb")); err != nil {
		t.Fatal(err)
	}
	for _, open := range []func() error{
		func() error { _, err := NewReleases(folder).Open(t.Context(), 1, "members"); return err },
		func() error {
			_, err := NewReleases(folder).Serve(t.Context(), ServePlan{Number: 1, Audience: "members"})
			return err
		},
	} {
		if err := open(); err == nil || !strings.Contains(err.Error(), "the file of release 1 for members was taken away") {
			t.Errorf("told is %v", err)
		}
	}
	execAll(t, w, "create or replace view marts.wards as select 1 as ward, 2 as people")
	mustRelease(t, w, planFor("core.people"), 2)
	if got := tablesOf(t.Context(), t, folder, 2, "members"); !reflect.DeepEqual(got, map[string]int64{"core.people": 5000}) {
		t.Errorf("members find %v", got)
	}
}
