package warehouse

import (
	"encoding/binary"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
)

func TestARollKnowsItsRowsByTheirWholeHashes(t *testing.T) {
	const rows = 5000
	random := rand.New(rand.NewPCG(1, 2))
	var hashes [][2]uint64
	r := newRoll(rows)
	defer r.close()
	for range rows {
		one := [2]uint64{random.Uint64(), random.Uint64()}
		hashes = append(hashes, one)
		r.add(one[0], one[1])
	}
	random.Shuffle(rows/2, func(i, j int) { hashes[i], hashes[j] = hashes[j], hashes[i] })
	for _, h := range hashes {
		place, held := r.find(h[0], h[1])
		if !held || r.has(h[0], h[1]) || !r.note(place) || r.note(place) || !r.has(h[0], h[1]) {
			t.Fatalf("%x is not on the roll as it should be", h)
		}
		for _, other := range [][2]uint64{{h[0] + 1, h[1]}, {h[0], h[1] + 1}, {h[0] ^ 1<<63, h[1]}, {h[0], h[1] ^ 1<<63}} {
			if _, held := r.find(other[0], other[1]); held {
				t.Fatalf("%x is taken for %x", other, h)
			}
		}
	}
	if r.came != rows {
		t.Errorf("%d rows came", r.came)
	}
	place, _ := r.find(hashes[0][0], hashes[0][1])
	r.forget(place)
	r.forget(place)
	if r.came != rows-1 || r.has(hashes[0][0], hashes[0][1]) {
		t.Errorf("%d rows came after one of them was taken back", r.came)
	}
}

func TestARollTakesNoMoreThanItHasRoomFor(t *testing.T) {
	r := newRoll(3)
	defer r.close()
	held := 0
	for i := range uint64(100) {
		r.add(i, i<<57)
	}
	for i := range uint64(100) {
		if _, ok := r.find(i, i<<57); ok {
			held++
		}
	}
	if held != 3 {
		t.Errorf("%d rows are on a roll with room for 3", held)
	}
}

// FuzzTrail walks a trail of any steps.
func FuzzTrail(f *testing.F) {
	f.Add(make([]byte, 48))
	f.Add([]byte("places, extracts and lines in any order: they go up and down"))
	f.Fuzz(func(t *testing.T, text []byte) {
		folder := t.TempDir()
		trail, err := newTrail(folder)
		if err != nil {
			t.Fatal(err)
		}
		var want, got []step
		for ; len(text) >= 24; text = text[24:] {
			s := step{
				int64(binary.LittleEndian.Uint64(text) >> 1), int64(binary.LittleEndian.Uint64(text[8:])),
				int64(binary.LittleEndian.Uint64(text[16:])),
			}
			want = append(want, s)
			if err := trail.add(s); err != nil {
				t.Fatal(err)
			}
		}
		if err := trail.walk(func(s step) error { got = append(got, s); return nil }); err != nil || !slices.Equal(got, want) {
			t.Errorf("got %v, %v\nwant %v", got, err, want)
		}
		if err := trail.close(); err != nil {
			t.Error(err)
		}
		if left, _ := os.ReadDir(folder); len(left) > 0 {
			t.Errorf("%v is left", left)
		}
	})
}
