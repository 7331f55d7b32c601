package catalog

import (
	"maps"
	"slices"
	"strings"
)

// Schemas are those that a gate lets statements read besides the release's.
func Schemas() []string { return []string{schemaCatalog, schemaInformation} }

// Tables are those of the catalogue, as schema.table.
func Tables() []string { return slices.Sorted(maps.Keys(relations)) }

// Functions are those that a gate lets statements call besides the engine's: the catalogue's macros and what Rewrite writes.
func Functions() []string { return append(macros(false), rewritten...) }

// TableFunctions are those that a gate lets stand in place of a table.
func TableFunctions() []string { return macros(true) }

// macros reads the names that macros.sql gives.
func macros(ofTables bool) (names []string) {
	text, _ := files.ReadFile("macros.sql") // embedded
	for _, part := range strings.Split(string(text), "create macro ")[1:] {
		name := part[:strings.IndexAny(part, "( \n")]
		if strings.Contains(part, "as table") == ofTables && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// rewritten are the engine's functions that Rewrite puts in and readers could not call before.
var rewritten = []string{"json_object"}
