package main

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/goldthread/goldthread/warehouse"
)

func TestAWorkbookHoldsTextsThatAreNotRun(t *testing.T) {
	w, err := newWorkbook("Hale Council")
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{"=1+1", "+44 161", "-5", "@SUM(A1)", "\t=1", "a\x01b", "line\nbreak", "007", strings.Repeat("x", mostCell+5)}
	long := "a_dataset_with_a_name_longer_than_excel_takes"
	for i, text := range texts {
		dataset := "tonnages"
		if i > 6 {
			dataset = long
		}
		row := warehouse.QuarantinedRow{Source: "waste", Dataset: dataset, Owner: "Waste team", Place: "drops/a.csv", Line: int64(i + 2), Column: "n", Reason: "not a number", Text: text}
		if err := w.add(row); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "back.xlsx")
	if err := w.save(path); err != nil {
		t.Fatal(err)
	}
	file, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	sheets := file.GetSheetList()
	if len(sheets) != 3 || sheets[0] != coverSheet || sheets[1] != "waste.tonnages" || len(sheets[2]) > 31 {
		t.Fatalf("sheets %q", sheets)
	}
	for i, want := range []string{"=1+1", "+44 161", "-5", "@SUM(A1)", "\t=1", `a\x01b`, "line\nbreak"} {
		cell, _ := excelize.CoordinatesToCellName(5, i+2)
		got, err := file.GetCellValue("waste.tonnages", cell)
		formula, _ := file.GetCellFormula("waste.tonnages", cell)
		kind, _ := file.GetCellType("waste.tonnages", cell)
		if err != nil || got != want || formula != "" || kind != excelize.CellTypeInlineString {
			t.Errorf("%s holds %q (formula %q, type %d), want %q: %v", cell, got, formula, kind, want, err)
		}
	}
	rows, err := file.GetRows(sheets[2])
	if err != nil || len(rows) != 3 || !reflect.DeepEqual(rows[0], exportHeads) || rows[1][4] != "007" || !strings.HasSuffix(rows[2][4], "x … (cut)") {
		t.Errorf("got %q, %v", rows, err)
	}
	cover, err := file.GetRows(coverSheet)
	if err != nil || !reflect.DeepEqual(cover[len(cover)-2], []string{"waste.tonnages", "Waste team", "waste.tonnages", "7"}) {
		t.Errorf("cover %q, %v", cover, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}
