package connectors

import (
	"math/bits"
	"sync"

	"github.com/apache/arrow-go/v18/arrow/memory"
)

// A recycler gives the memory of batches that have been released to the next ones, so that reading a file of any size makes
// next to no garbage. It serves as an Arrow allocator, save that what it gives is not cleared. The memory goes when the
// recycler does.
type recycler struct {
	mu   sync.Mutex              // batches are released wherever they were used up
	free [bits.UintSize][][]byte // by the power of two that their capacity reaches
}

// Allocate gives size bytes with room for at least as many.
func (r *recycler) Allocate(size int) []byte {
	class := bits.Len(uint(max(size, 64) - 1))
	r.mu.Lock()
	defer r.mu.Unlock()
	kept := r.free[class]
	if len(kept) == 0 {
		return make([]byte, size, 1<<class)
	}
	last := len(kept) - 1
	r.free[class] = kept[:last]
	return kept[last][:size]
}

// Reallocate gives a piece of another size that begins alike.
func (r *recycler) Reallocate(size int, b []byte) []byte {
	if size <= cap(b) {
		return b[:size]
	}
	larger := r.Allocate(size)
	copy(larger, b)
	r.Free(b)
	return larger
}

// Free takes back what was given, or what came of it by growing.
func (r *recycler) Free(b []byte) {
	if cap(b) == 0 {
		return
	}
	class := bits.Len(uint(cap(b))) - 1
	r.mu.Lock()
	defer r.mu.Unlock()
	r.free[class] = append(r.free[class], b)
}

// buffer makes an Arrow buffer that comes back to the recycler when it is released.
func (r *recycler) buffer(b []byte) *memory.Buffer { return memory.NewBufferWithAllocator(b, r) }

func releaseAll(buffers []*memory.Buffer) {
	for _, b := range buffers {
		if b != nil {
			b.Release()
		}
	}
}
