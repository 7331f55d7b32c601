package transforms

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/goldthread/goldthread/internal/fault"
)

// A CaseResult is a case that was tried. Difference is empty where it holds.
type CaseResult struct {
	Case
	Difference string
	Err        error // why it could not be tried
}

// Passed says whether what the case expects came out.
func (r CaseResult) Passed() bool { return r.Err == nil && r.Difference == "" }

// Cases tries every case of the set's models and macros, each on the rows it gives and nothing else.
func (s *Set) Cases(ctx context.Context) ([]CaseResult, error) {
	l, relations, err := s.openLab(ctx)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	results := make([]CaseResult, 0, len(s.cases))
	for _, c := range s.cases {
		result := CaseResult{Case: c}
		result.Difference, result.Err = l.try(ctx, c, s.byName[c.Model], relations)
		results = append(results, result)
	}
	return results, nil
}

// try runs one case in a transaction that is given up.
func (l *lab) try(ctx context.Context, c Case, m *Model, relations map[string]Relation) (string, error) {
	tx, err := l.conn.BeginTx(ctx, nil)
	if err != nil {
		return "", fmt.Errorf("beginning a case: %w", err)
	}
	defer tx.Rollback()
	query, grain := c.query, []string(nil)
	if m != nil {
		query, grain = m.sql, m.Grain
	}
	for _, g := range c.given {
		if err := give(ctx, tx, c, g, m, relations); err != nil {
			return "", err
		}
	}
	actual, err := selectGrid(ctx, tx, query)
	if err != nil {
		at := func(int) string { return fmt.Sprintf("%s:%d", c.File, c.Line) }
		return "", engineFault(err, at)
	}
	return l.compare(ctx, tx, c, actual, grain)
}

// give inserts the rows of a given part; columns that it does not name are null.
func give(ctx context.Context, tx *sql.Tx, c Case, g grid, m *Model, relations map[string]Relation) error {
	at := func(line int) string { return fmt.Sprintf("%s:%d", c.File, line) }
	relation, known := relations[g.name]
	if !known {
		return &fault.Error{Where: at(g.line - 1), What: fmt.Sprintf("unknown relation %q", g.name),
			Fix: fault.DidYouMean(g.name, "relations", near(g.name, sortedKeys(relations)))}
	}
	if m != nil && !slices.Contains(m.Reads(), g.name) {
		return &fault.Error{Where: at(g.line - 1), What: fmt.Sprintf("%s does not read %s", m.Name, g.name),
			Fix: "it reads: " + strings.Join(m.Reads(), ", ")}
	}
	types := make([]string, len(g.columns))
	for i, name := range g.columns {
		column, ok := relation.column(name)
		if !ok {
			return &fault.Error{Where: at(g.line), What: fmt.Sprintf("%s has no column %q", g.name, name),
				Fix: fault.DidYouMean(name, "columns", relation.names())}
		}
		types[i] = column.Type
	}
	return insertRows(ctx, tx, g, types, at)
}

// insertRows inserts all rows at once. A value that is none of its column's type is told with its own line.
func insertRows(ctx context.Context, tx *sql.Tx, g grid, types []string, at func(line int) string) error {
	rows := make([]string, len(g.rows))
	for i, row := range g.rows {
		values := make([]string, len(row))
		for j, value := range row {
			if values[j] = "null"; value != "" {
				values[j] = fmt.Sprintf("cast(%s as %s)", quoteText(value), types[j])
			}
		}
		rows[i] = "(" + strings.Join(values, ", ") + ")"
	}
	if len(rows) == 0 {
		return nil
	}
	// Each row stands on a line of its own, so the engine's line is the row's.
	_, err := tx.ExecContext(ctx, fmt.Sprintf("insert into %s (%s) values\n%s",
		quoteName(g.name), quoteNames(g.columns), strings.Join(rows, ",\n")))
	if err != nil {
		return engineFault(err, func(line int) string { return at(g.lines[min(max(line-2, 0), len(rows)-1)]) })
	}
	return nil
}

// A result is what a query gave, as texts; null is the empty text.
type result struct {
	columns []Column
	rows    [][]string
}

func (r result) index(name string) int {
	return slices.IndexFunc(r.columns, func(c Column) bool { return strings.EqualFold(c.Name, name) })
}

func (r result) names() []string {
	names := make([]string, len(r.columns))
	for i, column := range r.columns {
		names[i] = column.Name
	}
	return names
}

// selectGrid runs query and gives its rows as the engine writes them.
func selectGrid(ctx context.Context, tx *sql.Tx, query string) (result, error) {
	if _, err := tx.ExecContext(ctx, "create or replace temp table actual as "+query); err != nil {
		return result{}, err
	}
	var r result
	described, err := tx.QueryContext(ctx, "select column_name, column_type from (describe temp.actual)")
	if err != nil {
		return result{}, err
	}
	defer described.Close()
	var texts []string
	for described.Next() {
		var column Column
		if err := described.Scan(&column.Name, &column.Type); err != nil {
			return result{}, err
		}
		r.columns = append(r.columns, column)
		texts = append(texts, fmt.Sprintf("coalesce(%s::varchar, '')", quoteName(column.Name)))
	}
	rows, err := tx.QueryContext(ctx, "select "+strings.Join(texts, ", ")+" from temp.actual")
	if err != nil {
		return result{}, err
	}
	defer rows.Close()
	for rows.Next() {
		row := make([]string, len(texts))
		into := make([]any, len(texts))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return result{}, err
		}
		r.rows = append(r.rows, row)
	}
	return r, rows.Err()
}

// near keeps the names worth showing to someone who wrote name: those of the same schema, or all where there are few.
func near(name string, names []string) []string {
	schema, _, _ := strings.Cut(name, ".")
	var same []string
	for _, one := range names {
		if strings.HasPrefix(one, schema+".") {
			same = append(same, one)
		}
	}
	if len(same) == 0 {
		return names
	}
	return same
}
