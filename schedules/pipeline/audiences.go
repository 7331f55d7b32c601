package pipeline

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goldthread/goldthread/internal/council"
	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/warehouse"
	"github.com/goldthread/goldthread/warehouse/duckdb"
)

// released says whether a release holds a model's table.
func released(schema string) bool { return schema == "core" || schema == "marts" }

// checkAudiences finds tables that an audience is to see and no release holds.
func (f *Folder) checkAudiences() error {
	var names []string
	for _, m := range f.Models.Models {
		if released(m.Schema()) {
			names = append(names, m.Name)
		}
	}
	for _, name := range explaining {
		names = append(names, "meta."+name)
	}
	slices.Sort(names)
	var faults []error
	for _, audience := range f.Settings.Audiences.Limited() {
		for _, table := range audience.Tables {
			if !slices.Contains(names, table) {
				faults = append(faults, &fault.Error{
					Where: council.File, What: fmt.Sprintf("%s are to see %s, which no release holds", audience.Name, table),
					Fix: fault.DidYouMean(table, "tables", names),
				})
			}
		}
	}
	return fault.Join(faults...)
}

// limited is what an audience may see of the tables of a release, and how they hang together. A view of tables that it may not
// see reaches it as rows.
func (f *Folder) limited(audience council.Audience, tables []warehouse.ReleaseTable) warehouse.ReleasePart {
	part := warehouse.ReleasePart{Audience: audience.Name}
	for _, t := range tables {
		name := t.Schema + "." + t.Name
		if name == "meta.model_keys" {
			t.Where = keysOf(audience.Tables)
			part.Tables = append(part.Tables, t)
			continue
		}
		if !slices.Contains(audience.Tables, name) {
			continue
		}
		if m, isModel := f.Models.Model(name); isModel && t.View != "" && !m.Of(audience.Tables) {
			t.View = ""
		}
		part.Tables = append(part.Tables, t)
	}
	return part
}

// keysOf is the condition of the keys that join some tables.
func keysOf(tables []string) string {
	list := make([]string, len(tables))
	for i, name := range tables {
		list[i] = duckdb.Literal(name)
	}
	seen := "(" + strings.Join(list, ", ") + ")"
	return fmt.Sprintf("model in %s and (parent is null or parent in %s)", seen, seen)
}
