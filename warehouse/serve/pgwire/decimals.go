package pgwire

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	engine "github.com/duckdb/duckdb-go/v2"

	"github.com/goldthread/goldthread/warehouse/duckdb"
)

// decimals writes a column of decimals, or of whole numbers that are too long for 64 bits, as text; nil for any other.
func decimals(v *duckdb.Vector) encoder {
	switch {
	case v.Type == engine.TYPE_DECIMAL && v.Stored != engine.TYPE_HUGEINT:
		value := wholeNumbers(v)
		return func(to []byte, row int) []byte { return appendShortDecimal(to, value(row), v.Scale) }
	case v.Type == engine.TYPE_DECIMAL, v.Type == engine.TYPE_HUGEINT:
		return func(to []byte, row int) []byte {
			h := duckdb.At[duckdb.Huge](v, row)
			if n, short := shortOf(h); short {
				return appendShortDecimal(to, n, v.Scale)
			}
			return appendDecimal(to, bigOf(h), v.Scale)
		}
	case v.Type == engine.TYPE_UBIGINT:
		return func(to []byte, row int) []byte { return strconv.AppendUint(to, duckdb.At[uint64](v, row), 10) }
	}
	return nil
}

// shortOf gives a number that fits into 64 bits, and whether it does.
func shortOf(h duckdb.Huge) (int64, bool) { return int64(h.Low), int64(h.Low)>>63 == h.High }

func bigOf(h duckdb.Huge) *big.Int {
	n := new(big.Int).Lsh(big.NewInt(h.High), 64)
	return n.Add(n, new(big.Int).SetUint64(h.Low))
}

// tens are the powers of ten that fit into 64 bits.
var tens = [19]uint64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18}

// appendShortDecimal writes value / 10^scale with all its places.
func appendShortDecimal(to []byte, value int64, scale int) []byte {
	if scale >= len(tens) {
		return appendDecimal(to, big.NewInt(value), scale)
	}
	size := uint64(value)
	if value < 0 {
		to, size = append(to, '-'), -size
	}
	to = strconv.AppendUint(to, size/tens[scale], 10)
	if scale == 0 {
		return to
	}
	return appendPadded(append(to, '.'), size%tens[scale], scale)
}

// appendPadded writes a number in so many digits.
func appendPadded(to []byte, n uint64, digits int) []byte {
	start := len(to)
	for range digits {
		to = append(to, '0')
	}
	for i := len(to) - 1; i >= start && n > 0; i-- {
		to[i] = byte('0' + n%10)
		n /= 10
	}
	return to
}

// appendDecimal writes value / 10^scale with all its places.
func appendDecimal(to []byte, value *big.Int, scale int) []byte {
	if value.Sign() < 0 {
		to = append(to, '-')
	}
	whole, fraction := decimalDigits(value, scale)
	to = append(to, whole...)
	if scale > 0 {
		to = append(append(to, '.'), fraction...)
	}
	return to
}

// decimalDigits are those of |value| / 10^scale before and behind the point.
func decimalDigits(value *big.Int, scale int) (whole, fraction string) {
	digits := new(big.Int).Abs(value).String()
	if missing := scale + 1 - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	return digits[:len(digits)-scale], digits[len(digits)-scale:]
}

// binaryNumeric writes a column as numeric in PostgreSQL's digits of base 10,000.
func binaryNumeric(v *duckdb.Vector) encoder {
	switch {
	case v.Type == engine.TYPE_UBIGINT:
		return func(to []byte, row int) []byte {
			n := duckdb.At[uint64](v, row)
			if n <= math.MaxInt64 {
				return appendShortNumeric(to, int64(n), 0)
			}
			return appendNumeric(to, new(big.Int).SetUint64(n), 0)
		}
	case v.Type == engine.TYPE_HUGEINT, v.Type == engine.TYPE_DECIMAL && v.Stored == engine.TYPE_HUGEINT:
		return func(to []byte, row int) []byte {
			h := duckdb.At[duckdb.Huge](v, row)
			if n, short := shortOf(h); short {
				return appendShortNumeric(to, n, v.Scale)
			}
			return appendNumeric(to, bigOf(h), v.Scale)
		}
	}
	if whole := wholeNumbers(v); whole != nil {
		return func(to []byte, row int) []byte { return appendShortNumeric(to, whole(row), v.Scale) }
	}
	return nil
}

// appendShortNumeric writes value / 10^scale without a detour over text.
func appendShortNumeric(to []byte, value int64, scale int) []byte {
	if scale >= len(tens) {
		return appendNumeric(to, big.NewInt(value), scale)
	}
	sign, size := uint16(0), uint64(value)
	if value < 0 {
		sign, size = 0x4000, -size
	}
	whole, fraction := size/tens[scale], size%tens[scale]
	var groups [10]uint16 // five before the point at most, and five behind it
	first, last := 5, 5
	for ; whole > 0; whole /= 10_000 {
		first--
		groups[first] = uint16(whole % 10_000)
	}
	weight := 5 - first - 1
	for places := scale; places > 0; places -= 4 {
		if places < 4 {
			groups[last] = uint16(fraction * tens[4-places])
		} else {
			groups[last] = uint16(fraction / tens[places-4])
			fraction %= tens[places-4]
		}
		last++
	}
	return appendGroups(to, groups[first:last], weight, sign, scale)
}

// appendGroups writes digits of base 10,000 without the zeros around them.
func appendGroups(to []byte, groups []uint16, weight int, sign uint16, scale int) []byte {
	for len(groups) > 0 && groups[0] == 0 {
		groups, weight = groups[1:], weight-1
	}
	for len(groups) > 0 && groups[len(groups)-1] == 0 {
		groups = groups[:len(groups)-1]
	}
	if len(groups) == 0 {
		weight = 0
	}
	to = be.AppendUint16(be.AppendUint16(to, uint16(len(groups))), uint16(weight))
	to = be.AppendUint16(be.AppendUint16(to, sign), uint16(scale))
	for _, n := range groups {
		to = be.AppendUint16(to, n)
	}
	return to
}

// appendNumeric writes value / 10^scale in PostgreSQL's digits of base 10,000.
func appendNumeric(to []byte, value *big.Int, scale int) []byte {
	sign := uint16(0)
	if value.Sign() < 0 {
		sign = 0x4000
	}
	whole, fraction := decimalDigits(value, scale)
	whole = strings.Repeat("0", (4-len(whole)%4)%4) + whole
	fraction += strings.Repeat("0", (4-len(fraction)%4)%4)
	var groups []uint16
	for all := whole + fraction; all != ""; all = all[4:] {
		groups = append(groups, uint16(all[0]-'0')*1000+uint16(all[1]-'0')*100+uint16(all[2]-'0')*10+uint16(all[3]-'0'))
	}
	return appendGroups(to, groups, len(whole)/4-1, sign, scale)
}
