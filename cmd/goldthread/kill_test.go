package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goldthread/goldthread/warehouse"
	"github.com/goldthread/goldthread/warehouse/duckdb"
)

// killedAt are the places at which the program is killed: in each load, between its commit and its acknowledgement, and
// in each step of a release.
var killedAt = []string{
	"load.after_rows", "load.before_commit", "load.after_commit", "load.after_checkpoint", "journal.half_written",
	"run.sources_read", "run.models_built",
	"release.tables_copied", "release.file_written", "release.before_pointer", "release.after_pointer",
}

// TestAKilledRunLosesNothingAndRepeatsNothing kills the real program at each place with SIGKILL, on an empty warehouse and
// on one that holds an earlier edition, and then lets it run again.
func TestAKilledRunLosesNothingAndRepeatsNothing(t *testing.T) {
	program := buildProgram(t)
	want := finalState(t, undisturbed(t, program))
	kills := 0
	for _, place := range killedAt {
		for _, pass := range []string{"first", "second"} {
			for _, nth := range []int{1, 2} {
				if nth > 1 && (strings.HasPrefix(place, "r") || pass == "second") {
					continue // passed once: a run has one end, and the second pass one load
				}
				t.Run(fmt.Sprintf("%s:%d/%s pass", place, nth, pass), func(t *testing.T) {
					folder := smallCouncil(t)
					if pass == "second" {
						runProgram(t, program, folder, "")
						addEdition(t, folder)
					}
					runProgram(t, program, folder, fmt.Sprintf("%s:%d", place, nth))
					kills++
					acknowledged := journalOf(t, folder)
					addEdition(t, folder)
					runProgram(t, program, folder, "")
					checkAcknowledged(t, folder, acknowledged)
					if got := finalState(t, folder); got != want {
						t.Errorf("after the kill the warehouse holds\n%s\nand without it\n%s", got, want)
					}
				})
			}
		}
	}
	fmt.Printf("kills: %d, nothing lost and nothing twice after each unless a failure is told above\n", kills)
}

func buildProgram(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "goldthread")
	if out, err := exec.Command("go", "build", "-tags", "duckdb_arrow", "-o", path, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}

// smallCouncil copies the small council's folder, with its first edition only.
func smallCouncil(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.CopyFS(folder, os.DirFS("testdata/small")); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(folder, "drops", "2025-09"), filepath.Join(folder, "later")); err != nil {
		t.Fatal(err)
	}
	return folder
}

// addEdition puts the second edition where it is found, if it is not there yet.
func addEdition(t *testing.T, folder string) {
	t.Helper()
	err := os.Rename(filepath.Join(folder, "later"), filepath.Join(folder, "drops", "2025-09"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
}

func undisturbed(t *testing.T, program string) string {
	t.Helper()
	folder := smallCouncil(t)
	runProgram(t, program, folder, "")
	addEdition(t, folder)
	runProgram(t, program, folder, "")
	return folder
}

// runProgram runs once; with a place, it must be killed there.
func runProgram(t *testing.T, program, folder, killAt string) {
	t.Helper()
	command := exec.Command(program, "run", "-C", folder)
	command.Env = append(os.Environ(), "GOLDTHREAD_FAILPOINT="+killAt)
	out, err := command.CombinedOutput()
	var ended *exec.ExitError
	switch {
	case killAt == "" && err != nil:
		t.Fatalf("the run failed: %v\n%s", err, out)
	case killAt != "" && (!errors.As(err, &ended) || ended.Exited()):
		t.Fatalf("the run was not killed at %s: %v\n%s", killAt, err, out)
	}
}

// journalOf reads the loads that were acknowledged.
func journalOf(t *testing.T, folder string) []string {
	t.Helper()
	file, err := os.Open(filepath.Join(folder, ".goldthread", "journal"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var loads []string
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		_, text, _ := strings.Cut(lines.Text(), " ")
		var entry struct {
			LoadID int64 `json:"load_id"`
			Stored int64 `json:"stored"`
		}
		if json.Unmarshal([]byte(text), &entry) == nil {
			loads = append(loads, fmt.Sprintf("%d stored %d", entry.LoadID, entry.Stored))
		}
	}
	return loads
}

func checkAcknowledged(t *testing.T, folder string, acknowledged []string) {
	t.Helper()
	held := strings.Join(queryState(t, folder, "select concat(load_id, ' stored ', rows_stored) from meta.loads order by load_id"), "\n") + "\n"
	for _, load := range acknowledged {
		if !strings.Contains(held, load+"\n") {
			t.Errorf("load %s was acknowledged and is gone; held are\n%s", load, held)
		}
	}
}

// finalState is all that must be the same however often a run was killed: every row and version, what was set aside, and
// what readers see.
func finalState(t *testing.T, folder string) string {
	t.Helper()
	var b strings.Builder
	for _, query := range []string{
		`select concat_ws(' ', 'raw', area_code, period, recycled, collected, _row, _is_deleted)
			from raw.returns__waste order by all`,
		`select concat_ws(' ', 'current', area_code, period, recycled, collected) from "current".returns__waste order by all`,
		`select concat_ws(' ', 'quarantine', row_number, column_name, raw_text, reason) from meta.quarantine order by all`,
		`select concat_ws(' ', 'load', source, dataset, rows_read, rows_stored, rows_unchanged, rows_quarantined, rows_blank)
			from meta.loads where source = 'returns' order by all`,
	} {
		b.WriteString(strings.Join(queryState(t, folder, query), "\n") + "\n")
	}
	db, err := warehouse.NewReleases(filepath.Join(folder, ".goldthread")).Open(t.Context(), 0, "staff")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	marts, err := texts(t.Context(), db, `
		select concat_ws(' ', 'mart', measure_code, period_code, area_code, value, target, rag, direction_short)
		from marts.measure_trend order by all`)
	if err != nil {
		t.Fatal(err)
	}
	b.WriteString(strings.Join(marts, "\n"))
	return b.String()
}

func queryState(t *testing.T, folder, query string) []string {
	t.Helper()
	db, err := duckdb.Open(context.Background(), duckdb.Settings{Path: filepath.Join(folder, ".goldthread", "warehouse.duckdb"), ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	found, err := texts(context.Background(), db, query)
	if err != nil {
		t.Fatal(err)
	}
	return found
}
