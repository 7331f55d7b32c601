package warehouse

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/goldthread/goldthread/warehouse/duckdb"
)

// setting gives the engine's value of a setting.
func setting(t *testing.T, w *Warehouse, name string) string {
	t.Helper()
	return list(t, w, "select cast(current_setting(?) as varchar)", name)[0]
}

func TestLandLeavesTheEngineAsItWas(t *testing.T) {
	w := openTest(t, t.TempDir())
	names := []string{"memory_limit", "max_vacuum_tasks", "checkpoint_threshold"}
	before := map[string]string{}
	for _, name := range names {
		before[name] = setting(t, w, name)
	}
	table := testTable("snapshot", "ref")
	during := ""
	first := arrive(t, table, "", "a open", "b open")
	rest := first.Rest
	first.Rest = func() (Rest, error) { during = setting(t, w, "memory_limit"); return rest() }
	land(t, w, first)
	if during == before["memory_limit"] {
		t.Errorf("a load was stored with all of the memory, %s", during)
	}
	broken := arrive(t, table, "", "a closed")
	broken.Rest = func() (Rest, error) { return Rest{}, errors.New("broken off") }
	if _, err := w.Land(t.Context(), broken); err == nil {
		t.Fatal("a load that breaks off was stored")
	}
	for _, name := range names {
		if got := setting(t, w, name); got != before[name] {
			t.Errorf("%s is %q after a load that was stored and one that was not; it was %q", name, got, before[name])
		}
	}
}

// TestLandClosesGapsOnceThereAreMany counts the places of rows in the file. Row groups are of 122,880 rows, and of fewer
// than three the engine closes no gaps.
func TestLandClosesGapsOnceThereAreMany(t *testing.T) {
	w := openTest(t, t.TempDir())
	table := testTable("snapshot", "ref")
	const all = 400_000
	rows := make([]string, all)
	for i := range rows {
		rows[i] = fmt.Sprintf("r%d open", i)
	}
	land(t, w, arrive(t, table, "", rows...))
	for i := 0; i < all; i += 100 {
		rows[i] = fmt.Sprintf("r%d closed", i)
	}
	land(t, w, arrive(t, table, "", rows...))
	if got := places(t, w); got != fmt.Sprint(all+all/100) {
		t.Errorf("after a few changes the rows have %s places; want those of the changed ones left", got)
	}
	land(t, w, arrive(t, table, "", rows[:all/3]...))
	if got := places(t, w); got >= fmt.Sprint(all) { // digits of one length
		t.Errorf("after most rows vanished the rest have %s places", got)
	}
	wantList(t, "rows", list(t, w, `select cast(count(*) as varchar) from "current".desk__requests`), fmt.Sprint(all/3))
}

func places(t *testing.T, w *Warehouse) string {
	t.Helper()
	return list(t, w, "select cast(estimated_size as varchar) from duckdb_tables() where schema_name = 'current'")[0]
}

func TestLandFindsWhatVanishedThoughAsManyCame(t *testing.T) {
	w := openTest(t, t.TempDir())
	table := testTable("snapshot", "ref")
	land(t, w, arrive(t, table, "", "a open", "b open", "c open"))
	got := land(t, w, arrive(t, table, "", "a open", "d open", "d closed", "e open"))
	if got.Deleted != 2 || got.Stored != 1 || got.Quarantined != 2 || got.Unchanged != 1 {
		t.Errorf("%+v", got)
	}
	wantList(t, "present", present(t, w), "a open", "e open")
	if got := land(t, w, arrive(t, table, "", "a closed", "e open")); got.Deleted != 0 || got.Stored != 1 {
		t.Errorf("nothing vanished: %+v", got)
	}
}

// TestAWarehouseKeepsTheStorageItWasMadeWith reads the oldest engine that can open a file.
func TestAWarehouseKeepsTheStorageItWasMadeWith(t *testing.T) {
	const oldest = "select tags['storage_version'] from duckdb_databases() where database_name = current_database()"
	w := openTest(t, t.TempDir())
	wantList(t, "a new warehouse", list(t, w, oldest), storage+"+")

	setMart(t, w, "('a', 'open')")
	releaseTest(t, w)
	release, err := NewReleases(w.options.Folder).Open(t.Context(), 0, "staff")
	if err != nil {
		t.Fatal(err)
	}
	defer release.Close()
	var got string
	if err := release.QueryRowContext(t.Context(), oldest).Scan(&got); err != nil || got != "v1.0.0+" {
		t.Errorf("a release is for engines from %s, %v", got, err)
	}

	folder := t.TempDir()
	db, err := duckdb.Open(t.Context(), duckdb.Settings{Path: filepath.Join(folder, "warehouse.duckdb")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), "create table t as select 1; checkpoint"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	wantList(t, "an older warehouse", list(t, openTest(t, folder), oldest), "v1.0.0+")
}
