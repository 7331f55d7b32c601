package sqldb

import (
	"bytes"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/internal/fault"
)

// Totals are what a source says of rows in sum, in the snapshot in which they are read.
type totals struct {
	rows   int64
	now    int64 // the source's clock, in seconds since 1970
	dated  int64 // rows with a cursor
	latest *string
	behind string
	ends   []string // the least and the greatest value of each column of the key that has them
	sums   []string
}

// totals reads what a survey gave, in the order in which plan.survey asks.
func (v *visit) totals(row []connectors.Cell) (t totals, err error) {
	next := func() string {
		cell := row[0]
		row = row[1:]
		return string(cell.AppendText(nil))
	}
	if t.rows, err = strconv.ParseInt(next(), 10, 64); err != nil {
		return t, fmt.Errorf("the source's number of rows: %w", err)
	}
	if t.now, err = strconv.ParseInt(next(), 10, 64); err != nil {
		return t, fmt.Errorf("the source's clock: %w", err)
	}
	if v.plan.by != "" {
		if t.dated, err = strconv.ParseInt(next(), 10, 64); err != nil {
			return t, fmt.Errorf("the source's number of rows with a cursor: %w", err)
		}
		known := row[0].Kind != connectors.NullCell
		if latest := next(); known {
			t.latest = &latest
		}
		t.behind = next()
	}
	for range 2 * len(v.plan.ordered()) {
		t.ends = append(t.ends, next())
	}
	for range v.plan.totals {
		t.sums = append(t.sums, next())
	}
	return t, nil
}

// mark is the totals as a text, without the time at which they were asked for.
func (t totals) mark() string {
	parts := append([]string{strconv.FormatInt(t.rows, 10)}, t.ends...)
	if t.latest != nil {
		parts = append(parts, *t.latest)
	}
	return strings.Join(append(parts, t.sums...), "\n")
}

// A tally is the same of what was read.
type tally struct {
	rows int64
	ends []end
	sums []sum
}

// An end is a value that must be among those read.
type end struct {
	at   int // of the column in a row
	text []byte
	int  int64
	is   bool // int is the value
	seen bool
}

type sum struct {
	at    int
	name  string
	total big.Rat
	plain map[int32]int64 // by scale, not yet in total
	odd   bool            // something that is no number was among the values
}

// tally begins to count what the source has told.
func (p plan) tally(told totals) tally {
	var t tally
	for i, c := range p.ordered() {
		at := slices.Index(p.columns, c)
		for _, value := range told.ends[2*i : 2*i+2] {
			e := end{at: at, text: bytes.TrimRight([]byte(value), " "), seen: told.rows == 0}
			n, err := strconv.ParseInt(value, 10, 64)
			e.int, e.is = n, err == nil && c.Class == number
			t.ends = append(t.ends, e)
		}
	}
	for _, c := range p.totals {
		t.sums = append(t.sums, sum{at: slices.Index(p.columns, c), name: c.Name, plain: map[int32]int64{}})
	}
	return t
}

// add counts a row.
func (t *tally) add(row []connectors.Cell) {
	t.rows++
	for i := range t.ends {
		if e := &t.ends[i]; !e.seen {
			e.seen = e.equals(&row[e.at])
		}
	}
	for i := range t.sums {
		t.sums[i].add(&row[t.sums[i].at])
	}
}

func (e *end) equals(cell *connectors.Cell) bool {
	if cell.Kind == connectors.IntegerCell {
		return e.is && cell.Int == e.int
	}
	if cell.Kind == connectors.TextCell {
		return bytes.Equal(bytes.TrimRight(cell.Text, " "), e.text)
	}
	return bytes.Equal(cell.AppendText(nil), e.text)
}

func (s *sum) add(cell *connectors.Cell) {
	switch cell.Kind {
	case connectors.NullCell:
	case connectors.IntegerCell, connectors.DecimalCell:
		before := s.plain[cell.Scale]
		after := before + cell.Int
		if (after > before) != (cell.Int > 0) && cell.Int != 0 { // it went round
			s.settle(cell.Scale)
			after = cell.Int
		}
		s.plain[cell.Scale] = after
	default:
		var r big.Rat
		if _, ok := r.SetString(string(cell.Text)); !ok {
			s.odd = true
			return
		}
		s.total.Add(&s.total, &r)
	}
}

// settle moves what was gathered at a scale into the total.
func (s *sum) settle(scale int32) {
	ten := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)
	s.total.Add(&s.total, new(big.Rat).SetFrac(big.NewInt(s.plain[scale]), ten))
	s.plain[scale] = 0
}

// check sets what was read against what the source said. A difference means that something was lost on the way, or that the
// engine has no snapshot for this table.
func (t *tally) check(told totals) error {
	if t.rows != told.rows {
		return fault.Transient(refuse("the source counts %d rows and %d were read", told.rows, t.rows))
	}
	for i := range t.ends {
		if !t.ends[i].seen {
			return fault.Transient(refuse("the row with the least or the greatest key is not among the rows read"))
		}
	}
	for i := range t.sums {
		if err := t.sums[i].check(told.sums[i]); err != nil {
			return err
		}
	}
	return nil
}

func (s *sum) check(told string) error {
	if s.odd {
		return nil
	}
	for scale := range s.plain {
		s.settle(scale)
	}
	var want big.Rat
	if told != "" {
		if _, ok := want.SetString(told); !ok {
			return fault.Transient(refuse("the source's total of %q is no number", s.name))
		}
	}
	if want.Cmp(&s.total) != 0 {
		return fault.Transient(refuse("the source's total of %q is not that of the rows read", s.name))
	}
	return nil
}
