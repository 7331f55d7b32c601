package csvdrop

import (
	"bytes"
	"fmt"
)

// A verdict is what became of a try to take a record apart within what has been read of the file.
type verdict int

const (
	whole   verdict = iota // the record is complete
	more                   // the file must be read on
	damaged                // the record breaks the rules of quoting
)

const (
	strayQuote   = "a quote stands within a field that does not begin with one"
	textAfter    = "text follows the closing quote of a field"
	neverClosed  = "a quote is opened and never closed"
	neverClosed2 = "a quote is opened and not closed within %d MiB"
)

// quotedLine takes apart the line that stops at stop, if its quotes are as nearly all are: around whole fields, closed on
// the line, and none within a field. Any other line it leaves to quoted, which judges it.
func (r *Reader) quotedLine(stop int) bool {
	if r.escape != r.quote {
		return false
	}
	r.fields = r.fields[:0]
	for at := r.pos; ; at++ {
		text, next, ok := r.wholeField(at, stop)
		if !ok {
			return false
		}
		r.fields = append(r.fields, text)
		if at = next; at == stop {
			return true
		}
	}
}

// wholeField takes the field at at and gives where it ends, if quotes stand around all of it or none stands in it.
func (r *Reader) wholeField(at, stop int) (text []byte, next int, ok bool) {
	if at < stop && r.buf[at] == r.quote {
		closing := r.quotes.next(r.buf, at+1, r.end)
		next = closing + 1
		if closing >= stop || next < stop && r.buf[next] != r.delimiter {
			return nil, 0, false
		}
		return r.buf[at+1 : closing : closing], next, true
	}
	next = stop
	if i := bytes.IndexByte(r.buf[at:stop], r.delimiter); i >= 0 {
		next = at + i
	}
	return r.buf[at:next:next], next, r.quotes.next(r.buf, at, r.end) >= next
}

// quoted takes apart the record at pos, some field of which may be quoted, reading on where it goes over the buffer.
// It gives where the record's text stops and where the next record begins, or why it is damaged.
func (r *Reader) quoted() (stop, next int, damage string, err error) {
	for {
		stop, next, v, why := r.scan()
		switch {
		case v == whole:
			return stop, next, "", nil
		case v == damaged:
			return 0, 0, why, nil
		}
		switch err := r.fill(); err {
		case nil:
		case errFull:
			return 0, 0, fmt.Sprintf(neverClosed2, maxRecord>>20), nil
		default:
			return 0, 0, "", err
		}
	}
}

// scan takes apart the record at pos as far as the buffer goes.
func (r *Reader) scan() (stop, next int, v verdict, why string) {
	r.fields, r.scratch = r.fields[:0], r.scratch[:0]
	at := r.pos
	for {
		var text []byte
		if at < r.end && r.buf[at] == r.quote {
			text, at, v = r.quotedField(at + 1)
			if v == damaged {
				return 0, 0, v, neverClosed
			}
		} else {
			text, at, v = r.bareField(at)
			if v == damaged {
				return 0, 0, v, strayQuote
			}
		}
		if v == more {
			return 0, 0, v, ""
		}
		r.fields = append(r.fields, text)
		if at == r.end { // only at the end of the file
			return at, at, whole, ""
		}
		switch r.buf[at] {
		case r.delimiter:
			at++
		case '\n':
			return at, at + 1, whole, ""
		case '\r':
			return r.afterCR(at)
		default:
			return 0, 0, damaged, textAfter
		}
	}
}

// afterCR ends a record at the CR at at, with its LF where one follows.
func (r *Reader) afterCR(at int) (stop, next int, v verdict, why string) {
	switch {
	case at+1 == r.end && !r.eof:
		return 0, 0, more, ""
	case at+1 < r.end && r.buf[at+1] == '\n':
		return at, at + 2, whole, ""
	}
	return at, at + 1, whole, ""
}

// bareField takes a field that does not begin with a quote, up to the delimiter or line end.
func (r *Reader) bareField(from int) (text []byte, next int, v verdict) {
	for i := from; i < r.end; i++ {
		switch r.buf[i] {
		case r.delimiter, '\n', '\r':
			return r.buf[from:i:i], i, whole
		case r.quote:
			return nil, 0, damaged
		}
	}
	if !r.eof {
		return nil, 0, more
	}
	return r.buf[from:r.end:r.end], r.end, whole
}

// quotedField takes the rest of a field whose opening quote has been read, up to the byte after the closing one.
func (r *Reader) quotedField(from int) (text []byte, next int, v verdict) {
	start := len(r.scratch)
	for {
		i := r.special(from)
		if i < 0 || (i+1 == r.end && !r.eof) {
			return nil, 0, r.open()
		}
		isPair := i+1 < r.end && r.pair(i)
		if !isPair && r.buf[i] == r.quote {
			return r.text(start, from, i), i + 1, whole
		}
		if isPair {
			r.scratch = append(append(r.scratch, r.buf[from:i]...), r.buf[i+1])
			from = i + 2
			continue
		}
		// An escape before any other character stands for itself.
		r.scratch = append(r.scratch, r.buf[from:i+1]...)
		from = i + 1
	}
}

// open is the verdict on a quoted field whose end is not in the buffer.
func (r *Reader) open() verdict {
	if r.eof {
		return damaged
	}
	return more
}

// special is the place of the next quote or escape, or -1.
func (r *Reader) special(from int) int {
	rest := r.buf[from:r.end]
	i := bytes.IndexByte(rest, r.quote)
	if r.escape != r.quote {
		if i >= 0 {
			rest = rest[:i]
		}
		if j := bytes.IndexByte(rest, r.escape); j >= 0 {
			i = j
		}
	}
	if i < 0 {
		return -1
	}
	return from + i
}

// pair says whether the escape at i makes an ordinary character of what follows: a quote, or the escape itself.
func (r *Reader) pair(i int) bool {
	following := r.buf[i+1]
	return r.buf[i] == r.escape && (following == r.quote || following == r.escape)
}

// text is the field that ends at i, of which what stands before from has been copied where it held pairs.
func (r *Reader) text(start, from, i int) []byte {
	if len(r.scratch) == start {
		return r.buf[from:i:i]
	}
	r.scratch = append(r.scratch, r.buf[from:i]...)
	return r.scratch[start:len(r.scratch):len(r.scratch)]
}
