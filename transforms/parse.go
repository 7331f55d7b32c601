package transforms

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"sort"
	"strconv"
	"strings"
)

// A mention is a name that SQL uses, and where.
type mention struct {
	Name   string // of a relation with its schema; of a function in lower case
	Alias  string // of a relation, where the SQL gives it one
	Offset int    // in bytes; -1 where the engine does not say
}

// A reading is what one SELECT uses.
type reading struct {
	Relations []mention
	Functions []mention // scalar and aggregate functions, and macros
	Sources   []mention // functions in the place of a table
}

// A syntaxError is text that is not exactly one SELECT.
type syntaxError struct {
	What   string
	Offset int
}

func (e *syntaxError) Error() string { return e.What }

// A parser asks the engine for the syntax tree of SELECTs; it needs an open connection and nothing in the database.
//
// The engine's own list of table names is not used: it says nothing of table functions, looks through views, and where
// a name cannot be bound it is empty without an error. The tree has every name with its place in the text.
type parser struct{ conn *sql.Conn }

// serialized is the engine's answer to json_serialize_sql.
type serialized struct {
	Error      bool   `json:"error"`
	Kind       string `json:"error_type"`
	Message    string `json:"error_message"`
	Position   string `json:"position"`
	Statements []any  `json:"statements"`
}

// read parses text, which must be one SELECT. A *syntaxError says what is wrong with it.
func (p parser) read(ctx context.Context, text string) (reading, error) {
	var answer string
	err := p.conn.QueryRowContext(ctx, "select json_serialize_sql(cast(? as varchar))::varchar", text).Scan(&answer)
	if err != nil {
		return reading{}, fmt.Errorf("parsing SQL: %w", err)
	}
	var tree serialized
	decoder := json.NewDecoder(strings.NewReader(answer))
	decoder.UseNumber()
	if err := decoder.Decode(&tree); err != nil {
		return reading{}, fmt.Errorf("reading the syntax tree of SQL: %w", err)
	}
	if tree.Error && tree.Kind == "not implemented" {
		return reading{}, &syntaxError{"this is not a SELECT", -1}
	}
	if tree.Error {
		offset, err := strconv.Atoi(tree.Position)
		if err != nil {
			offset = -1
		}
		return reading{}, &syntaxError{tree.Message, offset}
	}
	if len(tree.Statements) != 1 {
		return reading{}, &syntaxError{fmt.Sprintf("holds %d statements where one SELECT belongs", len(tree.Statements)), -1}
	}
	var found reading
	found.walk(tree.Statements[0], nil)
	return found, nil
}

// walk collects what the tree below value uses; ctes are the names that stand for subqueries there.
func (r *reading) walk(value any, ctes []string) {
	switch value := value.(type) {
	case []any:
		for _, one := range value {
			r.walk(one, ctes)
		}
	case map[string]any:
		r.note(value, ctes)
		ctes = append(ctes[:len(ctes):len(ctes)], cteNames(value)...)
		for _, key := range sortedKeys(value) {
			r.walk(value[key], ctes)
		}
	}
}

// note records the node itself, if it is a table or a function.
func (r *reading) note(node map[string]any, ctes []string) {
	at := offsetOf(node)
	switch text(node, "type") {
	case "BASE_TABLE":
		name := text(node, "table_name")
		if schema := text(node, "schema_name"); schema != "" {
			name = schema + "." + name
		} else if contains(ctes, name) {
			return
		}
		if catalog := text(node, "catalog_name"); catalog != "" {
			name = catalog + "." + name
		}
		r.Relations = append(r.Relations, mention{strings.ToLower(name), text(node, "alias"), at})
	case "TABLE_FUNCTION":
		if call, ok := node["function"].(map[string]any); ok {
			r.Sources = append(r.Sources, mention{strings.ToLower(text(call, "function_name")), "", at})
		}
	case "SHOW_REF":
		r.Sources = append(r.Sources, mention{"describe", "", at})
	case "COLUMN_REF":
		r.noteNiladic(node, at)
	default:
		if name := text(node, "function_name"); name != "" {
			r.Functions = append(r.Functions, mention{strings.ToLower(name), "", at})
		}
	}
}

// noteNiladic records functions that are written without brackets, such as current_date; the tree has them as columns.
func (r *reading) noteNiladic(node map[string]any, at int) {
	names, _ := node["column_names"].([]any)
	if len(names) != 1 {
		return
	}
	if name, _ := names[0].(string); impure[strings.ToLower(name)] {
		r.Functions = append(r.Functions, mention{strings.ToLower(name), "", at})
	}
}

// cteNames are the names that node's WITH gives to subqueries.
func cteNames(node map[string]any) []string {
	ctes, _ := node["cte_map"].(map[string]any)
	entries, _ := ctes["map"].([]any)
	var names []string
	for _, entry := range entries {
		if entry, ok := entry.(map[string]any); ok {
			names = append(names, text(entry, "key"))
		}
	}
	return names
}

// offsetOf is the node's place in the text; the engine writes the largest number where it has none.
func offsetOf(node map[string]any) int {
	number, _ := node["query_location"].(json.Number)
	offset, err := strconv.Atoi(number.String())
	if err != nil {
		return -1
	}
	return offset
}

func text(node map[string]any, key string) string {
	value, _ := node[key].(string)
	return value
}

func contains(names []string, name string) bool {
	for _, one := range names {
		if strings.EqualFold(one, name) {
			return true
		}
	}
	return false
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}
