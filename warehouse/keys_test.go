package warehouse

import (
	"encoding/binary"
	"fmt"
	"os"
	"testing"

	"github.com/zeebo/xxh3"
)

func TestKeySetFindsAKeyThatStandsTwice(t *testing.T) {
	const all = 5000
	for _, most := range []int{1 << 20, all / 2, 700, 1} {
		for _, twice := range []int{-1, 0, 1, all / 2, all - 1} {
			s := &keySet{folder: t.TempDir()}
			for i := range all {
				addKey(t, s, i, most)
			}
			if twice >= 0 {
				addKey(t, s, twice, most)
			}
			if got, err := s.mayRepeat(); got != (twice >= 0) || err != nil {
				t.Errorf("%d in memory, key %d twice: %v, %v", most, twice, got, err)
			}
			if err := s.close(); err != nil {
				t.Error(err)
			}
			if left, _ := os.ReadDir(s.folder); len(left) > 0 {
				t.Errorf("%d in memory: %v is left", most, left)
			}
		}
	}
}

func addKey(t *testing.T, s *keySet, n, most int) {
	t.Helper()
	s.add(xxh3.HashString(fmt.Sprint(n)))
	if err := s.spill(most); err != nil {
		t.Fatal(err)
	}
}

func TestKeySetTellsThatTheDiskFails(t *testing.T) {
	s := &keySet{folder: t.TempDir() + "/not there"}
	s.add(1)
	if err := s.spill(0); err == nil {
		t.Error("nothing was said of a folder that is not there")
	}
}

// FuzzRepeats compares with a map.
func FuzzRepeats(f *testing.F) {
	f.Add([]byte("0123456701234567"))
	f.Add(make([]byte, 24))
	f.Fuzz(func(t *testing.T, text []byte) {
		var keys []uint64
		seen, want := map[uint64]bool{}, false
		for ; len(text) >= 8; text = text[8:] {
			key := binary.LittleEndian.Uint64(text)
			keys = append(keys, key)
			want = want || seen[key|1]
			seen[key|1] = true
		}
		if repeats(keys) != want {
			t.Errorf("%x: %v", keys, !want)
		}
	})
}
