package connectors

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/internal/periods"
)

// Contracts adds the faults of a source's contracts, which stand under datasets in its file.
func (i *Inspector) Contracts(contracts []Contract) {
	if len(contracts) == 0 {
		i.Fault("datasets", "name at least one under datasets", "the source has no dataset")
	}
	seen := map[string]bool{}
	for n, c := range contracts {
		place := fmt.Sprintf("datasets[%d]", n)
		if seen[c.Name] && c.Name != "" {
			i.Fault(place+".name", "give one of them another name", "there are two datasets %q", c.Name)
		}
		seen[c.Name] = true
		i.contract(place, c)
	}
}

func (i *Inspector) contract(place string, c Contract) {
	if !identifier.MatchString(c.Name) {
		i.Fault(place+".name", "use lower case letters, digits and _, such as missed_bins", "the dataset's name is %q", c.Name)
	}
	i.OneOf(place+".mode", string(c.Mode), modes, true)
	i.OneOf(place+".on_new_column", c.OnNewColumn, newColumns, false)
	i.OneOf(place+".refresh", c.Refresh, refreshes, false)
	i.OneOf(place+".personal_data", c.PersonalData, personal, false)
	if q := c.MaxQuarantined; q != nil && !(*q >= 0 && *q <= 1) {
		i.Fault(place+".max_quarantined", "write a share from 0 to 1, such as 0.01 for one row in a hundred", "max_quarantined is %g", *q)
	}
	i.volume(place+".volume_guard", c.VolumeGuard)
	i.key(place, c)
	i.columns(place, c)
}

func (i *Inspector) key(place string, c Contract) {
	names := c.Columns.Keys()
	for n, name := range c.Key {
		at := fmt.Sprintf("%s.key[%d]", place, n)
		if !slices.Contains(names, name) {
			i.Fault(at, fault.DidYouMean(name, "columns", names), "the key %q is not a column", name)
		}
		if slices.Contains(c.Key[:n], name) {
			i.Fault(at, "leave out one of the two", "the key names %q twice", name)
		}
	}
}

func (i *Inspector) columns(place string, c Contract) {
	if len(c.Columns) == 0 {
		i.Fault(place+".columns", "name every column of the file under columns, with its type", "the dataset has no column")
	}
	lands := map[string]string{} // the names of columns as they land, and which of the contract makes them
	heads := map[string]string{}
	for _, entry := range c.Columns {
		at := place + ".columns." + entry.Key
		if !identifier.MatchString(entry.Key) {
			i.Fault(at, "use lower case letters, digits and _, and give the name in the file as header", "the column's name is %q", entry.Key)
		}
		for _, name := range landed(entry.Key, entry.Value) {
			if other, taken := lands[name]; taken {
				i.Fault(at, "give one of them another name", "the columns %q and %q both land as %q", other, entry.Key, name)
			}
			lands[name] = entry.Key
		}
		for _, head := range headers(entry.Key, entry.Value) {
			if other, taken := heads[head]; taken {
				i.Fault(at, "name each column of the file once", "the columns %q and %q are both read from %q", other, entry.Key, head)
			}
			heads[head] = entry.Key
		}
		i.column(at, entry.Value)
	}
}

func landed(name string, t ColumnTerms) []string {
	if len(t.Statuses) > 0 {
		return []string{name, name + "_status"}
	}
	return []string{name}
}

func headers(name string, t ColumnTerms) []string {
	if len(t.Header) > 0 {
		return t.Header
	}
	return []string{name}
}

// column adds the faults of one column.
func (i *Inspector) column(at string, t ColumnTerms) {
	kind, _, _, wrong := parseType(t.Type)
	if wrong != "" {
		i.Fault(at+".type", fault.DidYouMean(t.Type, "types", typeNames), "%s", wrong)
	}
	if _, err := regexp.Compile(t.Pattern); err != nil {
		i.Fault(at+".pattern", "correct the regular expression", "the pattern cannot be used: %s", err)
	}
	for _, text := range slices.Sorted(maps.Keys(t.Statuses)) {
		if status := t.Statuses[text]; !slices.Contains(absences, status) {
			i.Fault(at+".statuses."+text, fault.DidYouMean(status, "statuses", absences), "the text %q stands for an unknown status %q", text, status)
		}
	}
	i.OneOf(at+".personal_data", t.PersonalData, personal, false)
	i.OneOf(at+".date_order", t.DateOrder, DateOrders, false)
	for _, form := range t.Number {
		i.OneOf(at+".number", form, NumberForms, true)
	}
	if (len(t.Yes) == 0) != (len(t.No) == 0) {
		i.Fault(at, "give both, such as yes: [Y] and no: [N]", "a boolean that names its texts must name both yes and no")
	}
	i.period(at, kind, t)
	if wrong == "" {
		i.belongs(at, kind, t)
	}
}

// period adds the faults of a period's forms.
func (i *Inspector) period(at string, kind Kind, t ColumnTerms) {
	forms := periods.Forms()
	if kind == Period && len(t.Form) == 0 {
		i.Fault(at, "add form: one or several of "+strings.Join(forms, ", "), "a period must say what form its labels have")
	}
	for _, form := range t.Form {
		i.OneOf(at+".form", form, forms, true)
	}
	i.OneOf(at+".basis", t.Basis, bases, false)
}

// belongs adds a fault for each setting that a column's type has no use for.
func (i *Inspector) belongs(at string, kind Kind, t ColumnTerms) {
	for _, s := range []struct {
		name  string
		given bool
		kinds []Kind
	}{
		{"form", len(t.Form) > 0, []Kind{Period}},
		{"basis", t.Basis != "", []Kind{Period}},
		{"date_order", t.DateOrder != "", []Kind{Date, Timestamp}},
		{"number", len(t.Number) > 0, []Kind{Integer, Decimal}},
		{"yes", len(t.Yes) > 0, []Kind{Boolean}},
		{"no", len(t.No) > 0, []Kind{Boolean}},
	} {
		if s.given && !slices.Contains(s.kinds, kind) {
			i.Fault(at+"."+s.name, "leave it out, or correct the type", "%s has no meaning for a column of type %s", s.name, t.Type)
		}
	}
}
