package gate

import (
	"context"
	"crypto/sha256"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/goldthread/goldthread/warehouse/duckdb"
)

//go:embed testdata/release.sql
var releaseSQL string

// canary is what lies outside of the release.
const canary = "canary-5e1f"

// build makes a file of a release with what else is in more, and opens it as releases are served.
func build(t testing.TB, more string) (db *sql.DB, path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "release.duckdb")
	run(t, path, releaseSQL+more)
	db, err := duckdb.Open(t.Context(), duckdb.Settings{Path: path, ReadOnly: true, NoFilesystem: true, MemoryLimit: "500MB", Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db, path
}

func run(t testing.TB, path, statements string) {
	t.Helper()
	db, err := duckdb.Open(t.Context(), duckdb.Settings{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), statements); err != nil {
		t.Fatal(err)
	}
}

func connect(t testing.TB, db *sql.DB) *sql.Conn {
	t.Helper()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// An attempt is a line of a list in testdata.
type attempt struct{ section, statement string }

func readList(t testing.TB, name, folder string) []attempt {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	var list []attempt
	section := ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case line == "":
		case strings.HasPrefix(line, "# "):
			section = line[2:]
		default:
			if unquoted, err := strconv.Unquote(line); err == nil {
				line = unquoted
			}
			list = append(list, attempt{section, strings.ReplaceAll(line, "{DIR}", folder)})
		}
	}
	return list
}

const hidden = `
	create schema secret;
	create table secret.people as select 'canary-5e1f' as name, 1 as id;
	create table main.people as select 'canary-5e1f' as name, 1 as id;
	create schema raw;
	create table raw.contacts as select 'canary-5e1f' as name;
	create schema elsewhere;
	create macro elsewhere.lower(x) as (select name from secret.people);`

func TestNoAttemptGetsPast(t *testing.T) {
	db, _ := build(t, hidden)
	conn := connect(t, db)
	attempts := readList(t, "escapes.txt", "/srv/secrets")
	if len(attempts) < 150 {
		t.Fatalf("the list has %d attempts", len(attempts))
	}
	for _, a := range attempts {
		_, err := Gate{}.Check(t.Context(), conn, a.statement)
		var refusal *Refusal
		if !errors.As(err, &refusal) || refusal.SQLState == "" || refusal.What == "" {
			t.Errorf("%s: %q: %v", a.section, a.statement, err)
		}
	}
}

// The gate stands before a wall. What it refuses is tried without it, as if it had been got past.
func TestNoAttemptGetsAnythingOutOfALockedDownRelease(t *testing.T) {
	folder := secrets(t)
	before := sumOfFolder(t, folder)
	db, path := build(t, "")
	file := sumOfFolder(t, filepath.Dir(path))
	conn := connect(t, db)
	answered := 0
	for _, a := range readList(t, "escapes.txt", folder) {
		if a.section == "hogs" {
			continue
		}
		told, err := try(t.Context(), conn, a.statement)
		if err == nil {
			answered++
		}
		if strings.Contains(told, canary) {
			t.Errorf("%s: %q tells what lies outside of the release", a.section, a.statement)
		}
		// What an attempt began must not keep the next from being tried.
		for _, undo := range []string{"rollback", "use release", "pragma disable_profiling"} {
			_, _ = conn.ExecContext(t.Context(), undo)
		}
	}
	t.Logf("the engine alone answers %d of them, with nothing of a file", answered)
	if after := sumOfFolder(t, folder); !reflect.DeepEqual(after, before) {
		t.Errorf("the folder outside was %v and is %v", before, after)
	}
	if after := sumOfFolder(t, filepath.Dir(path)); !reflect.DeepEqual(after, file) {
		t.Errorf("the release's folder was %v and is %v", file, after)
	}
	if told, err := try(t.Context(), conn, "select rag from marts.scorecard"); err != nil || !strings.Contains(told, "red") {
		t.Error("the release answers no more:", told, err)
	}
}

// try runs a statement for a moment and gives all that it tells, the error's words too.
func try(ctx context.Context, conn *sql.Conn, statement string) (told string, err error) {
	ctx, stop := context.WithTimeout(ctx, 2*time.Second)
	defer stop()
	rows, err := conn.QueryContext(ctx, statement)
	if err != nil {
		return err.Error(), err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return "", err
	}
	cells, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range cells {
		into[i] = &cells[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return told, err
		}
		told += fmt.Sprintf("%s\n", cells)
	}
	return fmt.Sprint(told, rows.Err()), rows.Err()
}

// secrets makes a folder with every kind of file that the attempts ask for.
func secrets(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	run(t, filepath.Join(folder, "other.duckdb"), "create table secret as select '"+canary+"' as name")
	run(t, "", "copy (select '"+canary+"' as name) to '"+filepath.Join(folder, "secret.parquet")+"' (format parquet)")
	for name, text := range map[string]string{"secret.csv": "name\n" + canary, "secret.txt": canary, "secret.json": `{"name": "` + canary + `"}`} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func sumOfFolder(t *testing.T, folder string) map[string][32]byte {
	t.Helper()
	sums := map[string][32]byte{}
	err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		sums[path] = sha256.Sum256(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return sums
}

func TestWhatReadersAndToolsAskIsLetThroughAndAnswered(t *testing.T) {
	db, _ := build(t, "")
	conn := connect(t, db)
	for _, a := range readList(t, "reads.txt", "") {
		passed, err := Gate{}.Check(t.Context(), conn, a.statement)
		if err != nil || len(passed.Fingerprint) != 16 {
			t.Errorf("%s: %q: %v", a.section, a.statement, err)
			continue
		}
		if strings.ContainsAny(a.statement, "$?") && !strings.Contains(a.statement, `"$`) && !strings.Contains(a.statement, "'$") {
			_, err = conn.PrepareContext(t.Context(), a.statement)
		} else {
			_, err = try(t.Context(), conn, a.statement)
		}
		if err != nil {
			t.Errorf("%s: %q is let through and fails: %v", a.section, a.statement, err)
		}
	}
}

func TestARefusalHasTheStateThatClientsExpect(t *testing.T) {
	db, _ := build(t, hidden)
	conn := connect(t, db)
	for _, test := range []struct{ statement, state, words string }{
		{"selec 1", StateSyntax, "syntax error"},
		{"select 'a\x00'", StateSyntax, "not UTF-8"},
		{"drop table marts.scorecard", StateUnsupported, "only reads"},
		{"select 1; select 2", StateUnsupported, "2 statements came"},
		{"", StateUnsupported, "0 statements came"},
		{"from secret.people", StateForbidden, `"secret" is not for readers`},
		{`select cast(1 as "secret".t)`, StateForbidden, "secret.t"},
		{"from marts.scorcard", StateNoTable, "did you mean marts.scorecard?"},
		{"from people", StateNoTable, `no table "people"`},
		{"select read_txt('x')", StateNoFunction, `"read_txt"`},
		{"from read_text('x')", StateNoFunction, `"read_text"`},
		{"from (show tables)", StateUnsupported, "SHOW_REF"},
		{"select '" + strings.Repeat("x", longest) + "'", StateTooLong, "bytes"},
	} {
		_, err := Gate{}.Check(t.Context(), conn, test.statement)
		var refusal *Refusal
		if !errors.As(err, &refusal) || refusal.SQLState != test.state || !strings.Contains(err.Error(), test.words) {
			t.Errorf("%.40q: got %v, want %s with %q", test.statement, err, test.state, test.words)
		}
	}
}

func TestAFingerprintTellsStatementsApartAndNoValue(t *testing.T) {
	db, _ := build(t, "")
	conn := connect(t, db)
	of := func(statement string) Statement {
		t.Helper()
		s, err := Gate{}.Check(t.Context(), conn, statement)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	one := of("select value from marts.scorecard where measure_name = 'A' limit 1")
	if same := of("SELECT value\nFROM marts.scorecard WHERE measure_name = 'B' LIMIT 2"); !reflect.DeepEqual(same, one) {
		t.Errorf("%v and %v differ in their values only", same, one)
	}
	for _, other := range []string{"select rag from marts.scorecard where measure_name = 'A' limit 1", "select value from marts.scorecard"} {
		if of(other).Fingerprint == one.Fingerprint {
			t.Errorf("%q has the fingerprint of another", other)
		}
	}
	if read := of("from marts.scorecard, core.dim_measures, Marts.Scorecard s").Tables; !reflect.DeepEqual(read, []string{"core.dim_measures", "marts.scorecard"}) {
		t.Errorf("it reads %v", read)
	}
}

func TestAnEmulatedCatalogueIsLetThroughWhereItIsNamed(t *testing.T) {
	db, _ := build(t, "create schema pgc; create table pgc.pg_class as select 1 as oid;")
	conn := connect(t, db)
	g := Gate{Schemas: []string{"pgc"}, Functions: []string{"format_type"}, TableFunctions: []string{"pg_keywords"}}
	for _, statement := range []string{"from pgc.pg_class", "from pg_class", "select format_type(1, 2)", "from pg_keywords()", "from marts.scorecard"} {
		if _, err := g.Check(t.Context(), conn, statement); err != nil {
			t.Errorf("%s: %v", statement, err)
		}
		if _, err := (Gate{}).Check(t.Context(), conn, statement); err == nil && statement != "from marts.scorecard" {
			t.Errorf("%s is let through to the release alone", statement)
		}
	}
}

func TestEveryFunctionOfTheListIsTheEngines(t *testing.T) {
	db, _ := build(t, "")
	conn := connect(t, db)
	told, err := try(t.Context(), conn, "select distinct function_name from duckdb_functions()")
	if err != nil {
		t.Fatal(err)
	}
	for name := range functions {
		if name != "unnest" && !strings.Contains(told, "["+name+"]\n") {
			t.Errorf("the engine has no function %q", name)
		}
	}
}
