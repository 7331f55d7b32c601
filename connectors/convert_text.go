package connectors

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// A textBuilder gathers an Arrow column of texts. It does what array.StringBuilder does in a third of the time, as most
// columns of most files are text.
type textBuilder struct {
	memory   *recycler
	offsets  []int32 // where each text begins in data; the end of the last follows when the array is made
	data     []byte
	validity validity
	most     int // bytes in a batch so far, for which room is made
}

func (b *textBuilder) add(text []byte) {
	b.validity.there(len(b.offsets))
	b.offsets = append(b.offsets, int32(len(b.data)))
	b.data = append(b.data, text...)
}

func (b *textBuilder) addString(text string) {
	b.validity.there(len(b.offsets))
	b.offsets = append(b.offsets, int32(len(b.data)))
	b.data = append(b.data, text...)
}

func (b *textBuilder) appendNull() {
	b.validity.missing(len(b.offsets))
	b.offsets = append(b.offsets, int32(len(b.data)))
}

// NewArray gives the texts and begins anew.
func (b *textBuilder) NewArray() arrow.Array {
	n := len(b.offsets)
	offsets := arrow.Int32Traits.CastToBytes(append(b.offsets, int32(len(b.data))))
	buffers := []*memory.Buffer{b.validity.buffer(), b.memory.buffer(offsets), b.memory.buffer(b.data)}
	defer releaseAll(buffers)
	data := array.NewData(arrow.BinaryTypes.String, n, buffers, nil, b.validity.nulls, 0)
	defer data.Release()
	*b = textBuilder{memory: b.memory, most: max(b.most, len(b.data))}
	return array.NewStringData(data)
}

// Reserve makes room for n more texts.
func (b *textBuilder) Reserve(n int) {
	b.offsets = arrow.GetData[int32](b.memory.Allocate((n + 1) * arrow.Int32SizeBytes))[:0]
	b.data = b.memory.Allocate(b.most)[:0]
}

// texts keeps texts exactly as they are.
type texts struct {
	textBuilder
	held []byte
}

func (t *texts) parse(text []byte) string { t.held = text; return "" }
func (t *texts) append()                  { t.add(t.held) }
