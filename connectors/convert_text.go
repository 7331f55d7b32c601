package connectors

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// A textBuilder gathers an Arrow column of texts. It does what array.StringBuilder does in a third of the time, as most
// columns of most files are text.
type textBuilder struct {
	offsets []int32 // where each text begins in data; the end of the last follows when the array is made
	data    []byte
	valid   []byte // a bit for each text; nothing while none is null
	nulls   int
	most    int // bytes in a batch so far, for which room is made
}

func (b *textBuilder) add(text []byte) {
	b.offsets = append(b.offsets, int32(len(b.data)))
	b.data = append(b.data, text...)
	if b.nulls > 0 {
		b.mark(len(b.offsets)-1, true)
	}
}

func (b *textBuilder) addString(text string) {
	b.offsets = append(b.offsets, int32(len(b.data)))
	b.data = append(b.data, text...)
	if b.nulls > 0 {
		b.mark(len(b.offsets)-1, true)
	}
}

func (b *textBuilder) appendNull() {
	if b.nulls == 0 {
		for i := range b.offsets {
			b.mark(i, true)
		}
	}
	b.nulls++
	b.mark(len(b.offsets), false)
	b.offsets = append(b.offsets, int32(len(b.data)))
}

// mark notes whether the text at i is there. Texts are marked in order.
func (b *textBuilder) mark(i int, there bool) {
	if i%8 == 0 {
		b.valid = append(b.valid, 0)
	}
	if there {
		b.valid[i/8] |= 1 << (i % 8)
	}
}

// NewArray gives the texts and begins anew.
func (b *textBuilder) NewArray() arrow.Array {
	n, nulls := len(b.offsets), b.nulls
	offsets := arrow.Int32Traits.CastToBytes(append(b.offsets, int32(len(b.data))))
	buffers := []*memory.Buffer{nil, memory.NewBufferBytes(offsets), memory.NewBufferBytes(b.data)}
	if nulls > 0 {
		buffers[0] = memory.NewBufferBytes(b.valid)
	}
	data := array.NewData(arrow.BinaryTypes.String, n, buffers, nil, nulls, 0)
	defer data.Release()
	*b = textBuilder{most: max(b.most, len(b.data))}
	return array.NewStringData(data)
}

// Reserve makes room for n more texts.
func (b *textBuilder) Reserve(n int) {
	b.offsets = make([]int32, 0, n+1)
	b.data = make([]byte, 0, b.most)
}

// texts keeps texts exactly as they are.
type texts struct {
	textBuilder
	held []byte
}

func (t *texts) parse(text []byte) string { t.held = text; return "" }
func (t *texts) append()                  { t.add(t.held) }
