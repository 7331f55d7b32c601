package inspect

import (
	"fmt"
	"slices"
)

// shape is the kind of thing a text looks like, roughly.
func shape(text string) string {
	text = clean(text)
	switch {
	case text == "":
		return ""
	case isMark(text):
		return "mark"
	case areaLike.MatchString(text):
		return "area"
	case dateLike.MatchString(text):
		return "date"
	case yearLike.MatchString(text):
		return "year"
	case numberLike.MatchString(text):
		return "number"
	}
	return "text"
}

// dominant is the shape of at least four in five of the texts of a column in the records, or nothing.
func dominant(records []record, column int) string {
	counts, total := map[string]int{}, 0
	for _, r := range records {
		if r.damaged || r.blank || column >= len(r.fields) {
			continue
		}
		if s := shape(r.fields[column]); s != "" && s != "mark" {
			counts[s]++
			total++
		}
	}
	for s, n := range counts {
		if n*5 >= total*4 {
			return s
		}
	}
	return ""
}

// A heading is where the column names stand and how many lines below them are no data.
type heading struct {
	line   int64
	names  []string
	skip   int
	below  [][]string // the records skipped
	unsure []string
}

// name is what tells a column apart: its name, or where that is empty or stands twice what stands below it; nothing where
// nothing does.
func (h heading) name(at int) string {
	for _, names := range append([][]string{h.names}, h.below...) {
		here := fold(names[at])
		if here != "" && !slices.ContainsFunc(names[:at], sameAs(here)) && !slices.ContainsFunc(names[at+1:], sameAs(here)) {
			return clean(names[at])
		}
	}
	return ""
}

func sameAs(folded string) func(string) bool {
	return func(name string) bool { return fold(name) == folded }
}

// topLines is how far down a heading is looked for.
const topLines = 40

// findHeading finds the line of column names: the first that fills the table's width with names of their own.
func (d dialect) findHeading() (heading, bool) {
	data := d.body()
	for column := range d.width {
		d.shapes = append(d.shapes, dominant(data, column))
	}
	usualFilled := medianFilled(data)
	best := -1
	for i, r := range d.records[:min(topLines, len(d.records))] {
		if r.damaged || r.blank || len(r.fields) != d.width || r.filled()*5 < usualFilled*3 || r.filled() == 0 {
			continue
		}
		if best < 0 {
			best = i
		}
		if !repeatsName(d.records[best].fields) || i > best && !stacked(r.fields, d.records[best].fields) && d.isData(r) {
			break
		}
		if !repeatsName(r.fields) && r.filled() == d.width { // of names above one another, those that tell the columns apart
			best = i
			break
		}
	}
	if best < 0 {
		return heading{}, false
	}
	return d.heading(best), true
}

// body are the records of the usual width behind the first few, or all of them where there are few.
func (d dialect) body() []record {
	var full []record
	for _, r := range d.records {
		if !r.damaged && !r.blank && len(r.fields) == d.width && r.filled() > 0 {
			full = append(full, r)
		}
	}
	if len(full) > 12 {
		return full[8:min(len(full), 308)]
	}
	if len(full) > 1 {
		return full[1:]
	}
	return full
}

func medianFilled(records []record) int {
	if len(records) == 0 {
		return 0
	}
	counts := make([]int, len(records))
	for i, r := range records {
		counts[i] = r.filled()
	}
	slices.Sort(counts)
	return counts[len(counts)/2]
}

func (d dialect) heading(at int) heading {
	h := heading{line: d.records[at].line}
	for _, f := range d.records[at].fields {
		h.names = append(h.names, clean(f))
	}
	if d.isData(d.records[at]) {
		h.unsure = append(h.unsure, fmt.Sprintf("the column names: line %d looks like a row of data, and no line above it holds names; "+
			"as it stands that row is taken for names, so ask for the file with a line of names", h.line))
		return h
	}
	for i := at + 1; i < min(at+topLines, len(d.records)); i++ {
		r := d.records[i]
		if r.blank && h.skip == 0 {
			continue
		}
		if !r.blank && (r.damaged || len(r.fields) != d.width || !stacked(r.fields, h.names) && !d.unlikeData(r) && !(h.skip > 0 && d.lacksTexts(r))) {
			break
		}
		h.skip = int(r.line - h.line)
		if !r.blank {
			h.below = append(h.below, r.fields)
		}
	}
	if h.skip > 0 {
		h.unsure = append(h.unsure, fmt.Sprintf("skip_rows: lines below the column names that hold no data (units, codes or a second line of names): %d", h.skip))
	}
	return h
}

// isData says whether a record looks like those of the data: most columns of a shape of their own hold it.
func (d dialect) isData(r record) bool {
	alike, typed := d.alike(r)
	return typed > 0 && alike*2 > typed
}

// unlikeData says whether few of the columns hold what they hold below.
func (d dialect) unlikeData(r record) bool {
	alike, typed := d.alike(r)
	return typed > 0 && alike*2 < typed
}

// lacksTexts says whether nothing stands where every row of data has a text. Under a record that is no data, such a one is
// none either.
func (d dialect) lacksTexts(r record) bool {
	texts, empty := 0, 0
	for column, text := range r.fields {
		if want := d.shapes[column]; want == "text" || want == "area" {
			texts++
			if clean(text) == "" {
				empty++
			}
		}
	}
	return texts > 0 && texts == empty
}

// alike counts the columns of a shape of their own in which a record holds something, and those of them whose shape it has.
func (d dialect) alike(r record) (alike, typed int) {
	for column, text := range r.fields {
		is, want := shape(text), d.shapes[column]
		if want == "" || want == "text" || is == "" {
			continue
		}
		typed++
		if is == want || is == "mark" {
			alike++
		}
	}
	return alike, typed
}

// stacked says whether a record stands under names as one more line of them: a column's name stands there again.
func stacked(fields, names []string) bool {
	for i, field := range fields {
		if text := fold(field); text != "" && text == fold(names[i]) {
			return true
		}
	}
	return false
}

// repeatsName says whether two columns have one name.
func repeatsName(names []string) bool {
	known := map[string]bool{}
	for _, name := range names {
		folded := fold(name)
		if folded != "" && known[folded] {
			return true
		}
		known[folded] = true
	}
	return false
}
