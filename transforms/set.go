package transforms

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/goldthread/goldthread/internal/fault"
)

// inputsFile holds, as create table statements, the relations that the program fills and our models read.
const inputsFile = "inputs.sql"

// openLab makes a lab in which every relation and model of the set stands as an empty table, and orders the models on
// the way. It gives the relations too, by name.
func (s *Set) openLab(ctx context.Context) (*lab, map[string]Relation, error) {
	l, err := openLab(ctx)
	if err != nil {
		return nil, nil, err
	}
	relations, err := s.furnish(ctx, l)
	if err != nil {
		l.Close()
		return nil, nil, err
	}
	return l, relations, nil
}

// furnish fills the lab. Each step needs the one before it without faults.
func (s *Set) furnish(ctx context.Context, l *lab) (map[string]Relation, error) {
	if _, err := l.conn.ExecContext(ctx, s.inputs); err != nil && strings.TrimSpace(s.inputs) != "" {
		return nil, engineFault(err, func(line int) string { return fmt.Sprintf("%s:%d", inputsFile, max(line, 1)) })
	}
	for _, relation := range s.outside {
		if err := l.add(ctx, relation); err != nil {
			return nil, err
		}
	}
	if err := l.createMacros(ctx, s.Macros); err != nil {
		return nil, err
	}
	outside, err := l.relations(ctx)
	if err != nil {
		return nil, err
	}
	if s.byName[Observations] == nil {
		if err := s.addMeasures(ctx, l, s.measures, outside); err != nil {
			return nil, err
		}
	}
	if err := s.readSQL(ctx, l); err != nil {
		return nil, err
	}
	if err := s.checkReads(outside); err != nil {
		return nil, err
	}
	if s.Models, err = order(s.byName); err != nil {
		return nil, err
	}
	return s.bindAll(ctx, l)
}

// readSQL learns what each model reads, from its SQL.
func (s *Set) readSQL(ctx context.Context, l *lab) error {
	var faults []error
	for _, name := range sortedKeys(s.byName) {
		faults = append(faults, s.readModel(ctx, l, s.byName[name]))
	}
	return fault.Join(faults...)
}

func (s *Set) readModel(ctx context.Context, l *lab, m *Model) error {
	found, err := l.read(ctx, m.sql)
	var wrong *syntaxError
	switch {
	case errors.As(err, &wrong):
		if wrong.Offset < 0 {
			return m.fault(splitStatements(m.sql)[0].Line, wrong.What, "a model is one SELECT, and pivot, describe and the like stand in none")
		}
		return m.fault(lineAt(m.sql, wrong.Offset), wrong.What, "")
	case err != nil:
		return err
	}
	m.reads, m.functions = found.Relations, found.Functions
	m.macros = macrosUsed(found.Functions, s.macros)
	return fault.Join(m.checkSources(found.Sources), m.checkPure(found.Functions, s.macros))
}

// tableFunctions are those that make rows out of their arguments alone.
var tableFunctions = map[string]bool{"unnest": true, "generate_series": true, "range": true}

// checkSources refuses functions in the place of a table: they would read what no lineage shows.
func (m *Model) checkSources(sources []mention) error {
	var faults []error
	for _, source := range sources {
		if !tableFunctions[source.Name] {
			faults = append(faults, m.fault(lineAt(m.sql, source.Offset), fmt.Sprintf("a model does not read from %s()", source.Name),
				"read a table; what comes from outside is landed by a source first"))
		}
	}
	return fault.Join(faults...)
}

// impure are functions whose answer depends on more than the rows: a table that used one would be out of date unseen.
var impure = map[string]bool{
	"now": true, "today": true, "current_date": true, "current_time": true, "current_timestamp": true, "localtime": true,
	"localtimestamp": true, "get_current_time": true, "get_current_timestamp": true, "transaction_timestamp": true,
	"current_localtime": true, "current_localtimestamp": true,
	"random": true, "setseed": true, "uuid": true, "uuidv4": true, "uuidv7": true, "gen_random_uuid": true,
	"nextval": true, "currval": true, "txid_current": true, "current_setting": true, "getenv": true, "getvariable": true,
}

// checkPure refuses functions that give another answer on another day.
func (m *Model) checkPure(functions []mention, macros map[string]*Macro) error {
	var faults []error
	for _, function := range functions {
		if impure[function.Name] && macros[function.Name] == nil {
			faults = append(faults, m.fault(lineAt(m.sql, function.Offset),
				fmt.Sprintf("%s gives another answer at another time, so the same rows would not make the same table", function.Name),
				"for the date of the run, read run_date of meta.run_date"))
		}
	}
	return fault.Join(faults...)
}

// bindAll makes every model in the lab and compares its columns with its header.
func (s *Set) bindAll(ctx context.Context, l *lab) (map[string]Relation, error) {
	var faults []error
	failed := map[string]bool{}
	for _, m := range s.Models {
		if m.readsAny(failed) {
			failed[m.Name] = true // the fault is in what it reads
			continue
		}
		if err := l.bind(ctx, m); err != nil {
			failed[m.Name] = true
			faults = append(faults, err)
		}
	}
	relations, err := l.relations(ctx)
	if err != nil {
		return nil, err
	}
	for _, m := range s.Models {
		if !failed[m.Name] {
			faults = append(faults, m.checkColumns(relations[m.Name]), s.bindTests(ctx, l, m, relations))
		}
	}
	return relations, fault.Join(faults...)
}

func (m *Model) readsAny(names map[string]bool) bool {
	for _, use := range m.reads {
		if names[use.Name] {
			return true
		}
	}
	return false
}

// checkColumns compares the columns that came out with those the header describes, and keeps their types.
func (m *Model) checkColumns(made Relation) error {
	var faults []error
	var described []Column
	for _, column := range made.Columns {
		at := -1
		for i, one := range m.Columns {
			if strings.EqualFold(one.Name, column.Name) {
				at = i
			}
		}
		if at < 0 {
			faults = append(faults, &fault.Error{Where: m.setting("columns"), What: fmt.Sprintf("column %q is not described", column.Name),
				Fix: "add it under columns in the header"})
			continue
		}
		described = append(described, Column{column.Name, column.Type, m.Columns[at].Description})
	}
	for _, column := range m.Columns {
		if _, ok := made.column(column.Name); !ok {
			faults = append(faults, &fault.Error{Where: m.setting("columns." + column.Name),
				What: fmt.Sprintf("the header describes column %q, which the SELECT does not give", column.Name),
				Fix:  fault.DidYouMean(column.Name, "columns", made.names())})
		}
	}
	if len(faults) == 0 {
		m.Columns = described
	}
	return fault.Join(faults...)
}

// bindTests checks the tests of a model on its empty table. Of most kinds the columns are all there is to check; a
// condition is tried, and what else it reads is learnt.
func (s *Set) bindTests(ctx context.Context, l *lab, m *Model, relations map[string]Relation) error {
	var faults []error
	for i := range m.Tests {
		test := &m.Tests[i]
		faults = append(faults, test.checkParent(relations))
		if test.kind != "holds" && test.kind != "recency" {
			continue
		}
		query := test.on(quoteName(m.Name))
		found, err := l.read(ctx, query)
		if err == nil {
			_, err = queryTexts(ctx, l.conn, query)
		}
		if err != nil {
			faults = append(faults, engineFault(err, func(int) string { return test.Where }))
			continue
		}
		for _, use := range found.Relations {
			if use.Name != m.Name {
				test.reads = merge(test.reads, use.Name)
			}
		}
	}
	return fault.Join(faults...)
}
