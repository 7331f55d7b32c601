package csvdrop

import (
	"bytes"
	"testing"
)

// FuzzQuotedLine holds the short way through a line against the long one, which judges quoting: where the short way takes
// a line, it must find the same fields.
func FuzzQuotedLine(f *testing.F) {
	for _, seed := range []string{
		`a,"b, c",d`, `"a","b"`, `"a""b",c`, `"a"b,c`, `a"b,c`, `"",`, `,"`, "\"a\nb\",c\nd", `"a",` + "\r\n", "a,\"b\",\r\n\"c\"", `'a', "b"`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		short, long := readerAt(t, text), readerAt(t, text)
		stop, next, err := short.physicalLine()
		if err != nil || !short.quotedLine(stop) {
			return
		}
		wantStop, wantNext, v, why := long.scan()
		if v != whole || stop != wantStop || next != wantNext {
			t.Fatalf("%q is a line to %d and %d; the long way stops at %d and %d: %v %s", text, stop, next, wantStop, wantNext, v, why)
		}
		if !equalFields(short.fields, long.fields) {
			t.Errorf("%q has the fields %q; the long way finds %q", text, short.fields, long.fields)
		}
	})
}

// readerAt is a reader that holds all of text.
func readerAt(t *testing.T, text []byte) *Reader {
	r, err := NewReader(bytes.NewReader(text), DefaultFormat())
	if err != nil {
		t.Fatal(err)
	}
	if err := r.fill(); err != nil {
		t.Fatal(err)
	}
	return r
}

func equalFields(a, b [][]byte) bool {
	return len(a) == len(b) && bytes.Equal(bytes.Join(a, []byte{0}), bytes.Join(b, []byte{0}))
}
