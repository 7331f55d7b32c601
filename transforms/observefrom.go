package transforms

import (
	"fmt"
	"strings"

	"github.com/goldthread/goldthread/internal/fault"
)

// A Measure is what its observations are made of: a part of a dataset, or SQL of its own.
type Measure struct {
	Code, Name string
	File       string
	// Where gives "file:line" of a dotted key of the measure's file.
	Where func(key string) string

	From    *From
	SQL     string // in place of From
	SQLFile string

	Multiplier int64 // value = numerator * multiplier / denominator
	NullAsZero bool
	Latest     bool // its rows are not those of a source one to one, so only the present is known
}

// From is where in a dataset the observations of a measure stand.
type From struct {
	Dataset      string // source.dataset
	Filters      []Filter
	Area         string // a column
	AreaConstant string // in its place
	Period       string
	Value        string
	Numerator    string
	Denominator  string
	Breakdown    *Breakdown
}

// A Filter keeps rows whose column has one of some values.
type Filter struct {
	Column string
	Values []string
}

// A Breakdown is a column that cuts the population.
type Breakdown struct {
	Column string
	All    string // the text that means everybody; empty where there is none
	Name   string
}

// fillFrom writes the parts of the SELECT over a dataset.
func (w writer) fillFrom(p *page) error {
	f := w.From
	schema := "current."
	if p.Versions {
		schema = "raw."
	}
	p.Relation = schema + strings.Replace(f.Dataset, ".", "__", 1)
	relation, ok := w.relations[p.Relation]
	if !ok {
		return &fault.Error{Where: w.Where("from.dataset"), What: fmt.Sprintf("unknown dataset %q", f.Dataset),
			Fix: fault.DidYouMean(f.Dataset, "datasets", w.datasets())}
	}
	c := columnFinder{w: w, relation: relation}
	p.Relation = quoteName(p.Relation)
	p.Period = c.find("period", f.Period)
	p.Value, p.Numerator, p.Denominator = c.number("value", f.Value), c.number("numerator", f.Numerator), c.number("denominator", f.Denominator)
	p.Status = c.status(f.Value, f.Numerator, f.Denominator)
	p.Breakdown = "'all'"
	if p.Area = quoteText(f.AreaConstant); f.AreaConstant == "" {
		p.Area = "cast(" + c.find("area", f.Area) + " as varchar)"
	}
	if b := f.Breakdown; b != nil {
		p.Breakdown = c.breakdown(*b)
	}
	for _, filter := range f.Filters {
		p.Where = append(p.Where, c.filter(filter))
	}
	return fault.Join(c.faults...)
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

func (c *columnFinder) breakdown(b Breakdown) string {
	column := c.find("breakdown.column", b.Column)
	cut := fmt.Sprintf("%s || ':' || coalesce(cast(%s as varchar), '')", quoteText(b.Name), column)
	if b.All == "" {
		return cut
	}
	return fmt.Sprintf("case when cast(%s as varchar) = %s then 'all' else %s end", column, quoteText(b.All), cut)
}

func (c *columnFinder) filter(f Filter) string {
	column := c.find("where."+f.Column, f.Column)
	values := make([]string, len(f.Values))
	for i, value := range f.Values {
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
