package duckdb

import (
	"unsafe"

	bindings "github.com/duckdb/duckdb-go-bindings"
	"github.com/duckdb/duckdb-go/v2"
)

// A Vector is the values of one column in the engine's own memory, which is theirs until the stream moves on.
type Vector struct {
	Type   duckdb.Type
	Stored duckdb.Type // as what an enum or a decimal is kept
	Scale  int         // of a decimal
	Labels []string    // of an enum
	Size   int         // of an array
	Names  []string    // of a struct's members
	Within []*Vector   // the items of a list, array or map, or the members of a struct

	data  unsafe.Pointer
	valid unsafe.Pointer // a bit a row; nil where there is no null
}

func newVector(kind bindings.LogicalType) *Vector {
	v := &Vector{Type: bindings.GetTypeId(kind)}
	within := func(child bindings.LogicalType) {
		v.Within = append(v.Within, newVector(child))
		bindings.DestroyLogicalType(&child)
	}
	switch v.Type {
	case duckdb.TYPE_DECIMAL:
		v.Stored, v.Scale = bindings.DecimalInternalType(kind), int(bindings.DecimalScale(kind))
	case duckdb.TYPE_ENUM:
		v.Stored = bindings.EnumInternalType(kind)
		for i := range bindings.EnumDictionarySize(kind) {
			v.Labels = append(v.Labels, bindings.EnumDictionaryValue(kind, bindings.IdxT(i)))
		}
	case duckdb.TYPE_LIST:
		within(bindings.ListTypeChildType(kind))
	case duckdb.TYPE_ARRAY:
		v.Size = int(bindings.ArrayTypeArraySize(kind))
		within(bindings.ArrayTypeChildType(kind))
	case duckdb.TYPE_MAP:
		entry := &Vector{Type: duckdb.TYPE_STRUCT, Names: []string{"key", "value"}}
		for _, child := range []bindings.LogicalType{bindings.MapTypeKeyType(kind), bindings.MapTypeValueType(kind)} {
			entry.Within = append(entry.Within, newVector(child))
			bindings.DestroyLogicalType(&child)
		}
		v.Within = []*Vector{entry}
	case duckdb.TYPE_STRUCT:
		for i := range bindings.StructTypeChildCount(kind) {
			v.Names = append(v.Names, bindings.StructTypeChildName(kind, i))
			within(bindings.StructTypeChildType(kind, i))
		}
	}
	return v
}

// point lets a vector show those of a chunk.
func (v *Vector) point(at bindings.Vector) {
	v.valid = bindings.VectorGetValidity(at)
	switch v.Type {
	case duckdb.TYPE_STRUCT:
		for i, member := range v.Within {
			member.point(bindings.StructVectorGetChild(at, bindings.IdxT(i)))
		}
		return
	case duckdb.TYPE_ARRAY:
		v.Within[0].point(bindings.ArrayVectorGetChild(at))
		return
	case duckdb.TYPE_LIST, duckdb.TYPE_MAP:
		v.Within[0].point(bindings.ListVectorGetChild(at))
	}
	v.data = bindings.VectorGetData(at)
}

// IsNull says whether a row has no value.
func (v *Vector) IsNull(row int) bool {
	if v.valid == nil {
		return false
	}
	word := *(*uint64)(unsafe.Add(v.valid, row/64*8))
	return word>>(uint(row)%64)&1 == 0
}

// At is the value of a row, as the engine keeps that of its type: T must be of the same size.
func At[T any](v *Vector, row int) T {
	var one T
	return *(*T)(unsafe.Add(v.data, row*int(unsafe.Sizeof(one))))
}

// A Huge is a whole number of 128 bits.
type Huge struct {
	Low  uint64
	High int64
}

// An Interval is a time span.
type Interval struct {
	Months, Days int32
	Micros       int64
}

// shortest is how long a text may be to be kept in its place.
const shortest = 12

type text struct {
	length uint32
	prefix [4]byte
	at     unsafe.Pointer
}

// Text is the text or the bytes of a row; they are the engine's.
func (v *Vector) Text(row int) []byte {
	t := (*text)(unsafe.Add(v.data, row*int(unsafe.Sizeof(text{}))))
	if t.length <= shortest {
		return unsafe.Slice((*byte)(unsafe.Pointer(&t.prefix)), t.length)
	}
	return unsafe.Slice((*byte)(t.at), t.length)
}

// Items are the first of the items that belong to a row's list, array or map, and the first that does not.
func (v *Vector) Items(row int) (from, to int) {
	if v.Type == duckdb.TYPE_ARRAY {
		return row * v.Size, (row + 1) * v.Size
	}
	entry := At[struct{ from, length uint64 }](v, row)
	return int(entry.from), int(entry.from + entry.length)
}
