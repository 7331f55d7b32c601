package warehouse

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"os"
)

// A trail keeps on file where each row came from that is as a present one: its place on the roll, its extract and its line.
// It is read again only where such a row turns out to share its key with another that came.
type trail struct {
	file *os.File
	out  *bufio.Writer
	last step
	text []byte // of one step
}

type step struct{ place, extract, row int64 }

func newTrail(folder string) (*trail, error) {
	file, err := os.CreateTemp(folder, "trail")
	if err != nil {
		return nil, err
	}
	return &trail{file: file, out: bufio.NewWriter(file)}, nil
}

// add goes a step on. Lines mostly follow each other, so a step is written by what it adds to the one before.
func (t *trail) add(s step) error {
	t.text = binary.AppendUvarint(t.text[:0], uint64(s.place))
	t.text = binary.AppendVarint(t.text, s.extract-t.last.extract)
	t.text = binary.AppendVarint(t.text, s.row-t.last.row)
	t.last = s
	_, err := t.out.Write(t.text)
	return err
}

// walk calls do for each step.
func (t *trail) walk(do func(step) error) error {
	if err := t.out.Flush(); err != nil {
		return err
	}
	if _, err := t.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	in := bufio.NewReader(t.file)
	var s step
	for {
		place, err := binary.ReadUvarint(in)
		if err == io.EOF {
			return nil
		}
		extract, failed := binary.ReadVarint(in)
		row, alike := binary.ReadVarint(in)
		if err := errors.Join(err, failed, alike); err != nil {
			return err
		}
		s = step{int64(place), s.extract + extract, s.row + row}
		if err := do(s); err != nil {
			return err
		}
	}
}

func (t *trail) close() error { return errors.Join(t.file.Close(), os.Remove(t.file.Name())) }
