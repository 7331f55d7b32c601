package inspect

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/internal/strictyaml"
)

// A column is what is proposed for one column of the file.
type column struct {
	*profile
	name   string
	terms  connectors.ColumnTerms
	unsure []string
}

// doubt notes something that is not sure, once.
func (c *column) doubt(format string, args ...any) {
	if doubt := fmt.Sprintf(format, args...); !slices.Contains(c.unsure, doubt) {
		c.unsure = append(c.unsure, doubt)
	}
}

// decide proposes what the contract says of a column.
func decide(p *profile, name string) *column {
	c := &column{profile: p, name: name, terms: connectors.ColumnTerms{Type: "text"}}
	if p.header != name {
		c.terms.Header = strictyaml.Texts{p.header}
		if plain := strings.TrimPrefix(strings.TrimPrefix(p.header, "ï»¿"), "\uFEFF"); plain != p.header && plain != "" {
			c.terms.Header = append(c.terms.Header, plain)
			c.doubt("a byte order mark stands before this name, saved as letters; the name is taken with and without it")
		}
	}
	switch {
	case p.values() == 0 && len(p.marks) > 0:
		c.doubt("it holds no value but %s", c.listMarks())
	case p.values() == 0:
		c.doubt("it is empty in this file")
	default:
		c.chooseType()
	}
	class, why := personalData(name)
	if c.terms.Type != "text" && class == "personal" && name != "dob" && !hasWord(name, "birth") {
		class, why = "", "" // counts of persons
	}
	c.terms.PersonalData = class
	if why != "" {
		c.doubt("personal data: %s", why)
	}
	return c
}

func (c *column) listMarks() string {
	var words []string
	for _, mark := range slices.Sorted(maps.Keys(c.marks)) {
		words = append(words, fmt.Sprintf("%q (%d times)", mark, c.marks[mark]))
	}
	return strings.Join(words, ", ")
}

// chooseType takes the first type that all values fit, or else nearly all.
func (c *column) chooseType() {
	if c.choosePeriod() {
		return
	}
	for _, exact := range []bool{true, false} {
		for _, t := range c.types {
			if t.dead || exact && len(t.odd) > 0 || !exact && t.fits < 20*t.odds() {
				continue
			}
			if c.take(t) {
				c.statuses(t)
				return
			}
		}
	}
	c.textDoubts()
}

// take proposes a type, unless there is reason not to.
func (c *column) take(t *candidate) bool {
	kind := t.terms.Kind
	switch kind {
	case connectors.AreaCode, connectors.Boolean:
		if len(t.odd) > 0 || kind == connectors.Boolean && len(c.marks) > 0 {
			return false
		}
	case connectors.Integer:
		if c.isCode() {
			c.doubt("it holds whole numbers and is kept as text, as codes and references are")
			return false
		}
		if c.digits.before > 18 {
			return false
		}
		c.terms.Number = c.digits.number()
		c.looksLikePeriod()
	case connectors.Decimal:
		if c.isCode() {
			return false
		}
		c.terms.Type, c.terms.Number = c.decimalType(), c.digits.number()
		return true
	case connectors.Date, connectors.Timestamp:
		c.dateOrder(t)
	}
	c.terms.Type = string(kind)
	return true
}

// isCode says whether whole numbers are names of things rather than amounts.
func (c *column) isCode() bool {
	if c.zeros {
		return true
	}
	for _, end := range []string{"code", "id", "ref", "reference", "uprn", "usrn", "urn", "upn", "postcode", "phone", "telephone", "number", "no",
		"account"} {
		if c.name == end || c.name == "child" || strings.HasSuffix(c.name, "_"+end) {
			return true
		}
	}
	return false
}

// decimalType has room for numbers longer than those seen.
func (c *column) decimalType() string {
	scale := c.digits.behind
	switch {
	case scale <= 2:
		scale = 2
	case scale <= 6:
		scale = 6
	}
	precision := 18
	if c.digits.before+scale+2 > precision {
		precision = 38
	}
	if c.digits.behind > 6 {
		c.doubt("up to %d places behind the point, as a spreadsheet or program computes them; ask for rounded figures", c.digits.behind)
	}
	return fmt.Sprintf("decimal(%d,%d)", precision, scale)
}

// dateOrder says in which order the dates are written, where that is not year-month-day with hyphens.
func (c *column) dateOrder(chosen *candidate) {
	fits := func(order string) bool {
		return slices.ContainsFunc(c.types, func(t *candidate) bool {
			return t.terms.Kind == chosen.terms.Kind && t.terms.DateOrder == order && !t.dead && len(t.odd) <= len(chosen.odd)
		})
	}
	dmy, mdy, ymd := fits("dmy"), fits("mdy"), fits("ymd")
	switch {
	case dmy && ymd: // with hyphens, which any order takes
	case dmy && mdy:
		c.terms.DateOrder = "dmy"
		c.doubt("date_order: no day in this file is past the 12th, so it could be mdy (month first) as well")
	default:
		c.terms.DateOrder = chosen.terms.DateOrder
	}
	if chosen.terms.Kind == connectors.Timestamp {
		c.doubt("moments without an offset are taken to be local time")
	}
}

// statuses lists the texts that stand for no value.
func (c *column) statuses(t *candidate) {
	if len(c.marks)+len(t.odd) == 0 {
		return
	}
	c.terms.Statuses = map[string]string{}
	var asked []string
	for mark := range c.marks {
		c.terms.Statuses[mark] = marks[mark]
		if !plainMarks[mark] {
			asked = append(asked, fmt.Sprintf("%q", mark))
		}
	}
	if c.blank > 0 {
		c.terms.Statuses[""] = "missing"
	}
	slices.Sort(asked)
	if len(asked) > 0 {
		c.doubt("what %s stands for (missing, suppressed, not_function …)", strings.Join(asked, ", "))
	}
	for _, text := range slices.Sorted(maps.Keys(t.odd)) {
		c.terms.Statuses[text] = "missing"
		c.doubt("%q is no %s and stands %d times, first on line %d; it is taken for a missing value", text, t.terms.Kind, t.odd[text], t.line)
	}
}

// textDoubts says what is odd about a column that is text for want of a better type.
func (c *column) textDoubts() {
	if c.exponent {
		c.doubt("numbers are written like 1E-05, which is not read as a number; ask for them in full")
	}
	if c.distinct != nil && allLook(c.distinct, dateLike.MatchString) {
		c.doubt("these look like dates, but not all in one order and with four figures of the year")
	}
	if len(c.marks) > 0 {
		c.doubt("%s is kept as text here", c.listMarks())
	}
	if c.padded*2 > c.n {
		c.doubt("its values are padded with spaces, which are kept")
	}
	c.mostlyPeriods()
}

func allLook(values map[string]bool, like func(string) bool) bool {
	for v := range values {
		if !isMark(v) && !like(v) {
			return false
		}
	}
	return len(values) > 0
}

// looksLikePeriod says where whole numbers may be periods of a form that no contract can name.
func (c *column) looksLikePeriod() {
	if c.distinct == nil || !hasWord(c.name, "period", "year") {
		return
	}
	if allLook(c.distinct, func(v string) bool { return len(v) == 6 && isDigits(v) }) {
		c.doubt("labels like 202223 are years without a sign between; no form of period reads them, so they land as numbers")
	}
}
