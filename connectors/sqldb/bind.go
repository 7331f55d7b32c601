package sqldb

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/goldthread/goldthread/connectors"
)

// What to do with a column that the contract does not name.
const (
	addColumn    = "add"    // it lands as text behind the contract's columns
	refuseColumn = "refuse" // reading is refused where there was none of its name last time
)

// bind finds the columns of the contract among those of the relation and makes the plan of them.
func (v *visit) bind(r relation, found shape) error {
	v.dataset = v.table.dataset
	if v.table.OnNewColumn == addColumn {
		v.dataset.Columns = append(slices.Clone(v.dataset.Columns), added(found.Columns, v.dataset.Columns)...)
	}
	p := plan{dialect: v.dialect, from: fromOf(v.dialect, r)}
	var missing []string
	for _, c := range v.dataset.Columns {
		at := find(found.Columns, namesOf(c)...)
		if at < 0 {
			missing = append(missing, strconv.Quote(strings.Join(namesOf(c), " or ")))
			continue
		}
		p.columns = append(p.columns, found.Columns[at])
		if slices.Contains(v.table.Key, c.Name) {
			p.key = append(p.key, found.Columns[at])
		}
		if slices.Contains(v.table.Totals, c.Name) {
			p.totals = append(p.totals, found.Columns[at])
		}
	}
	if len(missing) > 0 {
		return refuse("the source lacks %s; the source has %s", strings.Join(missing, ", "), names(found.Columns))
	}
	for _, c := range p.totals {
		if c.Class != number || p.sum(p.quote(c.Name), c) == "" {
			return refuse("the column %q is of type %s, of which there is no exact total; leave it out of totals", c.Name, c.Type)
		}
	}
	v.plan = p
	return v.bindCursor(found)
}

// namesOf are the names a column of the contract may have at the source.
func namesOf(c connectors.Column) []string {
	if len(c.Headers) > 0 {
		return c.Headers
	}
	return []string{c.Name}
}

// bindCursor adds the cursor to the plan.
func (v *visit) bindCursor(found shape) error {
	terms := v.table.Cursor
	if terms.Column == "" {
		return nil
	}
	var columns []column
	for _, name := range []string{terms.Column, terms.Fallback} {
		if name == "" {
			continue
		}
		at := find(found.Columns, name)
		if at < 0 {
			return refuse("the source lacks the cursor's column %q; the source has %s", name, names(found.Columns))
		}
		columns = append(columns, found.Columns[at])
	}
	p := &v.plan
	p.cursor, p.by = columns[0], v.dialect.quote(columns[0].Name)
	if len(columns) > 1 {
		if columns[1].Class != p.cursor.Class {
			return refuse("the cursor's columns %q and %q are of different types: %s and %s", terms.Column, terms.Fallback, p.cursor.Type, columns[1].Type)
		}
		p.by = "coalesce(" + p.by + ", " + v.dialect.quote(columns[1].Name) + ")"
	}
	if !slices.Contains([]class{number, text, day, local, moment}, p.cursor.Class) {
		return refuse("the cursor's column %q is of type %s, by which rows cannot be put in order exactly; use one of dates, times or whole numbers", p.cursor.Name, p.cursor.Type)
	}
	p.back, _ = parseLookBack(terms.LookBack)
	if terms.LookBack == "" {
		return nil
	}
	if p.cursor.isTime() && p.back.Units > 0 || p.cursor.Class == number && p.back.Time > 0 || p.cursor.Class == text && p.back != (lookBack{}) {
		return refuse("a look_back of %s has no meaning for the cursor's column %q of type %s; write a time such as 2h for dates and times, a count such as 1000 for numbers, and 0 for texts",
			terms.LookBack, p.cursor.Name, p.cursor.Type)
	}
	return nil
}

// added gives the columns that are not in the contract and whose names are free.
func added(found []column, contract []connectors.Column) []connectors.Column {
	var more []connectors.Column
	for _, c := range found {
		taken := func(own connectors.Column) bool {
			of := append(slices.Clone(own.Headers), own.Name, own.Name+"_status")
			return slices.ContainsFunc(of, func(name string) bool { return strings.EqualFold(name, c.Name) })
		}
		if strings.HasPrefix(c.Name, "_") || slices.ContainsFunc(contract, taken) || slices.ContainsFunc(more, taken) {
			continue
		}
		more = append(more, connectors.Column{
			Name: c.Name, Kind: connectors.Text, PersonalData: "unclassed",
			Description: "A column that the source has and the contract does not name.",
		})
	}
	return more
}

// find gives the place of a column by the first of the names that it bears, or bears in other letters; -1 where none is.
func find(columns []column, of ...string) int {
	for _, same := range []func(a, b string) bool{func(a, b string) bool { return a == b }, strings.EqualFold} {
		for _, name := range of {
			if i := slices.IndexFunc(columns, func(c column) bool { return same(c.Name, name) }); i >= 0 {
				return i
			}
		}
	}
	return -1
}

// names lists columns for a sentence.
func names(columns []column) string {
	const most = 30
	var list []string
	for i, c := range columns {
		if i == most {
			list = append(list, fmt.Sprintf("… (%d in all)", len(columns)))
			break
		}
		list = append(list, strconv.Quote(c.Name))
	}
	return strings.Join(list, ", ")
}
