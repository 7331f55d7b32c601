package pgwire

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"math/big"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/jackc/pgx/v5/pgtype"
)

// big-endian, as all of the protocol
var be = binary.BigEndian

// binaryEncoder writes values of a column in the binary form of the type that was announced.
func binaryEncoder(t dataType, values arrow.Array, zone *time.Location) (encoder, error) {
	switch t.oid {
	case pgtype.TextOID:
		return textEncoder(values, zone), nil
	case pgtype.NumericOID:
		return binaryNumeric(values)
	}
	switch a := values.(type) {
	case *array.Boolean:
		return func(to []byte, row int) []byte { return append(to, byte(btoi(a.Value(row)))) }, nil
	case *array.Float32:
		return func(to []byte, row int) []byte { return be.AppendUint32(to, math.Float32bits(a.Value(row))) }, nil
	case *array.Float64:
		return func(to []byte, row int) []byte { return be.AppendUint64(to, math.Float64bits(a.Value(row))) }, nil
	case *array.Binary:
		return func(to []byte, row int) []byte { return append(to, a.Value(row)...) }, nil
	case *array.String: // of a uuid: no other type than text is handed on as one
		return func(to []byte, row int) []byte {
			raw, _ := hex.DecodeString(strings.ReplaceAll(a.Value(row), "-", "")) // the engine wrote it
			return append(to, raw...)
		}, nil
	case *array.MonthDayNanoInterval:
		return func(to []byte, row int) []byte {
			v := a.Value(row)
			to = be.AppendUint64(to, uint64(v.Nanoseconds/1000))
			return be.AppendUint32(be.AppendUint32(to, uint32(v.Days)), uint32(v.Months))
		}, nil
	}
	if whole := wholeNumbers(values); whole != nil {
		return sized(t.size, whole)
	}
	if moment := moments(values); moment != nil {
		return sized(t.size, func(row int) int64 { return since2000(moment(row), t.oid) })
	}
	if items, bounds := listOf(values); items != nil {
		return binaryList(t, items, bounds, zone)
	}
	return nil, refuse(codeNotSupported, "a column of type %s cannot be sent in binary", values.DataType())
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
	return nil, refuse(codeNotSupported, "the type of a column is not the one that was announced").hint("prepare the statement again")
}

func binaryNumeric(values arrow.Array) (encoder, error) {
	switch a := values.(type) {
	case *array.Decimal128:
		scale := int(a.DataType().(*arrow.Decimal128Type).Scale)
		return func(to []byte, row int) []byte { return appendNumeric(to, a.Value(row).BigInt(), scale) }, nil
	case *array.Uint64:
		return func(to []byte, row int) []byte { return appendNumeric(to, new(big.Int).SetUint64(a.Value(row)), 0) }, nil
	}
	if whole := wholeNumbers(values); whole != nil {
		return func(to []byte, row int) []byte { return appendNumeric(to, big.NewInt(whole(row)), 0) }, nil
	}
	return nil, refuse(codeNotSupported, "a column of type %s cannot be sent as numeric", values.DataType())
}

// appendNumeric writes value / 10^scale in PostgreSQL's digits of base 10,000.
func appendNumeric(to []byte, value *big.Int, scale int) []byte {
	sign := uint16(0)
	if value.Sign() < 0 {
		sign = 0x4000
	}
	digits := new(big.Int).Abs(value).String()
	if missing := scale + 1 - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	whole, fraction := digits[:len(digits)-scale], digits[len(digits)-scale:]
	whole = strings.Repeat("0", (4-len(whole)%4)%4) + whole
	fraction += strings.Repeat("0", (4-len(fraction)%4)%4)
	var groups []uint16
	for all := whole + fraction; all != ""; all = all[4:] {
		groups = append(groups, uint16(all[0]-'0')*1000+uint16(all[1]-'0')*100+uint16(all[2]-'0')*10+uint16(all[3]-'0'))
	}
	weight := len(whole)/4 - 1
	for len(groups) > 0 && groups[0] == 0 {
		groups, weight = groups[1:], weight-1
	}
	for len(groups) > 0 && groups[len(groups)-1] == 0 {
		groups = groups[:len(groups)-1]
	}
	if len(groups) == 0 {
		weight = 0
	}
	for _, n := range []uint16{uint16(len(groups)), uint16(weight), sign, uint16(scale)} {
		to = be.AppendUint16(to, n)
	}
	for _, n := range groups {
		to = be.AppendUint16(to, n)
	}
	return to
}

func binaryList(t dataType, items arrow.Array, bounds func(int) (int, int), zone *time.Location) (encoder, error) {
	element := dataType{oid: t.element, size: sizes[t.element]}
	item, err := binaryEncoder(element, items, zone)
	if err != nil {
		return nil, err
	}
	return func(to []byte, row int) []byte {
		from, end := bounds(row)
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
func appendValue(to []byte, values arrow.Array, encode encoder, row int) []byte {
	if values.IsNull(row) {
		return be.AppendUint32(to, math.MaxUint32)
	}
	start := len(to)
	to = encode(append(to, 0, 0, 0, 0), row)
	be.PutUint32(to[start:], uint32(len(to)-start-4))
	return to
}
