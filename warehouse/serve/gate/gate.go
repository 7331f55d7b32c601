// Package gate lets through what a reader may ask of a release: one statement that reads, of the release's own tables, with
// functions that reach nothing else.
//
// It judges the syntax tree that the engine itself makes of the statement, so that no spelling gets past it, and refuses
// what it does not know. It stands before an instance that is locked down; each alone would do.
package gate

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// longest is how long a statement may be. Lists of keys that BI tools write stay far below it.
const longest = 1 << 20

// schemas are those that a release has.
var schemas = []string{"core", "marts", "meta"}

//go:embed functions.txt
var functionsText string

// functions are those of the engine that compute from their arguments alone.
var functions = setOf(strings.Fields(functionsText))

// tableFunctions are those that may stand in place of a table.
var tableFunctions = setOf([]string{"range", "generate_series", "unnest"})

// A Gate lets through more than the release: what an emulated catalogue adds. All names are in small letters.
type Gate struct {
	Schemas        []string // whose tables may be read, besides the release's
	Functions      []string
	TableFunctions []string
	Tables         []string // of Schemas, as schema.table: what reads only these need not be looked up
}

// A Statement is one that may run.
type Statement struct {
	Fingerprint string   // the same for statements that differ in their values only; tells none of them
	Tables      []string // what it reads, as schema.table, sorted
}

// A Refusal says why a statement may not run.
type Refusal struct {
	SQLState string
	What     string
	Fix      string
}

// The states that a Refusal may have.
const (
	StateSyntax      = "42601"
	StateUnsupported = "0A000"
	StateForbidden   = "42501"
	StateNoTable     = "42P01"
	StateNoFunction  = "42883"
	StateTooLong     = "54000"
)

// Error gives the refusal in words, with the fix on a line of its own.
func (r *Refusal) Error() string {
	if r.Fix == "" {
		return r.What
	}
	return r.What + "\n  fix: " + r.Fix
}

// Check judges a statement by the engine behind conn, on which it would run. Any error that is not a *Refusal is the engine's.
func (g Gate) Check(ctx context.Context, conn *sql.Conn, statement string) (Statement, error) {
	tree, err := parse(ctx, conn, statement)
	if err != nil {
		return Statement{}, err
	}
	w := walk{gate: g}
	w.value(tree, nil)
	if w.refusal != nil {
		return Statement{}, w.refusal
	}
	read, err := w.resolve(ctx, conn)
	if err != nil {
		return Statement{}, err
	}
	text, err := json.Marshal(tree)
	if err != nil {
		return Statement{}, err
	}
	sum := sha256.Sum256(text)
	return Statement{Fingerprint: hex.EncodeToString(sum[:8]), Tables: read}, nil
}

// parse gives the engine's tree of the one statement.
func parse(ctx context.Context, conn *sql.Conn, statement string) (any, error) {
	switch {
	case len(statement) > longest:
		return nil, &Refusal{SQLState: StateTooLong, What: fmt.Sprintf("the statement has %d bytes, and %d are the most", len(statement), longest)}
	case !utf8.ValidString(statement) || strings.ContainsRune(statement, 0):
		return nil, &Refusal{SQLState: StateSyntax, What: "the statement is not UTF-8 text"}
	}
	var text string
	const serialise = "select cast(json_serialize_sql(cast(? as varchar)) as varchar)"
	if err := conn.QueryRowContext(ctx, serialise, statement).Scan(&text); err != nil {
		return nil, err
	}
	var answer struct {
		Error      bool   `json:"error"`
		Type       string `json:"error_type"`
		Message    string `json:"error_message"`
		Statements []any  `json:"statements"`
	}
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.UseNumber()
	if err := decoder.Decode(&answer); err != nil {
		return nil, &Refusal{SQLState: StateUnsupported, What: "the statement is nested too deeply"}
	}
	switch {
	case answer.Error && (answer.Type == "parser" || answer.Type == "syntax error"):
		return nil, &Refusal{SQLState: StateSyntax, What: answer.Message}
	case answer.Error:
		return nil, &Refusal{SQLState: StateUnsupported, What: "this is not a statement that only reads", Fix: "ask with select, with, values, from or table"}
	case len(answer.Statements) != 1:
		return nil, &Refusal{SQLState: StateUnsupported, What: fmt.Sprintf("%d statements came, and one at a time is answered", len(answer.Statements))}
	}
	return answer.Statements[0], nil
}

func setOf(names []string) map[string]bool {
	set := make(map[string]bool, len(names))
	for _, name := range names {
		set[name] = true
	}
	return set
}

func (g Gate) mayRead(schema string) bool {
	return slices.Contains(schemas, schema) || slices.Contains(g.Schemas, schema)
}

func (g Gate) mayCall(name string) bool { return functions[name] || slices.Contains(g.Functions, name) }

func (g Gate) mayRange(name string) bool {
	return tableFunctions[name] || slices.Contains(g.TableFunctions, name)
}
