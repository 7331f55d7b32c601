package main

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"github.com/goldthread/goldthread/warehouse/duckdb"
	"github.com/goldthread/goldthread/warehouse/export"
)

// formulas are texts that a spreadsheet would run, or take for the beginning of something that it runs.
var formulas = []string{
	"=1+1", "=cmd|' /C calc'!A0", "=HYPERLINK(\"http://x\",\"y\")", "=IMPORTXML(\"http://x\",\"//a\")", "=DDE(\"cmd\",\"/C calc\",\"x\")",
	"+1+1", "+cmd|' /C calc'!A0", "+44 161 496 0000", "-1+1", "-2+3+cmd|' /C calc'!A0", "-5", "@SUM(1+1)", "@x",
	"\t=1+1", "\tx", "\r=1+1", "\rx", " =1+1", "\n=1+1", "\r\n@x",
}

func TestATextThatASpreadsheetWouldRunIsMadeHarmless(t *testing.T) {
	for _, text := range formulas {
		if got := harmless(text); got != "'"+text {
			t.Errorf("%q is written %q", text, got)
		}
	}
	for _, text := range []string{"a=1", "", "1", "'=1", "é", "Hale & Bowdon", " x", "\nx", "(1)"} {
		if got := harmless(text); got != text {
			t.Errorf("%q is written %q, and nobody would run it", text, got)
		}
	}
}

func TestAnAnswerInCSVHoldsNumbersAsNumbersAndNoFormula(t *testing.T) {
	db, err := duckdb.Open(t.Context(), duckdb.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var out bytes.Buffer
	p := &program{term: &terminal{out: &out}}
	for _, text := range formulas {
		query := `select -3 as whole, cast(-3.50 as decimal(9, 2)) as exact, cast(-0.5 as double) as near, date '2026-04-01' as day,
			cast(null as varchar) as nothing, ` + duckdb.Literal(text) + ` as text, 'plain' as "=1+1"`
		out.Reset()
		if err := p.printQuery(t.Context(), db, question{query: query, format: "csv"}); err != nil {
			t.Fatal(err)
		}
		// A reader of CSV takes a line break within a field for LF.
		want := "whole,exact,near,day,nothing,text,'=1+1|-3,-3.5,-0.5,2026-04-01,,'" + strings.ReplaceAll(text, "\r\n", "\n") + ",plain"
		records, err := csv.NewReader(&out).ReadAll()
		if err != nil || len(records) != 2 {
			t.Fatal(records, err)
		}
		if got := strings.Join(records[0], ",") + "|" + strings.Join(records[1], ","); got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
}

func TestAnExportMakesTextsHarmlessByTheSameRule(t *testing.T) {
	db, err := duckdb.Open(t.Context(), duckdb.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, text := range append([]string{"a=1", "", "1", "'=1", "é", "Hale & Bowdon", " x", "\nx", "(1)", " ", "\n\n-"}, formulas...) {
		var got string
		if err := db.QueryRowContext(t.Context(), "select "+export.Harmless(duckdb.Literal(text))).Scan(&got); err != nil {
			t.Fatal(err)
		}
		if want := harmless(text); got != want {
			t.Errorf("%q is exported as %q and printed as %q", text, got, want)
		}
	}
}
