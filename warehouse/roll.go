package warehouse

import (
	"math/bits"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory/mallocator"
)

// A roll holds the hashes of present rows, whole, and notes which of them came again. It takes 20 bytes a row and no more
// memory than it was given room for: rows beyond that are not on it. The memory is the system's own, which has it back at
// once: as Go's it would let as much garbage stand beside it before any is cleared.
type roll struct {
	system *mallocator.Mallocator
	memory []byte
	hashes []uint64 // two at each place; noughts where it is free
	seen   bitmap   // the places whose row came
	room   int      // for so many more rows
	came   int64    // rows that came
}

// newRoll makes room for so many rows. A fifth of the places stays free, so that a search is short.
func newRoll(rows int64) *roll {
	places := rows + rows/4 + 8
	r := &roll{system: mallocator.NewMallocator(), seen: newBitmap(places), room: int(rows)}
	r.memory = r.system.Allocate(int(places) * bytesOfHash)
	r.hashes = arrow.GetData[uint64](r.memory)
	return r
}

const bytesOfHash = 16

// close gives the memory back; then there is nothing on the roll to look for.
func (r *roll) close() {
	if r.memory != nil {
		r.system.Free(r.memory)
	}
	r.memory, r.hashes = nil, nil
}

// add puts a row on the roll, as long as there is room.
func (r *roll) add(high, low uint64) {
	at, held := r.find(high, low)
	if held || r.room == 0 || high|low == 0 {
		return
	}
	r.hashes[2*at], r.hashes[2*at+1] = high, low
	r.room--
}

// find gives the place of a hash and whether it is on the roll. Hashes are spread evenly, and so are their places.
func (r *roll) find(high, low uint64) (place int, held bool) {
	places := len(r.hashes) / 2
	most, _ := bits.Mul64(low, uint64(places))
	for at := int(most); ; at++ {
		if at == places {
			at = 0
		}
		there, rest := r.hashes[2*at], r.hashes[2*at+1]
		if there|rest == 0 {
			return at, false
		}
		if there == high && rest == low {
			return at, true
		}
	}
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
