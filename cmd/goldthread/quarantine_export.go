package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/goldthread/goldthread/warehouse"
)

// exportHeads are the headings of rows set aside, for who has to put them right.
var exportHeads = []string{"File", "Line", "Column", "What is wrong", "Text as it stands", "Read on"}

func exportCells(q warehouse.QuarantinedRow) []string {
	return []string{q.Place, strconv.FormatInt(q.Line, 10), q.Column, q.Reason, q.Text, q.RecordedDate}
}

const (
	mostSheetRows = 1_048_000 // a little less than Excel holds
	mostCell      = 32_000    // likewise, in characters
	textFormat    = 49        // Excel's own "Text", under which nothing typed becomes a formula
	coverSheet    = "Read me"
)

// A workbook has a first sheet that explains and one for each dataset. Every cell is text, so no text of a source is run as
// a formula, whatever it begins with.
type workbook struct {
	file  *excelize.File
	text  int // style
	head  int
	cover [][]string
	name  string // of the dataset whose sheet is being written
	sheet *excelize.StreamWriter
	rows  int
}

func newWorkbook(council string) (*workbook, error) {
	w := &workbook{file: excelize.NewFile()}
	var err error
	if w.text, err = w.file.NewStyle(&excelize.Style{NumFmt: textFormat, Alignment: &excelize.Alignment{Vertical: "top", WrapText: true}}); err != nil {
		return nil, err
	}
	if w.head, err = w.file.NewStyle(&excelize.Style{NumFmt: textFormat, Font: &excelize.Font{Bold: true}}); err != nil {
		return nil, err
	}
	w.cover = [][]string{
		{council + ": rows that could not be taken in"},
		{"Goldthread read these files and set the rows on the sheets that follow aside. They are in no figure."},
		{"Each row names the file, the line in it (as a text editor counts), the column, what is wrong, and the text as it stands there."},
		{"Please put them right where the data comes from and send the whole file again. Nothing changes by writing in this workbook."},
		{"It may hold personal data: send it to nobody but the owner of the data, and delete it afterwards."},
		{},
		{"Dataset", "Owner", "Sheet", "Rows set aside"},
	}
	return w, w.file.SetSheetName("Sheet1", coverSheet)
}

// add writes a row. Those of one dataset come one after the other.
func (w *workbook) add(q warehouse.QuarantinedRow) error {
	if name := q.Source + "." + q.Dataset; name != w.name || w.rows >= mostSheetRows {
		if err := w.begin(name, q.Owner); err != nil {
			return err
		}
	}
	w.rows++
	w.cover[len(w.cover)-1][3] = strconv.Itoa(w.rows)
	return w.sheet.SetRow(fmt.Sprintf("A%d", w.rows+1), w.cells(exportCells(q), w.text))
}

// begin begins the sheet of a dataset.
func (w *workbook) begin(dataset, owner string) error {
	if err := w.end(); err != nil {
		return err
	}
	name := sheetName(dataset, len(w.file.GetSheetList()))
	if _, err := w.file.NewSheet(name); err != nil {
		return err
	}
	sheet, err := w.file.NewStreamWriter(name)
	if err != nil {
		return err
	}
	w.name, w.sheet, w.rows = dataset, sheet, 0
	w.cover = append(w.cover, []string{dataset, owner, name, "0"})
	for i, width := range []float64{40, 8, 24, 60, 60, 12} {
		if err := sheet.SetColWidth(i+1, i+1, width); err != nil {
			return err
		}
	}
	if err := sheet.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	return sheet.SetRow("A1", w.cells(exportHeads, w.head))
}

func (w *workbook) end() error {
	if w.sheet == nil {
		return nil
	}
	return w.sheet.Flush()
}

func (w *workbook) cells(texts []string, style int) []any {
	cells := make([]any, len(texts))
	for i, text := range texts {
		cells[i] = excelize.Cell{StyleID: style, Value: sheetText(text)}
	}
	return cells
}

// sheetText is a text as a cell can hold it: what XML cannot carry stands as \xNN, and what is too long is cut.
func sheetText(text string) string {
	var b strings.Builder
	n := 0
	for _, r := range text {
		if n++; n > mostCell {
			b.WriteString(" … (cut)")
			break
		}
		if r < ' ' && r != '\n' && r != '\t' || r == 0xFFFE || r == 0xFFFF {
			fmt.Fprintf(&b, `\x%02X`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// sheetName makes a name that Excel takes, at most 31 characters, of a dataset's. The number keeps two that begin alike apart.
func sheetName(dataset string, number int) string {
	const most = 31
	if len(dataset) <= most {
		return dataset
	}
	end := fmt.Sprintf("~%d", number)
	return dataset[:most-len(end)] + end
}

func (w *workbook) save(path string) error {
	if err := w.end(); err != nil {
		return err
	}
	cover, err := w.file.NewStreamWriter(coverSheet)
	if err != nil {
		return err
	}
	for i, width := range []float64{40, 30, 32, 16} {
		if err := cover.SetColWidth(i+1, i+1, width); err != nil {
			return err
		}
	}
	for i, texts := range w.cover {
		style := 0
		if i == 0 || len(texts) == 4 && texts[0] == "Dataset" {
			style = w.head
		}
		if err := cover.SetRow(fmt.Sprintf("A%d", i+1), w.cells(texts, style)); err != nil {
			return err
		}
	}
	if err := cover.Flush(); err != nil {
		return err
	}
	var b bytes.Buffer
	if err := w.file.Write(&b); err != nil {
		return err
	}
	return writeNew(path, b.Bytes())
}

// A csvSheet is the same as one CSV file that Excel opens without running any of its cells.
type csvSheet struct {
	text bytes.Buffer
	csv  *csv.Writer
}

func newCSVSheet() *csvSheet {
	s := &csvSheet{}
	s.text.WriteString("\uFEFF") // Excel takes a file without it for Windows-1252
	s.csv = csv.NewWriter(&s.text)
	_ = s.csv.Write(append([]string{"Dataset"}, exportHeads...)) // a buffer takes everything
	return s
}

func (s *csvSheet) add(q warehouse.QuarantinedRow) error {
	cells := append([]string{q.Source + "." + q.Dataset}, exportCells(q)...)
	for i := range cells {
		cells[i] = harmless(sheetText(cells[i]))
	}
	return s.csv.Write(cells)
}

func (s *csvSheet) save(path string) error {
	if s.csv.Flush(); s.csv.Error() != nil {
		return s.csv.Error()
	}
	return writeNew(path, s.text.Bytes())
}

// writeNew writes a file that only its owner reads, and none over one that is there.
func writeNew(path string, content []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err := file.Write(content); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}
