package transforms

import (
	"fmt"
	"strings"

	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/internal/measures"
	"github.com/goldthread/goldthread/internal/strictyaml"
)

// fillFrom writes the parts of the SELECT over a dataset.
func (w writer) fillFrom(p *page) error {
	f := w.From
	table := strings.Replace(f.Dataset, ".", "__", 1)
	relation, ok := w.relations["current."+table]
	if !ok {
		return &fault.Error{Where: w.Where("from.dataset"), What: fmt.Sprintf("unknown dataset %q", f.Dataset),
			Fix: fault.DidYouMean(f.Dataset, "datasets", w.datasets())}
	}
	c := columnFinder{w: w, relation: relation}
	for _, one := range c.series(*f) {
		p.Taken = append(p.Taken, taken{one, quoteName("current." + table), false})
		if p.Versions {
			p.Taken = append(p.Taken, taken{one, quoteName("history." + table), true})
		}
	}
	p.Numerator, p.Denominator = c.number("numerator", f.Numerator), c.number("denominator", f.Denominator)
	p.Divides = f.Numerator != "" && f.Denominator != ""
	p.Breakdown = "'all'"
	p.Area = c.area(f.Area)
	if b := f.Breakdown; b != nil {
		p.Breakdown = c.breakdown(*b)
	}
	p.OnlyRows = w.onlyRows()
	for _, filter := range f.Where {
		p.Where = append(p.Where, c.filter(filter.Key, filter.Value))
	}
	return fault.Join(c.faults...)
}

// onlyRows says whether the dataset's key leaves one row to an observation: each of its columns is one that the measure
// takes as area, period or breakdown, or keeps one value of.
func (w writer) onlyRows() bool {
	f := w.From
	told := []string{f.Area.Text, f.Period}
	if f.Breakdown != nil {
		told = append(told, f.Breakdown.Column)
	}
	for _, filter := range f.Where {
		if len(filter.Value) == 1 {
			told = append(told, filter.Key)
		}
	}
	key := w.keys[f.Dataset]
	for _, column := range key {
		if !contains(told, column) {
			return false
		}
	}
	return len(key) > 0 && len(f.Periods) == 0
}

// A columnFinder quotes columns of a dataset and notes those it has not.
type columnFinder struct {
	w        writer
	relation Relation
	faults   []error
}

func (c *columnFinder) find(key, name string) string {
	if _, ok := c.relation.column(name); !ok {
		c.faults = append(c.faults, &fault.Error{Where: c.w.Where("from." + key),
			What: fmt.Sprintf("dataset %s has no column %q", c.w.From.Dataset, name),
			Fix:  fault.DidYouMean(name, "columns", visible(c.relation.names()))})
	}
	return quoteName(name)
}

// series are the columns of values with their periods.
func (c *columnFinder) series(f measures.From) []series {
	if len(f.Periods) == 0 {
		return []series{{c.find("period", f.Period), c.number("value", f.Value), c.status(f.Value, f.Numerator, f.Denominator)}}
	}
	var all []series
	for _, column := range f.Periods {
		all = append(all, series{quoteText(column.Key), c.number("periods."+column.Key, column.Value), c.status(column.Value)})
	}
	return all
}

func (c *columnFinder) area(area strictyaml.TextOr[measures.Area]) string {
	switch {
	case area.Settings == nil:
		return "cast(" + c.find("area", area.Text) + " as varchar)"
	case area.Settings.Constant == measures.OwnArea:
		return "(select organisation_code from handbook.council)"
	}
	return quoteText(area.Settings.Constant)
}

// number is a column as a decimal, or null where the measure names none.
func (c *columnFinder) number(key, name string) string {
	if name == "" {
		return "cast(null as decimal(38, 10))"
	}
	return "cast(" + c.find(key, name) + " as decimal(38, 10))"
}

// status is the first status that is not ok among those of columns that have one.
func (c *columnFinder) status(names ...string) string {
	var statuses []string
	for _, name := range names {
		if _, ok := c.relation.column(name + "_status"); ok && name != "" {
			statuses = append(statuses, fmt.Sprintf("nullif(%s, 'ok')", quoteName(name+"_status")))
		}
	}
	if len(statuses) == 0 {
		return "cast(null as varchar)"
	}
	return "coalesce(" + strings.Join(append(statuses, "null"), ", ") + ")"
}

func (c *columnFinder) breakdown(b measures.Breakdown) string {
	column := c.find("breakdown.column", b.Column)
	cut := fmt.Sprintf("%s || ':' || coalesce(cast(%s as varchar), '')", quoteText(b.Name), column)
	if b.All == "" {
		return cut
	}
	return fmt.Sprintf("case when cast(%s as varchar) = %s then 'all' else %s end", column, quoteText(b.All), cut)
}

func (c *columnFinder) filter(name string, texts []string) string {
	column := c.find("where."+name, name)
	values := make([]string, len(texts))
	for i, value := range texts {
		values[i] = quoteText(value)
	}
	if len(values) == 1 {
		return fmt.Sprintf("cast(%s as varchar) = %s", column, values[0])
	}
	return fmt.Sprintf("cast(%s as varchar) in (%s)", column, strings.Join(values, ", "))
}

// visible leaves out the columns that we add to a dataset.
func visible(names []string) []string {
	var kept []string
	for _, name := range names {
		if !strings.HasPrefix(name, "_") {
			kept = append(kept, name)
		}
	}
	return kept
}
