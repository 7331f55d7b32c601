package csvdrop

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

const (
	chunkSize = 256 << 10 // read at a time
	// maxRecord bounds what one record may take, and so the memory of a reader: four times the longest field Excel and
	// the case systems we know of can write.
	maxRecord = 4 << 20
	// maxRaw bounds how much of a damaged record is kept beside its reason; the whole stands in the archive.
	maxRaw = 64 << 10
)

// A Record is one record of a file, or one that could not be read. Its bytes are valid until the next call of Next.
type Record struct {
	Line   int64    // physical line on which it begins
	Fields [][]byte // nil where Damage says why
	Blank  bool     // no field holds any text
	Damage string   // why the record is set aside
	Raw    []byte   // of a damaged record: its first physical line
}

// A Reader takes a file apart into records, strictly by its format.
//
// After damage it goes on at the physical line that follows the one on which the damaged record begins, so that a stray
// quote costs its own record and not those after it.
type Reader struct {
	in        io.Reader
	delimiter byte
	quote     byte // 0 where fields are never quoted
	escape    byte
	encoding  string

	// Width is the number of fields a record must have; 0 takes any.
	Width int

	buf      []byte
	pos, end int // buf[pos:end] is read and not yet given out
	eof      bool
	begun    bool
	line     int64 // physical line at pos
	cutting  bool  // within a line too long to hold, whose rest is passed over
	lf, cr   finder
	quotes   finder
	nuls     finder
	record   Record
	fields   [][]byte
	scratch  []byte // texts of fields that held escaped quotes
}

// NewReader reads a file of the given format, which must be valid.
func NewReader(in io.Reader, format Format) (*Reader, error) {
	decoded, err := format.decoder(in)
	if err != nil {
		return nil, err
	}
	r := &Reader{in: decoded, encoding: format.Encoding, buf: make([]byte, chunkSize), line: 1}
	r.delimiter, _ = symbol(format.Delimiter)
	r.quote, _ = symbol(format.Quote)
	r.escape, _ = symbol(format.Escape)
	r.lf, r.cr, r.quotes = finder{sought: '\n'}, finder{sought: '\r'}, finder{sought: r.quote}
	r.forget()
	return r, nil
}

// Next gives the next record, or io.EOF after the last. The record is the reader's own and changes with the next call.
func (r *Reader) Next() (*Record, error) {
	stop, next, err := r.physicalLine()
	if err != nil {
		return nil, err
	}
	r.record = Record{Line: r.line}
	if r.cutting {
		return r.tooLong(), nil
	}
	if r.unquoted(stop) || r.quotedLine(stop) {
		if fault := r.unfit(stop); fault != "" {
			return r.setAside(stop, next, fault), nil
		}
		return r.accept(next, 1), nil
	}
	last, after, damage, err := r.quoted()
	if err != nil {
		return nil, err
	}
	// Reading on may have moved the buffer, so the first line is looked up again.
	stop, next, _ = r.physicalLine()
	if damage == "" {
		damage = r.unfit(last)
	}
	if damage != "" {
		return r.setAside(stop, next, damage), nil
	}
	return r.accept(after, lines(r.buf[r.pos:after])), nil
}

// SkipLine passes over one physical line, whatever it holds. It reports io.EOF where there is none.
func (r *Reader) SkipLine() error {
	_, next, err := r.physicalLine()
	if err != nil {
		return err
	}
	if r.cutting {
		r.tooLong()
		return nil
	}
	r.advance(next, 1)
	return nil
}

// unfit says why the record that ends at stop cannot be taken, once its fields are known.
func (r *Reader) unfit(stop int) string {
	if r.nuls.next(r.buf, r.pos, r.end) < stop {
		return "the record holds a NUL character (byte 0), which no text may"
	}
	if fault := r.undecodable(r.buf[r.pos:stop]); fault != "" {
		return fault
	}
	r.record.Blank = blank(r.fields)
	if r.Width > 0 && len(r.fields) != r.Width && !r.record.Blank {
		return fmt.Sprintf("the record has %d fields and the header %d", len(r.fields), r.Width)
	}
	return ""
}

// undecodable says that a record holds bytes that are no text in the declared encoding. The decoders of all encodings but
// UTF-8 put U+FFFD for such bytes.
func (r *Reader) undecodable(text []byte) string {
	if r.encoding == "utf-8" {
		if utf8.Valid(text) {
			return ""
		}
		return "the record is not valid UTF-8; the file may be in another encoding, such as windows-1252"
	}
	if bytes.ContainsRune(text, utf8.RuneError) {
		return "the record holds bytes that are no character of " + r.encoding
	}
	return ""
}

func blank(fields [][]byte) bool {
	for _, f := range fields {
		if len(f) > 0 {
			return false
		}
	}
	return true
}

// accept gives out the record, which takes so many lines and ends before the byte at after.
func (r *Reader) accept(after int, lines int64) *Record {
	r.record.Fields = r.fields
	r.advance(after, lines)
	return &r.record
}

// setAside gives out the first physical line of a damaged record and goes on at the next.
func (r *Reader) setAside(stop, next int, damage string) *Record {
	r.record.Damage, r.record.Blank = damage, false
	r.record.Raw = r.buf[r.pos:min(stop, r.pos+maxRaw)]
	r.advance(next, 1)
	return &r.record
}

func (r *Reader) advance(to int, lines int64) {
	r.pos = to
	r.line += lines
}

// lines counts the line ends in text: at least one, as the last line of a file may have none.
func lines(text []byte) int64 {
	crlf := bytes.Count(text, []byte("\r\n"))
	return int64(max(1, bytes.Count(text, []byte("\n"))+bytes.Count(text, []byte("\r"))-crlf))
}

// unquoted takes apart the line that stops at stop, if there is no quote in it.
func (r *Reader) unquoted(stop int) bool {
	if r.quote != 0 && r.quotes.next(r.buf, r.pos, r.end) < stop {
		return false
	}
	r.fields = r.fields[:0]
	line := r.buf[r.pos:stop]
	for {
		i := bytes.IndexByte(line, r.delimiter)
		if i < 0 {
			r.fields = append(r.fields, line)
			return true
		}
		r.fields = append(r.fields, line[:i:i])
		line = line[i+1:]
	}
}

// physicalLine finds where the line at pos stops and where the next begins. It reads on as needed. A line too long to
// hold leaves the reader cutting.
func (r *Reader) physicalLine() (stop, next int, err error) {
	for {
		if r.begun || r.eof {
			if stop, next, ok := r.lineEnd(); ok {
				return stop, next, nil
			}
			if r.eof && r.pos == r.end {
				return 0, 0, io.EOF
			}
			if r.eof {
				return r.end, r.end, nil
			}
			if r.end-r.pos >= maxRecord {
				r.cutting = true
				return r.end, r.end, nil
			}
		}
		if err := r.fill(); err != nil {
			return 0, 0, err
		}
	}
}

// lineEnd looks for a line end in what has been read. A CR at the very end may be half of a CRLF, and so is none yet.
func (r *Reader) lineEnd() (stop, next int, ok bool) {
	stop = min(r.lf.next(r.buf, r.pos, r.end), r.cr.next(r.buf, r.pos, r.end))
	switch {
	case stop == r.end:
		return 0, 0, false
	case r.buf[stop] == '\n':
		return stop, stop + 1, true
	case stop+1 == r.end:
		return stop, stop + 1, r.eof
	case r.buf[stop+1] == '\n':
		return stop, stop + 2, true
	}
	return stop, stop + 1, true
}

// tooLong sets aside the beginning of a line that cannot be held and passes over the rest of it.
func (r *Reader) tooLong() *Record {
	r.record = Record{Line: r.line, Damage: fmt.Sprintf("the line is longer than %d MiB", maxRecord>>20)}
	r.record.Raw = bytes.Clone(r.buf[r.pos : r.pos+maxRaw])
	r.cutting = false
	for {
		if _, next, ok := r.lineEnd(); ok {
			r.advance(next, 1)
			return &r.record
		}
		if r.eof {
			r.advance(r.end, 1)
			return &r.record
		}
		// Keep the last byte: it may be the CR of a CRLF.
		r.pos = max(r.pos, r.end-1)
		if err := r.fill(); err != nil {
			// The next call meets the error again and gives it out.
			return &r.record
		}
	}
}

// errFull says that a record has reached maxRecord and more of it is wanted.
var errFull = errors.New("the record is too long")

// fill reads more into the buffer, making room before or growing it up to maxRecord.
func (r *Reader) fill() error {
	if r.pos > 0 {
		r.end = copy(r.buf, r.buf[r.pos:r.end])
		r.pos = 0
	}
	if r.end == len(r.buf) {
		if r.end >= maxRecord {
			return errFull
		}
		r.buf = append(r.buf, make([]byte, len(r.buf))...)
	}
	n, err := io.ReadFull(r.in, r.buf[r.end:])
	r.end += n
	r.forget()
	switch {
	case err == io.EOF || err == io.ErrUnexpectedEOF:
		r.eof = true
	case err != nil:
		return err
	}
	if !r.begun {
		r.begun = true
		if bytes.HasPrefix(r.buf[:r.end], []byte("\xEF\xBB\xBF")) {
			r.pos = 3
		}
	}
	return nil
}

// forget drops what the finders know, after the buffer has changed.
func (r *Reader) forget() {
	r.lf.at, r.cr.at, r.quotes.at, r.nuls.at = -1, -1, -1, -1
}

// A finder remembers where a byte comes next, so that each byte of a buffer is looked at once for it.
type finder struct {
	sought byte
	at     int
}

// next is the place of the byte sought in buf[from:end], or end.
func (f *finder) next(buf []byte, from, end int) int {
	if f.at >= from {
		return f.at
	}
	f.at = end
	if i := bytes.IndexByte(buf[from:end], f.sought); i >= 0 {
		f.at = from + i
	}
	return f.at
}
