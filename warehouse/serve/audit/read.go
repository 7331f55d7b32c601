package audit

import (
	"errors"
	"io"
	"iter"
	"os"
	"path/filepath"
	"time"
)

// Read gives the entries since a moment, in the order of the log. It leaves out what is no entry; Verify tells what is wrong.
func Read(path string, since time.Time) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		names, err := files(path)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			yield(Line{}, err)
			return
		}
		for i, name := range names {
			// A file is over where the next begins, in a month that its name tells.
			if i+1 < len(names) && names[i+1][7:14] < monthOf(since) {
				continue
			}
			if more, err := readFile(filepath.Join(path, name), since, yield); err != nil {
				yield(Line{}, err)
				return
			} else if !more {
				return
			}
		}
	}
}

// readFile gives the entries of one file, and whether there is to be more.
func readFile(path string, since time.Time, yield func(Line, error) bool) (more bool, err error) {
	file, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	in := newLines(file)
	for {
		text, _, err := in.next()
		if errors.Is(err, io.EOF) {
			return true, nil
		}
		if err != nil {
			return false, err
		}
		line, _, err := decode(text)
		if err != nil || line.At.Before(since) {
			continue
		}
		if !yield(line, nil) {
			return false, nil
		}
	}
}
