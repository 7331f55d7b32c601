package inspect

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"golang.org/x/text/encoding/unicode"

	"github.com/goldthread/goldthread/connectors/csvdrop"
)

// mostSampled is how many records of a file's beginning are weighed.
const mostSampled = 2000

// A record of the sample.
type record struct {
	line    int64
	fields  []string
	damaged bool
	blank   bool
}

// filled counts the fields that hold something.
func (r record) filled() (n int) {
	for _, f := range r.fields {
		if clean(f) != "" {
			n++
		}
	}
	return n
}

// sample takes the beginning of a file apart under a format.
func sample(head []byte, format csvdrop.Format) ([]record, error) {
	reader, err := csvdrop.NewReader(bytes.NewReader(head), format)
	if err != nil {
		return nil, err
	}
	var records []record
	for len(records) < mostSampled {
		r, err := reader.Next()
		if err == io.EOF {
			break
		}
		if errors.Is(err, unicode.ErrMissingBOM) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		made := record{line: r.Line, damaged: r.Damage != "", blank: r.Blank}
		for _, f := range r.Fields {
			made.fields = append(made.fields, string(f))
		}
		records = append(records, made)
	}
	return records, nil
}

// usual is the number of fields that most records have, and the share of records that have it.
func usual(records []record) (width int, share float64) {
	counts, total := map[int]int{}, 0
	for _, r := range records {
		if r.blank {
			continue
		}
		total++
		if !r.damaged {
			counts[len(r.fields)]++
		}
	}
	for w, n := range counts {
		if n > counts[width] || n == counts[width] && w > width {
			width = w
		}
	}
	return width, float64(counts[width]) / float64(max(total, 1))
}

func damages(records []record) (n int) {
	for _, r := range records {
		if r.damaged {
			n++
		}
	}
	return n
}

// A dialect is a format with the records it makes of the file's beginning.
type dialect struct {
	format  csvdrop.Format
	records []record
	width   int
	shapes  []string // of the columns, below the names
	unsure  []string
}

// findDialect tries delimiters and quotes with the real reader and takes those under which most records have one width.
func findDialect(head []byte, encoding string) (dialect, error) {
	best, bestShare := dialect{}, -1.0
	near := map[string]int{} // delimiters that part the lines evenly, and into how many columns
	for _, delimiter := range []string{",", "tab", ";", "|", "^", "~", ":"} {
		format := csvdrop.DefaultFormat()
		format.Encoding, format.Delimiter = encoding, delimiter
		records, err := sample(head, format)
		if err != nil {
			return best, err
		}
		width, share := usual(records)
		if width < 2 {
			share = 0
		}
		clear := share > bestShare+0.02 || share > bestShare-0.02 && width > best.width && delimiter != ":"
		if share > 0.95 {
			near[delimiter] = width
		}
		if clear {
			best, bestShare = dialect{format: format, records: records, width: width}, share
		}
	}
	if bestShare == 0 {
		best.unsure = append(best.unsure, "the delimiter: no sign parts the lines evenly; the file may have one column only")
	}
	for _, delimiter := range slices.Sorted(maps.Keys(near)) {
		if width := near[delimiter]; delimiter != best.format.Delimiter && width*2 > best.width {
			best.unsure = append(best.unsure, fmt.Sprintf("the delimiter: %q makes %d columns, and %q would make %d", best.format.Delimiter, best.width, delimiter, width))
		}
	}
	return best.quotes(head)
}

// quotes looks for other rules of quoting where the usual ones leave damage.
func (d dialect) quotes(head []byte) (dialect, error) {
	tries := []csvdrop.Format{}
	if bytes.Contains(head, []byte(`\"`)) {
		f := d.format
		f.Escape = `\`
		tries = append(tries, f)
	}
	if _, share := usual(d.records); share < 0.99 && bytes.Contains(head, []byte("'")) {
		f := d.format
		f.Quote, f.Escape = "'", "'"
		tries = append(tries, f)
	}
	if damages(d.records) > 0 {
		f := d.format
		f.Quote, f.Escape = "", ""
		tries = append(tries, f)
	}
	for _, format := range tries {
		records, err := sample(head, format)
		if err != nil {
			return d, err
		}
		width, share := usual(records)
		_, before := usual(d.records)
		if share > before+0.005 && width >= min(d.width, 2) {
			d.format, d.records, d.width = format, records, width
			d.unsure = append(d.unsure, fmt.Sprintf("the quotes: fewer lines break with quote %q and escape %q than with the usual ones", format.Quote, format.Escape))
		}
	}
	return d, nil
}
