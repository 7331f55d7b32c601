package connectors

import (
	"encoding/binary"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/zeebo/xxh3"
)

// A RowHasher hashes rows to 128 bits, the whole row and its key, by which landing knows a row again. Columns go in by the
// order of their names, each under its name and nulls left out, so a column added or moved leaves the hashes of rows that lack
// it as they were. It is not safe for concurrent use.
type RowHasher struct {
	all, key []hashedColumn
	buffer   []byte // of one row
	memory   recycler
}

type hashedColumn struct {
	index int
	tag   uint64
}

// NewRowHasher hashes batches of a schema, whose column of line numbers it leaves out.
func NewRowHasher(schema *arrow.Schema, key []string) *RowHasher {
	h := &RowHasher{}
	for i, field := range schema.Fields() {
		if field.Name == RowColumn {
			continue
		}
		column := hashedColumn{index: i, tag: xxh3.HashString(field.Name)}
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

// Hash gives the hashes of the keys and of the whole rows, which the caller releases. Without a key the two are one.
func (h *RowHasher) Hash(rows arrow.RecordBatch) (keys, contents *array.FixedSizeBinary) {
	contents = h.hashColumns(rows, h.all)
	if len(h.key) == 0 {
		contents.Retain()
		return contents, contents
	}
	return h.hashColumns(rows, h.key), contents
}

const hashBytes = 16

func (h *RowHasher) hashColumns(rows arrow.RecordBatch, columns []hashedColumn) *array.FixedSizeBinary {
	all := make([]cells, len(columns))
	for i, column := range columns {
		all[i] = cellsOf(rows.Column(column.index))
		all[i].tag = column.tag
	}
	n := int(rows.NumRows())
	out := h.memory.Allocate(n * hashBytes)[:0]
	for row := range n {
		h.buffer = h.buffer[:0]
		for i := range all {
			h.buffer = all[i].append(h.buffer, row)
		}
		sum := xxh3.Hash128(h.buffer)
		out = binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(out, sum.Hi), sum.Lo)
	}
	buffers := []*memory.Buffer{nil, h.memory.buffer(out)}
	defer releaseAll(buffers)
	data := array.NewData(&arrow.FixedSizeBinaryType{ByteWidth: hashBytes}, n, buffers, nil, 0, 0)
	defer data.Release()
	return array.NewFixedSizeBinaryData(data)
}

// The cells of a column lie as the batch holds them, so that hashing one is copying its bytes.
type cells struct {
	tag     uint64
	column  arrow.Array
	nulls   bool
	bytes   []byte
	offsets []int32 // of texts; nil where the cells are none
	words   []uint64
	each    int // words that a cell takes; 0 where neither texts nor words hold it
}

func cellsOf(column arrow.Array) cells {
	c := cells{column: column, nulls: column.NullN() > 0}
	switch a := column.(type) {
	case *array.String:
		c.bytes, c.offsets = a.ValueBytes(), a.ValueOffsets()
	case *array.Int64:
		c.words, c.each = arrow.GetData[uint64](arrow.Int64Traits.CastToBytes(a.Int64Values())), 1
	case *array.Timestamp:
		c.words, c.each = arrow.GetData[uint64](arrow.TimestampTraits.CastToBytes(a.TimestampValues())), 1
	case *array.Decimal128:
		c.words, c.each = arrow.GetData[uint64](arrow.Decimal128Traits.CastToBytes(a.Values())), 2
	}
	return c
}

// append appends one cell, under its column's tag, so that no two values of a column look alike. A null adds nothing.
func (c *cells) append(buffer []byte, row int) []byte {
	if c.nulls && c.column.IsNull(row) {
		return buffer
	}
	buffer = binary.LittleEndian.AppendUint64(buffer, c.tag)
	switch {
	case c.offsets != nil:
		first := c.offsets[0]
		text := c.bytes[c.offsets[row]-first : c.offsets[row+1]-first]
		return append(binary.LittleEndian.AppendUint32(buffer, uint32(len(text))), text...)
	case c.each == 1:
		return binary.LittleEndian.AppendUint64(buffer, c.words[row])
	case c.each == 2:
		return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(buffer, c.words[2*row]), c.words[2*row+1])
	default:
		return c.appendOther(buffer, row)
	}
}

func (c *cells) appendOther(buffer []byte, row int) []byte {
	switch a := c.column.(type) {
	case *array.Date32:
		return binary.LittleEndian.AppendUint32(buffer, uint32(a.Value(row)))
	case *array.Boolean:
		return strconv.AppendBool(buffer, a.Value(row))
	default:
		return append(buffer, a.ValueStr(row)...)
	}
}
