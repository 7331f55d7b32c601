package transforms

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/internal/strictyaml"
)

// A header is the part of a model's comment that is YAML.
type header struct {
	Materialized string                 `yaml:"materialized"`
	Lookups      strictyaml.Texts       `yaml:"lookups"`
	Grain        strictyaml.Texts       `yaml:"grain"`
	Columns      strictyaml.Map[string] `yaml:"columns"`
	Tests        []testHeader           `yaml:"tests"`
	Engine       string                 `yaml:"engine"`
}

// A testHeader is one entry of tests: one kind of test, and how much it matters.
type testHeader struct {
	Unique         strictyaml.Texts `yaml:"unique"`
	NotNull        strictyaml.Texts `yaml:"not_null"`
	Relationships  string           `yaml:"relationships"`
	AcceptedValues *acceptedValues  `yaml:"accepted_values"`
	Holds          string           `yaml:"holds"`
	Recency        *recency         `yaml:"recency"`
	RowCount       *rowCount        `yaml:"row_count"`
	Severity       string           `yaml:"severity"`
}

type acceptedValues struct {
	Column string   `yaml:"column"`
	Values []string `yaml:"values"`
}

type recency struct {
	Column string `yaml:"column"`
	Days   int    `yaml:"days"`
}

type rowCount struct {
	Min int  `yaml:"min"`
	Max *int `yaml:"max"`
}

var (
	headerKey = regexp.MustCompile(`^[A-Za-z_]+:( |$)`)
	partition = regexp.MustCompile(`^(partition|view)\(\s*([A-Za-z_][A-Za-z0-9_]*)\s*\)$`)
)

// parseModel reads a model from the text of its file. name is schema.table, file what a person calls the file.
func parseModel(name, file, text string) (*Model, error) {
	m := &Model{Name: name, File: file}
	prose, settings, body := splitHeader(text)
	m.Description = prose
	m.sql = body
	faults := m.checkText()
	var h header
	positions, err := strictyaml.Decode(file, []byte(settings), &h)
	m.whereSet = positions.Where
	if err != nil {
		return m, fault.Join(append(faults, err)...)
	}
	return m, fault.Join(append(faults, m.setHeader(h, positions))...)
}

// splitHeader takes the comment at the head of a model apart into its prose and its YAML, and gives the SQL below it.
// YAML and SQL are padded with empty lines, so that their lines have the numbers they have in the file.
func splitHeader(text string) (prose, settings, body string) {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	var words, yaml []string
	end, inYAML, afterBlank := 0, false, true
	for ; end < len(lines) && strings.HasPrefix(lines[end], "--"); end++ {
		line := strings.TrimPrefix(strings.TrimPrefix(lines[end], "--"), " ")
		inYAML = inYAML || afterBlank && headerKey.MatchString(line)
		if afterBlank = strings.TrimSpace(line) == ""; inYAML {
			yaml = append(yaml, line)
		} else {
			words, yaml = append(words, line), append(yaml, "")
		}
	}
	prose = strings.TrimSpace(strings.Join(words, "\n"))
	return prose, strings.Join(yaml, "\n"), strings.Repeat("\n", end) + strings.Join(lines[end:], "\n")
}

// checkText tells what is wrong with the text as a whole, and leaves out the semicolon that may end it.
func (m *Model) checkText() []error {
	var faults []error
	if m.Description == "" {
		faults = append(faults, m.fault(1, "the model does not say what a row is", "begin the file with a comment: what a row is, and why rows are missing"))
	}
	switch found := splitStatements(m.sql); {
	case len(found) == 0:
		faults = append(faults, m.fault(1, "there is no SELECT below the header", "write one"))
	case len(found) > 1:
		faults = append(faults, m.fault(found[1].Line, "a model is one SELECT and this is a second statement",
			"make another model of it, or a WITH of the first"))
	default:
		m.sql, m.text = m.sql[:statementEnd(m.sql)], found[0].Text
	}
	return faults
}

// setHeader puts the header's settings into the model.
func (m *Model) setHeader(h header, positions *strictyaml.Positions) error {
	bad := func(key, what, fix string) error {
		return &fault.Error{Where: positions.Where(key), What: what, Fix: fix}
	}
	var faults []error
	m.Kind = Kind(h.Materialized)
	if found := partition.FindStringSubmatch(h.Materialized); found != nil {
		m.Kind, m.PartitionBy = Kind(found[1]), found[2]
	} else if m.Kind != Table && m.Kind != View {
		faults = append(faults, bad("materialized", fmt.Sprintf("a model is not materialized as %q", h.Materialized),
			"materialized: table, partition(column), view or view(column)"))
	}
	if h.Engine != "" && h.Engine != "duckdb" {
		faults = append(faults, bad("engine", fmt.Sprintf("unknown engine %q", h.Engine), "the only engine is duckdb; leave the line out"))
	}
	for _, column := range h.Columns {
		m.Columns = append(m.Columns, Column{Name: column.Key, Description: column.Value})
		if strings.TrimSpace(column.Value) == "" {
			faults = append(faults, bad("columns."+column.Key, fmt.Sprintf("column %q has no description", column.Key), "say what it holds, in a sentence"))
		}
	}
	m.unversioned = map[string]bool{}
	for _, name := range h.Lookups {
		m.unversioned[strings.ToLower(name)] = true
	}
	m.Grain = h.Grain
	if len(h.Grain) == 0 {
		faults = append(faults, bad("grain", "the model does not state its grain", "grain: the columns that tell its rows apart"))
	}
	for i, t := range h.Tests {
		test, err := m.newTest(t, positions.Where(fmt.Sprintf("tests[%d]", i)))
		faults = append(faults, err)
		m.Tests = append(m.Tests, test)
	}
	return fault.Join(append(faults, m.checkNames(bad), m.checkGrain(bad))...)
}

// checkNames tells which columns the header speaks of without describing them.
func (m *Model) checkNames(bad func(key, what, fix string) error) error {
	var faults []error
	known := m.columnNames()
	check := func(key string, names ...string) {
		for _, name := range names {
			if !contains(known, name) {
				faults = append(faults, bad(key, fmt.Sprintf("unknown column %q", name), fault.DidYouMean(name, "columns", known)))
			}
		}
	}
	check("grain", m.Grain...)
	if m.PartitionBy != "" {
		check("materialized", m.PartitionBy)
	}
	for i, test := range m.Tests {
		check(fmt.Sprintf("tests[%d]", i), test.columns...)
	}
	return fault.Join(faults...)
}

// checkGrain tells whether the grain is tested: without that, a join that multiplies rows would go unseen. That of a
// partitioned view is tested where its rows are kept, as to ask here would be to make them all once more.
func (m *Model) checkGrain(bad func(key, what, fix string) error) error {
	if len(m.Grain) == 0 || m.Kind == View && m.PartitionBy != "" {
		return nil
	}
	for _, test := range m.Tests {
		if test.kind == "unique" && test.Severity == SeverityError && sameNames(test.columns, m.Grain) {
			return nil
		}
	}
	return bad("grain", "the grain is not tested", fmt.Sprintf("add under tests: - unique: [%s]", strings.Join(m.Grain, ", ")))
}

func sameNames(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for _, name := range a {
		if !contains(b, name) {
			return false
		}
	}
	return true
}
