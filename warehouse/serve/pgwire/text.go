package pgwire

import (
	"bytes"
	"encoding/hex"
	"math"
	"strconv"
	"time"

	engine "github.com/duckdb/duckdb-go/v2"

	"github.com/goldthread/goldthread/warehouse/duckdb"
)

// An encoder appends the value in a row of a column. It is asked only where there is one.
type encoder func(to []byte, row int) []byte

// textEncoder writes values of a column as PostgreSQL's text, by what the engine's column is.
func textEncoder(v *duckdb.Vector, zone *time.Location) (encoder, error) {
	switch v.Type {
	case engine.TYPE_BOOLEAN:
		return func(to []byte, row int) []byte { return append(to, "ft"[duckdb.At[uint8](v, row)&1]) }, nil
	case engine.TYPE_FLOAT:
		return func(to []byte, row int) []byte { return appendFloat(to, float64(duckdb.At[float32](v, row)), 32) }, nil
	case engine.TYPE_DOUBLE:
		return func(to []byte, row int) []byte { return appendFloat(to, duckdb.At[float64](v, row), 64) }, nil
	case engine.TYPE_VARCHAR:
		return func(to []byte, row int) []byte { return append(to, v.Text(row)...) }, nil
	case engine.TYPE_SQLNULL:
		return func(to []byte, row int) []byte { return to }, nil
	case engine.TYPE_BLOB:
		return func(to []byte, row int) []byte { return hex.AppendEncode(append(to, `\x`...), v.Text(row)) }, nil
	case engine.TYPE_ENUM:
		label := wholeNumbers(v)
		return func(to []byte, row int) []byte { return append(to, v.Labels[label(row)]...) }, nil
	case engine.TYPE_UUID:
		return func(to []byte, row int) []byte { return appendUUID(to, uuidOf(v, row)) }, nil
	case engine.TYPE_INTERVAL:
		return func(to []byte, row int) []byte { return appendInterval(to, duckdb.At[duckdb.Interval](v, row)) }, nil
	case engine.TYPE_LIST, engine.TYPE_ARRAY, engine.TYPE_MAP:
		return listText(v, zone)
	case engine.TYPE_STRUCT:
		return structText(v, zone)
	}
	if decimal := decimals(v); decimal != nil {
		return decimal, nil
	}
	if moment := momentText(v, zone); moment != nil {
		return moment, nil
	}
	if whole := wholeNumbers(v); whole != nil {
		return func(to []byte, row int) []byte { return strconv.AppendInt(to, whole(row), 10) }, nil
	}
	return nil, refuse(codeNotSupported, "a column is of a type that cannot be sent").hint("cast it: cast(… as varchar)")
}

// isWordy says whether a column's text may hold any letter: that of numbers, moments and the like holds none to escape.
func isWordy(v *duckdb.Vector) bool {
	switch v.Type {
	case engine.TYPE_VARCHAR, engine.TYPE_BLOB, engine.TYPE_ENUM, engine.TYPE_LIST, engine.TYPE_ARRAY, engine.TYPE_MAP, engine.TYPE_STRUCT:
		return true
	}
	return false
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// wholeNumbers reads a column of whole numbers that fit into 64 bits, or what is kept as one; nil for any other.
func wholeNumbers(v *duckdb.Vector) func(row int) int64 {
	kind := v.Type
	if kind == engine.TYPE_ENUM || kind == engine.TYPE_DECIMAL {
		kind = v.Stored
	}
	switch kind {
	case engine.TYPE_TINYINT:
		return func(row int) int64 { return int64(duckdb.At[int8](v, row)) }
	case engine.TYPE_SMALLINT:
		return func(row int) int64 { return int64(duckdb.At[int16](v, row)) }
	case engine.TYPE_INTEGER, engine.TYPE_DATE:
		return func(row int) int64 { return int64(duckdb.At[int32](v, row)) }
	case engine.TYPE_BIGINT:
		return func(row int) int64 { return duckdb.At[int64](v, row) }
	case engine.TYPE_UTINYINT:
		return func(row int) int64 { return int64(duckdb.At[uint8](v, row)) }
	case engine.TYPE_USMALLINT:
		return func(row int) int64 { return int64(duckdb.At[uint16](v, row)) }
	case engine.TYPE_UINTEGER:
		return func(row int) int64 { return int64(duckdb.At[uint32](v, row)) }
	}
	return nil
}

// uuidOf gives the bytes of a uuid, of which the engine keeps the first bit turned so that they sort.
func uuidOf(v *duckdb.Vector, row int) (b [16]byte) {
	h := duckdb.At[duckdb.Huge](v, row)
	be.PutUint64(b[:8], uint64(h.High)^1<<63)
	be.PutUint64(b[8:], h.Low)
	return b
}

func appendUUID(to []byte, b [16]byte) []byte {
	to = append(hex.AppendEncode(to, b[:4]), '-')
	to = append(hex.AppendEncode(to, b[4:6]), '-')
	to = append(hex.AppendEncode(to, b[6:8]), '-')
	to = append(hex.AppendEncode(to, b[8:10]), '-')
	return hex.AppendEncode(to, b[10:])
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
	most := 1e15
	if bits == 32 {
		most = 1e6
	}
	if size := math.Abs(f); size != 0 && (size < 1e-4 || size >= most) {
		return strconv.AppendFloat(to, f, 'e', -1, bits)
	}
	return strconv.AppendFloat(to, f, 'f', -1, bits)
}

// appendInterval writes an interval as PostgreSQL does by default: 1 year 2 mons 3 days 04:05:06.
func appendInterval(to []byte, v duckdb.Interval) []byte {
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
	if v.Micros == 0 && len(to) > start {
		return to
	}
	if len(to) > start {
		to = append(to, ' ')
	}
	if v.Micros < 0 {
		to = append(to, '-')
	}
	return appendClock(to, absolute(v.Micros))
}

func absolute(n int64) int64 { return max(n, -n) }

func listText(v *duckdb.Vector, zone *time.Location) (encoder, error) {
	items := v.Within[0]
	item, err := textEncoder(items, zone)
	return func(to []byte, row int) []byte {
		to = append(to, '{')
		from, end := v.Items(row)
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
	}, err
}

// structText writes the members of a struct with their names.
func structText(v *duckdb.Vector, zone *time.Location) (encoder, error) {
	members := make([]encoder, len(v.Within))
	for i, member := range v.Within {
		encode, err := textEncoder(member, zone)
		if err != nil {
			return nil, err
		}
		members[i] = encode
	}
	return func(to []byte, row int) []byte {
		to = append(to, '{')
		for i, member := range v.Within {
			if i > 0 {
				to = append(to, ", "...)
			}
			to = append(append(to, v.Names[i]...), ": "...)
			if member.IsNull(row) {
				to = append(to, "NULL"...)
				continue
			}
			to = members[i](to, row)
		}
		return append(to, '}')
	}, nil
}

// quoteItem puts an item of a list in quotes where it could be read as anything else.
func quoteItem(to []byte, start int) []byte {
	item := string(to[start:])
	if item != "" && !bytes.ContainsAny(to[start:], "{}\",\\ \t\n\r\v\f") && !bytes.EqualFold(to[start:], []byte("null")) {
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
