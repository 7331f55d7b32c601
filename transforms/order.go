package transforms

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/goldthread/goldthread/internal/fault"
)

// checkReads tells of each model what it may not read: names that are none, and layers to its right.
func (s *Set) checkReads(outside map[string]Relation) error {
	known := append(sortedKeys(outside), sortedKeys(s.byName)...)
	var faults []error
	for _, name := range sortedKeys(s.byName) {
		m := s.byName[name]
		for _, use := range m.reads {
			_, isInput := outside[use.Name]
			faults = append(faults, m.checkRead(use, isInput || s.byName[use.Name] != nil, known))
		}
		for _, lookup := range sortedKeys(m.unversioned) {
			if !contains(m.Reads(), lookup) {
				faults = append(faults, &fault.Error{Where: m.setting("lookups"), What: fmt.Sprintf("lookups names %q, which the SELECT does not read", lookup),
					Fix: fault.DidYouMean(lookup, "it reads", m.Reads())})
			}
		}
	}
	return fault.Join(faults...)
}

func (m *Model) checkRead(use mention, exists bool, known []string) error {
	line := lineAt(m.sql, use.Offset)
	schema, _, qualified := strings.Cut(use.Name, ".")
	layer, isLayer := layers[schema]
	switch {
	case !exists && isFile(use.Name):
		return m.fault(line, fmt.Sprintf("a model does not read the file %q", use.Name), "read a table; what comes from outside is landed by a source first")
	case !qualified:
		return m.fault(line, fmt.Sprintf("table %q has no schema", use.Name), fault.DidYouMean(use.Name, "relations", tail(use.Name, known)))
	case !exists:
		return m.fault(line, fmt.Sprintf("unknown relation %q", use.Name), fault.DidYouMean(use.Name, "relations", near(use.Name, known)))
	case isLayer && layer > layers[m.Schema()]:
		return m.fault(line, fmt.Sprintf("a model of %s reads %s, which is made after it", m.Schema(), use.Name),
			"data moves from staging to intermediate to core to marts; move one of the two models")
	case m.ours && layer == 0 && (schema == "raw" || schema == "current" || schema == "history"):
		return m.fault(line, fmt.Sprintf("a model of the program reads %s, which only some councils have", use.Name),
			"read intermediate.int_observations, or put the model into a council's folder")
	}
	return nil
}

// isFile says whether a name is that of a file, which the engine would read in the place of a table.
func isFile(name string) bool {
	switch path.Ext(name) {
	case ".csv", ".tsv", ".txt", ".parquet", ".json", ".jsonl", ".ndjson", ".xlsx", ".db", ".duckdb", ".gz", ".zst":
		return true
	}
	return strings.ContainsAny(name, "/\\*:")
}

// tail keeps the names whose table is name, or all where there is none.
func tail(name string, known []string) []string {
	var same []string
	for _, one := range known {
		if strings.HasSuffix(one, "."+name) {
			same = append(same, one)
		}
	}
	if len(same) > 0 {
		return same
	}
	return known
}

// order sorts models so that each follows what it reads; among equals by name, so that every run has the same order.
func order(models map[string]*Model) ([]*Model, error) {
	var sorted []*Model
	state := map[string]int{} // 1 while on the path, 2 when done
	var trail []string
	var visit func(name string) error
	visit = func(name string) error {
		m := models[name]
		if m == nil || state[name] == 2 {
			return nil
		}
		trail = append(trail, name)
		if state[name] == 1 {
			return cycle(models, trail)
		}
		state[name] = 1
		for _, next := range m.Reads() {
			if err := visit(next); err != nil {
				return err
			}
		}
		trail = trail[:len(trail)-1]
		state[name] = 2
		sorted = append(sorted, m)
		return nil
	}
	for _, name := range sortedKeys(models) {
		if err := visit(name); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(sorted, func(a, b *Model) int { return a.phase() - b.phase() })
	return sorted, nil
}

// phase puts the tables of measures first, which read no model, and among them last those that read the periods.
func (m *Model) phase() int {
	switch {
	case m.Measure == "":
		return 2
	case contains(m.Reads(), periodsRelation):
		return 1
	}
	return 0
}

// cycle words the end of trail, which comes back to a name on it.
func cycle(models map[string]*Model, trail []string) error {
	circle := trail[slices.Index(trail, trail[len(trail)-1]):]
	m, line := models[circle[0]], 0
	for _, use := range m.reads {
		if use.Name == circle[1] {
			line = lineAt(m.sql, use.Offset)
		}
	}
	return m.fault(line, "models read each other in a circle: "+strings.Join(circle, " -> "),
		"take from one of them what the other needs into a model of its own")
}
