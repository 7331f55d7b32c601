package connectors

import (
	"strconv"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
)

// A CellKind says how a Cell holds its value.
type CellKind uint8

// The kinds of a Cell.
const (
	NullCell    CellKind = iota
	TextCell             // Text, which may be empty and is then no null
	IntegerCell          // Int
	DecimalCell          // Int / 10^Scale
	DateCell             // Int days since 1970-01-01
	MomentCell           // Int microseconds since 1970-01-01 in UTC
	LocalCell            // Int microseconds as if local time were UTC
	BooleanCell          // Int, 1 for true
)

// A Cell is one value as a source has it, for sources whose values come typed. What fits none of the types comes as the text
// that the source itself would show.
type Cell struct {
	Kind  CellKind
	Scale int32
	Int   int64
	// Text is the value of a TextCell. Of a time it is what the source shows of it, where that is more than Int holds: finer
	// parts of a second, or an offset.
	Text []byte
	// Finer says that a time has parts of a second which Int does not hold.
	Finer bool
	// Fault says why the value cannot be kept, where the source's own type is beyond every type here; Text then shows it.
	Fault string
}

// AppendText appends the value as text: what a file would hold in its place, and nothing for a null.
func (c *Cell) AppendText(b []byte) []byte {
	switch c.Kind {
	case TextCell:
		return append(b, c.Text...)
	case MomentCell, LocalCell:
		return c.appendTime(b)
	case IntegerCell:
		return strconv.AppendInt(b, c.Int, 10)
	case DecimalCell:
		return append(b, decimal128.FromI64(c.Int).ToString(c.Scale)...)
	case DateCell:
		return time.Unix(c.Int*86400, 0).UTC().AppendFormat(b, time.DateOnly)
	case BooleanCell:
		return strconv.AppendBool(b, c.Int != 0)
	}
	return b
}

func (c *Cell) appendTime(b []byte) []byte {
	form := "2006-01-02 15:04:05.999999"
	switch {
	case c.Text != nil:
		return append(b, c.Text...)
	case c.Kind == MomentCell:
		form += "Z07:00"
	}
	return time.UnixMicro(c.Int).UTC().AppendFormat(b, form)
}

// A cellConverter takes cells of some kinds as they are. Whatever it does not take comes to parse as text.
type cellConverter interface {
	hold(cell *Cell) (taken bool)
}

// AppendCells adds a record as Append does, from the values of a source that has types.
func (r *Rows) AppendCells(line int64, cells []Cell) (Reject, bool) {
	for i, col := range r.columns {
		if fault := col.holdCell(&cells[i]); fault != "" {
			text := cells[i].AppendText(nil)
			if cells[i].Fault != "" {
				text = cells[i].Text
			}
			return Reject{Row: line, Column: col.Name, Text: string(text), Reason: "column " + strconv.Quote(col.Name) + ": " + fault}, false
		}
	}
	for i, col := range r.columns {
		col.keep()
		r.size += len(cells[i].Text)
	}
	r.line.add(line)
	return Reject{}, true
}

// holdCell judges a cell and holds its value, or says what is wrong with it. The text of an empty cell is told from a null
// where the contract asks nothing of the text.
func (c *column) holdCell(cell *Cell) string {
	switch {
	case cell.Fault != "":
		return cell.Fault
	case cell.Kind == NullCell:
		return c.hold(nil)
	case cell.Kind == TextCell && c.bare != nil:
		c.bare.held, c.null = cell.Text, false
		return ""
	case cell.Kind == TextCell:
		return c.hold(cell.Text)
	}
	if taker, ok := c.converter.(cellConverter); ok && c.status == nil && c.values == nil && c.pattern == nil && taker.hold(cell) {
		c.null = false
		return ""
	}
	c.scratch = cell.AppendText(c.scratch[:0])
	return c.hold(c.scratch)
}

func (c *integers) hold(cell *Cell) bool {
	c.held = cell.Int
	return cell.Kind == IntegerCell
}

func (c *decimals) hold(cell *Cell) bool {
	if cell.Kind != DecimalCell && cell.Kind != IntegerCell {
		return false
	}
	n, places := cell.Int, 0
	if cell.Kind == DecimalCell {
		places = int(cell.Scale)
	}
	const room = (1<<63 - 1) / 10
	for ; places < c.scale; places++ {
		if n > room || n < -room {
			return false
		}
		n *= 10
	}
	for ; places > c.scale; places-- {
		if n%10 != 0 {
			return false
		}
		n /= 10
	}
	c.held = decimal128.FromI64(n)
	return !c.held.Abs().Greater(c.limit)
}

func (c *dates) hold(cell *Cell) bool {
	c.held = arrow.Date32(cell.Int)
	return cell.Kind == DateCell && int64(c.held) == cell.Int
}

func (c *timestamps) hold(cell *Cell) bool {
	switch {
	case cell.Finer: // its text says so
		return false
	case cell.Kind == MomentCell:
		c.held = arrow.Timestamp(cell.Int)
		return true
	case cell.Kind == LocalCell:
		offset, ok := offsetAt(time.UnixMicro(cell.Int).UTC(), c.zone)
		c.held = arrow.Timestamp(cell.Int - offset.Microseconds())
		return ok
	}
	return false
}

func (c *booleans) hold(cell *Cell) bool {
	c.held, c.last = cell.Int != 0, c.last[:0]
	return cell.Kind == BooleanCell
}
