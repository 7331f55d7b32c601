package csvdrop

import (
	"iter"
	"strings"
)

// valueName is the column of the values of a file with stacked headings.
const valueName = "value"

// mostStacked is more rows of headings than anyone was seen to write.
const mostStacked = 12

// lastHeading is the line of the last row of headings.
func (f Format) lastHeading() int { return f.HeaderRow + max(len(f.Stacked), 1) - 1 }

// A stack says how rows are made of the records of a file in which columns of values have several headings, one above the
// other. A column whose headings are all the same names what the whole record is about; every other holds values.
type stack struct {
	about  []int // places of the columns that every row of a record shares
	values []stackedColumn
	row    [][]byte
}

// A stackedColumn is a column of values with its headings.
type stackedColumn struct {
	at    int
	texts []string
}

// readStacked reads the rows of headings below the first.
func readStacked(r *Reader, format Format, first []string) (heading, error) {
	rows := [][]string{first}
	for range len(format.Stacked) - 1 {
		names, err := readNames(r, format)
		if err != nil {
			return heading{}, err
		}
		if len(names) != len(first) { // a line of delimiters alone is blank, however many they are
			return heading{}, refuse("line %d holds %d headings and line %d holds %d", format.HeaderRow+len(rows), len(names), format.HeaderRow, len(first))
		}
		rows = append(rows, names)
	}
	head := heading{stack: &stack{}}
	for at := range first {
		texts := make([]string, len(rows))
		same := true
		for i, row := range rows {
			texts[i] = row[at]
			same = same && texts[i] == texts[0]
		}
		if same {
			head.names = append(head.names, first[at])
			head.stack.about = append(head.stack.about, at)
			continue
		}
		head.stack.values = append(head.stack.values, stackedColumn{at, texts})
	}
	head.names = append(append(head.names, format.Stacked...), valueName)
	head.stack.row = make([][]byte, len(head.names))
	return head, head.stack.check(format)
}

// check refuses headings that do not say, each by itself, what a column of values holds.
func (s *stack) check(format Format) error {
	if len(s.values) == 0 {
		return refuse("lines %d to %d are all the same, so no column has stacked headings (stacked_headers)", format.HeaderRow, format.lastHeading())
	}
	seen := map[string]int{}
	for _, column := range s.values {
		for i, text := range column.texts {
			if text == "" {
				return refuse("column %d has no heading in line %d (%s)", column.at+1, format.HeaderRow+i, format.Stacked[i])
			}
		}
		all := strings.Join(column.texts, "\x00")
		if other, taken := seen[all]; taken {
			return refuse("columns %d and %d have the same headings: %s", other, column.at+1, quoted(column.texts))
		}
		seen[all] = column.at + 1
	}
	return nil
}

// rows gives the rows of a record, one a value. Each is the stack's own and changes with the next.
func (s *stack) rows(fields [][]byte) iter.Seq[[][]byte] {
	return func(yield func([][]byte) bool) {
		for i, at := range s.about {
			s.row[i] = fields[at]
		}
		for _, column := range s.values {
			for i, text := range column.texts {
				s.row[len(s.about)+i] = []byte(text)
			}
			s.row[len(s.row)-1] = fields[column.at]
			if !yield(s.row) {
				return
			}
		}
	}
}
