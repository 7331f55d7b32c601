package gate

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A walk goes through a tree, notes what it reads, stops at the first thing that may not be, and blanks the values that the
// statement's writer gave.
type walk struct {
	gate    Gate
	reads   []table
	refusal *Refusal
}

// A scope is the names of the common table expressions that can be seen from a place of the tree.
type scope map[string]bool

func (s scope) with(name string) scope {
	wider := maps.Clone(s)
	if wider == nil {
		wider = scope{}
	}
	wider[lower(name)] = true
	return wider
}

func (w *walk) refuse(state, format string, args ...any) {
	if w.refusal == nil {
		w.refusal = &Refusal{SQLState: state, What: fmt.Sprintf(format, args...)}
	}
}

// value walks through anything of the tree.
func (w *walk) value(v any, seen scope) {
	switch v := v.(type) {
	case []any:
		for _, one := range v {
			w.value(one, seen)
		}
	case map[string]any:
		w.object(v, seen)
	}
}

// object judges one object and walks on into its parts, save those that have had their turn by then.
func (w *walk) object(o map[string]any, seen scope) {
	if w.refusal != nil {
		return
	}
	w.kind(o)
	for name := range o {
		if !parts[name] {
			w.refuse(StateUnsupported, "the gate does not know this kind of statement (%s)", name)
			return
		}
	}
	delete(o, "query_location")
	if isLiteral(o) {
		o["value"] = nil
		return
	}
	seen = w.commonTables(o, seen)
	switch text(o, "type") {
	case "BASE_TABLE":
		w.table(o, seen)
	case "TABLE_FUNCTION":
		w.tableFunction(o, seen)
		return
	case "RECURSIVE_CTE_NODE":
		w.value(o["right"], seen.with(text(o, "cte_name")))
		w.rest(o, seen, "right", "cte_map")
		return
	}
	if name, calls := o["function_name"].(string); calls {
		w.function(o, name, w.gate.mayCall)
	}
	w.rest(o, seen, "cte_map")
}

// rest walks into all parts of an object but some, in an order that is always the same.
func (w *walk) rest(o map[string]any, seen scope, but ...string) {
	for _, name := range slices.Sorted(maps.Keys(o)) {
		if !slices.Contains(but, name) {
			w.value(o[name], seen)
		}
	}
}

// kind refuses an object of a kind that is not on the list.
func (w *walk) kind(o map[string]any) {
	if class, isExpression := o["class"].(string); isExpression {
		if !expressions[class] {
			w.refuse(StateUnsupported, "a statement cannot use %s here", class)
		}
		return
	}
	if kind, has := o["type"].(string); has && !kinds[kind] && !strings.HasSuffix(kind, "_TYPE_INFO") {
		w.refuse(StateUnsupported, "a statement cannot use %s here", kind)
	}
	if schema := text(o, "schema"); text(o, "type") == "UNBOUND_TYPE_INFO" && (text(o, "catalog") != "" || !isSystem(schema)) {
		w.refuse(StateForbidden, "the type %s.%s is not the engine's own", schema, text(o, "name"))
	}
	if text(o, "pivot_enum") != "" {
		w.refuse(StateUnsupported, "a pivot by a type is not answered; list its values with in (…)")
	}
}

// commonTables walks into the common table expressions of an object and gives the scope that has them. Each sees those
// before it and not itself: there the engine takes the name for that of a table.
func (w *walk) commonTables(o map[string]any, seen scope) scope {
	all, _ := o["cte_map"].(map[string]any)
	list, _ := all["map"].([]any)
	for _, one := range list {
		pair, _ := one.(map[string]any)
		w.value(one, seen)
		seen = seen.with(text(pair, "key"))
	}
	return seen
}

func (w *walk) table(o map[string]any, seen scope) {
	t := table{lower(text(o, "catalog_name")), lower(text(o, "schema_name")), lower(text(o, "table_name"))}
	switch {
	case o["at_clause"] != nil:
		w.refuse(StateUnsupported, "a table is read as the release has it; leave the at clause out")
	case t.database == "" && t.schema == "" && seen[t.name]:
	case t.schema != "" && !w.gate.mayRead(t.schema):
		w.refuse(StateForbidden, "the schema %q is not for readers; a release has core, marts and meta", t.schema)
	default:
		w.reads = append(w.reads, t)
	}
}

func (w *walk) tableFunction(o map[string]any, seen scope) {
	call, _ := o["function"].(map[string]any)
	name, calls := call["function_name"].(string)
	if !calls {
		w.refuse(StateUnsupported, "a statement cannot read from this")
		return
	}
	w.function(call, name, w.gate.mayRange)
	w.value(call["children"], seen)
	w.rest(call, seen, "children")
	w.rest(o, seen, "function")
}

// function judges a call. Which values a function of the list is given does not matter, save how wide it fills a text: the
// engine makes such a text in one piece, beyond what its memory limit counts.
func (w *walk) function(o map[string]any, name string, may func(string) bool) {
	name = lower(name)
	if text(o, "catalog") != "" || !isSystem(text(o, "schema")) || !may(name) {
		w.refuse(StateNoFunction, "there is no function %q for readers", name)
		return
	}
	if name != "lpad" && name != "rpad" {
		return
	}
	if children, _ := o["children"].([]any); len(children) > 1 && !isSmall(children[1]) {
		w.refuse(StateUnsupported, "%s fills a text to a width that must be a number up to %d", name, widest)
	}
}

const widest = 10_000

func isSmall(v any) bool {
	o, _ := v.(map[string]any)
	value, _ := o["value"].(map[string]any)
	number, _ := value["value"].(json.Number)
	n, err := number.Int64()
	return err == nil && n <= widest
}

// isLiteral tells a value: its type is an object, where that of a node is a word.
func isLiteral(o map[string]any) bool {
	_, hasNull := o["is_null"]
	_, typed := o["type"].(map[string]any)
	return hasNull && typed
}

func isSystem(schema string) bool {
	schema = lower(schema)
	return schema == "" || schema == "main" || schema == "pg_catalog"
}

func text(o map[string]any, name string) string {
	s, _ := o[name].(string)
	return s
}

// lower folds the letters that the engine folds in names, and no others.
func lower(name string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, name)
}
