package main

import (
	"encoding/csv"
	"strings"
)

// A csvWriter writes an answer for people, who open it in a spreadsheet: no text of it is run there as a formula. Numbers
// stay numbers.
type csvWriter struct{ out *csv.Writer }

func newCSVWriter(p *program, names []string) *csvWriter {
	w := csv.NewWriter(p.term.out)
	heads := make([]string, len(names))
	for i, name := range names {
		heads[i] = harmless(name)
	}
	w.Write(heads) // an error stays in the writer until end
	return &csvWriter{w}
}

func (w *csvWriter) row(cells []any) error {
	record := make([]string, len(cells))
	for i, cell := range cells {
		record[i] = plain(cell)
		if _, isText := cell.(string); isText {
			record[i] = harmless(record[i])
		}
	}
	return w.out.Write(record)
}

func (w *csvWriter) end() error {
	w.out.Flush()
	return w.out.Error()
}

// harmless puts an apostrophe before a text that a spreadsheet would run as a formula.
func harmless(text string) string {
	trimmed := strings.TrimLeft(text, " \t\r\n")
	if strings.HasPrefix(text, "\t") || strings.HasPrefix(text, "\r") || trimmed != "" && strings.ContainsRune("=+-@", rune(trimmed[0])) {
		return "'" + text
	}
	return text
}
