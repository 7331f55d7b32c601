package csvdrop

import (
	"bytes"
	"encoding/csv"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzReader compares the reader with encoding/csv on whatever that finds well formed. Left out is what encoding/csv
// changes or takes otherwise: CR, which it drops before LF and keeps elsewhere, NUL, and bytes that are no UTF-8.
func FuzzReader(f *testing.F) {
	for _, seed := range []string{"a,b\nc,d\n", "\"a\"\"b\",\"c\nd\"\n", "\n\n,\n\"\"\n", "a,b\n\"c", "é,“x”\n", "\xEF\xBB\xBFa,b\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.ContainsAny(text, "\r\x00") || !utf8.ValidString(text) {
			return
		}
		theirs := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\xEF\xBB\xBF")))
		theirs.FieldsPerRecord = -1
		want, err := theirs.ReadAll()
		if err != nil {
			return
		}
		want = slices.DeleteFunc(want, func(fields []string) bool { return strings.Join(fields, "") == "" })
		got, _ := readAll(t, strings.NewReader(text), DefaultFormat(), 0)
		got = slices.DeleteFunc(got, func(fields []string) bool { return fields[0] == "blank" && len(fields) == 1 })
		if len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) && !holds(want, "blank") {
			t.Errorf("%q\ngot  %q\nwant %q", text, got, want)
		}
	})
}

// holds says whether a record is the one word that told uses for a blank one.
func holds(records [][]string, word string) bool {
	return slices.ContainsFunc(records, func(fields []string) bool { return len(fields) == 1 && fields[0] == word })
}

// FuzzAny reads any bytes in any format: it must end, keep every physical line in order, and account for each record as
// stored, set aside or blank, whatever the pieces in which the file comes.
func FuzzAny(f *testing.F) {
	for i := range Encodings {
		f.Add([]byte("a,b\r\nc,\"d\ne\"\n\"f\rg,h\"\"\x00\xFF\n"), uint8(i), uint8(i), uint8(i+1))
	}
	delimiters, quotes := []string{",", ";", "tab", "|"}, []string{`"`, "'", ""}
	f.Fuzz(func(t *testing.T, text []byte, encoding, signs, piece uint8) {
		format := DefaultFormat()
		format.Encoding = Encodings[int(encoding)%len(Encodings)]
		format.Delimiter = delimiters[int(signs)%len(delimiters)]
		format.Quote = quotes[int(signs/4)%len(quotes)]
		if format.Escape = format.Quote; signs >= 128 && format.Quote != "" {
			format.Escape = `\`
		}
		whole := count(t, bytes.NewReader(text), format)
		pieces := count(t, &piecemeal{text, int(piece)%7 + 1}, format)
		if whole != pieces {
			t.Errorf("read at once %+v, in pieces %+v", whole, pieces)
		}
	})
}

// tally is what came of a file's records.
type tally struct {
	read, stored, aside, blank int
	failed                     bool
}

func count(t *testing.T, in io.Reader, format Format) (n tally) {
	r, err := NewReader(in, format)
	if err != nil {
		t.Fatal(err)
	}
	last := int64(0)
	for {
		record, err := r.Next()
		if err != nil {
			n.failed = err != io.EOF
			return n
		}
		if record.Line <= last {
			t.Fatalf("line %d comes after line %d", record.Line, last)
		}
		last, r.Width = record.Line, max(r.Width, len(record.Fields))
		n.read++
		switch {
		case record.Damage != "":
			n.aside++
		case record.Blank:
			n.blank++
		default:
			n.stored++
			checkFields(t, record, format)
		}
		if n.read != n.stored+n.aside+n.blank {
			t.Fatalf("%+v", n)
		}
	}
}

// checkFields judges a record that would be stored.
func checkFields(t *testing.T, record *Record, format Format) {
	for _, field := range record.Fields {
		if !utf8.Valid(field) || bytes.IndexByte(field, 0) >= 0 {
			t.Fatalf("a field of line %d is %q", record.Line, field)
		}
		if format.Encoding != "utf-8" && bytes.ContainsRune(field, utf8.RuneError) {
			t.Fatalf("a field of line %d holds a replacement character", record.Line)
		}
	}
}

// piecemeal is a file that comes in small pieces.
type piecemeal struct {
	left []byte
	size int
}

func (p *piecemeal) Read(into []byte) (int, error) {
	if len(p.left) == 0 {
		return 0, io.EOF
	}
	n := copy(into[:min(len(into), p.size)], p.left)
	p.left = p.left[n:]
	return n, nil
}
