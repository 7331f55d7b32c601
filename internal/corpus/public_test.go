package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/connectors/csvdrop"
	"github.com/goldthread/goldthread/connectors/inspect"
	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/internal/strictyaml"
)

const (
	public      = "testdata/public"
	publicFiles = 325 // beside the six JSON files of csv-spectrum
	mostRefused = 72  // no UTF-8, NULs or broken quotes in line 1, or nothing at all
	mostSeconds = 10
	mostMemory  = 512 << 20
)

// A reading is what came of one file without a known answer, read as text throughout.
type reading struct {
	names   []string
	rows    [][]string // null as an empty text
	aside   int
	blank   int
	refused string
}

func TestPublicFilesKeepToTheRules(t *testing.T) {
	broken, read, refused := 0, 0, 0
	for _, path := range publicPaths(t) {
		before := time.Now()
		kept := t.Run(path, func(t *testing.T) {
			got, format := readAsText(t, filepath.Join(public, path))
			if got.refused != "" {
				refused++
				t.Log(got.refused)
			}
			keepsToTheRules(t, filepath.Join(public, path), got, format)
			if took := time.Since(before); took > mostSeconds*time.Second {
				t.Errorf("reading took %s", took)
			}
		})
		read++
		if !kept {
			broken++
		}
	}
	var memory runtime.MemStats
	if runtime.ReadMemStats(&memory); memory.Sys > mostMemory {
		t.Errorf("reading took %d MB", memory.Sys>>20)
		broken++
	}
	if read != publicFiles || refused > mostRefused {
		t.Errorf("%d files, want %d; %d of them refused, want at most %d", read, publicFiles, refused, mostRefused)
	}
	fmt.Printf("corpus: public files: %d read (%d of them refused with a reason), %d rules broken\n", read, refused, broken)
}

// publicPaths are the files that the manifest names, each of the content it had upstream.
func publicPaths(t *testing.T) (paths []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(public, "MANIFEST.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		fields := strings.Split(line, "\t")
		if i == 0 {
			continue
		}
		content, err := os.ReadFile(filepath.Join(public, fields[0]))
		if err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != fields[6] {
			t.Errorf("%s is not the file that the manifest describes", fields[0])
		}
		if filepath.Ext(fields[0]) != ".json" {
			paths = append(paths, fields[0])
		}
	}
	return paths
}

// readAsText reads a file through the source that a run would read it through, each column as text. The format is what a
// person would declare at sight: UTF-16 where the file says so, Windows-1252 where its names are no UTF-8.
func readAsText(t *testing.T, path string) (reading, csvdrop.Format) {
	t.Helper()
	format := csvdrop.DefaultFormat()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := bytes.Cut(content, []byte("\n"))
	switch {
	case bytes.HasPrefix(content, []byte{0xFF, 0xFE}) || bytes.HasPrefix(content, []byte{0xFE, 0xFF}):
		format.Encoding = "utf-16"
	case !utf8.Valid(first):
		format.Encoding = "windows-1252"
	}
	if filepath.Ext(path) == ".tsv" {
		format.Delimiter = "tab"
	}
	names, why := headOf(t, content, format)
	if why != "" {
		return reading{refused: why}, format
	}
	return load(t, path, format, names), format
}

// headOf is the names in line 1, or why there are none.
func headOf(t *testing.T, content []byte, format csvdrop.Format) ([]string, string) {
	t.Helper()
	reader, err := csvdrop.NewReader(bytes.NewReader(content), format)
	if err != nil {
		t.Fatal(err)
	}
	record, err := reader.Next()
	if errors.Is(err, io.EOF) {
		return nil, "the file is empty"
	}
	if err != nil {
		t.Fatal(err)
	}
	if record.Damage != "" {
		return nil, record.Damage
	}
	var names []string
	for _, f := range record.Fields {
		names = append(names, strings.TrimSpace(string(f)))
	}
	return names, ""
}

// load reads a file whose names are known.
func load(t *testing.T, path string, format csvdrop.Format, names []string) reading {
	t.Helper()
	got := reading{names: names}
	every := 1.0
	settings := csvdrop.Settings{Files: filepath.Base(path), Format: csvdrop.FormatSettings{
		Delimiter: format.Delimiter, Encoding: format.Encoding,
	}}
	settings.Contract = connectors.Contract{Name: "file", Mode: connectors.Increment, MaxQuarantined: &every}
	for i, name := range names {
		if slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) && n != name }) ||
			name == "" || slices.Index(names, name) != i || slices.Contains(names[i+1:], name) {
			name = fmt.Sprintf("column %d", i+1)
		}
		settings.Columns = append(settings.Columns, strictyaml.Entry[connectors.ColumnTerms]{
			Key: fmt.Sprintf("c%d", i+1), Value: connectors.ColumnTerms{Type: "text", Header: strictyaml.Texts{name}},
		})
	}
	config := &csvdrop.Config{Source: "public", Kind: "csvdrop", Folder: ".", Datasets: []csvdrop.Settings{settings}}
	if err := config.Validate(&strictyaml.Positions{}); err != nil {
		t.Fatal(err)
	}
	source, err := config.Open(connectors.Deps{Root: filepath.Dir(path), Archive: &connectors.Archive{Folder: t.TempDir()}, Zone: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	datasets, err := source.Datasets(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for batch, err := range source.Read(context.Background(), datasets[0], nil) {
		if err != nil {
			t.Fatal(err)
		}
		got.add(batch)
	}
	return got
}

func (r *reading) add(batch connectors.Batch) {
	if e := batch.Extract; e != nil && e.Outcome != connectors.Landed {
		r.refused = e.Reason
		return
	}
	r.blank += int(batch.Blank)
	r.aside += len(batch.Rejects)
	if batch.Rows == nil {
		return
	}
	defer batch.Rows.Release()
	for i := range int(batch.Rows.NumRows()) {
		r.rows = append(r.rows, texts(batch.Rows, i))
	}
}

// texts are the fields of a row, without the line it stood on.
func texts(rows arrow.RecordBatch, i int) []string {
	row := make([]string, rows.NumCols()-1)
	for c := range row {
		if !rows.Column(c).IsNull(i) {
			row[c] = rows.Column(c).ValueStr(i)
		}
	}
	return row
}

// keepsToTheRules checks what must hold of any file whatever it means.
func keepsToTheRules(t *testing.T, path string, got reading, format csvdrop.Format) {
	t.Helper()
	if got.refused != "" {
		return
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if want := recordsOf(t, content, format, len(got.names)); len(got.rows)+got.aside+got.blank != want {
		t.Errorf("%d rows stored, %d set aside, %d blank, of %d read", len(got.rows), got.aside, got.blank, want)
	}
	replaced := bytes.Contains(content, []byte("\uFFFD"))
	for _, row := range got.rows {
		for _, text := range row {
			if strings.ContainsRune(text, 0) || strings.ContainsRune(text, utf8.RuneError) && !replaced {
				t.Errorf("%q is stored", text)
			}
		}
	}
	if again := rewritten(t, got); !reflect.DeepEqual(again, got.rows) {
		t.Errorf("written as CSV and read again %q is %q", got.rows, again)
	}
}

// recordsOf counts the records below line 1.
func recordsOf(t *testing.T, content []byte, format csvdrop.Format, width int) (n int) {
	t.Helper()
	reader, err := csvdrop.NewReader(bytes.NewReader(content), format)
	if err != nil {
		t.Fatal(err)
	}
	for {
		_, err := reader.Next()
		if err == io.EOF {
			return n - 1
		}
		if err != nil {
			t.Fatal(err)
		}
		n++
		reader.Width = width
	}
}

// rewritten writes rows as CSV and reads them again.
func rewritten(t *testing.T, got reading) (rows [][]string) {
	t.Helper()
	var b bytes.Buffer
	for _, row := range got.rows {
		for i, text := range row {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(`"` + strings.ReplaceAll(text, `"`, `""`) + `"`)
		}
		b.WriteString("\r\n")
	}
	reader, err := csvdrop.NewReader(bufio.NewReader(&b), csvdrop.DefaultFormat())
	if err != nil {
		t.Fatal(err)
	}
	for {
		record, err := reader.Next()
		if err == io.EOF {
			return rows
		}
		if err != nil || record.Damage != "" {
			t.Fatal(err, record.Damage)
		}
		var row []string
		for _, f := range record.Fields {
			row = append(row, string(f))
		}
		rows = append(rows, row)
	}
}

func TestCSVSpectrumEqualsItsJSON(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(public, "csv-spectrum/csvs/*.csv"))
	if err != nil || len(paths) != 6 {
		t.Fatal(err, paths)
	}
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".csv")
		t.Run(name, func(t *testing.T) {
			got, _ := readAsText(t, path)
			rows := []map[string]string{}
			for _, row := range got.rows {
				object := map[string]string{}
				for i, text := range row {
					object[got.names[i]] = text
				}
				rows = append(rows, object)
			}
			text, err := os.ReadFile(filepath.Join(public, "csv-spectrum/json", name+".json"))
			if err != nil {
				t.Fatal(err)
			}
			var want []map[string]string
			if err := json.Unmarshal(text, &want); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(rows, want) || got.aside > 0 || got.refused != "" {
				t.Errorf("got %q, want %q; %+v", rows, want, got)
			}
		})
	}
}

// TestPublicFilesAreInspected proposes a contract for each file, which reads what it saw or says plainly why it cannot.
func TestPublicFilesAreInspected(t *testing.T) {
	proposed, told := 0, 0
	for _, path := range publicPaths(t) {
		before := time.Now()
		if inspected(t, path) {
			proposed++
		} else {
			told++
		}
		if took := time.Since(before); took > mostSeconds*time.Second {
			t.Errorf("%s took %s", path, took)
		}
	}
	fmt.Printf("corpus: public files inspected: %d proposals, %d told to be no table\n", proposed, told)
}

// inspected says whether a contract is proposed for a file. The proposal must read all it saw; else the file must be told, in
// words, to be no table.
func inspected(t *testing.T, path string) (proposed bool) {
	t.Helper()
	got, err := inspect.Propose(context.Background(), []string{filepath.Join(public, path)}, inspect.Options{Root: t.TempDir(), Zone: time.UTC})
	if err != nil {
		var plain *fault.Error
		if !errors.As(err, &plain) || plain.Err != nil {
			t.Errorf("%s: %v", path, err)
		}
		return false
	}
	for _, trial := range got.Trials {
		if slices.ContainsFunc(trial.Rejects, func(r connectors.Reject) bool { return r.Column != "" }) || len(trial.Missing) > 0 {
			t.Errorf("%s: %+v", path, trial)
		}
	}
	return true
}
