package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// planted are faults that the tests of this folder must find. Each is put into the program by the compiler's overlay, in the
// place of one line, so that nothing of it is in the source.
var planted = []struct {
	name, file, line, instead string
	place                     string // killed here on the second pass; empty for no kill
	says                      string // what the next run or the checker must find
}{
	{
		name: "rows committed before the ledger", file: "warehouse/land.go",
		line:    `failpoint.Hit("load.before_ledger")`,
		instead: `l.exec(ctx, "commit"); l.exec(ctx, "begin transaction"); failpoint.Hit("load.before_ledger")`,
		place:   "load.before_ledger", says: "left 8 rows, and 10 are there",
	},
	{
		name: "journal skipped", file: "warehouse/journal.go",
		line:    `failpoint.Hit("journal.before_write")`,
		instead: `if half > 0 { return nil }`,
		says:    "the journal and the ledger differ",
	},
	{
		name: "a row dropped", file: "warehouse/land.go",
		line: `failpoint.Hit("load.after_rows")`,
		instead: `if l.arrival.Table.Dataset == "waste" { l.exec(ctx, "delete from " + l.statements.Current +
			" where _load_id = $1 and _row = (select max(_row) from " + l.statements.Current + " where _load_id = $1)", l.id) }`,
		says: "lost:  raw",
	},
}

// TestThePlantedFaultsAreFound builds the program with one fault at a time and wants it found, by the next run or by the
// checker: a test of the tests of this folder.
func TestThePlantedFaultsAreFound(t *testing.T) {
	want := undisturbed(t, buildProgram(t), tinyCouncil)
	found := 0
	for i, p := range planted {
		t.Run(p.name, func(t *testing.T) {
			program, err := buildAs(fmt.Sprintf("planted-%d", i), "-overlay", overlay(t, p.file, p.line, p.instead))
			if err != nil {
				t.Fatal(err)
			}
			folder := afterFirstPass(t, program, tinyCouncil)
			if p.place != "" {
				mustBeKilled(t, program, folder, p.place)
			}
			acknowledged := journalOf(folder)
			out, err := commandOf(program, folder, "").CombinedOutput()
			faults := verdict(t.Context(), folder, acknowledged, want)
			if err != nil {
				faults = append(faults, string(out))
			}
			if said := strings.Join(faults, "\n"); !strings.Contains(said, p.says) {
				t.Errorf("nothing finds %q in this program; what is found is %q", p.says, said)
				return
			}
			found++
		})
	}
	fmt.Printf("planted: %d of %d faults found\n", found, len(planted))
}

// overlay makes the compiler's list that puts a copy of file with another line in the place of the file.
func overlay(t *testing.T, file, line, instead string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("..", "..", filepath.FromSlash(file)))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(text), line); n != 1 {
		t.Fatalf("%s stands %d times in %s", line, n, file)
	}
	folder := t.TempDir()
	changed, list := filepath.Join(folder, filepath.Base(file)), filepath.Join(folder, "overlay.json")
	listed, err := json.Marshal(map[string]map[string]string{"Replace": {path: changed}})
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{changed: strings.Replace(string(text), line, instead, 1), list: string(listed)} {
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return list
}
