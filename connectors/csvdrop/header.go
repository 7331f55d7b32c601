package csvdrop

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/internal/fault"
)

// What to do with a column that the contract does not name.
const (
	addColumn    = "add"    // it lands as text behind the contract's columns
	ignoreColumn = "ignore" // it is passed over, and the extract says so
	refuseColumn = "refuse" // the file is refused
)

// A refusal says why a file as a whole cannot be taken, in words for the people who sent it.
type refusal struct{ reason string }

func (r *refusal) Error() string { return r.reason }

func refuse(format string, args ...any) error { return &refusal{fmt.Sprintf(format, args...)} }

// A heading is the names of a file's columns, and how values are to be taken out of it where its headings are stacked.
type heading struct {
	names []string
	stack *stack
}

// readHeader passes over what stands above the column names, reads them, and passes over what is no data below.
func readHeader(r *Reader, format Format) (head heading, err error) {
	for range format.HeaderRow - 1 {
		if err := r.SkipLine(); err != nil {
			return heading{}, headerError(err, format)
		}
	}
	r.Width = 0
	if head.names, err = readNames(r, format); err != nil {
		return heading{}, err
	}
	if len(format.Stacked) > 0 {
		if head, err = readStacked(r, format, head.names); err != nil {
			return heading{}, err
		}
	}
	for range format.SkipRows {
		if err := r.SkipLine(); err != nil && err != io.EOF {
			return heading{}, err
		}
	}
	return head, nil
}

// readNames reads one row of names; those that follow it must be as wide.
func readNames(r *Reader, format Format) ([]string, error) {
	record, err := r.Next()
	if err != nil {
		return nil, headerError(err, format)
	}
	if record.Damage != "" {
		return nil, refuse("the column names in line %d cannot be read: %s", record.Line, record.Damage)
	}
	names := make([]string, len(record.Fields))
	for i, field := range record.Fields {
		names[i] = strings.TrimSpace(string(field))
	}
	r.Width = len(names)
	return names, nil
}

func headerError(err error, format Format) error {
	if errors.Is(err, io.EOF) && len(format.Stacked) > 0 {
		return refuse("the file ends before line %d, where the contract says the last of its rows of headings is (stacked_headers)", format.lastHeading())
	}
	if errors.Is(err, io.EOF) {
		return refuse("the file ends before line %d, where the contract says the column names are (header_row)", format.HeaderRow)
	}
	return err
}

// A binding says where in a record the columns of a dataset stand.
type binding struct {
	at      []int // by column of the dataset; -1 where this file has no such column
	inOrder bool  // each column stands at its own place
	notes   []string
	stack   *stack
}

// pick gives the fields of a record in the order of the columns, in the room of into unless they stand so.
func (b binding) pick(record, into [][]byte) [][]byte {
	if b.inOrder {
		return record
	}
	for i, at := range b.at {
		into[i] = nil
		if at >= 0 {
			into[i] = record[at]
		}
	}
	return into
}

// bind finds the columns of the contract, and those that were added to it, among the names of a file.
func bind(head heading, d drop, columns []connectors.Column, line int) (binding, error) {
	names := head.names
	if err := d.unlike(names, line); err != nil {
		return binding{}, err
	}
	b := binding{at: make([]int, len(columns)), inOrder: true, stack: head.stack}
	var missing []string
	used := make([]bool, len(names))
	for i, c := range columns {
		b.at[i] = findColumn(names, c)
		b.inOrder = b.inOrder && b.at[i] == i
		switch {
		case b.at[i] >= 0:
			used[b.at[i]] = true
		case i < len(d.dataset.Columns):
			missing = append(missing, c.Name)
		}
	}
	if len(missing) > 0 {
		return binding{}, refuse("line %d lacks %s; the contract has %s; the file has %s",
			line, quoted(missing), quoted(columnNames(d.dataset.Columns)), quoted(names))
	}
	note, err := d.unexpected(names, used, line)
	if note != "" {
		b.notes = append(b.notes, note)
	}
	return b, err
}

// unlike refuses a line that cannot be one of column names. It does not show the line, which may be a row of data.
func (d drop) unlike(names []string, line int) error {
	known := func(name string) bool {
		return slices.ContainsFunc(d.dataset.Columns, func(c connectors.Column) bool { return isNamed(c, name) })
	}
	if !slices.ContainsFunc(names, known) {
		return refuse("line %d holds none of the contract's column names (%s); they may be missing, on another line (header_row), "+
			"or parted by another sign than %q (delimiter)", line, quoted(columnNames(d.dataset.Columns)), d.format.Delimiter)
	}
	seen := map[string]bool{}
	for _, name := range names {
		folded := strings.ToLower(name)
		if name != "" && seen[folded] && !d.passedOver(folded) {
			return refuse("line %d names the column %q twice; the file has %s", line, name, quoted(names))
		}
		seen[folded] = true
	}
	return nil
}

// passedOver says whether it does not matter how many columns have this name: the contract reads none of them by it, and
// ignores what it does not name or names columns by their place.
func (d drop) passedOver(name string) bool {
	byName := func(c connectors.Column) bool {
		return slices.ContainsFunc(append([]string{c.Name}, c.Headers...), func(own string) bool { return strings.EqualFold(own, name) })
	}
	byPlace := func(c connectors.Column) bool { return slices.ContainsFunc(c.Headers, placed.MatchString) }
	columns := d.dataset.Columns
	return !slices.ContainsFunc(columns, byName) && (d.onNew == ignoreColumn || slices.ContainsFunc(columns, byPlace))
}

// placed is a header that names a column by its place, for those whose name is empty or stands twice.
var placed = regexp.MustCompile(`^column ([1-9][0-9]{0,3})$`)

// findColumn says where among the names of a file a column stands: under its name or, where the contract names its place, at a
// place whose name is empty or stands twice; -1 where it is not there.
func findColumn(names []string, c connectors.Column) int {
	if i := slices.IndexFunc(names, func(name string) bool { return isNamed(c, name) }); i >= 0 {
		return i
	}
	for _, header := range c.Headers {
		m := placed.FindStringSubmatch(header)
		if m == nil {
			continue
		}
		at, _ := strconv.Atoi(m[1])
		if at <= len(names) && isVague(names, at-1) {
			return at - 1
		}
	}
	return -1
}

// isVague says whether the name at a place does not tell which column is meant.
func isVague(names []string, at int) bool {
	for i, name := range names {
		if i != at && strings.EqualFold(name, names[at]) {
			return true
		}
	}
	return names[at] == ""
}

// unexpected refuses a file for the columns that the contract does not name, or notes that they are passed over.
func (d drop) unexpected(names []string, used []bool, line int) (note string, err error) {
	var extra []string
	for i, name := range names {
		if !used[i] {
			extra = append(extra, name)
		}
	}
	switch {
	case len(extra) == 0:
		return "", nil
	case d.onNew == ignoreColumn:
		return fmt.Sprintf("columns that the contract does not name were passed over: %s", quoted(extra)), nil
	case d.onNew == addColumn:
		return "", refuse("line %d has columns that cannot be added, as they have no name or one that is taken: %s", line, quoted(extra))
	}
	return "", refuse("line %d has columns that the contract does not name: %s; the contract has %s; name them there, "+
		"or set on_new_column to add or ignore", line, quoted(extra), quoted(columnNames(d.dataset.Columns)))
}

// added gives the columns that a file's names add to those of a dataset.
func added(names []string, columns []connectors.Column) []connectors.Column {
	var more []connectors.Column
	for _, name := range names {
		taken := func(c connectors.Column) bool {
			return isNamed(c, name) || strings.EqualFold(c.Name, name) || strings.EqualFold(c.Name+"_status", name)
		}
		if name == "" || strings.HasPrefix(name, "_") || slices.ContainsFunc(columns, taken) || slices.ContainsFunc(more, taken) {
			continue
		}
		more = append(more, connectors.Column{
			Name: name, Kind: connectors.Text, PersonalData: "unclassed",
			Description: "A column that came with a file and is not in the contract.",
		})
	}
	return more
}

// isNamed says whether name in a file means the column.
func isNamed(c connectors.Column, name string) bool {
	if len(c.Headers) == 0 {
		return c.Name == name
	}
	return slices.Contains(c.Headers, name)
}

func columnNames(columns []connectors.Column) []string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
		if len(c.Headers) > 0 {
			names[i] = strings.Join(c.Headers, " or ")
		}
	}
	return names
}

// quoted lists names in quotes, the first thirty of many and the beginning of long ones.
func quoted(names []string) string {
	const most, longest = 30, 60
	words := make([]string, len(names))
	for i, name := range names {
		if runes := []rune(name); len(runes) > longest {
			name = string(runes[:longest]) + "…"
		}
		words[i] = strconv.Quote(name)
	}
	return fault.Few(words, most)
}
