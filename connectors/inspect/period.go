package inspect

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/goldthread/goldthread/internal/periods"
	"github.com/goldthread/goldthread/internal/strictyaml"
)

// A periodForm is a form of label with the kind of year that it needs.
type periodForm struct {
	name, basis string
	byName      bool // taken only where the column's name speaks of time, as other things look like it
}

// periodForms are tried in this order; the earlier of two that read as many labels is taken.
var periodForms = []periodForm{
	{"calendar_year", "", true}, {"financial_year", "", false}, {"financial_quarter", "", false}, {"month_name", "", false},
	{"quarter_end", "", true}, {"rolling_12", "", false}, {"month", "", true}, {"pooled_years", "", false},
	{"pooled_years", "financial", false}, {"cumulative_quarters", "", false}, {"date", "", true},
}

// choosePeriod proposes a period where forms of period read every value.
func (c *column) choosePeriod() bool {
	labels := c.labels()
	forms, basis := cover(labels, c.periodForms())
	if len(forms) == 0 || slices.Equal(forms, []string{"date"}) { // a date it is
		return false
	}
	c.terms.Type, c.terms.Form, c.terms.Basis = "period", forms, basis
	c.statuses(&candidate{})
	c.periodDoubts(labels)
	return true
}

// periodForms are those that labels of the column may have.
func (c *column) periodForms() []periodForm {
	if c.isTimely() {
		return periodForms
	}
	return slices.DeleteFunc(slices.Clone(periodForms), func(f periodForm) bool { return f.byName })
}

// isTimely says whether the column's name speaks of time.
func (c *column) isTimely() bool {
	return hasWord(c.name, "period", "year", "years", "quarter", "month", "time", "fy", "date_range", "reporting", "timeframe", "financial")
}

// longestLabel is beyond the label of any period.
const longestLabel = 40

// labels are the different values, marks left out; none where they are too many or too long to be periods.
func (c *column) labels() map[string]bool {
	labels := map[string]bool{}
	for label := range c.distinct {
		if len(label) > longestLabel {
			return nil
		}
		if !isMark(label) {
			labels[label] = true
		}
	}
	return labels
}

// cover chooses forms that together read all labels, each time the one that reads most of what is left; none where some label
// is read by no form. One basis serves all pooled years of a column.
func cover(labels map[string]bool, from []periodForm) (forms strictyaml.Texts, basis string) {
	left := maps.Clone(labels)
	for len(left) > 0 {
		best, most := mostRead(left, from)
		if most == 0 {
			return nil, ""
		}
		maps.DeleteFunc(left, func(label string, _ bool) bool { return best.read(label) })
		if !slices.Contains(forms, best.name) {
			forms = append(forms, best.name)
		}
		if best.basis != "" {
			basis = best.basis
			from = slices.DeleteFunc(slices.Clone(from), func(f periodForm) bool { return f.name == best.name && f.basis != basis })
		}
	}
	return forms, basis
}

// mostRead is the form that reads most labels, the earlier of two that read as many.
func mostRead(labels map[string]bool, forms []periodForm) (best periodForm, most int) {
	for _, f := range forms {
		if n := f.reads(labels); n > most {
			best, most = f, n
		}
	}
	return best, most
}

func (f periodForm) read(label string) bool {
	if f.name == "rolling_12" && dateLike.MatchString(label) { // a day alone does not say that a year ends on it
		return false
	}
	_, err := periods.Parse(f.name, f.basis, label)
	return err == nil
}

func (f periodForm) reads(labels map[string]bool) (n int) {
	for label := range labels {
		if f.read(label) {
			n++
		}
	}
	return n
}

// periodDoubts says what labels of this form leave open.
func (c *column) periodDoubts(labels map[string]bool) {
	forms := c.terms.Form
	if i := slices.Index(forms, "financial_year"); i >= 0 {
		switch {
		case hasWord(c.name, "academic", "school"):
			forms[i] = "academic_year"
		case !hasWord(c.name, "financial", "fy"):
			c.doubt("the labels do not say whether years like 2022/23 are financial or academic; for academic years write form academic_year")
		}
	}
	if c.terms.Basis != "" {
		c.doubt("basis: the labels do not say whether pooled years are financial or academic")
	}
	if slices.Contains(forms, "calendar_year") && !hasWord(c.name, "calendar") {
		c.doubt("years like 2023 are taken for calendar years; they may be financial years, a day in the year or a mid-year estimate")
	}
	if slices.Contains(forms, "financial_quarter") || slices.Contains(forms, "cumulative_quarters") {
		c.doubt("quarters are taken to be of the financial year: Q1 is April to June")
	}
	if slices.Contains(forms, "quarter_end") {
		c.doubt("these days end quarters; if each is a single day, write type: date, and if a year ends there, form rolling_12")
	}
	if slices.Contains(forms, "month") && (periodForm{name: "financial_year"}).reads(labels) > 0 {
		c.doubt("labels like 2010-11 are taken for months; some could be years")
	}
}

// mostlyPeriods says where half of the texts and more are periods, and the others stand about the table as totals and notes do.
func (c *column) mostlyPeriods() {
	best, most := mostRead(c.distinct, c.periodForms())
	if most < 2 || 2*most < len(c.distinct) {
		return
	}
	var others []string
	for _, text := range slices.Sorted(maps.Keys(c.distinct)) {
		if !best.read(text) {
			others = append(others, fmt.Sprintf("%.40q", text))
		}
	}
	c.doubt("%d of its %d texts are periods, and these are not: %s; where they are totals or notes, take their lines out of the sheet and inspect it again: "+
		"it is then type: period, form: %s", most, len(c.distinct), strings.Join(others[:min(len(others), 3)], ", "), best.name)
}
