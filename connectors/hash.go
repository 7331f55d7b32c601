package connectors

import (
	"encoding/binary"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/zeebo/xxh3"
)

// A rowHasher hashes rows to 128 bits, the whole row and its key. Columns go in by the order of their names, each under its
// name and nulls left out, so a column added or moved leaves the hashes of rows that lack it as they were.
type rowHasher struct {
	all, key []hashedColumn
	buffer   []byte // of one row
}

type hashedColumn struct {
	index int
	tag   [8]byte
}

func newRowHasher(schema *arrow.Schema, key []string) *rowHasher {
	h := &rowHasher{}
	for i, field := range schema.Fields() {
		if field.Name == RowColumn {
			continue
		}
		column := hashedColumn{index: i}
		binary.LittleEndian.PutUint64(column.tag[:], xxh3.HashString(field.Name))
		h.all = append(h.all, column)
		if slices.Contains(key, field.Name) {
			h.key = append(h.key, column)
		}
	}
	byName := func(a, b hashedColumn) int {
		return strings.Compare(schema.Field(a.index).Name, schema.Field(b.index).Name)
	}
	slices.SortFunc(h.all, byName)
	slices.SortFunc(h.key, byName)
	return h
}

// hash gives the hashes of the keys and of the whole rows. Without a key the two are one.
func (h *rowHasher) hash(rows arrow.RecordBatch) (keys, contents arrow.Array) {
	cells := make([]cells, rows.NumCols())
	for _, column := range h.all {
		cells[column.index] = cellsOf(rows.Column(column.index))
	}
	contents = h.hashColumns(int(rows.NumRows()), cells, h.all)
	if len(h.key) == 0 {
		contents.Retain()
		return contents, contents
	}
	return h.hashColumns(int(rows.NumRows()), cells, h.key), contents
}

const hashBytes = 16

func (h *rowHasher) hashColumns(rows int, cells []cells, columns []hashedColumn) arrow.Array {
	out := make([]byte, 0, rows*hashBytes)
	for row := range rows {
		h.buffer = h.buffer[:0]
		for i := range columns {
			c := &cells[columns[i].index]
			if c.isNull(row) {
				continue
			}
			h.buffer = c.append(append(h.buffer, columns[i].tag[:]...), row)
		}
		sum := xxh3.Hash128(h.buffer)
		out = binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(out, sum.Hi), sum.Lo)
	}
	data := array.NewData(&arrow.FixedSizeBinaryType{ByteWidth: hashBytes}, rows, []*memory.Buffer{nil, memory.NewBufferBytes(out)}, nil, 0, 0)
	defer data.Release()
	return array.NewFixedSizeBinaryData(data)
}

// The cells of a column lie as the batch holds them, so that hashing one is copying its bytes.
type cells struct {
	column  arrow.Array
	nulls   bool
	bytes   []byte
	offsets []int32 // of texts; nil where each cell takes width bytes
	width   int
}

func cellsOf(column arrow.Array) cells {
	c := cells{column: column, nulls: column.NullN() > 0}
	switch a := column.(type) {
	case *array.String:
		c.bytes, c.offsets = a.ValueBytes(), a.ValueOffsets()
	case *array.Int64:
		c.bytes, c.width = arrow.Int64Traits.CastToBytes(a.Int64Values()), 8
	case *array.Decimal128:
		c.bytes, c.width = arrow.Decimal128Traits.CastToBytes(a.Values()), 16
	case *array.Date32:
		c.bytes, c.width = arrow.Date32Traits.CastToBytes(a.Date32Values()), 4
	case *array.Timestamp:
		c.bytes, c.width = arrow.TimestampTraits.CastToBytes(a.TimestampValues()), 8
	}
	return c
}

func (c *cells) isNull(row int) bool { return c.nulls && c.column.IsNull(row) }

// append appends one cell so that no two values of a column look alike.
func (c *cells) append(buffer []byte, row int) []byte {
	switch {
	case c.offsets != nil:
		first := c.offsets[0]
		text := c.bytes[c.offsets[row]-first : c.offsets[row+1]-first]
		return append(binary.LittleEndian.AppendUint32(buffer, uint32(len(text))), text...)
	case c.width > 0:
		return append(buffer, c.bytes[row*c.width:(row+1)*c.width]...)
	default:
		return append(buffer, c.column.ValueStr(row)...)
	}
}
