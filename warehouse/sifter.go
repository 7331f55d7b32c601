package warehouse

import (
	"encoding/binary"
	"errors"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// A sifter hands rows on and says of each, in a column is_wanted at the end, whether it may have to be stored. A row that is
// as a present one is not wanted, unless another like it came before. Batches of which no row is wanted it keeps back.
type sifter struct {
	array.RecordReader
	schema *arrow.Schema
	roll   *roll
	again  bitmap // the places on the roll of which several rows came
	twice  bool   // there are any
	trail  *trail
	keys   *keySet // of the wanted rows
	marked arrow.RecordBatch
	err    error
}

func newSifter(rows array.RecordReader, r *roll, folder string) (*sifter, error) {
	t, err := newTrail(folder)
	if err != nil {
		return nil, err
	}
	fields := append(rows.Schema().Fields(), arrow.Field{Name: "is_wanted", Type: arrow.FixedWidthTypes.Boolean})
	return &sifter{
		RecordReader: rows, schema: arrow.NewSchema(fields, nil), roll: r, again: newBitmap(int64(r.rows)),
		trail: t, keys: &keySet{folder: folder},
	}, nil
}

func (s *sifter) Schema() *arrow.Schema { return s.schema }

func (s *sifter) Next() bool {
	s.drop()
	for s.err == nil && s.RecordReader.Next() {
		rows := s.RecordReader.RecordBatch()
		wanted, some := s.sift(rows)
		if s.err == nil && some {
			s.marked = s.mark(rows, wanted)
			return true
		}
	}
	return false
}

// sift says which rows are wanted.
func (s *sifter) sift(rows arrow.RecordBatch) (wanted bitmap, some bool) {
	keys, contents := hashesOf(rows)
	extracts, lines := placesOf(rows)
	n := contents.Len()
	wanted = newBitmap(int64(n))
	for i := range n {
		place, held := s.roll.find(words(contents.Value(i)))
		if held && s.roll.note(place) {
			s.err = s.trail.add(step{int64(place), extracts.Value(i), lines.Value(i)})
			continue
		}
		if held {
			s.again.set(place)
			s.twice = true
		}
		wanted.set(i)
		some = true
		s.keys.add(binary.BigEndian.Uint64(keys.Value(i)))
	}
	s.err = errors.Join(s.err, s.keys.spill(mostKeysInMemory))
	return wanted, some
}

// rival is told of a present row whose key came with something else. If the row itself came too, its key came twice.
func (s *sifter) rival(_, known []byte) {
	if place, held := s.roll.find(words(known)); held && s.roll.seen.has(place) {
		s.again.set(place)
		s.twice = true
	}
}

// mark puts beside rows which of them are wanted.
func (s *sifter) mark(rows arrow.RecordBatch, wanted bitmap) arrow.RecordBatch {
	n := int(rows.NumRows())
	data := array.NewData(arrow.FixedWidthTypes.Boolean, n, []*memory.Buffer{nil, memory.NewBufferBytes(arrow.Uint64Traits.CastToBytes(wanted))}, nil, 0, 0)
	defer data.Release()
	isWanted := array.NewBooleanData(data)
	defer isWanted.Release()
	own := rows.Columns()
	return array.NewRecordBatch(s.schema, append(own[:len(own):len(own)], isWanted), int64(n))
}

func (s *sifter) RecordBatch() arrow.RecordBatch { return s.marked }

func (s *sifter) Record() arrow.RecordBatch { return s.marked }

func (s *sifter) Err() error {
	if s.err != nil {
		return s.err
	}
	return s.RecordReader.Err()
}

func (s *sifter) drop() {
	if s.marked != nil {
		s.marked.Release()
		s.marked = nil
	}
}

func (s *sifter) close() error {
	s.drop()
	s.roll.close()
	return errors.Join(s.trail.close(), s.keys.close())
}

// hashesOf gives the last two columns of rows, the hashes of their keys and of the whole rows.
func hashesOf(rows arrow.RecordBatch) (keys, contents *array.FixedSizeBinary) {
	n := int(rows.NumCols())
	return rows.Column(n - 2).(*array.FixedSizeBinary), rows.Column(n - 1).(*array.FixedSizeBinary)
}

// placesOf gives the two columns before them, which say from which extract and line a row came.
func placesOf(rows arrow.RecordBatch) (extracts, lines *array.Int64) {
	n := int(rows.NumCols())
	return rows.Column(n - 4).(*array.Int64), rows.Column(n - 3).(*array.Int64)
}

// words are the two of a hash.
func words(hash []byte) (high, low uint64) {
	return binary.BigEndian.Uint64(hash), binary.BigEndian.Uint64(hash[8:])
}
