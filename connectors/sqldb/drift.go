package sqldb

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goldthread/goldthread/connectors"
)

// compare tells what the relation looks like beside last time, and refuses what cannot be read as it was.
func (v *visit) compare(found shape) error {
	before := v.before.Shape
	if before == nil || v.before.Of != v.after.Of {
		return nil
	}
	if err := v.compareNew(*before, found); err != nil {
		return err
	}
	for i, now := range v.plan.columns {
		if err := v.compareColumn(v.dataset.Columns[i], *before, now); err != nil {
			return err
		}
	}
	if v.plan.by != "" {
		was := find(before.Columns, v.plan.cursor.Name)
		if was >= 0 && before.Columns[was].Class != v.plan.cursor.Class {
			return refuse("the cursor's column %q was of type %s and is now %s; run with --full to begin anew", v.plan.cursor.Name, before.Columns[was].Type, v.plan.cursor.Type)
		}
	}
	if !slices.Equal(before.Key, found.Key) {
		v.tell("the primary key was (%s) and is now (%s); the contract's key is (%s)", strings.Join(before.Key, ", "), strings.Join(found.Key, ", "), strings.Join(v.table.Key, ", "))
	}
	if before.View != found.View {
		v.tell("the view was replaced: it selects something else than last time")
	}
	if reordered(before.Columns, found.Columns) {
		v.tell("the columns stand in another order; they are read by name")
	}
	return nil
}

func (v *visit) tell(format string, args ...any) {
	v.about = append(v.about, fmt.Sprintf(format, args...))
}

// compareNew deals with columns that were not there last time and that the contract does not name.
func (v *visit) compareNew(before, found shape) error {
	var fresh []column
	for _, c := range found.Columns {
		named := slices.ContainsFunc(v.table.dataset.Columns, func(own connectors.Column) bool { return find([]column{c}, namesOf(own)...) >= 0 })
		if find(before.Columns, c.Name) < 0 && !named {
			fresh = append(fresh, c)
		}
	}
	switch {
	case len(fresh) == 0:
	case v.table.OnNewColumn == refuseColumn:
		return refuse("the source has new columns that the contract does not name: %s; name them there, or set on_new_column to add or ignore", names(fresh))
	case v.table.OnNewColumn == addColumn:
		v.tell("new columns were added as text, and are personal until they are classed: %s", names(fresh))
	default:
		v.tell("the source has new columns that the contract does not name and that are not read: %s", names(fresh))
	}
	for _, c := range before.Columns {
		if find(found.Columns, c.Name) < 0 {
			v.tell("the source has no column %q any more", c.Name)
		}
	}
	return nil
}

// compareColumn tells how a column of the contract differs from what it was.
func (v *visit) compareColumn(c connectors.Column, before shape, now column) error {
	at := find(before.Columns, namesOf(c)...)
	if at < 0 {
		return nil // the contract names it only now
	}
	was := before.Columns[at]
	if was.Class != now.Class && c.Kind != connectors.Text {
		return refuse("the column %q was of type %s and is now %s, which the contract reads as %s; correct the contract, or run with --full to take it as it is", now.Name, was.Type, now.Type, c.Kind)
	}
	if was.Name != now.Name {
		v.tell("the column %q is now called %q", was.Name, now.Name)
	}
	if was.Type != now.Type {
		v.tell("the column %q was of type %s and is now %s", now.Name, was.Type, now.Type)
	}
	if was.Nullable != now.Nullable {
		v.tell("the column %q %s", now.Name, map[bool]string{true: "may now be empty", false: "may not be empty any more"}[now.Nullable])
	}
	if was.Collation != now.Collation {
		v.tell("the collation of column %q was %q and is now %q", now.Name, was.Collation, now.Collation)
	}
	return nil
}

// reordered says whether columns that stand in both lists stand there in another order.
func reordered(before, now []column) bool {
	last := -1
	for _, c := range now {
		at := find(before, c.Name)
		if at < 0 {
			continue
		}
		if at < last {
			return true
		}
		last = at
	}
	return false
}
