// Package daylog writes a log that several processes share, a file a day, in bounds.
//
// No file is ever renamed: on Windows none can be while another process has it open, and elsewhere that process would go on writing
// into the renamed one. The next file is begun beside it, and the oldest are removed.
package daylog

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// Bounds of a log.
const (
	mostBytes = 16 << 20  // of a file, before the day has another
	mostInAll = 256 << 20 // before the oldest are removed
)

// A Log is safe for concurrent use, of goroutines and of processes.
type Log struct {
	folder    string
	now       func() time.Time
	most, all int64

	mu   sync.Mutex
	file *os.File
	day  string
}

// Open opens the log in a folder, which it makes where there is none.
func Open(folder string, now func() time.Time) (*Log, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	l := &Log{folder: folder, now: now, most: mostBytes, all: mostInAll}
	return l, l.turn(now().Format(time.DateOnly))
}

// Write adds lines to the file of the day. Each call's text stays in one piece.
func (l *Log) Write(text []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.turnIfDue(l.now().Format(time.DateOnly)); err != nil {
		return 0, err
	}
	return l.file.Write(text)
}

// Close lets go of the file.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.file.Close()
}

func (l *Log) turnIfDue(day string) error {
	info, err := l.file.Stat()
	if err != nil {
		return err
	}
	if day == l.day && info.Size() < l.most {
		return nil
	}
	return l.turn(day)
}

// turn opens the newest file of a day that is not full, and removes the oldest beyond the bound.
func (l *Log) turn(day string) error {
	var file *os.File
	for n := 1; file == nil; n++ {
		name := filepath.Join(l.folder, "goldthread-"+day+".log")
		if n > 1 {
			name = filepath.Join(l.folder, fmt.Sprintf("goldthread-%s-%d.log", day, n))
		}
		info, err := os.Stat(name)
		if err == nil && info.Size() >= l.most {
			continue
		}
		if file, err = os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644); err != nil {
			return err
		}
	}
	if l.file != nil {
		_ = l.file.Close() // all that was written to it has been handed to the system
	}
	l.file, l.day = file, day
	return l.bound()
}

// bound removes the oldest files of a log that is too large, and never the newest. One that another process on Windows still has open
// stays until the next time.
func (l *Log) bound() error {
	files, err := Files(l.folder)
	var sum int64
	for i, f := range slices.Backward(files) {
		if sum += f.Bytes; sum > l.all && i < len(files)-1 {
			_ = os.Remove(f.Path)
		}
	}
	return err
}

// A File is one of a log.
type File struct {
	Path    string
	Bytes   int64
	Written time.Time // for the last time
}

// Files lists those of the log in a folder, the one that was written to last at the end.
func Files(folder string) (files []File, err error) {
	names, err := fs.Glob(os.DirFS(folder), "goldthread*.log")
	for _, name := range names {
		name = filepath.Join(folder, name)
		info, failed := os.Stat(name)
		if errors.Is(failed, fs.ErrNotExist) { // another process removed it
			continue
		}
		if failed != nil {
			return nil, failed
		}
		files = append(files, File{name, info.Size(), info.ModTime()})
	}
	slices.SortStableFunc(files, func(a, b File) int { return a.Written.Compare(b.Written) })
	return files, err
}
