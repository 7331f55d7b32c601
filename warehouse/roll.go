package warehouse

import (
	"math/bits"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory/mallocator"
)

// A roll holds the hashes of present rows, whole and in the order in which they stand, and notes which of them came again. It
// takes 22 bytes a row and no more memory than it was given room for: rows beyond that are not on it. The memory is the
// system's own, which has it back at once: as Go's it would let as much garbage stand beside it before any is cleared.
type roll struct {
	system *mallocator.Mallocator
	memory [][]byte
	hashes []uint64 // two at each place
	index  []uint32 // places, one more than they are, by their hashes; noughts where it is free
	seen   bitmap   // the places whose row came
	rows   int
	next   int   // the place that may come next, as most files keep their order
	came   int64 // rows that came
}

// bytesOnRoll is what a row takes: its hash, a quarter more places in the index than there are rows, and marks.
const bytesOnRoll = bytesOfHash + 6

const bytesOfHash = 16

func newRoll(rows int64) *roll {
	r := &roll{system: mallocator.NewMallocator(), seen: newBitmap(rows)}
	r.hashes = arrow.GetData[uint64](r.take(int(rows) * bytesOfHash))[:0]
	r.index = arrow.GetData[uint32](r.take(int(rows+rows/4+8) * arrow.Uint32SizeBytes))
	return r
}

func (r *roll) take(bytes int) []byte {
	taken := r.system.Allocate(bytes)
	r.memory = append(r.memory, taken)
	return taken
}

// close gives the memory back; then there is nothing on the roll to look for.
func (r *roll) close() {
	for _, taken := range r.memory {
		r.system.Free(taken)
	}
	r.memory, r.hashes, r.index = nil, nil, nil
}

// add puts rows on the roll, as long as there is room. No two of them have the same hash.
func (r *roll) add(high, low uint64) {
	if len(r.hashes) == cap(r.hashes) {
		return
	}
	r.hashes = append(r.hashes, high, low)
	r.rows++
	at := r.begin(low)
	for r.index[at] != 0 {
		if at++; at == len(r.index) {
			at = 0
		}
	}
	r.index[at] = uint32(r.rows)
}

// begin is where in the index to begin to look for a hash. Hashes are spread evenly.
func (r *roll) begin(low uint64) int {
	at, _ := bits.Mul64(low, uint64(len(r.index)))
	return int(at)
}

// find gives the place of a hash on the roll, and whether it is there.
func (r *roll) find(high, low uint64) (place int, held bool) {
	if place = r.next; place < r.rows && r.is(place, high, low) {
		r.next++
		return place, true
	}
	for at := r.begin(low); r.index[at] != 0; {
		if place = int(r.index[at]) - 1; r.is(place, high, low) {
			r.next = place + 1
			return place, true
		}
		if at++; at == len(r.index) {
			at = 0
		}
	}
	return 0, false
}

func (r *roll) is(place int, high, low uint64) bool {
	return r.hashes[2*place] == high && r.hashes[2*place+1] == low
}

// note notes that the row at a place came. It says whether that is news.
func (r *roll) note(place int) bool {
	if r.seen.has(place) {
		return false
	}
	r.seen.set(place)
	r.came++
	return true
}

// forget takes back that the row at a place came.
func (r *roll) forget(place int) {
	if r.seen.has(place) {
		r.seen.unset(place)
		r.came--
	}
}

// has says whether a row of the roll came.
func (r *roll) has(high, low uint64) bool {
	place, held := r.find(high, low)
	return held && r.seen.has(place)
}

// A bitmap is a set of small numbers.
type bitmap []uint64

func newBitmap(size int64) bitmap { return make(bitmap, size/64+1) }

func (b bitmap) has(i int) bool { return b[i/64]>>(i%64)&1 == 1 }
func (b bitmap) set(i int)      { b[i/64] |= 1 << (i % 64) }
func (b bitmap) unset(i int)    { b[i/64] &^= 1 << (i % 64) }
