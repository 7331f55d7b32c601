package transforms

import (
	"context"
	"fmt"
	"io/fs"
	"regexp"
	"sort"

	"github.com/goldthread/goldthread/internal/fault"
)

// A Macro is a named SQL expression that models use.
type Macro struct {
	Name        string
	Description string // what it promises, and its rule
	File        string
	Line        int

	text string   // the statement that makes it
	uses []string // other macros of the set
}

// The files that hold a folder's macros and their cases.
const (
	MacroFile  = "macros.sql"
	macroCases = "macros.txtar"
)

var macroHead = regexp.MustCompile(`(?is)^create\s+or\s+replace\s+macro\s+([a-z_][a-z0-9_]*)\s*\(`)

// readMacros reads the macros of one folder into macros; one of the same name is replaced.
func readMacros(folder Folder, macros map[string]*Macro) error {
	text, err := fs.ReadFile(folder.FS, MacroFile)
	if err != nil {
		return nil // a folder need not have macros; one that cannot be read shows in the walk over its models
	}
	path := folder.path(MacroFile)
	var faults []error
	for _, s := range splitStatements(string(text)) {
		where := fmt.Sprintf("%s:%d", path, s.Line)
		head := macroHead.FindStringSubmatch(s.Text)
		switch {
		case head == nil:
			faults = append(faults, &fault.Error{Where: where, What: "this statement is no macro",
				Fix: `write "create or replace macro name(arguments) as expression;"; anything else belongs in a model`})
		case s.Comment == "":
			faults = append(faults, &fault.Error{Where: where, What: fmt.Sprintf("macro %q has no comment", head[1]),
				Fix: "say above it what it promises and which rule it follows"})
		default:
			macros[head[1]] = &Macro{Name: head[1], Description: s.Comment, File: path, Line: s.Line, text: s.Text}
		}
	}
	return fault.Join(faults...)
}

// sortMacros orders macros by file and line, so that each follows what it uses.
func sortMacros(byName map[string]*Macro) []*Macro {
	all := make([]*Macro, 0, len(byName))
	for _, macro := range byName {
		all = append(all, macro)
	}
	sort.Slice(all, func(i, j int) bool {
		if all[i].File != all[j].File {
			return all[i].File < all[j].File
		}
		return all[i].Line < all[j].Line
	})
	return all
}

// createMacros makes the macros in the lab, which shows what is wrong with them, and learns what each uses.
func (l *lab) createMacros(ctx context.Context, macros []*Macro) error {
	var faults []error
	for _, macro := range macros {
		if _, err := l.conn.ExecContext(ctx, macro.text); err != nil {
			faults = append(faults, engineFault(err, func(line int) string {
				return fmt.Sprintf("%s:%d", macro.File, macro.Line+max(line, 1)-1)
			}))
		}
	}
	definitions, err := l.definitions(ctx)
	if err != nil {
		return err
	}
	for _, macro := range macros {
		macro.uses = nil
		for _, definition := range definitions[macro.Name] {
			faults = append(faults, l.learnUses(ctx, macro, definition))
		}
	}
	return fault.Join(faults...)
}

// definitions are the expressions of the macros in the lab, by name.
func (l *lab) definitions(ctx context.Context) (map[string][]string, error) {
	rows, err := l.conn.QueryContext(ctx, `select function_name, macro_definition from duckdb_functions()
		where not internal and macro_definition is not null`)
	if err != nil {
		return nil, fmt.Errorf("reading macros: %w", err)
	}
	defer rows.Close()
	all := map[string][]string{}
	for rows.Next() {
		var name, definition string
		if err := rows.Scan(&name, &definition); err != nil {
			return nil, fmt.Errorf("reading macros: %w", err)
		}
		all[name] = append(all[name], definition)
	}
	return all, rows.Err()
}

// learnUses reads the macro's own expression: the macros it uses, and that it reads no table.
func (l *lab) learnUses(ctx context.Context, macro *Macro, definition string) error {
	found, err := l.read(ctx, "select "+definition)
	if err != nil || len(found.Relations)+len(found.Sources) > 0 {
		return &fault.Error{Where: fmt.Sprintf("%s:%d", macro.File, macro.Line), Err: err,
			What: fmt.Sprintf("macro %q is more than an expression over its arguments", macro.Name),
			Fix:  "a macro reads no table; make a model of what it looks up"}
	}
	for _, use := range found.Functions {
		macro.uses = append(macro.uses, use.Name)
	}
	return nil
}

// macrosUsed are the macros that functions name, and those they use in turn, sorted.
func macrosUsed(functions []mention, byName map[string]*Macro) []string {
	used := map[string]bool{}
	var add func(name string)
	add = func(name string) {
		macro, ok := byName[name]
		if !ok || used[name] {
			return
		}
		used[name] = true
		for _, next := range macro.uses {
			add(next)
		}
	}
	for _, function := range functions {
		add(function.Name)
	}
	return sortedKeys(used)
}
