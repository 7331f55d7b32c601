package inspect

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/internal/fault"
)

// A writer writes YAML with comments, which no encoder we have can place.
type writer struct{ strings.Builder }

func (w *writer) line(format string, args ...any) {
	fmt.Fprintf(w, format, args...)
	w.WriteByte('\n')
}

// unsure writes doubts as comments, each on a line of its own.
func (w *writer) unsure(indent string, doubts []string) {
	for _, doubt := range doubts {
		w.line("%s# unsure: %s", indent, oneLine(doubt))
	}
}

// oneLine is a text that no line break or control character ends.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7F || r == 0x85 || r == 0x2028 || r == 0x2029 || r == 0xFEFF {
			return ' '
		}
		return r
	}, text)
}

var plainScalar = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_./]*$`)

// quote is a text as a YAML scalar.
func quote(text string) string {
	switch strings.ToLower(text) {
	case "null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan", "inf", "":
	default:
		if plainScalar.MatchString(text) {
			return text
		}
	}
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text) // a text cannot fail
	return strings.TrimSuffix(b.String(), "\n")
}

func list(texts []string) string {
	words := make([]string, len(texts))
	for i, text := range texts {
		words[i] = quote(text)
	}
	if len(words) == 1 {
		return words[0]
	}
	return "[" + strings.Join(words, ", ") + "]"
}

func (s *source) yaml() string {
	w := &writer{}
	w.line("# Proposed by goldthread inspect. Check what it is unsure of, then keep this file as %s.", s.file())
	w.line("source: %s", quote(s.Source))
	w.line("kind: csvdrop")
	if !s.placed {
		w.line("# Leave the files here, below the council's folder.")
	}
	w.line("folder: %s", quote(s.folder))
	w.line("datasets:")
	for _, d := range s.datasets {
		d.yaml(w)
	}
	return w.String()
}

func (d *dataset) yaml(w *writer) {
	const in = "    "
	w.unsure("  ", d.unsure[""])
	w.line("  - name: %s", quote(d.name))
	w.line("%sfiles: %s", in, quote(d.files))
	w.line("%s# %s; lines end in %s", in, strings.Join(d.counts(), ", "), d.seen.lineEnds())
	w.unsure(in, d.unsure["format"])
	w.line("%sformat: %s", in, d.format())
	w.unsure(in, d.unsure["mode"])
	w.line("%smode: %s", in, d.mode)
	if d.edition != "" {
		w.unsure(in, d.unsure["published_at"])
		w.line("%spublished_at: {from: name, pattern: %s}", in, quote(d.edition))
	}
	w.unsure(in, d.unsure["key"])
	if len(d.key) > 0 {
		key := make([]string, len(d.key))
		for i, name := range d.key {
			key[i] = quote(name)
		}
		w.line("%skey: [%s]", in, strings.Join(key, ", "))
	}
	d.newColumns(w, in)
	if d.share > 0 {
		w.unsure(in, d.unsure["max_quarantined"])
		w.line("%smax_quarantined: %g", in, d.share)
	}
	w.line("%scolumns:", in)
	for _, c := range d.columns {
		w.unsure(in+"  ", c.unsure)
		w.line("%s  %s: {%s}", in, quote(c.name), strings.Join(c.settings(), ", "))
	}
	w.line("%spersonal_data: none", in)
}

func (d *dataset) counts() (words []string) {
	for _, trial := range d.trials {
		words = append(words, fmt.Sprintf("%d rows read: %d stored, %d set aside, %d blank", trial.Read, trial.Stored, trial.Quarantined, trial.Blank))
	}
	if len(words) == 0 {
		return []string{"nothing read yet"}
	}
	return words
}

func (d *dataset) newColumns(w *writer, in string) {
	if len(d.passed) == 0 {
		w.line("%son_new_column: refuse", in)
		return
	}
	w.unsure(in, []string{"columns without a name of their own, mostly without a value too, are not read: " + fault.Few(d.passed, 12)})
	w.line("%son_new_column: ignore", in)
}

func (d *dataset) format() string {
	f := d.dialect.format
	settings := []string{"delimiter: " + quote(f.Delimiter)}
	if f.Quote != `"` {
		settings = append(settings, "quote: "+quote(f.Quote))
	}
	if f.Escape != f.Quote {
		settings = append(settings, "escape: "+quote(f.Escape))
	}
	settings = append(settings, "encoding: "+quote(f.Encoding), fmt.Sprintf("header_row: %d", f.HeaderRow))
	if f.SkipRows > 0 {
		settings = append(settings, fmt.Sprintf("skip_rows: %d", f.SkipRows))
	}
	return "{" + strings.Join(settings, ", ") + "}"
}

// settings are those of a column, each as YAML.
func (c *column) settings() []string {
	t := c.terms
	settings := []string{"type: " + quote(t.Type)}
	add := func(name string, texts []string) {
		if len(texts) > 0 {
			settings = append(settings, name+": "+list(texts))
		}
	}
	if len(t.Header) > 0 {
		add("header", t.Header)
	}
	if t.Required {
		settings = append(settings, "required: true")
	}
	add("form", t.Form)
	if t.Basis != "" {
		settings = append(settings, "basis: "+t.Basis)
	}
	if t.DateOrder != "" {
		settings = append(settings, "date_order: "+t.DateOrder)
	}
	add("number", t.Number)
	if len(t.Statuses) > 0 {
		settings = append(settings, "statuses: "+statuses(t))
	}
	if t.PersonalData != "" {
		settings = append(settings, "personal_data: "+t.PersonalData)
	}
	return settings
}

func statuses(t connectors.ColumnTerms) string {
	var words []string
	for _, text := range slices.Sorted(maps.Keys(t.Statuses)) {
		words = append(words, quote(text)+": "+t.Statuses[text])
	}
	return "{" + strings.Join(words, ", ") + "}"
}
