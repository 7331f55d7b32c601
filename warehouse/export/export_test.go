package export

import (
	"bytes"
	"context"
	"database/sql"
	_ "embed"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/goldthread/goldthread/warehouse"
	"github.com/goldthread/goldthread/warehouse/duckdb"
)

//go:embed testdata/release.sql
var releaseSQL string

// released gives a folder with release 1 of what statements make, for staff.
func released(t *testing.T, statements string, tables ...warehouse.ReleaseTable) *warehouse.Releases {
	t.Helper()
	folder := t.TempDir()
	w, err := warehouse.Open(t.Context(), warehouse.Options{
		Folder: folder, MemoryLimit: "512MB", Threads: 1, Location: time.UTC, Version: "test",
		Now: func() time.Time { return time.Date(2026, 4, 1, 6, 0, 0, 0, time.UTC) },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if _, err := w.Conn().ExecContext(t.Context(), statements); err != nil {
		t.Fatal(err)
	}
	plan := warehouse.ReleasePlan{RunID: 1, Audience: "staff", Tables: tables, Comments: []warehouse.Comment{
		{Schema: "core", Table: "everything", Text: "One row per awkwardness."}, {Schema: "core", Table: "everything", Column: "note", Text: "Text as it came."},
	}}
	if _, err := w.Release(t.Context(), plan); err != nil {
		t.Fatal(err)
	}
	return warehouse.NewReleases(folder)
}

func everything(t *testing.T) *warehouse.Releases {
	t.Helper()
	return released(t, releaseSQL,
		warehouse.ReleaseTable{Schema: "core", Name: "everything", Order: []string{"row_number"}},
		warehouse.ReleaseTable{Schema: "marts", Name: "doubled", View: "select row_number * 2 as doubled, note from core.everything where row_number < 4"})
}

func planTo(folder, format string) Plan {
	return Plan{Audience: "staff", Format: format, Folder: folder, Licence: "OGL-UK-3.0", Council: "Smallborough Council", MemoryLimit: "256MB"}
}

func export(t *testing.T, releases *warehouse.Releases, format string) (folder string, p Package) {
	t.Helper()
	folder = filepath.Join(t.TempDir(), "out", "release-1")
	p, err := Write(t.Context(), releases, planTo(folder, format))
	if err != nil {
		t.Fatal(err)
	}
	return folder, p
}

// asCSV is what a spreadsheet or a program finds in the file of core.everything.
var asCSV = [][]string{
	{"row_number", "note", "pounds", "exact", "huge", "flag", "day", "moment", "local_time", "approximate", "list"},
	{"1", "plain", "1.10", "12345678901234567890123456.1234567890", "170141183460469231731687303715", "true", "2026-03-29", "2026-03-29T00:30:00.123456Z", "2026-03-29T01:30:00.000000", "0.1", `["a","b,c"]`},
	{"2", `comma, "quote"`, "-0.05", "0.0000000000", "-1", "false", "0999-12-31", "1999-12-31T23:59:59.000000Z", "1900-01-01T00:00:00.000000", "1e+300", "[]"},
	{"3", "two\nlines", "", "", "", "", "", "", "", "", ""},
	{"4", "carriage\rreturn", "", "", "", "", "", "", "", "", ""},
	{"5", "both\r\nof them", "", "", "", "", "", "", "", "", ""},
	{"6", "", "", "", "", "", "", "", "", "", ""},
	{"7", "", "", "", "", "", "", "", "", "", ""},
	{"8", `'=HYPERLINK("http://example.org")`, "", "", "", "", "", "", "", "", ""},
	{"9", "'  -3", "", "", "", "", "", "", "", "", ""},
	{"10", "'\t@SUM(A1)", "", "", "", "", "", "", "", "", ""},
	{"11", " leading, trailing ", "", "", "", "", "", "", "", "", ""},
	{"12", "Llanfair\u00adpwll ŵ 🙂", "", "", "", "", "", "", "", "", ""},
	{"13", "007", "", "", "", "", "", "", "", "", ""},
}

// TestCSVIsReadBackByPython reads it by a reader that is not ours, in its strict mode.
func TestCSVIsReadBackByPython(t *testing.T) {
	folder, _ := export(t, everything(t), "csv")
	program := `import csv, json, sys; print(json.dumps(list(csv.reader(open(sys.argv[1], newline="", encoding="utf-8", errors="strict"), strict=True))))`
	out, err := exec.CommandContext(t.Context(), "python3", "-c", program, filepath.Join(folder, "core.everything.csv")).Output()
	if err != nil {
		t.Fatal(err)
	}
	var got [][]string
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, asCSV) {
		t.Errorf("read back is\n%q\nwant\n%q", got, asCSV)
	}
}

func TestCSVIsAsTheStandardHasIt(t *testing.T) {
	folder, _ := export(t, everything(t), "csv")
	text, err := os.ReadFile(filepath.Join(folder, "core.everything.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(text, []byte("row_number,note,")) || !bytes.HasSuffix(text, []byte("\r\n")) {
		t.Errorf("it begins %.20q and ends %q", text, text[len(text)-4:])
	}
	records, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil || len(records) != len(asCSV) {
		t.Errorf("%d records: %v", len(records), err)
	}
	// Outside of quotes every line ends in CR LF, and inside them the text is as it was.
	quoted := false
	for i, b := range text {
		switch {
		case b == '"':
			quoted = !quoted
		case b == '\n' && !quoted && text[i-1] != '\r', b == '\r' && !quoted && text[i+1] != '\n':
			t.Errorf("byte %d is %q by itself", i, b)
		}
	}
	if !bytes.Contains(text, []byte("\r\n6,\"\",,")) || !bytes.Contains(text, []byte("\r\n7,,,")) {
		t.Error("an empty text and a missing one look the same")
	}
}

// differences counts the rows that a release and the files of it do not have in common.
func differences(t *testing.T, releases *warehouse.Releases, folder string, tables ...string) (rows int) {
	t.Helper()
	db, err := duckdb.Open(t.Context(), duckdb.Settings{TimeZone: "Europe/London"})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	path := filepath.Join(releasesFolder(t, releases), "1", "staff.duckdb")
	if _, err := db.ExecContext(t.Context(), "attach "+duckdb.Literal(path)+" as made (read_only)"); err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		var n int
		file := duckdb.Literal(filepath.Join(folder, table+".parquet"))
		err := db.QueryRowContext(t.Context(), fmt.Sprintf(`
			select count(*)
			from ((from made.%[1]s except all from read_parquet(%[2]s)) union all (from read_parquet(%[2]s) except all from made.%[1]s))`,
			table, file)).Scan(&n)
		if err != nil {
			t.Fatal(err)
		}
		rows += n
	}
	return rows
}

// releasesFolder is where the files of releases are, which the file of the manifest tells.
func releasesFolder(t *testing.T, releases *warehouse.Releases) string {
	t.Helper()
	db, err := releases.Open(t.Context(), 0, "staff")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var path string
	if err := db.QueryRowContext(t.Context(), "select path from duckdb_databases() where database_name = current_database()").Scan(&path); err != nil {
		t.Fatal(err)
	}
	return filepath.Dir(filepath.Dir(path))
}

func TestParquetHoldsWhatTheReleaseHolds(t *testing.T) {
	releases := everything(t)
	folder, _ := export(t, releases, "parquet")
	if n := differences(t, releases, folder, "core.everything", "marts.doubled"); n > 0 {
		t.Errorf("%d rows differ", n)
	}
	db, err := duckdb.Open(t.Context(), duckdb.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	types := typesOf(t.Context(), t, db, filepath.Join(folder, "core.everything.parquet"))
	if types["exact"] != "DECIMAL(38,10)" || types["huge"] != "DECIMAL(38,0)" || types["moment"] != "TIMESTAMP WITH TIME ZONE" {
		t.Errorf("the types are %v", types)
	}
}

func typesOf(ctx context.Context, t *testing.T, db *sql.DB, path string) map[string]string {
	t.Helper()
	rows, err := db.QueryContext(ctx, "select column_name, column_type from (describe from read_parquet("+duckdb.Literal(path)+"))")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	types := map[string]string{}
	for rows.Next() {
		var name, kind string
		if err := rows.Scan(&name, &kind); err != nil {
			t.Fatal(err)
		}
		types[name] = kind
	}
	return types
}

func TestThePackageDescribesEachFile(t *testing.T) {
	folder, p := export(t, everything(t), "csv")
	text, err := os.ReadFile(filepath.Join(folder, packageFile))
	if err != nil {
		t.Fatal(err)
	}
	var read Package
	if err := json.Unmarshal(text, &read); err != nil || !reflect.DeepEqual(read, p) {
		t.Errorf("the file tells %+v, not %+v: %v", read, p, err)
	}
	if p.Name != "smallborough-council-release-1" || p.Version != "1" || len(p.Licences) != 1 || p.Licences[0].Name != "OGL-UK-3.0" {
		t.Errorf("it tells %+v", p)
	}
	var names []string
	for _, r := range p.Resources {
		names = append(names, r.Path)
		size, hash, err := settle(filepath.Join(folder, r.Path))
		if err != nil || size != r.Bytes || hash != r.Hash {
			t.Errorf("%s is %d bytes, %s: %v", r.Path, size, hash, err)
		}
	}
	if !reflect.DeepEqual(names, []string{"core.everything.csv", "marts.doubled.csv"}) {
		t.Errorf("the files are %v", names)
	}
	one := p.Resources[0]
	if one.Rows != 13 || one.Description != "One row per awkwardness." {
		t.Errorf("told is %+v", one)
	}
	want := []Field{
		{Name: "row_number", Type: "integer", Engine: "integer"}, {Name: "note", Type: "string", Description: "Text as it came.", Engine: "varchar"},
		{Name: "pounds", Type: "number", Engine: "decimal(10,2)"}, {Name: "exact", Type: "number", Engine: "decimal(38,10)"}, {Name: "huge", Type: "integer", Engine: "hugeint"},
		{Name: "flag", Type: "boolean", Engine: "boolean"}, {Name: "day", Type: "date", Engine: "date"}, {Name: "moment", Type: "datetime", Engine: "timestamp with time zone"},
		{Name: "local_time", Type: "datetime", Format: "any", Engine: "timestamp"}, {Name: "approximate", Type: "number", Engine: "double"}, {Name: "list", Type: "string", Engine: "varchar[]"},
	}
	if !reflect.DeepEqual(one.Schema.Fields, want) {
		t.Errorf("the fields are\n%+v\nwant\n%+v", one.Schema.Fields, want)
	}
}

func TestAnExportThatFailsLeavesNothing(t *testing.T) {
	releases := everything(t)
	parent := t.TempDir()
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := Write(ctx, releases, planTo(filepath.Join(parent, "out"), "csv")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if left, err := os.ReadDir(parent); err != nil || len(left) > 0 {
		t.Errorf("left are %v: %v", left, err)
	}
}

func TestAnExportClearsWhatAKilledOneLeftAndWritesOverNothing(t *testing.T) {
	releases := everything(t)
	folder := filepath.Join(t.TempDir(), "out")
	left := filepath.Join(filepath.Dir(folder), ".out.exporting", "half.csv")
	if err := os.MkdirAll(filepath.Dir(left), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(left, []byte("half"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Write(t.Context(), releases, planTo(folder, "csv")); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(filepath.Dir(folder))
	if err != nil || len(entries) != 1 {
		t.Errorf("there are %v: %v", entries, err)
	}
	if _, err := Write(t.Context(), releases, planTo(folder, "csv")); err == nil || !strings.Contains(err.Error(), "there is something of this name already") {
		t.Errorf("written over it: %v", err)
	}
}

func TestWhatCannotBeWrittenIsToldAtOnce(t *testing.T) {
	releases := everything(t)
	for name, c := range map[string]struct {
		change func(*Plan)
		want   string
	}{
		"format":   {func(p *Plan) { p.Format = "xslx" }, `"xslx" is no format`},
		"licence":  {func(p *Plan) { p.Licence = "OGL" }, "licences: CC-BY-4.0, CC0-1.0, OGL-UK-3.0"},
		"release":  {func(p *Plan) { p.Release = 9 }, "release 9 is not kept"},
		"audience": {func(p *Plan) { p.Audience = "members" }, "no file for the audience"},
	} {
		plan := planTo(filepath.Join(t.TempDir(), "out"), "csv")
		c.change(&plan)
		if _, err := Write(t.Context(), releases, plan); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v", name, err)
		}
		if _, err := os.Stat(plan.Folder); !os.IsNotExist(err) {
			t.Errorf("%s: a folder was made", name)
		}
	}
}

// TestALargeExportStaysWithinItsMemory exports more than the engine may hold at once.
func TestALargeExportStaysWithinItsMemory(t *testing.T) {
	releases := released(t, `create schema core; create table core.facts as
		select n as fact_key, md5(cast(n as varchar)) as reference, cast(n as decimal(38, 10)) / 7 as value from range(1500000) as r (n)`,
		warehouse.ReleaseTable{Schema: "core", Name: "facts", Content: "large", Order: []string{"fact_key"}})
	for _, format := range Formats {
		folder := filepath.Join(t.TempDir(), "out")
		plan := planTo(folder, format)
		plan.MemoryLimit = "48MB"
		p, err := Write(t.Context(), releases, plan)
		if err != nil {
			t.Fatalf("%s: %v", format, err)
		}
		if p.Resources[0].Rows != 1_500_000 || format == "csv" && p.Resources[0].Bytes < 48<<20 {
			t.Errorf("%s: %d rows in %d bytes", format, p.Resources[0].Rows, p.Resources[0].Bytes)
		}
		if format == "parquet" {
			if n := differences(t, releases, folder, "core.facts"); n > 0 {
				t.Errorf("%d rows differ", n)
			}
		}
	}
}
