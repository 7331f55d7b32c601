package sqldb

import (
	"fmt"
	"strings"
)

// A plan is the statements by which one relation is read.
type plan struct {
	dialect
	from    string   // the relation, quoted
	columns []column // one for each column of the contract
	key     []column
	totals  []column
	cursor  column // of which the cursor is made; without a name where there is none
	by      string // the cursor's expression
	back    lookBack
}

// fromOf is a relation as it stands in a select.
func fromOf(d dialect, r relation) string {
	switch {
	case r.Query != "":
		return "(\n" + strings.TrimRight(strings.TrimSpace(r.Query), "; \n\t") + "\n) source_rows"
	case r.Schema != "":
		return d.quote(r.Schema) + "." + d.quote(r.Table)
	}
	return d.quote(r.Table)
}

// rows selects the rows of a scope. What changed comes in the order in which it changed; everything comes as it lies.
func (p plan) rows(s scope) (statement string, args []string) {
	names := make([]string, len(p.columns))
	for i, c := range p.columns {
		names[i] = p.selected(p.quote(c.Name), c)
	}
	where, args := p.where(s, 0)
	statement = "select " + strings.Join(names, ", ") + " from " + p.from + where
	if s.since != nil {
		order := []string{p.by}
		for _, c := range p.key {
			order = append(order, p.quote(c.Name))
		}
		statement += " order by " + strings.Join(order, ", ")
	}
	return statement, args
}

// where restricts to a scope: rows at and after the cursor, and those that have none, since nothing says when they came.
func (p plan) where(s scope, before int) (clause string, args []string) {
	if s.since == nil {
		return "", nil
	}
	return fmt.Sprintf(" where (%s >= %s or %s is null)", p.by, p.bound(before+1, p.cursor, p.back), p.by), []string{*s.since}
}

// survey selects what the source says of a scope in sum: see totals for the order of what it gives.
func (p plan) survey(s scope) (statement string, args []string) {
	sums := []string{"count(*)", p.now()}
	add := func(expression string, c column) { sums = append(sums, p.asText(expression, c)) }
	if p.by != "" {
		greatest := "max(" + p.by + ")"
		if clock := p.clock(p.cursor); clock != "" {
			greatest = fmt.Sprintf("case when max(%[1]s) > %[2]s then %[2]s else max(%[1]s) end", p.by, clock)
		}
		sums = append(sums, "count("+p.by+")")
		add(greatest, p.cursor)
		behind, of := p.behind(s, len(args))
		sums, args = append(sums, behind), append(args, of...)
	}
	for _, c := range p.ordered() {
		add("min("+p.quote(c.Name)+")", c)
		add("max("+p.quote(c.Name)+")", c)
	}
	for _, c := range p.totals {
		add(p.sum(p.quote(c.Name), c), column{Class: number})
	}
	where, of := p.where(s, len(args))
	return "select " + strings.Join(sums, ", ") + " from " + p.from + where, append(args, of...)
}

// ordered are the columns of the key of which every engine knows the least and the greatest value.
func (p plan) ordered() []column {
	var columns []column
	for _, c := range p.key {
		if c.Class == number || c.Class == text {
			columns = append(columns, c)
		}
	}
	return columns
}

// The words in which a survey says that the source was set back.
const (
	rowsBehind  = "rows"
	clockBehind = "clock"
)

// behind says whether no row is as late any more as the latest one last time, or the clock is not.
func (p plan) behind(s scope, before int) (expression string, args []string) {
	if s.since == nil {
		return "''", nil
	}
	at := func() string { args = append(args, *s.since); return p.bound(before+len(args), p.cursor, lookBack{}) }
	expression = "case"
	if clock := p.clock(p.cursor); clock != "" {
		expression += fmt.Sprintf(" when %s < %s then '%s'", clock, at(), clockBehind)
	}
	expression += fmt.Sprintf(" when max(%s) >= %s then '' else '%s' end", p.by, at(), rowsBehind)
	return expression, args
}
