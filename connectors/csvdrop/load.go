package csvdrop

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"

	"github.com/goldthread/goldthread/connectors"
)

const (
	batchRows  = 16 << 10
	batchBytes = 8 << 20 // of text, so that a file of long fields takes no more memory than one of short ones
	// handful is how many rows may be set aside whatever their share, so that the lines of totals and notes under a short
	// table do not refuse it.
	handful = 3
)

// A loading is the reading of one load's files.
type loading struct {
	*reading
	rows  *connectors.Rows
	begun bool // something of the load has been yielded
}

// A fileLoad is what has come of one file so far.
type fileLoad struct {
	*loading
	extract  connectors.Extract
	told     bool // the extract has been yielded
	last     bool // the load ends with this file
	rejects  []connectors.Reject
	weight   int // of the rejects' texts
	blank    int64
	stored   int64
	rejected int64
	first    connectors.Reject
}

// load reads files as one load. A file that must be refused after some of the load has been yielded takes the load back.
func (r *reading) load(ctx context.Context, looks []look) error {
	rows, err := connectors.NewRows(r.dataset, r.zone)
	if err != nil {
		return err
	}
	l := &loading{reading: r, rows: rows}
	before := r.cursor.clone()
	for i, look := range looks {
		f := &fileLoad{loading: l, extract: look.extract, last: i == len(looks)-1}
		err := f.read(ctx, look)
		if err == nil {
			continue
		}
		if ctx.Err() != nil || errors.Is(err, connectors.ErrStopped) {
			return err
		}
		r.cursor = before
		return l.takeBack(ctx, f, looks, err)
	}
	return nil
}

// takeBack reports the file that could not be taken, and drops what was yielded of its load.
func (l *loading) takeBack(ctx context.Context, f *fileLoad, looks []look, cause error) error {
	l.failed(&f.extract, cause)
	f.extract.Notes = nil
	if rows := l.rows.Take(); rows != nil {
		rows.Release()
	}
	err := l.emit(connectors.Batch{Extract: &f.extract, Discard: l.begun, EndOfLoad: true})
	for _, look := range looks {
		if err != nil || look.extract.Place == f.extract.Place {
			continue
		}
		if !look.isHashed() {
			if stored, err := l.archive.Store(ctx, l.files, look.name); err == nil {
				l.describe(&look.extract, stored)
			}
		}
		look.extract.Outcome = f.extract.Outcome
		look.extract.Reason = fmt.Sprintf("not kept, as a snapshot is read whole and %s could not be", f.extract.Place)
		err = l.report(look.extract)
	}
	return err
}

// read takes a file into the archive and reads it from there, while it is still being copied. Its error is a refusal, or
// says why it cannot be read.
func (f *fileLoad) read(ctx context.Context, l look) error {
	copying, err := f.archive.Begin(ctx, f.files, l.name)
	if err != nil {
		return err
	}
	defer copying.Close()
	f.extract.Outcome = connectors.Landed
	judged := f.parse(ctx, copying)
	if ctx.Err() != nil || errors.Is(judged, connectors.ErrStopped) {
		return judged
	}
	stored, err := copying.Keep()
	if err != nil {
		return err
	}
	f.describe(&f.extract, stored)
	f.cursor.Files[f.extract.Place] = held{f.extract.SHA256, f.extract.Size}
	if judged != nil {
		return judged
	}
	return f.flush(ctx, true)
}

func (f *fileLoad) parse(ctx context.Context, in io.Reader) error {
	reader, bound, err := f.open(in)
	if err == nil {
		err = f.records(ctx, reader, bound)
	}
	if errors.Is(err, unicode.ErrMissingBOM) {
		return refuse("the contract says utf-16 and the file does not begin with a byte order mark; set encoding to utf-16le or utf-16be")
	}
	return err
}

// open reads a file as far as its column names.
func (f *fileLoad) open(in io.Reader) (*Reader, binding, error) {
	start := make([]byte, 2)
	n, err := io.ReadFull(in, start)
	if err == io.EOF {
		return nil, binding{}, refuse("the file is empty (0 bytes); ask its sender for it again")
	}
	if err != nil && err != io.ErrUnexpectedEOF {
		return nil, binding{}, err
	}
	start = start[:n]
	if f.drop.format.Encoding == "utf-8" && (bytes.Equal(start, []byte{0xFF, 0xFE}) || bytes.Equal(start, []byte{0xFE, 0xFF})) {
		return nil, binding{}, refuse("the contract says utf-8 and the file is UTF-16; save it as UTF-8, or set encoding to utf-16")
	}
	reader, err := NewReader(io.MultiReader(bytes.NewReader(start), in), f.drop.format)
	if err != nil {
		return nil, binding{}, err
	}
	head, err := readHeader(reader, f.drop.format)
	if err != nil {
		return nil, binding{}, err
	}
	bound, err := bind(head, f.drop, f.dataset.Columns, f.drop.format.HeaderRow)
	return reader, bound, err
}

// records reads the rows of a file to its end and judges whether they may be kept.
func (f *fileLoad) records(ctx context.Context, reader *Reader, bound binding) error {
	f.extract.Notes = bound.notes
	fields := make([][]byte, len(bound.at))
	for n := 1; ; n++ {
		if n%batchRows == 0 && ctx.Err() != nil { // however few of the rows come to a batch
			return ctx.Err()
		}
		record, err := reader.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		f.record(record, bound, fields)
		if f.rows.Len() >= batchRows || f.rows.Size()+f.weight >= batchBytes || len(f.rejects) >= batchRows {
			if err := f.flush(ctx, false); err != nil {
				return err
			}
		}
	}
	if err := f.judge(); err != nil {
		return err
	}
	if f.stored+f.rejected == 0 {
		f.extract.Notes = append(f.extract.Notes, "the file holds column names and no row")
	}
	return nil
}

// record takes one record: stored, set aside or blank.
func (f *fileLoad) record(record *Record, bound binding, fields [][]byte) {
	switch {
	case record.Damage != "":
		f.reject(connectors.Reject{Row: record.Line, Text: legible(record.Raw), Reason: record.Damage})
	case record.Blank:
		f.blank++
	case bound.stack != nil:
		for given := range bound.stack.rows(record.Fields) {
			f.row(record.Line, given, bound, fields)
		}
	default:
		f.row(record.Line, record.Fields, bound, fields)
	}
}

// row takes one row: stored, or set aside.
func (f *fileLoad) row(line int64, given [][]byte, bound binding, fields [][]byte) {
	reject, ok := f.rows.Append(line, bound.pick(given, fields))
	if !ok {
		f.reject(reject)
		return
	}
	f.stored++
}

func (f *fileLoad) reject(r connectors.Reject) {
	if f.rejected == 0 {
		f.first = r
	}
	f.rejected++
	f.weight += len(r.Text)
	f.rejects = append(f.rejects, r)
}

// judge refuses a file of which more was set aside than the contract bears.
func (f *fileLoad) judge() error {
	total, share := f.stored+f.rejected, f.dataset.MaxQuarantined
	allowed := int64(share * float64(total))
	if share > 0 {
		allowed = max(allowed, handful)
	}
	if f.rejected == 0 || f.rejected <= allowed && (f.stored > 0 || share >= 1) {
		return nil
	}
	return refuse("%d of %d rows cannot be read, and the contract bears %d (max_quarantined %g); the first is line %d: %s",
		f.rejected, total, min(allowed, total-1), share, f.first.Row, f.first.Reason)
}

// flush yields what has been gathered; at the end of a file with its hash, and with the cursor that now holds it.
func (f *fileLoad) flush(ctx context.Context, end bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	batch := connectors.Batch{Rows: f.rows.Take(), Rejects: f.rejects, Blank: f.blank}
	if !f.told || end {
		extract := f.extract
		batch.Extract, f.told = &extract, true
	}
	if end {
		batch.Cursor, batch.EndOfLoad = f.cursor.text(), f.last
	}
	f.rejects, f.weight, f.blank = nil, 0, 0
	f.begun = true
	return f.emit(batch)
}

// legible is raw text as it can be kept and shown: what is no text in it stands as \xNN.
func legible(raw []byte) string {
	if utf8.Valid(raw) && bytes.IndexByte(raw, 0) < 0 {
		return string(raw)
	}
	var b strings.Builder
	for len(raw) > 0 {
		r, size := utf8.DecodeRune(raw)
		if r == 0 || r == utf8.RuneError && size == 1 {
			fmt.Fprintf(&b, `\x%02X`, raw[0])
		} else {
			b.Write(raw[:size])
		}
		raw = raw[size:]
	}
	return b.String()
}
