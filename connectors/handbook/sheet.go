package handbook

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/internal/periods"
)

// batchRows is how many rows travel together.
const batchRows = 16 << 10

// A sheet is the rows of one dataset while they are made, with all that is wrong with them.
type sheet struct {
	dataset  connectors.Dataset
	rows     *connectors.Rows
	batches  []connectors.Batch
	faults   []error
	warnings []error

	extract *connectors.Extract // of the file being read
	told    bool                // the extract is in a batch
	blank   int64
	first   map[string]string // where each key was met first
}

// make makes the rows of the files. Its error is a bug of ours; what is wrong with the files is in the sheet.
func (t table) make(files []file) (*sheet, error) {
	plain := t.dataset
	plain.Columns = slices.Clone(plain.Columns)
	for i := range plain.Columns {
		c := &plain.Columns[i]
		c.Required = false               // told here, so that one empty column does not hide what is wrong with others
		if c.Kind == connectors.Period { // the folder holds codes already, which no form of label describes
			c.Kind = connectors.Text
		}
	}
	rows, err := connectors.NewRows(plain, nil)
	if err != nil {
		return nil, err
	}
	s := &sheet{dataset: t.dataset, rows: rows, first: map[string]string{}}
	t.fill(files, s)
	if s.extract == nil { // no file is no row
		s.begin(file{extract: connectors.Extract{Place: t.place}})
	}
	s.flush()
	return s, nil
}

// begin begins the rows of a file.
func (s *sheet) begin(f file) {
	if s.extract != nil {
		s.flush()
	}
	e := f.extract
	e.Outcome = connectors.Landed
	s.extract, s.told = &e, false
}

// add adds a row that stands on a line of the file, its texts in the order of the dataset's columns.
func (s *sheet) add(line int64, fields [][]byte) {
	where := fmt.Sprintf("%s:%d", s.extract.Place, line)
	s.empty(where, fields)
	s.periods(where, fields)
	s.repeats(where, fields)
	for {
		reject, ok := s.rows.Append(line, fields)
		if ok {
			break
		}
		// The row is lost with the dataset; without the text at fault it tells what else is wrong.
		s.fault(where, "", "%s", explain(reject))
		fields[s.index(reject.Column)] = nil
	}
	if s.rows.Len() >= batchRows {
		s.flush()
	}
}

// index is where a column stands in the rows.
func (s *sheet) index(name string) int {
	return slices.IndexFunc(s.dataset.Columns, func(c connectors.Column) bool { return c.Name == name })
}

// empty finds columns that must hold something and do not.
func (s *sheet) empty(where string, fields [][]byte) {
	for i, c := range s.dataset.Columns {
		if c.Required && len(fields[i]) == 0 {
			s.fault(where, "", "column %q is empty", c.Name)
		}
	}
}

// explain says what is wrong with a row, with the text that is at fault.
func explain(r connectors.Reject) string {
	prefix := fmt.Sprintf("column %q: ", r.Column)
	if r.Column == "" || r.Text == "" {
		return r.Reason
	}
	return fmt.Sprintf("%s%q: %s", prefix, r.Text, strings.TrimPrefix(r.Reason, prefix))
}

// periods finds codes of periods that are none.
func (s *sheet) periods(where string, fields [][]byte) {
	for i, c := range s.dataset.Columns {
		if c.Kind != connectors.Period || len(fields[i]) == 0 {
			continue
		}
		if _, err := periods.FromCode(string(fields[i])); err != nil {
			s.fault(where, "write the period's code, such as FY2025-26", "column %q: %v", c.Name, err)
		}
	}
}

// repeats finds a key that another row has.
func (s *sheet) repeats(where string, fields [][]byte) {
	var key []string
	for i, c := range s.dataset.Columns {
		if slices.Contains(s.dataset.Key, c.Name) {
			key = append(key, string(fields[i]))
		}
	}
	text := strings.Join(key, "\x00")
	if first, met := s.first[text]; met {
		s.fault(where, "leave out one of the two", "a row with the same %s is already at %s", strings.Join(s.dataset.Key, ", "), first)
		return
	}
	s.first[text] = where
}

func (s *sheet) fault(where, fix, what string, args ...any) {
	s.faults = append(s.faults, &fault.Error{Where: where, What: fmt.Sprintf(what, args...), Fix: fix})
}

// warn notes what is odd and still accepted; it goes with the file's extract too.
func (s *sheet) warn(line int64, fix, what string, args ...any) {
	warning := &fault.Error{Where: fmt.Sprintf("%s:%d", s.extract.Place, line), What: fmt.Sprintf(what, args...), Fix: fix}
	s.warnings = append(s.warnings, warning)
	s.extract.Notes = append(s.extract.Notes, fmt.Sprintf("line %d: %s", line, warning.What))
}

// withdraw notes files whose rows end with this load. A file renamed is one of them, and its rows stand in another.
func (s *sheet) withdraw(names []string) {
	first := s.batches[0].Extract
	for _, name := range names {
		first.Notes = append(first.Notes, name+" was read last time and is not there now: its rows are withdrawn")
	}
}

// flush closes the batch of the rows gathered since the last.
func (s *sheet) flush() {
	batch := connectors.Batch{Rows: s.rows.Take(), Blank: s.blank}
	if !s.told {
		batch.Extract, s.told = s.extract, true
	}
	s.blank = 0
	if batch.Extract != nil || batch.Rows != nil || batch.Blank > 0 {
		s.batches = append(s.batches, batch)
	}
}

// yield hands on all rows as one load.
func (s *sheet) yield(at cursor, emit func(connectors.Batch) error) error {
	defer s.release()
	last := len(s.batches) - 1
	s.batches[last].Cursor, s.batches[last].EndOfLoad = at.text(), true
	for len(s.batches) > 0 {
		batch := s.batches[0]
		s.batches = s.batches[1:] // who takes the batch releases it
		if err := emit(batch); err != nil {
			return err
		}
	}
	return nil
}

// release lets go of the rows that nobody took.
func (s *sheet) release() {
	for _, batch := range s.batches {
		if batch.Rows != nil {
			batch.Rows.Release()
		}
	}
	s.batches = nil
}
