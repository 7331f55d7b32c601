package pgwire

import (
	"encoding/hex"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// An encoder appends the value in a row of a column. It is asked only where there is one.
type encoder func(to []byte, row int) []byte

// textEncoder writes values of a column as PostgreSQL's text, by what the engine's column is.
func textEncoder(values arrow.Array, zone *time.Location) encoder {
	switch a := values.(type) {
	case *array.Boolean:
		return func(to []byte, row int) []byte { return append(to, "ft"[btoi(a.Value(row))]) }
	case *array.Uint64:
		return func(to []byte, row int) []byte { return strconv.AppendUint(to, a.Value(row), 10) }
	case *array.Float32:
		return func(to []byte, row int) []byte { return appendFloat(to, float64(a.Value(row)), 32) }
	case *array.Float64:
		return func(to []byte, row int) []byte { return appendFloat(to, a.Value(row), 64) }
	case *array.Decimal128:
		scale := int(a.DataType().(*arrow.Decimal128Type).Scale)
		return func(to []byte, row int) []byte { return appendDecimal(to, a.Value(row).BigInt(), scale) }
	case *array.String:
		return func(to []byte, row int) []byte { return append(to, a.Value(row)...) }
	case *array.Binary:
		return func(to []byte, row int) []byte { return hex.AppendEncode(append(to, `\x`...), a.Value(row)) }
	case *array.MonthDayNanoInterval:
		return func(to []byte, row int) []byte { return appendInterval(to, a.Value(row)) }
	case *array.Dictionary:
		labels := textEncoder(a.Dictionary(), zone)
		return func(to []byte, row int) []byte { return labels(to, a.GetValueIndex(row)) }
	}
	if whole := wholeNumbers(values); whole != nil {
		return func(to []byte, row int) []byte { return strconv.AppendInt(to, whole(row), 10) }
	}
	if moment := moments(values); moment != nil {
		return momentText(values, moment, zone)
	}
	if items, bounds := listOf(values); items != nil {
		return listText(textEncoder(items, zone), items, bounds)
	}
	return func(to []byte, row int) []byte { return append(to, values.ValueStr(row)...) }
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// wholeNumbers reads a column of whole numbers of up to 64 bits; nil for any other.
func wholeNumbers(values arrow.Array) func(row int) int64 {
	switch a := values.(type) {
	case *array.Int8:
		return func(row int) int64 { return int64(a.Value(row)) }
	case *array.Int16:
		return func(row int) int64 { return int64(a.Value(row)) }
	case *array.Int32:
		return func(row int) int64 { return int64(a.Value(row)) }
	case *array.Int64:
		return a.Value
	case *array.Uint8:
		return func(row int) int64 { return int64(a.Value(row)) }
	case *array.Uint16:
		return func(row int) int64 { return int64(a.Value(row)) }
	case *array.Uint32:
		return func(row int) int64 { return int64(a.Value(row)) }
	}
	return nil
}

// appendFloat writes a number with the fewest digits that give it back, in the form that PostgreSQL has for it.
func appendFloat(to []byte, f float64, bits int) []byte {
	switch {
	case math.IsNaN(f):
		return append(to, "NaN"...)
	case math.IsInf(f, 1):
		return append(to, "Infinity"...)
	case math.IsInf(f, -1):
		return append(to, "-Infinity"...)
	}
	most := 15.0
	if bits == 32 {
		most = 6
	}
	if size := math.Abs(f); size != 0 && (size < 1e-4 || size >= math.Pow(10, most)) {
		return strconv.AppendFloat(to, f, 'e', -1, bits)
	}
	return strconv.AppendFloat(to, f, 'f', -1, bits)
}

// appendDecimal writes value / 10^scale with all its places.
func appendDecimal(to []byte, value *big.Int, scale int) []byte {
	if value.Sign() < 0 {
		to = append(to, '-')
	}
	digits := new(big.Int).Abs(value).String()
	if missing := scale + 1 - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	to = append(to, digits[:len(digits)-scale]...)
	if scale > 0 {
		to = append(append(to, '.'), digits[len(digits)-scale:]...)
	}
	return to
}

// appendInterval writes an interval as PostgreSQL does by default: 1 year 2 mons 3 days 04:05:06.
func appendInterval(to []byte, v arrow.MonthDayNanoInterval) []byte {
	start := len(to)
	part := func(n int64, word string) {
		if n == 0 {
			return
		}
		if len(to) > start {
			to = append(to, ' ')
		}
		to = strconv.AppendInt(to, n, 10)
		if to = append(append(to, ' '), word...); n != 1 {
			to = append(to, 's')
		}
	}
	part(int64(v.Months/12), "year")
	part(int64(v.Months%12), "mon")
	part(int64(v.Days), "day")
	if v.Nanoseconds == 0 && len(to) > start {
		return to
	}
	if len(to) > start {
		to = append(to, ' ')
	}
	if v.Nanoseconds < 0 {
		to = append(to, '-')
	}
	return appendClock(to, absolute(v.Nanoseconds/1000))
}

func absolute(n int64) int64 { return max(n, -n) }

// appendClock writes microseconds as hh:mm:ss with what there is of a fraction.
func appendClock(to []byte, micros int64) []byte {
	seconds, fraction := micros/1e6, micros%1e6
	to = fmt.Appendf(to, "%02d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
	return appendFraction(to, fraction)
}

func appendFraction(to []byte, micros int64) []byte {
	if micros == 0 {
		return to
	}
	return append(to, strings.TrimRight(fmt.Sprintf(".%06d", micros), "0")...)
}

// listOf takes a column of lists apart; no items for any other.
func listOf(values arrow.Array) (arrow.Array, func(row int) (from, to int)) {
	if _, isMap := values.(*array.Map); isMap {
		return nil, nil
	}
	list, isList := values.(array.ListLike)
	if !isList {
		return nil, nil
	}
	return list.ListValues(), func(row int) (int, int) {
		from, to := list.ValueOffsets(row)
		return int(from), int(to)
	}
}

func listText(item encoder, items arrow.Array, bounds func(int) (int, int)) encoder {
	return func(to []byte, row int) []byte {
		to = append(to, '{')
		from, end := bounds(row)
		for i := from; i < end; i++ {
			if i > from {
				to = append(to, ',')
			}
			if items.IsNull(i) {
				to = append(to, "NULL"...)
				continue
			}
			start := len(to)
			to = item(to, i)
			to = quoteItem(to, start)
		}
		return append(to, '}')
	}
}

// quoteItem puts an item of a list in quotes where it could be read as anything else.
func quoteItem(to []byte, start int) []byte {
	item := string(to[start:])
	if item != "" && !strings.ContainsAny(item, "{}\",\\ \t\n\r\v\f") && !strings.EqualFold(item, "null") {
		return to
	}
	to = append(to[:start], '"')
	for i := range len(item) {
		if item[i] == '"' || item[i] == '\\' {
			to = append(to, '\\')
		}
		to = append(to, item[i])
	}
	return append(to, '"')
}
