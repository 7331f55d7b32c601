package inspect

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/goldthread/goldthread/internal/fault"
)

// headSize is how much of a file's beginning is looked at to find out how it is written.
const headSize = 512 << 10

// seen is what the bytes of a file say of how it is written.
type seen struct {
	head              []byte // the beginning, up to the end of a line
	size              int64
	crlf, lf, cr      int64
	multibyte         int64      // sequences of bytes that are one character of UTF-8
	broken            int64      // bytes that are no UTF-8
	evenNULs, oddNULs int64      // by their place in the file, of its beginning
	high              [256]int64 // bytes of each value beyond ASCII
	last              byte       // before the bytes looked at
	carried           []byte     // the beginning of a character whose end has not been read
	misread           int64      // pairs of characters that UTF-8 read as Windows-1252 makes
}

const (
	beginning = headSize + 1 // enough to tell whether there is more than a head
	whole     = math.MaxInt64
)

// look reads a file from its beginning, as far as most bytes.
func look(path string, most int64) (*seen, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	s := &seen{}
	if _, err := io.CopyBuffer(s, io.LimitReader(file, most), make([]byte, 256<<10)); err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	if s.size == most {
		s.carried = nil // a character is not broken for being cut off here
	}
	s.end()
	if what, fix := s.noCSV(); what != "" {
		return nil, &fault.Error{Where: path, What: what, Fix: fix}
	}
	return s, nil
}

// Write looks at the bytes that follow those written before.
func (s *seen) Write(chunk []byte) (int, error) {
	s.add(chunk)
	return len(chunk), nil
}

// end says that nothing follows.
func (s *seen) end() {
	s.broken += int64(len(s.carried))
	s.carried = nil
	if i := bytes.LastIndexAny(s.head, "\r\n"); s.size > headSize && i > 0 {
		s.head = s.head[:i+1]
	}
}

func (s *seen) add(chunk []byte) {
	for i, c := range chunk {
		switch {
		case c == '\n' && s.last == '\r':
			s.cr--
			s.crlf++
		case c == '\n':
			s.lf++
		case c == '\r':
			s.cr++
		case c == 0 && s.size < headSize && (s.size+int64(i))%2 == 0:
			s.evenNULs++
		case c == 0 && s.size < headSize:
			s.oddNULs++
		case c >= 0x80:
			s.high[c]++
		}
		s.last = c
	}
	if room := headSize - len(s.head); room > 0 {
		s.head = append(s.head, chunk[:min(room, len(chunk))]...)
	}
	s.size += int64(len(chunk))
	s.runes(chunk)
}

// runes counts the characters beyond ASCII that a chunk holds if it is UTF-8.
func (s *seen) runes(chunk []byte) {
	text := chunk
	if len(s.carried) > 0 {
		text = append(s.carried, chunk...)
	}
	s.carried = nil
	for i := 0; i < len(text); {
		if text[i] < 0x80 {
			i++
			continue
		}
		if !utf8.FullRune(text[i:]) {
			s.carried = bytes.Clone(text[i:])
			return
		}
		r, size := utf8.DecodeRune(text[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			s.broken++
		default:
			s.multibyte++
			if r == 'Ã' || r == 'Â' || r == 'â' && bytes.HasPrefix(text[i+size:], []byte("€")) {
				s.misread++
			}
		}
		i += size
	}
}

// signs are how files that are no CSV begin.
var signs = []struct{ begins, what, fix string }{
	{"PK\x03\x04", "this is an Excel workbook (.xlsx), another office file or a ZIP archive, and no CSV", "save the sheet as \"CSV UTF-8\", or unpack the archive"},
	{"\xD0\xCF\x11\xE0", "this is an old Excel workbook (.xls), and no CSV", "open it and save the sheet as \"CSV UTF-8\""},
	{"%PDF", "this is a PDF, and no CSV", "ask its sender for the table as CSV"},
	{"PAR1", "this is a Parquet file, and no CSV", "write it as CSV: duckdb -c \"copy (from 'FILE') to 'FILE.csv'\""},
	{"\x1F\x8B", "this is compressed (gzip)", "unpack it first"},
	{"SQLite format 3", "this is an SQLite database, and no CSV", "export the table as CSV"},
	{"{\\rtf", "this is a text document (RTF), and no CSV", "ask its sender for the table as CSV"},
}

// noCSV says that a file is none, and what to do.
func (s *seen) noCSV() (what, fix string) {
	if s.size == 0 {
		return "the file is empty (0 bytes)", "ask its sender for it again"
	}
	for _, sign := range signs {
		if bytes.HasPrefix(s.head, []byte(sign.begins)) {
			return sign.what, sign.fix
		}
	}
	start := strings.ToLower(string(bytes.TrimLeft(s.head[:min(len(s.head), 1024)], "\xEF\xBB\xBF \t\r\n")))
	switch {
	case strings.HasPrefix(start, "<!doctype html") || strings.HasPrefix(start, "<html") || strings.HasPrefix(start, "<table"):
		return "this is a web page (HTML), and no CSV: perhaps a sign-in page, or a report saved as .xls", "download the file again, or open it in Excel and save it as \"CSV UTF-8\""
	case strings.HasPrefix(start, "<?xml") || strings.HasPrefix(start, "<") && strings.Contains(start, "xmlns"):
		return "this is XML, and no CSV", "ask its sender for CSV, or open it in Excel and save it as \"CSV UTF-8\""
	case strings.HasPrefix(start, `{"`) || strings.HasPrefix(start, `[{`):
		return "this is JSON, and no CSV", "ask its sender for CSV"
	case start == "":
		return "the file holds nothing but blanks", "ask its sender for it again"
	}
	if utf16 := s.utf16(); utf16 == "" && s.evenNULs+s.oddNULs > int64(len(s.head))/50 {
		return "the file holds bytes of no text (NUL), and is no CSV", "ask its sender for it as CSV"
	}
	return "", ""
}

// utf16 names the kind of UTF-16 the file is, or nothing.
func (s *seen) utf16() string {
	n := int64(len(s.head))
	switch {
	case bytes.HasPrefix(s.head, []byte{0xFF, 0xFE}) || bytes.HasPrefix(s.head, []byte{0xFE, 0xFF}):
		return "utf-16"
	case s.oddNULs > n/4 && s.evenNULs < n/20:
		return "utf-16le"
	case s.evenNULs > n/4 && s.oddNULs < n/20:
		return "utf-16be"
	}
	return ""
}

// encoding is what the file is most likely written in, and what of that is not sure.
func (s *seen) encoding() (name string, unsure []string) {
	if utf16 := s.utf16(); utf16 != "" {
		return utf16, nil
	}
	if s.broken == 0 {
		if s.misread > 0 {
			unsure = append(unsure, fmt.Sprintf("the file is UTF-8, but %d places look like characters that went through a wrong encoding before (such as \"Â£\")", s.misread))
		}
		return "utf-8", unsure
	}
	if s.multibyte > 4*s.broken {
		return "utf-8", []string{fmt.Sprintf("%d bytes are no UTF-8; their rows are set aside", s.broken)}
	}
	return s.oneByte()
}

// others are the encodings of one byte a character, beside Windows-1252, that old systems write.
var others = []struct {
	name  string
	table *charmap.Charmap
}{
	{"iso-8859-1", charmap.ISO8859_1}, {"macintosh", charmap.Macintosh}, {"cp850", charmap.CodePage850}, {"cp437", charmap.CodePage437},
}

// oneByte chooses among the encodings that cannot be told apart by rule, and shows what each makes of the bytes.
func (s *seen) oneByte() (string, []string) {
	var bytesSeen []byte
	undefined := false
	for b := 0x80; b < 0x100; b++ {
		if s.high[b] > 0 {
			bytesSeen = append(bytesSeen, byte(b))
			undefined = undefined || charmap.Windows1252.DecodeByte(byte(b)) == utf8.RuneError
		}
	}
	show := func(table *charmap.Charmap) string {
		var text []rune
		for _, b := range bytesSeen[:min(len(bytesSeen), 8)] {
			text = append(text, table.DecodeByte(b))
		}
		return fmt.Sprintf("%q", string(text))
	}
	chosen, made := "windows-1252", show(charmap.Windows1252)
	if undefined { // the old encodings of DOS have a character for every byte
		chosen, made = "cp850", show(charmap.CodePage850)
	}
	could := []string{}
	for _, other := range others {
		if other.name != chosen {
			could = append(could, other.name+" "+show(other.table))
		}
	}
	return chosen, []string{fmt.Sprintf("the encoding: the file is no UTF-8; %s makes %s of its special characters, %s", chosen, made, strings.Join(could, ", "))}
}

// lineEnds says how lines end, where that is worth saying.
func (s *seen) lineEnds() string {
	var kinds []string
	for _, k := range []struct {
		n    int64
		name string
	}{{s.crlf, "CRLF"}, {s.lf, "LF"}, {s.cr, "CR"}} {
		if k.n > 0 {
			kinds = append(kinds, fmt.Sprintf("%s (%d)", k.name, k.n))
		}
	}
	if len(kinds) == 0 {
		return "one line without an end"
	}
	return strings.Join(kinds, ", ")
}
