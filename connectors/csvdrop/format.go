package csvdrop

import (
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// A Format says how a file is written. Nothing of it is guessed.
type Format struct {
	// Delimiter stands between fields: one ASCII character, or "tab".
	Delimiter string `yaml:"delimiter"`
	// Quote encloses fields that hold delimiters, quotes or line breaks; one ASCII character, or empty where none does.
	Quote string `yaml:"quote"`
	// Escape comes before a quote within a quoted field: the quote itself, or a backslash.
	Escape string `yaml:"escape"`
	// Encoding is one of Encodings.
	Encoding string `yaml:"encoding"`
	// HeaderRow is the physical line of the column names, from 1; what stands above it is passed over.
	HeaderRow int `yaml:"header_row"`
	// SkipRows is how many physical lines below the column names are no data, such as a second line of units.
	SkipRows int `yaml:"skip_rows"`
	// Stacked names the rows of headings, from HeaderRow down, of a file in which each column of values has several: each
	// value is then a row of its own, with those headings as columns and the value as column "value".
	Stacked []string `yaml:"stacked_headers"`
}

// DefaultFormat is a comma-separated UTF-8 file with its column names in line 1.
func DefaultFormat() Format {
	return Format{Delimiter: ",", Quote: `"`, Escape: `"`, Encoding: "utf-8", HeaderRow: 1}
}

// Encodings are the encodings a format may name. UTF-8 may begin with a byte order mark; utf-16 must.
var Encodings = []string{
	"utf-8", "utf-16", "utf-16le", "utf-16be", "windows-1252", "iso-8859-1", "cp437", "cp850", "macintosh",
}

// Equal says whether two formats are the same.
func (f Format) Equal(other Format) bool { return reflect.DeepEqual(f, other) }

// faults names every setting that cannot be used, with what can.
func (f Format) faults() map[string]string {
	wrong := map[string]string{}
	if _, ok := symbol(f.Delimiter); !ok {
		wrong["delimiter"] = `use one ASCII character, or "tab"`
	}
	if _, ok := symbol(f.Quote); !ok && f.Quote != "" {
		wrong["quote"] = `use one ASCII character, or "" where fields are never quoted`
	}
	if f.Escape != f.Quote && f.Escape != `\` && f.Quote != "" {
		wrong["escape"] = `use the quote itself or "\"`
	}
	if !slices.Contains(Encodings, f.Encoding) {
		wrong["encoding"] = "use one of " + strings.Join(Encodings, ", ")
	}
	if f.HeaderRow < 1 {
		wrong["header_row"] = "use 1 or more: the line that holds the column names"
	}
	if f.SkipRows < 0 {
		wrong["skip_rows"] = "use 0 or more"
	}
	if n := len(f.Stacked); n == 1 || n > mostStacked {
		wrong["stacked_headers"] = fmt.Sprintf("name 2 to %d rows of headings, or leave it out", mostStacked)
	}
	for i, name := range f.Stacked {
		if name == "" || name == valueName || slices.Contains(f.Stacked[:i], name) {
			wrong["stacked_headers"] = "give each row of headings a name of its own that is not " + valueName
		}
	}
	if f.Delimiter != "" && (f.Delimiter == f.Quote || f.Delimiter == f.Escape) {
		wrong["delimiter"] = "use one that differs from quote and escape"
	}
	return wrong
}

// symbol is the byte that a setting names.
func symbol(text string) (byte, bool) {
	if text == "tab" || text == `\t` {
		return '\t', true
	}
	if len(text) != 1 || text[0] >= 0x80 || text[0] == 0 || text[0] == '\n' || text[0] == '\r' {
		return 0, false
	}
	return text[0], true
}

// decoder turns the bytes of a file into UTF-8. UTF-8 itself is passed on as it is and judged record by record.
func (f Format) decoder(in io.Reader) (io.Reader, error) {
	var e encoding.Encoding
	switch f.Encoding {
	case "utf-8":
		return in, nil
	case "utf-16":
		e = unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM)
	case "utf-16le":
		e = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case "utf-16be":
		e = unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	case "windows-1252":
		e = charmap.Windows1252
	case "iso-8859-1":
		e = charmap.ISO8859_1
	case "cp437":
		e = charmap.CodePage437
	case "cp850":
		e = charmap.CodePage850
	case "macintosh":
		e = charmap.Macintosh
	default:
		return nil, fmt.Errorf("unknown encoding %q", f.Encoding)
	}
	return transform.NewReader(in, e.NewDecoder()), nil
}
