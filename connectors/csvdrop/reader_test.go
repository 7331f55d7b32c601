package csvdrop

import (
	"bytes"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
)

// told is a record as a test sees it: fields, or "!" and the damage, or "blank".
func told(r *Record) []string {
	switch {
	case r.Damage != "":
		return []string{"!" + r.Damage, string(r.Raw)}
	case r.Blank:
		return []string{"blank"}
	}
	fields := make([]string, len(r.Fields))
	for i, f := range r.Fields {
		fields[i] = string(f)
	}
	return fields
}

func readAll(t *testing.T, in io.Reader, format Format, width int) (records [][]string, lines []int64) {
	t.Helper()
	r, err := NewReader(in, format)
	if err != nil {
		t.Fatal(err)
	}
	r.Width = width
	for {
		record, err := r.Next()
		if err == io.EOF {
			return records, lines
		}
		if err != nil {
			t.Fatal(err)
		}
		records, lines = append(records, told(record)), append(lines, record.Line)
	}
}

func TestReaderTakesRecordsApart(t *testing.T) {
	tests := []struct {
		name, text string
		format     func(*Format)
		want       [][]string
		lines      []int64
	}{
		{"line ends of every kind", "a,b\nc,d\r\ne,f\rg,h", nil,
			[][]string{{"a", "b"}, {"c", "d"}, {"e", "f"}, {"g", "h"}}, []int64{1, 2, 3, 4}},
		{"quoted line breaks are kept exactly", "a,\"x\r\ny\rz\n\"\nc,d\n", nil,
			[][]string{{"a", "x\r\ny\rz\n"}, {"c", "d"}}, []int64{1, 5}},
		{"doubled quotes", "\"\"\"a\"\"\",\"\"\nc,\"d\"\"\"\n", nil,
			[][]string{{`"a"`, ""}, {"c", `d"`}}, []int64{1, 2}},
		{"blank rows", "a,b\n\n,\n\"\",\nc,d\n\n", nil,
			[][]string{{"a", "b"}, {"blank"}, {"blank"}, {"blank"}, {"c", "d"}, {"blank"}}, []int64{1, 2, 3, 4, 5, 6}},
		{"a byte order mark is no text", "\xEF\xBB\xBFa,b\n", nil, [][]string{{"a", "b"}}, []int64{1}},
		{"a stray quote costs its own line", "a,b\"x\nc,d\n", nil,
			[][]string{{"!" + strayQuote, "a,b\"x"}, {"c", "d"}}, []int64{1, 2}},
		{"text after a closing quote", "\"a\"x,b\nc,d\n", nil,
			[][]string{{"!" + textAfter, "\"a\"x,b"}, {"c", "d"}}, []int64{1, 2}},
		{"an unclosed quote does not swallow the file", "a,\"b\nc,d\ne,f\n", nil,
			[][]string{{"!" + neverClosed, "a,\"b"}, {"c", "d"}, {"e", "f"}}, []int64{1, 2, 3}},
		{"a quote that closes lines later by chance", "a,\"b\nc,d\ne,\"f\"\n", nil,
			[][]string{{"!" + textAfter, "a,\"b"}, {"c", "d"}, {"e", "f"}}, []int64{1, 2, 3}},
		{"a wrong number of fields", "a\nb,c\nd,e,f\n", nil,
			[][]string{{"!the record has 1 fields and the header 2", "a"}, {"b", "c"},
				{"!the record has 3 fields and the header 2", "d,e,f"}}, []int64{1, 2, 3}},
		{"a NUL", "a,b\x00\nc,d\n", nil,
			[][]string{{"!the record holds a NUL character (byte 0), which no text may", "a,b\x00"}, {"c", "d"}}, []int64{1, 2}},
		{"bytes that are no UTF-8", "a,b\xA3\nc,£\n", nil,
			[][]string{{"!the record is not valid UTF-8; the file may be in another encoding, such as windows-1252", "a,b\xA3"},
				{"c", "£"}}, []int64{1, 2}},
		{"another delimiter and quote", "a;'b;''c'\n", func(f *Format) { f.Delimiter, f.Quote, f.Escape = ";", "'", "'" },
			[][]string{{"a", "b;'c"}}, []int64{1}},
		{"no quote at all", "a\t5\" pipe\n", func(f *Format) { f.Delimiter, f.Quote, f.Escape = "tab", "", "" },
			[][]string{{"a", `5" pipe`}}, []int64{1}},
		{"backslash before quotes", `a,"b \"c\" \\ d\e"` + "\n", func(f *Format) { f.Escape = `\` },
			[][]string{{"a", `b "c" \ d\e`}}, []int64{1}},
		{"windows-1252", "a,\x96\xA3\nb,\x81\n", func(f *Format) { f.Encoding = "windows-1252" },
			[][]string{{"a", "–£"}, {"!the record holds bytes that are no character of windows-1252", "b,\uFFFD"}}, []int64{1, 2}},
		{"iso-8859-1", "a,\xA3\n", func(f *Format) { f.Encoding = "iso-8859-1" }, [][]string{{"a", "£"}}, []int64{1}},
		{"cp437", "a,\x9C\n", func(f *Format) { f.Encoding = "cp437" }, [][]string{{"a", "£"}}, []int64{1}},
		{"cp850", "a,\xB8\n", func(f *Format) { f.Encoding = "cp850" }, [][]string{{"a", "©"}}, []int64{1}},
		{"macintosh", "a,\xA3\r", func(f *Format) { f.Encoding = "macintosh" }, [][]string{{"a", "£"}}, []int64{1}},
		{"utf-16 little endian", "\xFF\xFEa\x00,\x00\xA3\x00\n\x00", func(f *Format) { f.Encoding = "utf-16" },
			[][]string{{"a", "£"}}, []int64{1}},
		{"utf-16 big endian, cut short", "\xFE\xFF\x00a\x00,\x00b\x00\n\x00c\x00,\x00", func(f *Format) { f.Encoding = "utf-16" },
			[][]string{{"a", "b"}, {"!the record holds bytes that are no character of utf-16", "c,\uFFFD"}}, []int64{1, 2}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			format := DefaultFormat()
			if test.format != nil {
				test.format(&format)
			}
			for _, in := range []io.Reader{strings.NewReader(test.text), iotest.OneByteReader(strings.NewReader(test.text))} {
				got, lines := readAll(t, in, format, 2)
				if !reflect.DeepEqual(got, test.want) || !reflect.DeepEqual(lines, test.lines) {
					t.Errorf("got %q at %v\nwant %q at %v", got, lines, test.want, test.lines)
				}
			}
		})
	}
}

func TestReaderKeepsALongField(t *testing.T) {
	long := strings.Repeat("x\n", 1<<20)
	got, lines := readAll(t, strings.NewReader("a,\""+long+"\"\nb,c\n"), DefaultFormat(), 2)
	if len(got) != 2 || got[0][1] != long || lines[1] != 1<<20+2 {
		t.Errorf("got %d records, lines %v", len(got), lines)
	}
}

func TestReaderSetsAsideWhatIsTooLong(t *testing.T) {
	long := strings.Repeat("x", maxRecord+3*chunkSize)
	for _, end := range []string{"\n", "\r\n", "\r"} {
		got, lines := readAll(t, strings.NewReader("a,b"+end+long+end+"c,d"+end), DefaultFormat(), 2)
		want := [][]string{{"a", "b"}, {"!the line is longer than 4 MiB", long[:maxRaw]}, {"c", "d"}}
		if !reflect.DeepEqual(got, want) || !reflect.DeepEqual(lines, []int64{1, 2, 3}) {
			t.Errorf("line end %q: got %d records at %v", end, len(got), lines)
		}
	}
}

func TestReaderGoesOnAfterAQuoteThatIsNotClosedInReach(t *testing.T) {
	text := "a,\"b\n" + strings.Repeat("c,d\n", 2<<20)
	r, err := NewReader(strings.NewReader(text), DefaultFormat())
	if err != nil {
		t.Fatal(err)
	}
	damaged, good := 0, 0
	for {
		record, err := r.Next()
		if err == io.EOF {
			break
		}
		if record.Damage != "" {
			damaged++
			continue
		}
		good++
	}
	if damaged != 1 || good != 2<<20 {
		t.Errorf("damaged %d, good %d", damaged, good)
	}
	if len(r.buf) > maxRecord {
		t.Errorf("the buffer grew to %d bytes", len(r.buf))
	}
}

func TestReaderReportsAReadError(t *testing.T) {
	r, err := NewReader(io.MultiReader(bytes.NewReader([]byte("a,b\n")), iotest.ErrReader(io.ErrClosedPipe)), DefaultFormat())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Next(); err != io.ErrClosedPipe {
		t.Errorf("got %v", err)
	}
}
