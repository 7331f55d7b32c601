package connectors

import (
	"encoding/gob"
	"errors"
	"io"
	"iter"
	"os"
)

// An ExtractReject is a reject with the id of the extract it stands in.
type ExtractReject struct {
	ExtractID int64
	Reject
}

// A rejectSpool holds rejects in memory while they are few and in a file when they are many.
type rejectSpool struct {
	folder string
	held   []ExtractReject
	file   *os.File
	out    *gob.Encoder
}

const rejectsInMemory = 10_000

func newRejectSpool(folder string) *rejectSpool { return &rejectSpool{folder: folder} }

func (s *rejectSpool) add(extractID int64, reject Reject) error {
	one := ExtractReject{extractID, reject}
	if len(s.held) < rejectsInMemory {
		s.held = append(s.held, one)
		return nil
	}
	if s.file == nil {
		file, err := os.CreateTemp(s.folder, "rejects")
		if err != nil {
			return err
		}
		s.file, s.out = file, gob.NewEncoder(file)
	}
	return s.out.Encode(one)
}

func (s *rejectSpool) all() iter.Seq2[ExtractReject, error] {
	return func(yield func(ExtractReject, error) bool) {
		for _, one := range s.held {
			if !yield(one, nil) {
				return
			}
		}
		if s.file == nil {
			return
		}
		if _, err := s.file.Seek(0, io.SeekStart); err != nil {
			yield(ExtractReject{}, err)
			return
		}
		in := gob.NewDecoder(s.file)
		for {
			var one ExtractReject
			err := in.Decode(&one)
			if errors.Is(err, io.EOF) || !yield(one, err) || err != nil {
				return
			}
		}
	}
}

func (s *rejectSpool) close() {
	if s.file == nil {
		return
	}
	s.file.Close()
	os.Remove(s.file.Name())
	s.file = nil
}
