package warehouse

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func releaseTest(t *testing.T, w *Warehouse) int64 {
	t.Helper()
	number, err := w.Release(t.Context(), ReleasePlan{
		RunID: 1, Audience: "staff",
		Tables:   []ReleaseTable{{Schema: "marts", Name: "requests", Order: []string{"ref"}}},
		Comments: []Comment{{"marts", "requests", "", "One row a request."}, {"marts", "requests", "ref", "Reference."}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return number
}

func setMart(t *testing.T, w *Warehouse, rows string) {
	t.Helper()
	for _, statement := range []string{
		"create schema if not exists marts",
		"create or replace view marts.requests as select * from (values " + rows + ") as v (ref, status)",
	} {
		if _, err := w.Conn().ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
}

func TestReleaseIsMadeOnlyWhereARowDiffers(t *testing.T) {
	folder := t.TempDir()
	w := openTest(t, folder)
	setMart(t, w, "('a', 'open'), ('b', 'open')")
	if got := releaseTest(t, w); got != 1 {
		t.Errorf("first release: %d", got)
	}
	setMart(t, w, "('b', 'open'), ('a', 'open')")
	if got := releaseTest(t, w); got != 0 {
		t.Errorf("the same rows in another order made release %d", got)
	}
	setMart(t, w, "('b', 'closed'), ('a', 'open')")
	if got := releaseTest(t, w); got != 2 {
		t.Errorf("a changed row made release %d", got)
	}
	for number, want := range map[int64]string{1: "open", 2: "closed", 0: "closed"} {
		db, err := NewReleases(folder).Open(t.Context(), number, "staff")
		if err != nil {
			t.Fatal(err)
		}
		var got, comment string
		err = db.QueryRowContext(t.Context(), `
			select status, (select comment from duckdb_columns() where table_name = 'requests' and column_name = 'ref')
			from marts.requests where ref = 'b'`).Scan(&got, &comment)
		if err != nil || got != want || comment != "Reference." {
			t.Errorf("release %d: %q, %q, %v", number, got, comment, err)
		}
		var first string
		if err := db.QueryRowContext(t.Context(), "select ref from marts.requests limit 1").Scan(&first); err != nil || first != "a" {
			t.Errorf("release %d begins with %q, %v", number, first, err)
		}
		if _, err := db.ExecContext(t.Context(), "copy marts.requests to 'out.csv'"); err == nil {
			t.Error("a reader of a release could write a file")
		}
		db.Close()
	}
}

// TestReleaseHoldsAViewOfItsOwnTables changes the warehouse after the release, which must go on showing what it holds.
func TestReleaseHoldsAViewOfItsOwnTables(t *testing.T) {
	folder := t.TempDir()
	w := openTest(t, folder)
	setMart(t, w, "('a', 'open'), ('b', 'closed')")
	_, err := w.Release(t.Context(), ReleasePlan{RunID: 1, Audience: "staff",
		Tables: []ReleaseTable{
			{Schema: "marts", Name: "requests", Order: []string{"ref"}},
			{Schema: "marts", Name: "open_requests", Content: "v1", View: "select ref from marts.requests where status = 'open'"},
		},
		Comments: []Comment{{"marts", "open_requests", "", "Requests still open."}, {"marts", "open_requests", "ref", "Reference."}},
	})
	if err != nil {
		t.Fatal(err)
	}
	setMart(t, w, "('a', 'closed'), ('b', 'open')")
	db, err := NewReleases(folder).Open(t.Context(), 1, "staff")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var ref, words string
	err = db.QueryRowContext(t.Context(), `
		select ref, (select comment from duckdb_views() where view_name = 'open_requests') || ' '
			|| (select comment from duckdb_columns() where table_name = 'open_requests')
		from marts.open_requests`).Scan(&ref, &words)
	if err != nil || ref != "a" || words != "Requests still open. Reference." {
		t.Errorf("the view shows %q, described as %q, %v", ref, words, err)
	}
}

func TestReleasesKeepsTheNewestAndThePinned(t *testing.T) {
	folder := t.TempDir()
	w := openTest(t, folder)
	releases := NewReleases(folder)
	for n := range releasesKept + 3 {
		setMart(t, w, fmt.Sprintf("('a', '%d')", n))
		releaseTest(t, w)
		if n == 1 {
			if err := releases.Pin(2); err != nil {
				t.Fatal(err)
			}
		}
	}
	got, err := releases.Numbers()
	if err != nil {
		t.Fatal(err)
	}
	want := []int64{2}
	for n := int64(4); n <= releasesKept+3; n++ {
		want = append(want, n)
	}
	if !slices.Equal(got, want) {
		t.Errorf("kept %v", got)
	}
	_, err = releases.Open(t.Context(), 1, "staff")
	wantFault(t, err, "release 1 is not kept", "kept are: 2, 4,")
}

func TestReleaseClearsWhatAKilledRunLeft(t *testing.T) {
	folder := t.TempDir()
	w := openTest(t, folder)
	left := filepath.Join(folder, "releases", ".building-1")
	orphan := filepath.Join(folder, "releases", "1")
	for _, path := range []string{left, orphan} {
		if err := os.MkdirAll(path, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if current, err := NewReleases(folder).Numbers(); err != nil || len(current) != 0 {
		t.Errorf("a release that no pointer names is shown: %v, %v", current, err)
	}
	setMart(t, w, "('a', 'open')")
	if got := releaseTest(t, w); got != 1 {
		t.Errorf("release %d", got)
	}
	if _, err := os.Stat(left); !os.IsNotExist(err) {
		t.Error("the unfinished folder is still there")
	}
}
