package transforms

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/goldthread/goldthread/internal/fault"
)

// A Severity says what a failed test stops.
type Severity string

// An error stops the release, a warning is shown.
const (
	SeverityError Severity = "error"
	SeverityWarn  Severity = "warn"
)

// A Test is a condition that the rows of a model must meet.
type Test struct {
	Name     string // such as "unique: request_id"
	Severity Severity
	Where    string // file:line

	kind    string
	columns []string // of the model, that it speaks of
	keys    []string // columns of query, that identify a row
	query   string   // rows that fail, with the placeholder {table}; its columns identify them
	reads   []string // relations beside the model
	parent  string   // of a relationship: the column of the other relation
}

var reference = regexp.MustCompile(`^(\w+)\s*->\s*(\w+\.\w+)\.(\w+)$`)

// newTest reads one entry of a header's tests.
func (m *Model) newTest(t testHeader, where string) (Test, error) {
	test := Test{Severity: Severity(t.Severity), Where: where}
	if t.Severity == "" {
		test.Severity = SeverityError
	}
	bad := func(what, fix string) (Test, error) { return test, &fault.Error{Where: where, What: what, Fix: fix} }
	if test.Severity != SeverityError && test.Severity != SeverityWarn {
		return bad(fmt.Sprintf("unknown severity %q", t.Severity), "severity: error (stops the release) or warn")
	}
	if n := t.kinds(); n != 1 {
		return bad(fmt.Sprintf("an entry of tests holds %d kinds of test", n),
			"give each an entry of its own: unique, not_null, relationships, accepted_values, holds, recency or row_count")
	}
	if wrong, fix := t.incomplete(); wrong != "" {
		return bad(wrong, fix)
	}
	switch {
	case len(t.Unique) > 0:
		test.unique(t.Unique)
	case len(t.NotNull) > 0:
		test.notNull(t.NotNull, m.Grain)
	case t.Relationships != "":
		parts := reference.FindStringSubmatch(t.Relationships)
		if parts == nil {
			return bad(fmt.Sprintf("%q is no relationship", t.Relationships), "write it as: column -> schema.table.column")
		}
		test.relationship(parts[1], strings.ToLower(parts[2]), parts[3], m.Grain)
	case t.AcceptedValues != nil:
		test.accepted(*t.AcceptedValues, m.Grain)
	case t.Holds != "":
		test.holds(t.Holds, m.Grain)
	case t.Recency != nil:
		test.recent(*t.Recency)
	default:
		test.counted(*t.RowCount)
	}
	return test, nil
}

// incomplete says what a test lacks that its kind needs.
func (t testHeader) incomplete() (wrong, fix string) {
	switch {
	case t.AcceptedValues != nil && (t.AcceptedValues.Column == "" || len(t.AcceptedValues.Values) == 0):
		return "accepted_values names no column or no values", "accepted_values: {column: rag, values: [green, amber, red]}"
	case t.Recency != nil && (t.Recency.Column == "" || t.Recency.Days < 1):
		return "recency names no column or no days", "recency: {column: reported_date, days: 40}"
	case t.RowCount != nil && t.RowCount.Min < 1 && t.RowCount.Max == nil:
		return "row_count asks for nothing", "row_count: {min: 1, max: 5000}, or one of the two"
	}
	return "", ""
}

// kinds counts the kinds of test in the entry.
func (t testHeader) kinds() int {
	n := 0
	for _, given := range []bool{len(t.Unique) > 0, len(t.NotNull) > 0, t.Relationships != "", t.AcceptedValues != nil,
		t.Holds != "", t.Recency != nil, t.RowCount != nil} {
		if given {
			n++
		}
	}
	return n
}

func (t *Test) unique(columns []string) {
	t.kind, t.columns, t.keys = "unique", columns, columns
	t.Name = "unique: " + strings.Join(columns, ", ")
	list := quoteNames(columns)
	t.query = fmt.Sprintf("select %s from {table} group by %s having count(*) > 1", list, list)
}

func (t *Test) notNull(columns, grain []string) {
	t.kind, t.columns, t.keys = "not_null", columns, grain
	t.Name = "not_null: " + strings.Join(columns, ", ")
	conditions := make([]string, len(columns))
	for i, column := range columns {
		conditions[i] = quoteName(column) + " is null"
	}
	t.query = fmt.Sprintf("select %s from {table} where %s", quoteNames(grain), strings.Join(conditions, " or "))
}

func (t *Test) relationship(column, table, other string, grain []string) {
	t.kind, t.columns, t.keys, t.reads, t.parent = "relationships", []string{column}, merge(grain, column), []string{table}, other
	t.Name = fmt.Sprintf("relationships: %s -> %s.%s", column, table, other)
	t.query = fmt.Sprintf("select %[1]s from {table} as child where child.%[2]s is not null and not exists "+
		"(select 1 from %[3]s as parent where parent.%[4]s = child.%[2]s)",
		quoteNames(t.keys), quoteName(column), quoteName(table), quoteName(other))
}

func (t *Test) accepted(a acceptedValues, grain []string) {
	t.kind, t.columns, t.keys = "accepted_values", []string{a.Column}, merge(grain, a.Column)
	t.Name = fmt.Sprintf("accepted_values: %s in %s", a.Column, strings.Join(a.Values, ", "))
	values := make([]string, len(a.Values))
	for i, value := range a.Values {
		values[i] = quoteText(value)
	}
	t.query = fmt.Sprintf("select %s from {table} where %s::varchar not in (%s)",
		quoteNames(t.keys), quoteName(a.Column), strings.Join(values, ", "))
}

func (t *Test) holds(condition string, grain []string) {
	t.kind, t.Name, t.keys = "holds", "holds: "+condition, grain
	t.query = fmt.Sprintf("select %s from {table} where not (%s)", quoteNames(grain), condition)
}

// recent asks for a row no older than some days before the run's date.
func (t *Test) recent(r recency) {
	t.kind, t.columns, t.keys, t.reads = "recency", []string{r.Column}, []string{"newest"}, []string{"meta.run_date"}
	t.Name = fmt.Sprintf("recency: %s within %d days", r.Column, r.Days)
	t.query = fmt.Sprintf("select max(%[1]s) as newest from {table} having max(%[1]s) is null or cast(max(%[1]s) as date) < "+
		"(select run_date from meta.run_date) - %[2]d", quoteName(r.Column), r.Days)
}

func (t *Test) counted(c rowCount) {
	t.kind, t.keys = "row_count", []string{"row_count"}
	var bounds, conditions []string
	if c.Min > 0 {
		bounds, conditions = append(bounds, fmt.Sprintf("at least %d", c.Min)), append(conditions, fmt.Sprintf("count(*) < %d", c.Min))
	}
	if c.Max != nil {
		bounds, conditions = append(bounds, fmt.Sprintf("at most %d", *c.Max)), append(conditions, fmt.Sprintf("count(*) > %d", *c.Max))
	}
	t.Name = "row_count: " + strings.Join(bounds, ", ")
	t.query = "select count(*) as row_count from {table} having " + strings.Join(conditions, " or ")
}

// merge is names with one more, if it is not among them.
func merge(names []string, one string) []string {
	if contains(names, one) {
		return names
	}
	return append(names[:len(names):len(names)], one)
}

// checkParent tells of a relationship to something that is not there.
func (t Test) checkParent(relations map[string]Relation) error {
	if t.kind != "relationships" {
		return nil
	}
	parent, ok := relations[t.reads[0]]
	if !ok {
		return &fault.Error{Where: t.Where, What: fmt.Sprintf("unknown relation %q", t.reads[0]),
			Fix: fault.DidYouMean(t.reads[0], "relations", near(t.reads[0], sortedKeys(relations)))}
	}
	if _, ok := parent.column(t.parent); !ok {
		return &fault.Error{Where: t.Where, What: fmt.Sprintf("%s has no column %q", parent.Name, t.parent),
			Fix: fault.DidYouMean(t.parent, "columns", parent.names())}
	}
	return nil
}

// on is the query that gives those of rows, a table or a SELECT in brackets, that fail.
func (t Test) on(rows string) string {
	return strings.ReplaceAll(t.query, "{table}", rows)
}
