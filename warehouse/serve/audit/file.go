package audit

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/goldthread/goldthread/internal/durable"
	"github.com/goldthread/goldthread/internal/fault"
)

// The files are named by their place in the log and the month in which each begins.
var fileNames = regexp.MustCompile(`^[0-9]{6}-[0-9]{4}-[0-9]{2}\.jsonl$`)

func fileName(number int, month string) string { return fmt.Sprintf("%06d-%s.jsonl", number, month) }

func monthOf(at time.Time) string { return at.UTC().Format("2006-01") }

// files lists the log's files in order.
func files(folder string) (names []string, err error) {
	entries, err := os.ReadDir(folder)
	for _, e := range entries {
		if fileNames.MatchString(e.Name()) {
			names = append(names, e.Name())
		}
	}
	return names, err
}

// catchUp reads the end of the log again where another process has written since, or a write of ours went wrong.
func (l *Log) catchUp() error {
	names, err := files(l.folder)
	if err != nil {
		return err
	}
	if l.file == nil && len(names) == 0 {
		return nil
	}
	if l.file != nil && len(names) > 0 && names[len(names)-1] == l.name {
		info, err := l.file.Stat()
		if err == nil && info.Size() == l.size {
			return nil
		}
	}
	return l.load()
}

// load finds the newest entry, and mends the log's end.
func (l *Log) load() error {
	head, _, err := readHead(l.folder)
	if err != nil {
		return err
	}
	names, err := files(l.folder)
	if err != nil {
		return err
	}
	end := ending{last: origin}
	if len(names) > 0 {
		if err := l.openFile(names[len(names)-1], os.O_RDWR); err != nil {
			return err
		}
		if end, err = l.readEnd(names); err != nil {
			return err
		}
	}
	switch {
	case end.fault != "":
		return l.tampered(fmt.Sprintf("%s:%d: %s", l.name, end.lines+1, end.fault))
	case end.last.Number < head.Number:
		return l.tampered(fmt.Sprintf("%s at the end %s", entries(end.last.Number+1, head.Number), missing(end.last.Number+1, head.Number)))
	case end.last.Number == head.Number && end.last != head && head.Number > 0:
		return l.tampered(fmt.Sprintf("entry %d is another than the head names", head.Number))
	}
	l.last, l.size = end.last, end.size
	return l.mend(end)
}

// readEnd reads how the log ends. A crash may have left its newest file without an entry.
func (l *Log) readEnd(names []string) (end ending, err error) {
	end, err = readEnd(l.file)
	for i := len(names) - 2; i >= 0 && err == nil && end.lines == 0 && end.fault == "" && end.last == origin; i-- {
		var before ending
		before, err = endOf(filepath.Join(l.folder, names[i]))
		end.last = before.last
	}
	return end, err
}

func endOf(path string) (end ending, err error) {
	file, err := os.Open(path)
	if err != nil {
		return end, err
	}
	end, err = readEnd(file)
	return end, errors.Join(err, file.Close())
}

func (l *Log) tampered(what string) error {
	return &fault.Error{
		Where: l.folder, What: "the audit log cannot be gone on with: " + what,
		Fix: "goldthread audit verify names all that is wrong; keep the folder for whoever looks into it under another name, and a new log begins",
	}
}

// openFile makes a file of the log the one that is written.
func (l *Log) openFile(name string, flags int) error {
	file, err := os.OpenFile(filepath.Join(l.folder, name), flags|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	if l.file != nil {
		err = l.file.Close()
	}
	l.file, l.name, l.size = file, name, 0
	return err
}

// mend takes away what a crash left of an entry that nobody was answered for, and notes that it did.
func (l *Log) mend(end ending) error {
	if end.torn == 0 {
		return nil
	}
	// Not by the handle, which on Windows may only append.
	if err := os.Truncate(filepath.Join(l.folder, l.name), end.size); err != nil {
		return err
	}
	if err := l.write(Entry{At: end.at, Action: "mended", Outcome: fmt.Sprintf("%d bytes of an entry that was cut off", end.torn)}); err != nil {
		return err
	}
	return l.sync()
}

// write adds the line of an entry to the newest file, or begins the next.
func (l *Log) write(e Entry) error {
	text, head, err := encode(e, l.last)
	if err != nil {
		return err
	}
	if err := l.turn(e.At, int64(len(text))); err != nil {
		return err
	}
	if _, err := l.file.Write(text); err != nil {
		// What was written of it is an entry cut off, which the next one to write takes away.
		l.size = -1
		return err
	}
	l.size += int64(len(text))
	l.last = head
	return nil
}

// turn begins the next file where the month is over or the newest is full. A clock that was put back begins none.
func (l *Log) turn(at time.Time, more int64) error {
	month, number := monthOf(at), 1
	if l.file != nil {
		var held string
		if _, err := fmt.Sscanf(l.name, "%06d-%7s", &number, &held); err != nil {
			return err
		}
		if month <= held && l.size+more <= l.most {
			return nil
		}
		month = max(month, held)
		if err := l.sync(); err != nil { // the file is not written again, so its entries must be on the disk now
			return err
		}
		number++
	}
	if err := l.openFile(fileName(number, month), os.O_RDWR|os.O_CREATE|os.O_EXCL); err != nil {
		return err
	}
	return durable.SyncFolder(l.folder)
}

// An ending is how a file of the log ends.
type ending struct {
	last  Head
	at    time.Time // when it was last written
	size  int64     // of its whole lines
	lines int
	torn  int64  // bytes after them
	fault string // in the line that follows the whole ones
}

// readEnd reads a file as far as its lines follow each other.
func readEnd(file *os.File) (end ending, err error) {
	info, err := file.Stat()
	if err != nil {
		return end, err
	}
	end.last, end.at = origin, info.ModTime()
	lines := newLines(file)
	for {
		text, whole, err := lines.next()
		if errors.Is(err, io.EOF) {
			return end, nil
		}
		if err != nil {
			return end, err
		}
		if !whole {
			end.torn = int64(len(text))
			return end, nil
		}
		line, hash, err := decode(text)
		switch {
		case err != nil:
			end.fault = err.Error()
			return end, nil
		case end.lines > 0 && (line.Number != end.last.Number+1 || line.Previous != end.last.Hash):
			end.fault = fmt.Sprintf("entry %d does not follow the one before", line.Number)
			return end, nil
		}
		end.last = Head{line.Number, hash}
		end.lines++
		end.size += int64(len(text)) + 1
	}
}

// longestLine bounds what is read into memory for a line. Ours are far shorter.
const longestLine = 64 << 10

// lines reads lines one by one.
type lines struct{ in *bufio.Reader }

func newLines(in io.Reader) lines { return lines{bufio.NewReaderSize(in, longestLine)} }

// next gives a line without its end, and whether it had one. A line that is far too long comes in pieces, none of them an entry.
func (l lines) next() (text []byte, whole bool, err error) {
	text, err = l.in.ReadSlice('\n')
	switch {
	case err == nil:
		return text[:len(text)-1], true, nil
	case errors.Is(err, bufio.ErrBufferFull):
		return text, true, nil
	case errors.Is(err, io.EOF) && len(text) > 0:
		return text, false, nil
	}
	return nil, false, err
}

// The head stands apart from the entries, and names the newest that is on the disk.
const headFile = "head"

func readHead(folder string) (h Head, found bool, err error) { return readNamed(folder, headFile) }

func writeHead(folder string, h Head) error {
	return durable.Replace(filepath.Join(folder, headFile), []byte(h.String()+"\n"), 0o600)
}
