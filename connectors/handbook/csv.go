package handbook

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/goldthread/goldthread/connectors/csvdrop"
	"github.com/goldthread/goldthread/internal/fault"
)

// A csvForm is what is particular to the files of one dataset.
type csvForm struct {
	// made are the columns of the dataset that no file has.
	made []string
	// row fills those in and adds what is wrong with a row beyond its columns; may be nil.
	row func(c *csvFile, line int64, fields [][]byte)
}

// A csvFile is a CSV file being taken apart: an optional note, column names, rows.
type csvFile struct {
	csvForm
	sheet  *sheet
	reader *csvdrop.Reader
	name   string
	notes  [][]string // the fields of each line of the note
	note   string
	at     []int // where in a record each column of the dataset stands; -1 where the file has no such column
}

// fill adds the rows of one file.
func (form csvForm) fill(f file, s *sheet) {
	s.begin(f)
	reader, err := csvdrop.NewReader(bytes.NewReader(f.text), csvdrop.DefaultFormat())
	if err != nil {
		s.fault(f.name+":1", "", "%v", err)
		return
	}
	c := &csvFile{csvForm: form, sheet: s, reader: reader, name: f.name}
	if !c.header() {
		return
	}
	for {
		record, err := reader.Next()
		switch {
		case errors.Is(err, io.EOF):
			return
		case err != nil:
			s.fault(f.name, "", "%v", err)
			return
		case record.Damage != "":
			s.fault(c.where(record.Line), "", "%s", record.Damage)
		case record.Blank:
			s.blank++
		default:
			c.take(record)
		}
	}
}

func (c *csvFile) where(line int64) string { return fmt.Sprintf("%s:%d", c.name, line) }

func (c *csvFile) take(record *csvdrop.Record) {
	fields := make([][]byte, len(c.at))
	for i, at := range c.at {
		if at >= 0 {
			fields[i] = bytes.TrimSpace(record.Fields[at])
		}
	}
	if c.row != nil {
		c.row(c, record.Line, fields)
	}
	c.sheet.add(record.Line, fields)
}

// header reads the note at the head of the file and the names of its columns.
func (c *csvFile) header() bool {
	for {
		record, err := c.reader.Next()
		if err != nil {
			c.sheet.fault(c.where(1), "the first line that is no note names the columns: "+strings.Join(c.columns(), ", "), "the file has no column names")
			return false
		}
		line := textsOf(record)
		switch {
		case strings.HasPrefix(strings.TrimSpace(line[0]), "#"):
			c.notes = append(c.notes, line)
		case record.Damage != "":
			c.sheet.fault(c.where(record.Line), "", "%s", record.Damage)
			return false
		case !record.Blank:
			return c.bind(record.Line, line)
		}
	}
}

// textsOf are the fields of a record, or its raw text where it has none.
func textsOf(record *csvdrop.Record) []string {
	if record.Damage != "" {
		return []string{string(record.Raw)}
	}
	line := make([]string, len(record.Fields))
	for i, field := range record.Fields {
		line[i] = string(field)
	}
	return line
}

// joinNotes makes one text of the lines of a note. A comma in one parts it into fields like any other line; and a
// spreadsheet that saves the file adds empty fields, up to as many as there are columns.
func joinNotes(notes [][]string, columns int) string {
	var lines []string
	for _, fields := range notes {
		if len(fields) == columns {
			fields = withoutEmptyEnd(fields)
		}
		lines = append(lines, strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(strings.Join(fields, ",")), "#")))
	}
	return strings.Join(lines, " ")
}

// withoutEmptyEnd leaves out the empty fields at the end of a line, down to its first.
func withoutEmptyEnd(fields []string) []string {
	for len(fields) > 1 && fields[len(fields)-1] == "" {
		fields = fields[:len(fields)-1]
	}
	return fields
}

// columns are those a file may have.
func (c *csvFile) columns() []string {
	var names []string
	for _, column := range c.sheet.dataset.Columns {
		if !slices.Contains(c.made, column.Name) {
			names = append(names, column.Name)
		}
	}
	return names
}

// bind finds the columns among the names of the file, and tells every name that is wrong.
func (c *csvFile) bind(line int64, names []string) bool {
	c.reader.Width = len(names)
	for i := range names {
		names[i] = strings.TrimSpace(names[i])
	}
	c.note = joinNotes(c.notes, len(names))
	known, where, before := c.columns(), c.where(line), len(c.sheet.faults)
	for i, name := range names {
		if !slices.Contains(known, name) {
			c.sheet.fault(where, fault.DidYouMean(name, "columns", known), "unknown column %q", name)
		} else if slices.Index(names, name) < i {
			c.sheet.fault(where, "leave out one of the two", "column %q stands twice", name)
		}
	}
	for _, column := range c.sheet.dataset.Columns {
		at := slices.Index(names, column.Name)
		c.at = append(c.at, at)
		if at < 0 && column.Required && slices.Contains(known, column.Name) {
			c.sheet.fault(where, "add it; columns: "+strings.Join(known, ", "), "the file has no column %q", column.Name)
		}
	}
	return len(c.sheet.faults) == before
}
