package connectors

import (
	"bytes"
	"fmt"
	"regexp"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// Rows turns texts into the record batches of a dataset, column by column under its contract. It is what every source
// that reads texts uses, so that a date or a £ means the same in all of them. Not safe for concurrent use.
type Rows struct {
	schema  *arrow.Schema
	columns []*column
	line    fixedBuilder[int64]
	size    int
	most    int // rows taken at once so far, for which room is made
}

// A converter turns texts into the values of one type. parse holds the value of text, or says what was found and what was
// expected instead; append adds the value held last. The split lets a row be judged whole before any of it is kept.
type converter interface {
	parse(text []byte) (fault string)
	append()
	appendNull()
	Reserve(n int)
	NewArray() arrow.Array
}

// A column is a converter with what the contract asks beside the type.
type column struct {
	Column
	converter
	status   *textBuilder
	statuses map[string]string
	begins   [256]bool // with which bytes a text that has a status may begin
	values   map[string]struct{}
	pattern  *regexp.Regexp
	exact    bool   // text is kept as it is, with its outer spaces
	bare     *texts // the converter of a text of which the contract asks nothing, as most are
	held     string // status of the value held
	null     bool
	scratch  []byte // the text of a cell that came typed
}

// NewRows begins the rows of a dataset. Moments without an offset are taken to be local time in zone.
func NewRows(ds Dataset, zone *time.Location) (*Rows, error) {
	kept := &recycler{}
	rows := &Rows{schema: ds.Schema(), line: fixedBuilder[int64]{kind: arrow.PrimitiveTypes.Int64, memory: kept}}
	for _, c := range ds.Columns {
		column, err := newColumn(c, zone, kept)
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", c.Name, err)
		}
		rows.columns = append(rows.columns, column)
	}
	return rows, nil
}

func newColumn(c Column, zone *time.Location, kept *recycler) (*column, error) {
	col := &column{Column: c, converter: newConverter(c, zone, kept), exact: c.Kind == Text}
	if c.Valued() {
		col.status, col.statuses = &textBuilder{memory: kept}, c.Statuses
		for text := range c.Statuses {
			col.begins[(text + "\x00")[0]] = true
		}
	}
	if c.Pattern != "" {
		pattern, err := regexp.Compile(`^(?:` + c.Pattern + `)$`)
		if err != nil {
			return nil, fmt.Errorf("pattern: %w", err)
		}
		col.pattern = pattern
	}
	if len(c.Values) > 0 {
		col.values = make(map[string]struct{}, len(c.Values))
		for _, v := range c.Values {
			col.values[v] = struct{}{}
		}
	}
	if text, ok := col.converter.(*texts); ok && col.status == nil && col.values == nil && col.pattern == nil && !c.Required {
		col.bare = text
	}
	return col, nil
}

func newConverter(c Column, zone *time.Location, kept *recycler) converter {
	switch c.Kind {
	case Text:
		return &texts{textBuilder: textBuilder{memory: kept}}
	case Period:
		return newCodes(kept, func(label string) code { return periodCode(c, label) })
	case AreaCode:
		return newCodes(kept, areaCode)
	case Integer:
		return &integers{fixedBuilder: fixedBuilder[int64]{kind: c.ArrowType(), memory: kept}, forms: newNumberForms(c.Number)}
	case Decimal:
		return newDecimals(c, kept)
	case Date:
		return &dates{fixedBuilder: fixedBuilder[arrow.Date32]{kind: c.ArrowType(), memory: kept}, order: c.DateOrder}
	case Timestamp:
		return &timestamps{fixedBuilder: fixedBuilder[arrow.Timestamp]{kind: c.ArrowType(), memory: kept}, order: c.DateOrder, zone: zone}
	case Boolean:
		return newBooleans(c, array.NewBooleanBuilder(memory.DefaultAllocator))
	}
	panic("no converter for a column of type " + string(c.Kind))
}

// Append adds the record that begins on the given physical line, its fields in the order of the columns, or says why it
// is set aside; then nothing of it is kept. A nil field is a column the record does not have.
func (r *Rows) Append(line int64, fields [][]byte) (Reject, bool) {
	for i, col := range r.columns {
		if fault := col.hold(fields[i]); fault != "" {
			reason := fmt.Sprintf("column %q: %s", col.Name, fault)
			return Reject{Row: line, Column: col.Name, Text: string(fields[i]), Reason: reason}, false
		}
	}
	for i, col := range r.columns {
		col.keep()
		r.size += len(fields[i])
	}
	r.line.add(line)
	return Reject{}, true
}

// Len is the number of rows since the last Take.
func (r *Rows) Len() int { return len(r.line.values) }

// Size is the number of bytes of text in the rows since the last Take.
func (r *Rows) Size() int { return r.size }

// Take gives the rows since the last Take as one batch, which the caller releases; nil where there are none.
func (r *Rows) Take() arrow.RecordBatch {
	n := r.Len()
	if n == 0 {
		return nil
	}
	var arrays []arrow.Array
	for _, col := range r.columns {
		arrays = append(arrays, col.NewArray())
		if col.status != nil {
			arrays = append(arrays, col.status.NewArray())
		}
	}
	arrays = append(arrays, r.line.NewArray())
	batch := array.NewRecordBatch(r.schema, arrays, int64(n))
	for _, a := range arrays {
		a.Release()
	}
	r.size, r.most = 0, max(r.most, n)
	r.reserve()
	return batch
}

// reserve makes room for as many rows as were taken before, so that builders need not grow step by step.
func (r *Rows) reserve() {
	r.line.Reserve(r.most)
	for _, col := range r.columns {
		col.Reserve(r.most)
		if col.status != nil {
			col.status.Reserve(r.most)
		}
	}
}

// hold judges a text and holds its value, or says what is wrong with it.
func (c *column) hold(text []byte) string {
	if c.bare != nil {
		c.bare.held, c.null = text, len(text) == 0
		return ""
	}
	value := text
	if !c.exact || c.status != nil {
		value = trim(text)
	}
	if c.status != nil {
		if len(value) == 0 || c.begins[value[0]] {
			if status, ok := c.statuses[string(value)]; ok {
				c.null, c.held = true, status
				return ""
			}
		}
		c.held = "ok"
	}
	if c.null = len(value) == 0; c.null {
		c.held = "missing"
		return c.absent()
	}
	if c.Required && c.exact && len(trim(value)) == 0 {
		return c.absent()
	}
	if c.exact {
		value = text
	}
	if fault := c.allowed(value); fault != "" {
		return fault
	}
	return c.parse(value)
}

// absent says that a required column holds nothing; in any other that is no fault.
func (c *column) absent() string {
	if c.Required {
		return "empty, and the contract requires a value"
	}
	return ""
}

// allowed judges a text by the contract's values and pattern.
func (c *column) allowed(value []byte) string {
	if c.values != nil {
		if _, ok := c.values[string(value)]; !ok {
			return "not one of the values the contract allows: " + list(c.Values)
		}
	}
	if c.pattern != nil && !c.pattern.Match(value) {
		return fmt.Sprintf("does not have the form the contract gives: %s", c.Pattern)
	}
	return ""
}

// keep adds the value held.
func (c *column) keep() {
	if c.bare != nil && !c.null {
		c.bare.append()
		return
	}
	if c.null {
		c.appendNull()
	} else {
		c.append()
	}
	if c.status != nil {
		c.status.addString(c.held)
	}
}

// trim drops outer spaces. Most texts have none, and then it costs two comparisons.
func trim(text []byte) []byte {
	if n := len(text); n == 0 || plain(text[0]) && plain(text[n-1]) {
		return text
	}
	return bytes.TrimSpace(text)
}

// plain says that a byte is ASCII and no space.
func plain(c byte) bool { return c > ' ' && c < 0x7F }

// list names the first few of many right answers.
func list(values []string) string {
	const most = 12
	var b bytes.Buffer
	for i, v := range values {
		if i == most {
			fmt.Fprintf(&b, " … (%d in all)", len(values))
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(v)
	}
	return b.String()
}
