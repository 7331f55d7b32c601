package pgwire

import (
	"encoding/binary"
	"math"
	"strconv"
	"strings"
	"time"

	engine "github.com/duckdb/duckdb-go/v2"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/goldthread/goldthread/warehouse/duckdb"

	"github.com/goldthread/goldthread/warehouse/serve/catalog"
)

// big-endian, as all of the protocol
var be = binary.BigEndian

// binaryEncoder writes values of a column in the binary form of the type that was announced.
func binaryEncoder(t dataType, v *duckdb.Vector, zone *time.Location) (encoder, error) {
	switch t.oid {
	case pgtype.TextOID:
		return textEncoder(v, zone)
	case pgtype.NumericOID:
		if numeric := binaryNumeric(v); numeric != nil {
			return numeric, nil
		}
	case catalog.VectorOID:
		return binaryVector(v, zone)
	}
	switch v.Type {
	case engine.TYPE_BOOLEAN:
		return func(to []byte, row int) []byte { return append(to, duckdb.At[uint8](v, row)&1) }, nil
	case engine.TYPE_FLOAT:
		return func(to []byte, row int) []byte { return be.AppendUint32(to, duckdb.At[uint32](v, row)) }, nil
	case engine.TYPE_DOUBLE:
		return func(to []byte, row int) []byte { return be.AppendUint64(to, duckdb.At[uint64](v, row)) }, nil
	case engine.TYPE_BLOB:
		return func(to []byte, row int) []byte { return append(to, v.Text(row)...) }, nil
	case engine.TYPE_UUID:
		return func(to []byte, row int) []byte {
			raw := uuidOf(v, row)
			return append(to, raw[:]...)
		}, nil
	case engine.TYPE_INTERVAL:
		return func(to []byte, row int) []byte {
			i := duckdb.At[duckdb.Interval](v, row)
			to = be.AppendUint64(to, uint64(i.Micros))
			return be.AppendUint32(be.AppendUint32(to, uint32(i.Days)), uint32(i.Months))
		}, nil
	case engine.TYPE_LIST, engine.TYPE_ARRAY:
		return binaryList(t, v, zone)
	}
	if moment := moments(v); moment != nil {
		return sized(t.size, func(row int) int64 { return since2000(moment(row), t.oid) })
	}
	if whole := wholeNumbers(v); whole != nil {
		return sized(t.size, whole)
	}
	return nil, errOtherType
}

// binaryVector writes the text of a vector as its array, which counts from 0.
func binaryVector(values *duckdb.Vector, zone *time.Location) (encoder, error) {
	text, err := textEncoder(values, zone)
	return func(to []byte, row int) []byte {
		numbers := strings.Fields(string(text(nil, row)))
		for _, n := range []uint32{1, 0, pgtype.Int2OID, uint32(len(numbers)), 0} {
			to = be.AppendUint32(to, n)
		}
		for _, n := range numbers {
			value, _ := strconv.ParseInt(n, 10, 16) // the catalogue wrote it
			to = be.AppendUint16(be.AppendUint32(to, 2), uint16(value))
		}
		return to
	}, err
}

// sized writes whole numbers in the bytes that the announced type has.
func sized(size int16, whole func(int) int64) (encoder, error) {
	switch size {
	case 2:
		return func(to []byte, row int) []byte { return be.AppendUint16(to, uint16(whole(row))) }, nil
	case 4:
		return func(to []byte, row int) []byte { return be.AppendUint32(to, uint32(whole(row))) }, nil
	case 8:
		return func(to []byte, row int) []byte { return be.AppendUint64(to, uint64(whole(row))) }, nil
	}
	return nil, errOtherType
}

var errOtherType = refuse(codeNotSupported, "the type of a column is not the one that was announced").hint("prepare the statement again")

func binaryList(t dataType, v *duckdb.Vector, zone *time.Location) (encoder, error) {
	items := v.Within[0]
	item, err := binaryEncoder(dataType{oid: t.element, size: sizes[t.element]}, items, zone)
	if err != nil {
		return nil, err
	}
	return func(to []byte, row int) []byte {
		from, end := v.Items(row)
		if from == end {
			return be.AppendUint32(be.AppendUint64(to, 0), t.element)
		}
		to = be.AppendUint32(be.AppendUint32(to, 1), 1) // one dimension; there may be nulls
		to = be.AppendUint32(to, t.element)
		to = be.AppendUint32(be.AppendUint32(to, uint32(end-from)), 1)
		for i := from; i < end; i++ {
			to = appendValue(to, items, item, i)
		}
		return to
	}, nil
}

// sizes are the bytes of the scalar types.
var sizes = func() map[uint32]int16 {
	m := map[uint32]int16{oidType.oid: oidType.size}
	for _, t := range scalarTypes {
		m[t.oid] = t.size
	}
	return m
}()

// appendValue writes a value with its length before it.
func appendValue(to []byte, v *duckdb.Vector, encode encoder, row int) []byte {
	if v.IsNull(row) {
		return be.AppendUint32(to, math.MaxUint32)
	}
	start := len(to)
	to = encode(append(to, 0, 0, 0, 0), row)
	be.PutUint32(to[start:], uint32(len(to)-start-4))
	return to
}
