package warehouse

import (
	"encoding/binary"
	"errors"
	"io"
	"os"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// A keyWatch hands rows on and looks at their keys on the way, so that the engine need look for keys that stand twice only
// where there are any: hardly ever, and it is dear.
type keyWatch struct {
	array.RecordReader
	keys *keySet
	err  error
}

func (k *keyWatch) Next() bool {
	if k.err != nil || !k.RecordReader.Next() {
		return false
	}
	rows := k.RecordBatch()
	hashes := rows.Column(int(rows.NumCols()) - 2).(*array.FixedSizeBinary)
	for i := range hashes.Len() {
		k.keys.add(binary.BigEndian.Uint64(hashes.Value(i)))
	}
	k.err = k.keys.spill(mostKeysInMemory)
	return k.err == nil
}

func (k *keyWatch) Err() error {
	if k.err != nil {
		return k.err
	}
	return k.RecordReader.Err()
}

// A keySet gathers the first 64 bits of hashes in parts by the first eight. Past a number of them they go to a file, so
// that the memory it takes does not grow with the load.
type keySet struct {
	folder string
	parts  [256]keyPart
	held   int // in memory
	file   *os.File
	size   int64 // of the file
}

type keyPart struct {
	keys    []uint64
	spilled []spilledKeys
	count   int
}

type spilledKeys struct {
	offset int64
	count  int
}

// mostKeysInMemory is some 8 MB of them.
const mostKeysInMemory = 1 << 20

func (s *keySet) add(key uint64) {
	part := &s.parts[key>>56]
	part.keys = append(part.keys, key)
	s.held++
}

// spill writes the keys to the file where more than most are held.
func (s *keySet) spill(most int) (err error) {
	if s.held <= most {
		return nil
	}
	if s.file == nil {
		if s.file, err = os.CreateTemp(s.folder, "keys"); err != nil {
			return err
		}
	}
	for i := range s.parts {
		part := &s.parts[i]
		n, err := s.file.Write(arrow.Uint64Traits.CastToBytes(part.keys))
		if err != nil {
			return err
		}
		part.spilled = append(part.spilled, spilledKeys{s.size, len(part.keys)})
		part.count += len(part.keys)
		part.keys = part.keys[:0]
		s.size += int64(n)
	}
	s.held = 0
	return nil
}

// mayRepeat says whether two of the keys begin alike. Where they do not, no key stands twice.
func (s *keySet) mayRepeat() (bool, error) {
	for i := range s.parts {
		keys, err := s.load(&s.parts[i])
		if err != nil || repeats(keys) {
			return err == nil, err
		}
	}
	return false, nil
}

// load gives all keys of a part.
func (s *keySet) load(part *keyPart) ([]uint64, error) {
	if part.count == 0 {
		return part.keys, nil
	}
	keys := make([]uint64, part.count, part.count+len(part.keys))
	rest := keys
	for _, piece := range part.spilled {
		if _, err := s.file.ReadAt(arrow.Uint64Traits.CastToBytes(rest[:piece.count]), piece.offset); err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		rest = rest[piece.count:]
	}
	return append(keys, part.keys...), nil
}

// repeats says whether one of the keys, which are spread evenly, stands twice.
func repeats(keys []uint64) bool {
	size := 16
	for size < 2*len(keys) {
		size *= 2
	}
	table := make([]uint64, size)
	for _, key := range keys {
		key |= 1 // nought is for what is free; two keys more in many look alike for it
		at := int(key>>8) & (size - 1)
		for table[at] != 0 {
			if table[at] == key {
				return true
			}
			at = (at + 1) & (size - 1)
		}
		table[at] = key
	}
	return false
}

func (s *keySet) close() error {
	if s.file == nil {
		return nil
	}
	return errors.Join(s.file.Close(), os.Remove(s.file.Name()))
}
