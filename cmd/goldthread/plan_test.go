package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goldthread/goldthread/schedules/pipeline"
	"github.com/goldthread/goldthread/transforms"
	"github.com/goldthread/goldthread/warehouse"
)

// A planned is the small council's folder, with what its program printed.
type planned struct {
	t      *testing.T
	folder string
}

func newPlanned(t *testing.T) planned {
	t.Helper()
	p := planned{t, t.TempDir()}
	if err := os.CopyFS(p.folder, os.DirFS(filepath.Join("testdata", "small"))); err != nil {
		t.Fatal(err)
	}
	p.does(exitDone, "run")
	return p
}

// does runs a command, which must end with the code, and gives what it printed.
func (p planned) does(code int, args ...string) []byte {
	p.t.Helper()
	var out, problems bytes.Buffer
	args = append(append([]string{"goldthread"}, args...), "-C", p.folder)
	if got := run(context.Background(), args, &out, &problems, func(string) string { return "" }); got != code {
		p.t.Fatalf("%v ended with %d, want %d: %s%s", args, got, code, &out, &problems)
	}
	return out.Bytes()
}

// amend replaces text in a file, which must hold it.
func (p planned) amend(name, from, to string) {
	p.t.Helper()
	path := filepath.Join(p.folder, name)
	text, err := os.ReadFile(path)
	if err != nil || !bytes.Contains(text, []byte(from)) {
		p.t.Fatalf("%s does not hold %q: %v", name, from, err)
	}
	if err := os.WriteFile(path, bytes.Replace(text, []byte(from), []byte(to), 1), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

func (p planned) figures(code int) (f pipeline.Figures) {
	p.t.Helper()
	if err := json.Unmarshal(p.does(code, "plan", "--figures", "--json"), &f); err != nil {
		p.t.Fatal(err)
	}
	return f
}

// state is a hash of every file of the council's folder, by path, save the logs and locks, which hold nothing of it.
func (p planned) state() map[string]string {
	p.t.Helper()
	hashes := map[string]string{}
	err := fs.WalkDir(os.DirFS(p.folder), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.Contains(name, "/logs/") || strings.HasSuffix(name, "lock") {
			return err
		}
		text, err := os.ReadFile(filepath.Join(p.folder, name))
		sum := sha256.Sum256(text)
		hashes[name] = hex.EncodeToString(sum[:])
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return hashes
}

// marts are all cells of a release's marts, by table, grain and column, save those that are no figures.
func (p planned) marts(release int64) map[string]string {
	p.t.Helper()
	cells := map[string]string{}
	db, err := warehouse.NewReleases(filepath.Join(p.folder, ".goldthread")).Open(context.Background(), release, "staff")
	if err != nil {
		p.t.Fatal(err)
	}
	defer db.Close()
	folder, err := (&program{folder: p.folder, term: &terminal{}}).open(context.Background())
	if err != nil {
		p.t.Fatal(err)
	}
	for _, m := range folder.Models.Models {
		if m.Schema() == "marts" {
			p.addMart(cells, db, m)
		}
	}
	return cells
}

func (p planned) addMart(cells map[string]string, db *sql.DB, m *transforms.Model) {
	p.t.Helper()
	rows, err := db.Query("from " + m.Name)
	if err != nil {
		p.t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.ColumnTypes()
	if err != nil {
		p.t.Fatal(err)
	}
	for rows.Next() {
		row, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			p.t.Fatal(err)
		}
		addFigures(cells, m, columns, row)
	}
	if err := rows.Err(); err != nil {
		p.t.Fatal(err)
	}
}

// addFigures adds the cells of a row that are figures.
func addFigures(cells map[string]string, m *transforms.Model, columns []*sql.ColumnType, row []any) {
	key := []string{m.Name}
	for i, column := range columns {
		if slices.Contains(m.Grain, column.Name()) {
			key = append(key, fmt.Sprint(row[i]))
		}
	}
	for i, column := range columns {
		figure := !strings.HasPrefix(column.Name(), "_") && !strings.HasPrefix(column.DatabaseTypeName(), "TIMESTAMP")
		if figure && row[i] != nil && !slices.Contains(m.Grain, column.Name()) {
			cells[strings.Join(key, " ")+" "+column.Name()] = plain(row[i])
		}
	}
}

// differences are the cells in which two releases differ.
func differences(before, after map[string]string) map[string]string {
	moved := map[string]string{}
	for cell := range maps.Keys(before) {
		if before[cell] != after[cell] {
			moved[cell] = before[cell] + " → " + after[cell]
		}
	}
	for cell := range after {
		if before[cell] != after[cell] {
			moved[cell] = before[cell] + " → " + after[cell]
		}
	}
	return moved
}

// cells are the moves of a plan in the form of differences. The columns of each grain are given in the order of the table.
func (p planned) cells(f pipeline.Figures) map[string]string {
	p.t.Helper()
	folder, err := (&program{folder: p.folder, term: &terminal{}}).open(context.Background())
	if err != nil {
		p.t.Fatal(err)
	}
	cells := map[string]string{}
	for _, move := range f.Moves {
		m, _ := folder.Models.Model(move.Table)
		key := []string{move.Table}
		for _, column := range m.Columns {
			if slices.Contains(m.Grain, column.Name) {
				key = append(key, move.At[column.Name])
			}
		}
		cells[strings.Join(append(key, move.Column), " ")] = cellText(move.Old) + " → " + cellText(move.New)
	}
	return cells
}

func cellText(cell *string) string {
	if cell == nil {
		return ""
	}
	return *cell
}

func TestPlanNamesExactlyTheFiguresThatThenMove(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(p planned)
		moves  string // one of the cells that must be among them
	}{
		{"a target amended", func(p planned) { p.amend("targets/waste.csv", "FY2023-24,50,", "FY2023-24,56,") },
			"marts.scorecard WAS-01 rag green → amber"},
		{"another polarity", func(p planned) { p.amend("measures/WAS-01.yaml", "polarity: higher", "polarity: lower") },
			"marts.scorecard WAS-01 polarity higher → lower"},
		{"another multiplier", func(p planned) { p.amend("measures/WAS-01.yaml", "multiplier: 100", "multiplier: 1000") },
			"marts.scorecard WAS-01 value 55 → 550"},
		{"a file that arrived", func(p planned) {
			text := "area_code,period,recycled,collected\nE07000001,2024/25,560,1000\n"
			if err := os.MkdirAll(filepath.Join(p.folder, "drops", "2025-12"), 0o700); err != nil {
				p.t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(p.folder, "drops", "2025-12", "waste.csv"), []byte(text), 0o600); err != nil {
				p.t.Fatal(err)
			}
		}, "marts.scorecard WAS-01 value 55 → 56"},
		{"definition and target at once", func(p planned) {
			p.amend("measures/WAS-01.yaml", "polarity: higher", "polarity: lower")
			p.amend("targets/waste.csv", "FY2023-24,50,", "FY2023-24,56,")
		}, "marts.scorecard WAS-01 target 50 → 56"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPlanned(t)
			c.change(p)
			untouched := p.state()
			foretold := p.figures(exitDone)
			if now := p.state(); !maps.Equal(now, untouched) {
				t.Errorf("planning changed files: %v became %v", untouched, now)
			}
			before := p.marts(1)
			p.does(exitDone, "run")
			want, got := differences(before, p.marts(2)), p.cells(foretold)
			if missing, over := differences(want, got), differences(got, want); len(missing)+len(over) > 0 {
				t.Errorf("moved and not foretold alike: %v", missing)
			}
			at, moved := c.moves[:strings.LastIndex(c.moves[:strings.Index(c.moves, " →")], " ")], ""
			if moved = at + " " + want[at]; moved != c.moves {
				t.Errorf("it moved %q, want %q", moved, c.moves)
			}
			if again := p.figures(exitDone); len(again.Moves) != 0 || again.Release != 2 {
				t.Errorf("after the run %d figures of release %d would move", len(again.Moves), again.Release)
			}
		})
	}
}

func TestPlanLeavesNoCopyBehindWhereItFails(t *testing.T) {
	p := newPlanned(t)
	damaged := filepath.Join(p.folder, ".goldthread", "releases", "1", "staff.duckdb")
	if err := os.WriteFile(damaged, []byte("not a database"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.amend("targets/waste.csv", "FY2023-24,50,", "FY2023-24,56,")
	untouched := p.state()
	p.does(exitFailed, "plan", "--figures")
	if now := p.state(); !maps.Equal(now, untouched) {
		t.Errorf("planning changed files: %v became %v", untouched, now)
	}
}

func TestPlanWaitsForNoRunAndStopsNone(t *testing.T) {
	p := newPlanned(t)
	state := filepath.Join(p.folder, ".goldthread")
	owner, err := warehouse.Open(context.Background(), warehouse.Options{Folder: state})
	if err != nil {
		t.Fatal(err)
	}
	p.does(exitFailed, "plan", "--figures") // another is at work
	if err := owner.Close(); err != nil {
		t.Fatal(err)
	}
	copied, err := warehouse.Rehearse(t.Context(), state, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	p.does(exitDone, "run")
	if err := copied.Close(); err != nil {
		t.Fatal(err)
	}
}
