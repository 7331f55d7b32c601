package inspect

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/connectors/csvdrop"
	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/internal/goldentest"
	"github.com/goldthread/goldthread/internal/strictyaml"
)

// propose proposes a contract for a file of this name and text.
func propose(t *testing.T, name string, text []byte) (Proposal, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return Propose(context.Background(), []string{path}, Options{Root: t.TempDir(), Zone: time.UTC})
}

func TestProposalsOfPublishedFilesLoadThem(t *testing.T) {
	aside := map[string]int64{"summary_page_metadata.csv": 1} // a quote within a field that does not begin with one
	paths, err := filepath.Glob("testdata/public/*.csv")
	if err != nil || len(paths) == 0 {
		t.Fatal(err, paths)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			got, err := Propose(context.Background(), []string{path}, Options{Root: t.TempDir(), Zone: time.UTC})
			if err != nil {
				t.Fatal(err)
			}
			trial := got.Trials[0]
			if trial.Refused != "" || trial.Quarantined != aside[filepath.Base(path)] || trial.Stored == 0 || len(trial.Missing) > 0 {
				t.Errorf("read under its own proposal: %+v", trial)
			}
			goldentest.Check(t, strings.TrimSuffix(path, ".csv")+".yaml", got.YAML)
		})
	}
}

func TestWhatIsProposed(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"delimiter", "area;rate\nHale;1.5\nSale;2.5\n", `format: {delimiter: ";", encoding: "utf-8", header_row: 1}`},
		{"tab", "area\trate\nHale\t1.5\nSale\t2.5\n", `delimiter: tab`},
		{"titles above", "Spend of the council,\n,\nArea,Rate\nHale,1.5\nSale,2.5\n", `header_row: 3`},
		{"units below", "area,rate\n,per 1000\nHale,1.5\nSale,2.5\nTimperley,3\nAltrincham,4\n", `header_row: 1, skip_rows: 1`},
		{"one byte a character", "area,caf\xE9\nHale,1\nSale,2\n", `encoding: "windows-1252"`},
		{"one byte is told to be a guess", "area,caf\xE9\nHale,1\nSale,2\n", `# unsure: the encoding: the file is no UTF-8; windows-1252 makes "é"`},
		{"utf-16", "\xFF\xFEa\x00,\x00b\x00\n\x00x\x00,\x001\x00\n\x00", `encoding: "utf-16"`},
		{"quote", "area,note\n'Hale, north','it''s'\n'Sale, south','so'\n", `quote: "'"`},
		{"escape", "area,note\nHale,\"say \\\"so\\\"\"\nSale,\"x, \\\"y\\\"\"\n", `escape: "\\"`},
		{"whole numbers", "area,bins\nHale,10\nSale,-2\n", `bins: {type: integer}`},
		{"signs", "area,cost\nHale,\"£1,000.50\"\nSale,(20)\n", `cost: {type: "decimal(18,2)", number: [thousands, currency, brackets]}`},
		{"codes", "area,la_code\nHale,010\nSale,020\n", `la_code: {type: text`},
		{"dates", "area,raised\nHale,31/01/2025\nSale,01/02/2025\n", `raised: {type: date, date_order: dmy}`},
		{"month first", "area,raised\nHale,01/31/2025\nSale,02/01/2025\n", `raised: {type: date, date_order: mdy}`},
		{"either order", "area,raised\nHale,01/02/2025\nSale,03/04/2025\n", "# unsure: date_order: no day in this file is past the 12th"},
		{"ISO dates", "area,raised\nHale,2025-01-31\nSale,2025-02-01\n", `raised: {type: date}`},
		{"moments", "area,raised\nHale,31/01/2025 10:00\nSale,01/02/2025 11:30\n", `raised: {type: timestamp, date_order: dmy}`},
		{"yes and no", "area,open\nHale,Y\nSale,N\n", `open: {type: boolean}`},
		{"area codes", "area,n\nE08000009,1\nE08000001,2\n", `area: {type: area_code, required: true}`},
		{"years", "area,period,n\nHale,2022/23,1\nHale,2023/24,2\n", `period: {type: period, required: true, form: financial_year}`},
		{"years may be academic", "area,period,n\nHale,2022/23,1\nHale,2023/24,2\n", "academic years write form academic_year"},
		{"periods, a total and a note", "quarter,n\n2025/26 Q1,1\n2025/26 Q2,2\nTotal,3\n", `# unsure: 2 of its 3 texts are periods, and these are not: "Total"; where they are totals or notes`},
		{"months", "area,month,n\nHale,April 2025,1\nHale,May 2025,2\n", `form: month_name`},
		{"pooled and single years", "area,period,n\nHale,2022/23,1\nHale,2020/21 - 22/23,2\n", `form: [financial_year, pooled_years], basis: financial`},
		{"rolling years", "area,period,n\nHale,Apr 2022-Mar 2023,1\nHale,Jul 2022-Jun 2023,2\n", `form: rolling_12`},
		{"marks", "area,rate\nHale,1.5\nSale,[c]\nTimperley,NA\nAltrincham,\n", `statuses: {"": missing, NA: missing, "[c]": suppressed}`},
		{"marks nobody explains", "area,rate\nHale,1.5\nSale,-\nTimperley,2\n", `# unsure: what "-" stands for`},
		{"a word among numbers", oddNumbers(), `# unsure: "tbc" is no integer and stands 1 times, first on line 32`},
		{"names", "Area Name,Tonnes (£)\nHale,1\nSale,2\n", `tonnes_pounds: {type: integer, header: "Tonnes (£)"}`},
		{"same name twice", "area,n,n\nHale,1,2\nSale,3,4\n", `column_2: {type: integer, header: "column 2"}`},
		{"no name", "area,n,\nHale,1,2\nSale,3,4\n", `column_3: {type: integer, header: "column 3"}`},
		{"no name and nothing", "area,n,\nHale,1,\nSale,3,\n", `on_new_column: ignore`},
		{"key", "ref,area,n\na,Hale,1\nb,Hale,1\n", `key: [ref]`},
		{"key of two", "area,sort,n\nHale,flat,1\nHale,house,1\nSale,flat,1\nSale,house,2\n", `key: [area, sort]`},
		{"no key", "area,amount\nHale,1\nHale,1\n", `# unsure: no set of up to 5`},
		{"a list of things", "ref,area\na,Hale\nb,Sale\n", `mode: snapshot`},
		{"figures of periods", "area,period,n\nHale,2022/23,1\nHale,2023/24,2\n", `mode: increment`},
		{"person", "ref,Surname\na,Smith\nb,Jones\n", `surname: {type: text, header: Surname, personal_data: personal}`},
		{"no line of names", "E08000009,1.5\nE08000001,2.5\nE08000002,3.5\n", "# unsure: the column names: line 1 looks like a row of data"},
		{"rows of another width", "area,n\nHale,1\nTotal\nSale,2\n", "# unsure: line 3 is set aside: the record has 1 fields and the header 2"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := propose(t, "table.csv", []byte(test.text))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(got.YAML, test.want) {
				t.Errorf("got\n%s\nwithout %s", got.YAML, test.want)
			}
			if trial := got.Trials[0]; trial.Refused != "" || len(trial.Missing) > 0 || slices.ContainsFunc(trial.Rejects, goodRow) {
				t.Errorf("read under its own proposal: %+v", trial)
			}
		})
	}
}

// goodRow says whether a row was set aside for what the contract says of it.
func goodRow(r connectors.Reject) bool { return r.Column != "" }

func oddNumbers() string {
	var b strings.Builder
	b.WriteString("area,n\n")
	for range 30 {
		b.WriteString("Hale,5\n")
	}
	return b.String() + "Hale,tbc\n"
}

func TestAnEncodingThatShowsBelowTheBeginningIsFound(t *testing.T) {
	row := "Hale,1\n"
	plain := "area,n\n" + strings.Repeat(row, headSize/len(row)+100)
	for _, test := range []struct{ name, text, want string }{
		{"one byte a character", plain + "caf\xE9,2\n", `encoding: "windows-1252"`},
		{"a guess is told", plain + "caf\xE9,2\n", `# unsure: the encoding: the file is no UTF-8; windows-1252 makes "é"`},
		{"utf-8", plain + "café,2\n", `encoding: "utf-8"`},
		{"utf-8 across the end of the beginning", plain[:headSize] + "é,2\n" + row, `encoding: "utf-8"`},
		{"line ends", plain + "Sale,2\r\n", "CRLF (1), LF"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := propose(t, "table.csv", []byte(test.text))
			if err != nil || !strings.Contains(got.YAML, test.want) {
				t.Errorf("got\n%s\nwithout %s: %v", got.YAML, test.want, err)
			}
		})
	}
}

func TestFilesOfOneShapeAreOneDataset(t *testing.T) {
	folder := t.TempDir()
	drops := filepath.Join(folder, "drops", "spend")
	if err := os.MkdirAll(drops, 0o700); err != nil {
		t.Fatal(err)
	}
	var paths []string
	for name, text := range map[string]string{
		"spend_2025-01.csv": "ref,paid,cost\na,2025-01-31,1\nb,2025-01-30,2\n",
		"spend_2025-02.csv": "ref,paid,cost\nc,2025-02-28,1.25\nd,2025-02-20,x\n",
	} {
		path := filepath.Join(drops, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	slices.Sort(paths)
	got, err := Propose(context.Background(), paths, Options{Root: folder, Zone: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"folder: drops/spend\n", "files: \"spend_*.csv\"\n", `cost: {type: "decimal(18,2)", statuses: {x: missing}}`, "mode: append\n",
		`published_at: {from: name, pattern: "(\\d{4}-\\d{2})"}`,
	} {
		if !strings.Contains(got.YAML, want) {
			t.Errorf("got\n%s\nwithout %s", got.YAML, want)
		}
	}
	if len(got.Trials) != 2 || got.Trials[0].Stored != 2 || got.Trials[1].Stored != 2 || strings.Count(got.YAML, "- name:") != 1 {
		t.Errorf("got %+v", got.Trials)
	}
}

func TestWhatIsNoCSVIsToldPlainly(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"nothing", "", "the file is empty (0 bytes)"},
		{"blanks", " \r\n\n", "the file holds nothing but blanks"},
		{"workbook", "PK\x03\x04rest", "Excel workbook (.xlsx)"},
		{"old workbook", "\xD0\xCF\x11\xE0\xA1\xB1", "old Excel workbook (.xls)"},
		{"web page", "\n<!DOCTYPE html><html><body><table>", "web page (HTML)"},
		{"XML", "<?xml version=\"1.0\"?>", "this is XML"},
		{"JSON", `[{"a": 1}]`, "this is JSON"},
		{"PDF", "%PDF-1.7", "this is a PDF"},
		{"bytes", "a\x00\x01\x00b\x00\x00\x02\x00\x00", "bytes of no text"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := propose(t, "table.csv", []byte(test.text))
			var told *fault.Error
			if !errors.As(err, &told) || !strings.Contains(told.What, test.want) || told.Fix == "" || !strings.HasSuffix(told.Where, "table.csv") {
				t.Errorf("got %v", err)
			}
		})
	}
}

// FuzzInspect proposes a contract for any file: unless it is told to be no CSV, the proposal is a source file that decodes and
// validates, and every record of the file is accounted for under it.
func FuzzInspect(f *testing.F) {
	f.Add([]byte("area,period,n\nHale,2022/23,1\nHale,2023/24,NA\n"))
	f.Add([]byte("Title\n\n\"Area: code\";'x';\xA3\r\nHale;2;3\r\n;;\r\n"))
	f.Add([]byte("\xFF\xFEa\x00,\x00b\x00\n\x001\x00,\x002\x00"))
	f.Add([]byte("a,a,,\u2028#\n1,2,3,[c]\n{x: y},\"\"\"\",- ,*\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := propose(t, "table.csv", text)
		if err != nil {
			var told *fault.Error
			if !errors.As(err, &told) || told.Err != nil {
				t.Fatal(err)
			}
			return
		}
		config := &csvdrop.Config{}
		at, err := strictyaml.Decode("table.yaml", []byte(got.YAML), config)
		if err == nil {
			err = config.Validate(at)
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, got.YAML)
		}
		for _, trial := range got.Trials {
			if len(trial.Missing) > 0 || trial.Read != trial.Stored+trial.Quarantined+trial.Blank || slices.ContainsFunc(trial.Rejects, goodRow) {
				t.Errorf("%+v\n%s", trial, got.YAML)
			}
		}
	})
}
