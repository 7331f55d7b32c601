package transforms

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"regexp"
	"strings"

	"golang.org/x/tools/txtar"

	"github.com/goldthread/goldthread/internal/fault"
)

// A Case shows one rule of a model or a macro: rows given, rows expected. A relation that is not given is empty.
//
// Cases stand in a txtar file beside what they are about, <model>.txtar or macros.txtar:
//
//	A merged duplicate is left out.
//	-- given staging.stg_reportit__requests.csv --
//	request_id,merged_into_id
//	a,
//	b,a
//	-- expect.csv --
//	request_id
//	a
//
// A file with several cases opens each with a line "-- case: what it shows --"; what is given before the first is given
// to all of them, save where a case gives the same relation itself. A case of a macro has a part "query" with a SELECT.
type Case struct {
	Model string // the model's name; empty for a case of the macros
	Shows string // the rule, in a sentence
	File  string
	Line  int

	given  []grid
	expect grid
	query  string
}

// A grid is a part of a case that holds CSV.
type grid struct {
	name    string // of the relation; empty for what is expected
	line    int    // of its header
	columns []string
	rows    [][]string
	lines   []int // of each row
}

var partName = regexp.MustCompile(`^(?:given ([a-z_]+\.[A-Za-z0-9_]+)\.csv|case: (.+)|expect\.csv|query)$`)

// parseCases reads the cases of a txtar file.
func parseCases(file, model string, data []byte) ([]Case, error) {
	archive := txtar.Parse(data)
	reader := caseReader{file: file, lines: partLines(archive)}
	shared := Case{Model: model, Shows: sentence(archive.Comment), File: file, Line: 1}
	var cases []Case
	current := &shared
	for i, part := range archive.Files {
		if title, ok := strings.CutPrefix(part.Name, "case: "); ok {
			cases = append(cases, Case{Model: model, Shows: title, File: file, Line: reader.lines[i]})
			current = &cases[len(cases)-1]
			continue
		}
		reader.part(current, part, reader.lines[i])
	}
	if len(cases) == 0 {
		cases = []Case{shared}
	} else if shared.expect.columns != nil || shared.query != "" {
		reader.fault(1, "something is expected before the first case", `move it below a line "-- case: what it shows --"`)
	}
	for i := range cases {
		cases[i].inherit(shared)
		reader.finish(&cases[i])
	}
	return cases, fault.Join(reader.faults...)
}

type caseReader struct {
	file   string
	lines  []int // of each part's marker
	faults []error
}

func (r *caseReader) fault(line int, what, fix string) {
	r.faults = append(r.faults, &fault.Error{Where: fmt.Sprintf("%s:%d", r.file, line), What: what, Fix: fix})
}

// part adds one part of the file to the case it belongs to.
func (r *caseReader) part(c *Case, part txtar.File, line int) {
	name := partName.FindStringSubmatch(part.Name)
	switch {
	case name == nil:
		r.fault(line, fmt.Sprintf("unknown part %q", part.Name),
			`parts: "case: what it shows", "given schema.table.csv", "query", "expect.csv"`)
	case name[1] != "":
		if g := r.grid(part, line+1); g.columns != nil {
			g.name = strings.ToLower(name[1])
			c.given = append(c.given, g)
		}
	case part.Name == "query":
		c.query = string(part.Data)
	case c.expect.columns != nil:
		r.fault(line, "a case expects once", `begin another with a line "-- case: what it shows --"`)
	default:
		c.expect = r.grid(part, line+1)
	}
}

// grid reads the CSV of a part whose header stands on line.
func (r *caseReader) grid(part txtar.File, line int) grid {
	g := grid{line: line}
	reader := csv.NewReader(strings.NewReader(string(part.Data)))
	reader.FieldsPerRecord = -1
	records, err := reader.ReadAll()
	if err != nil {
		r.fault(line, fmt.Sprintf("%s is not CSV: %v", part.Name, err), "")
		return g
	}
	if len(records) == 0 {
		r.fault(line-1, fmt.Sprintf("%s is empty", part.Name), "give at least its header")
		return g
	}
	at := csv.NewReader(strings.NewReader(string(part.Data)))
	at.FieldsPerRecord = -1
	for i, record := range records {
		at.Read()
		where, _ := at.FieldPos(0)
		if len(record) != len(records[0]) {
			r.fault(line+where-1, fmt.Sprintf("%d values under %d columns", len(record), len(records[0])), "")
		}
		if i > 0 {
			g.rows, g.lines = append(g.rows, record), append(g.lines, line+where-1)
		}
	}
	g.columns = records[0]
	return g
}

// finish tells what a case lacks.
func (r *caseReader) finish(c *Case) {
	switch {
	case c.Shows == "":
		r.fault(c.Line, "the case says nothing of what it shows", "begin the file with a sentence")
	case c.expect.columns == nil:
		r.fault(c.Line, fmt.Sprintf("the case %q expects nothing", c.Shows), `add a part "-- expect.csv --"`)
	case c.Model == "" && c.query == "":
		r.fault(c.Line, fmt.Sprintf("the case %q of a macro has no query", c.Shows), `add a part "-- query --" with a SELECT`)
	}
}

// inherit adds what is given to all cases of the file and not by this one.
func (c *Case) inherit(shared Case) {
	own := map[string]bool{}
	for _, g := range c.given {
		own[g.name] = true
	}
	for _, g := range shared.given {
		if !own[g.name] {
			c.given = append(c.given, g)
			own[g.name] = true
		}
	}
}

// sentence is the comment at the head of the file on one line.
func sentence(comment []byte) string { return strings.Join(strings.Fields(string(comment)), " ") }

// partLines are the lines of the parts' markers.
func partLines(archive *txtar.Archive) []int {
	line := 1 + bytes.Count(archive.Comment, []byte("\n"))
	var lines []int
	for _, part := range archive.Files {
		lines = append(lines, line)
		line += 1 + bytes.Count(part.Data, []byte("\n"))
	}
	return lines
}
