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
	contents = h.hashColumns(rows, h.all)
	if len(h.key) == 0 {
		contents.Retain()
		return contents, contents
	}
	return h.hashColumns(rows, h.key), contents
}

func (h *rowHasher) hashColumns(rows arrow.RecordBatch, columns []hashedColumn) arrow.Array {
	out := array.NewFixedSizeBinaryBuilder(memory.DefaultAllocator, &arrow.FixedSizeBinaryType{ByteWidth: 16})
	defer out.Release()
	n := int(rows.NumRows())
	out.Reserve(n)
	writers := make([]cellWriter, len(columns))
	for i, column := range columns {
		writers[i] = newCellWriter(rows.Column(column.index))
	}
	var buffer []byte
	for row := range n {
		buffer = buffer[:0]
		for i, column := range columns {
			if !rows.Column(column.index).IsNull(row) {
				buffer = writers[i](append(buffer, column.tag[:]...), row)
			}
		}
		sum := xxh3.Hash128(buffer).Bytes()
		out.Append(sum[:])
	}
	return out.NewArray()
}

// A cellWriter appends one value so that no two values of a column look alike.
type cellWriter func(buffer []byte, row int) []byte

func newCellWriter(column arrow.Array) cellWriter {
	switch c := column.(type) {
	case *array.String:
		return func(b []byte, row int) []byte {
			text := c.Value(row)
			return append(binary.LittleEndian.AppendUint32(b, uint32(len(text))), text...)
		}
	case *array.Int64:
		return func(b []byte, row int) []byte { return binary.LittleEndian.AppendUint64(b, uint64(c.Value(row))) }
	case *array.Decimal128:
		return func(b []byte, row int) []byte {
			v := c.Value(row)
			return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(b, v.LowBits()), uint64(v.HighBits()))
		}
	case *array.Date32:
		return func(b []byte, row int) []byte { return binary.LittleEndian.AppendUint32(b, uint32(c.Value(row))) }
	case *array.Timestamp:
		return func(b []byte, row int) []byte { return binary.LittleEndian.AppendUint64(b, uint64(c.Value(row))) }
	case *array.Boolean:
		return func(b []byte, row int) []byte {
			if c.Value(row) {
				return append(b, 1)
			}
			return append(b, 0)
		}
	default:
		return func(b []byte, row int) []byte { return append(b, c.ValueStr(row)...) }
	}
}
