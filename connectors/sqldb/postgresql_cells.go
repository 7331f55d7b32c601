package sqldb

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"

	"github.com/goldthread/goldthread/connectors"
)

// A pgDecoder reads one value as the server sent it.
type pgDecoder func(value []byte, cell *connectors.Cell) error

// The formats in which a server can send values.
const (
	inText   int16 = 0
	inBinary int16 = 1
)

// pgDecoderOf gives how values of a type are read and asked for. Types that are not among these come as the server's own text.
func pgDecoderOf(oid uint32) (pgDecoder, int16) {
	switch oid {
	case 16:
		return pgBool, inBinary
	case 20, 21, 23, 26:
		return pgInteger, inBinary
	case 25, 1042, 1043, 19:
		return pgText, inBinary
	case 700, 701:
		return pgFloat, inBinary
	case 1082:
		return pgDate, inBinary
	case 1114:
		return pgLocal, inBinary
	case 1184:
		return pgMoment, inBinary
	case 1700:
		return pgNumeric, inBinary
	case 2950:
		return pgUUID, inBinary
	}
	return pgText, inText
}

func pgText(value []byte, cell *connectors.Cell) error {
	cell.Kind, cell.Text = connectors.TextCell, value
	return nil
}

func pgBool(value []byte, cell *connectors.Cell) error {
	if len(value) != 1 {
		return badValue("boolean", value)
	}
	cell.Kind, cell.Int = connectors.BooleanCell, int64(value[0])
	return nil
}

func pgInteger(value []byte, cell *connectors.Cell) error {
	cell.Kind = connectors.IntegerCell
	switch len(value) {
	case 2:
		cell.Int = int64(int16(binary.BigEndian.Uint16(value)))
	case 4:
		cell.Int = int64(int32(binary.BigEndian.Uint32(value)))
	case 8:
		cell.Int = int64(binary.BigEndian.Uint64(value))
	default:
		return badValue("whole number", value)
	}
	return nil
}

// pgFloat gives the shortest text that means the very same number.
func pgFloat(value []byte, cell *connectors.Cell) error {
	cell.Kind = connectors.TextCell
	switch len(value) {
	case 4:
		f := math.Float32frombits(binary.BigEndian.Uint32(value))
		cell.Text = strconv.AppendFloat(nil, float64(f), 'f', -1, 32)
	case 8:
		f := math.Float64frombits(binary.BigEndian.Uint64(value))
		cell.Text = strconv.AppendFloat(nil, f, 'f', -1, 64)
	default:
		return badValue("number", value)
	}
	return nil
}

const (
	pgEpochDays   = 10957 // 2000-01-01, from which the server counts
	pgEpochMicros = pgEpochDays * 86400 * 1_000_000
)

func pgDate(value []byte, cell *connectors.Cell) error {
	if len(value) != 4 {
		return badValue("date", value)
	}
	days := int64(int32(binary.BigEndian.Uint32(value)))
	if days == math.MaxInt32 || days == math.MinInt32 {
		pgInfinite(days > 0, cell)
		return nil
	}
	cell.Kind, cell.Int = connectors.DateCell, days+pgEpochDays
	return nil
}

func pgLocal(value []byte, cell *connectors.Cell) error {
	return pgMicros(value, cell, connectors.LocalCell)
}

func pgMoment(value []byte, cell *connectors.Cell) error {
	return pgMicros(value, cell, connectors.MomentCell)
}

func pgMicros(value []byte, cell *connectors.Cell, kind connectors.CellKind) error {
	if len(value) != 8 {
		return badValue("time", value)
	}
	micros := int64(binary.BigEndian.Uint64(value))
	if micros == math.MaxInt64 || micros == math.MinInt64 {
		pgInfinite(micros > 0, cell)
		return nil
	}
	cell.Kind, cell.Int = kind, micros+pgEpochMicros
	return nil
}

// pgInfinite is a date or time without end, which only a text can hold.
func pgInfinite(positive bool, cell *connectors.Cell) {
	cell.Kind, cell.Text = connectors.TextCell, []byte("infinity")
	if !positive {
		cell.Text = []byte("-infinity")
	}
}

func pgUUID(value []byte, cell *connectors.Cell) error {
	if len(value) != 16 {
		return badValue("uuid", value)
	}
	b := make([]byte, 36)
	for _, part := range [][3]int{{0, 0, 4}, {9, 4, 6}, {14, 6, 8}, {19, 8, 10}, {24, 10, 16}} {
		hex.Encode(b[part[0]:], value[part[1]:part[2]])
	}
	b[8], b[13], b[18], b[23] = '-', '-', '-', '-'
	cell.Kind, cell.Text = connectors.TextCell, b
	return nil
}

// Signs of a numeric.
const (
	pgPositive     = 0x0000
	pgNegative     = 0x4000
	pgNaN          = 0xC000
	pgPlusInfinity = 0xD000
	pgLessInfinity = 0xF000
)

// pgNumeric reads groups of four digits. Numbers of up to 18 digits, as most are, need no text.
func pgNumeric(value []byte, cell *connectors.Cell) error {
	if len(value) < 8 || len(value) != 8+2*int(binary.BigEndian.Uint16(value)) {
		return badValue("numeric", value)
	}
	weight, sign := int(int16(binary.BigEndian.Uint16(value[2:]))), binary.BigEndian.Uint16(value[4:])
	scale, groups := int(binary.BigEndian.Uint16(value[6:])), value[8:]
	switch sign {
	case pgPositive, pgNegative:
	case pgNaN, pgPlusInfinity, pgLessInfinity:
		cell.Kind, cell.Text = connectors.TextCell, []byte(map[uint16]string{pgNaN: "NaN", pgPlusInfinity: "Infinity", pgLessInfinity: "-Infinity"}[sign])
		return nil
	default:
		return badValue("numeric", value)
	}
	if n, ok := shortNumeric(groups, weight, scale); ok {
		if sign == pgNegative {
			n = -n
		}
		cell.Kind, cell.Int, cell.Scale = connectors.DecimalCell, n, int32(scale)
		return nil
	}
	return longNumeric(groups, weight, scale, sign == pgNegative, cell)
}

// shortNumeric gives the digits of a number as one whole number, where they surely fit.
func shortNumeric(groups []byte, weight, scale int) (n int64, ok bool) {
	const most = 18
	if weight >= 0 && (weight+1)*4+scale > most || scale > most {
		return 0, false
	}
	places := 0 // behind the point so far
	for i := 0; i < len(groups); i += 2 {
		digits := int64(binary.BigEndian.Uint16(groups[i:]))
		if digits > 9999 {
			return 0, false
		}
		at := weight - i/2 // this group counts ten thousands to this power
		switch rest := scale - (-at-1)*4; {
		case at >= 0 || rest >= 4:
			n = n*10000 + digits
			if at < 0 {
				places = -at * 4
			}
		case rest > 0:
			n, digits = n*pow10(rest), digits/pow10(4-rest)
			n += digits
			places = scale
		case digits != 0:
			return 0, false
		}
	}
	whole := weight + 1 - len(groups)/2
	for range max(whole, 0) { // groups of zeros before the point that are not sent
		n *= 10000
	}
	return n * pow10(scale-places), true
}

func pow10(n int) int64 {
	p := int64(1)
	for range n {
		p *= 10
	}
	return p
}

// longNumeric writes the digits out.
func longNumeric(groups []byte, weight, scale int, negative bool, cell *connectors.Cell) error {
	group := func(at int) (int64, error) { // the group that counts ten thousands to this power
		i := 2 * (weight - at)
		if i < 0 || i >= len(groups) {
			return 0, nil
		}
		digits := int64(binary.BigEndian.Uint16(groups[i:]))
		if digits > 9999 {
			return 0, badValue("numeric", groups)
		}
		return digits, nil
	}
	b := make([]byte, 0, (max(weight, 0)+1)*4+scale+6)
	if negative {
		b = append(b, '-')
	}
	for at := max(weight, 0); at >= 0; at-- {
		digits, err := group(at)
		if err != nil {
			return err
		}
		if at == max(weight, 0) {
			b = strconv.AppendInt(b, digits, 10)
		} else {
			b = fmt.Appendf(b, "%04d", digits)
		}
	}
	if scale > 0 {
		b = append(b, '.')
	}
	end := len(b) + scale
	for at := -1; len(b) < end; at-- {
		digits, err := group(at)
		if err != nil {
			return err
		}
		b = fmt.Appendf(b, "%04d", digits)
	}
	cell.Kind, cell.Text = connectors.TextCell, b[:end]
	return nil
}

// badValue is an answer that no server gives; it does not show the value.
func badValue(kind string, value []byte) error {
	return refuse("the server sent a %s of %d bytes that cannot be one", kind, len(value))
}
