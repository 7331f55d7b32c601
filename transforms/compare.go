package transforms

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/goldthread/goldthread/internal/fault"
)

// compare says how what came out differs from what the case expects; it is empty where nothing does. Only the columns
// that the case names are compared, rows are matched by the grain, and a number is the same however many noughts end it.
func (l *lab) compare(ctx context.Context, tx *sql.Tx, c Case, actual result, grain []string) (string, error) {
	columns := make([]int, len(c.expect.columns))
	for i, name := range c.expect.columns {
		if columns[i] = actual.index(name); columns[i] < 0 {
			return "", &fault.Error{Where: fmt.Sprintf("%s:%d", c.File, c.expect.line),
				What: fmt.Sprintf("nothing comes out in a column %q", name),
				Fix:  fault.DidYouMean(name, "columns", actual.names())}
		}
	}
	var got, want []line
	for _, row := range actual.rows {
		picked := make([]string, len(columns))
		for i, column := range columns {
			picked[i] = plain(row[column], actual.columns[column].Type)
		}
		got = append(got, line{values: picked})
	}
	for i, row := range c.expect.rows {
		expected := make([]string, len(row))
		for j, value := range row {
			text, err := canonical(ctx, tx, value, actual.columns[columns[j]].Type)
			if err != nil {
				return "", engineFault(err, func(int) string { return fmt.Sprintf("%s:%d", c.File, c.expect.lines[i]) })
			}
			expected[j] = text
		}
		want = append(want, line{values: expected, line: c.expect.lines[i]})
	}
	return difference(c.expect.columns, grainAt(c.expect.columns, grain), want, got), nil
}

// A line is one row of a comparison.
type line struct {
	values []string
	line   int // of the file, for an expected one
}

// canonical is an expected value as the engine writes its type, so that "1" and "true" are the same boolean.
func canonical(ctx context.Context, tx *sql.Tx, value, kind string) (string, error) {
	if value == "" || kind == "VARCHAR" || isNumber(kind) {
		return plain(value, kind), nil
	}
	texts, err := queryTexts(ctx, tx, fmt.Sprintf("select cast(cast(%s as %s) as varchar)", quoteText(value), kind))
	if err != nil {
		return "", err
	}
	return texts[0], nil
}

// plain writes a number without the noughts that end its decimals.
func plain(value, kind string) string {
	if isNumber(kind) && strings.Contains(value, ".") {
		value = strings.TrimSuffix(strings.TrimRight(value, "0"), ".")
	}
	if isNumber(kind) && value == "-0" {
		return "0"
	}
	return value
}

func isNumber(kind string) bool {
	return strings.HasPrefix(kind, "DECIMAL") || strings.HasSuffix(kind, "INT") || strings.HasSuffix(kind, "INTEGER") || kind == "DOUBLE" || kind == "FLOAT"
}

// grainAt are the places of the grain among columns, or all places where a part of it is not among them.
func grainAt(columns, grain []string) []int {
	var places []int
	for _, name := range grain {
		if place := slices.Index(columns, name); place >= 0 {
			places = append(places, place)
		}
	}
	if len(places) == len(grain) && len(grain) > 0 {
		return places
	}
	places = nil
	for i := range columns {
		places = append(places, i)
	}
	return places
}

// difference matches rows by key and words what does not agree.
func difference(columns []string, key []int, want, got []line) string {
	unmatched := map[string][]line{}
	for _, row := range got {
		unmatched[keyOf(row, key)] = append(unmatched[keyOf(row, key)], row)
	}
	var b strings.Builder
	for _, row := range want {
		found := unmatched[keyOf(row, key)]
		if len(found) == 0 {
			fmt.Fprintf(&b, "line %d: missing    %s\n", row.line, strings.Join(row.values, ","))
			continue
		}
		best := slices.IndexFunc(found, func(other line) bool { return slices.Equal(other.values, row.values) })
		best = max(best, 0)
		for i, value := range row.values {
			if other := found[best].values[i]; other != value {
				fmt.Fprintf(&b, "line %d: %s: %s is %s, expected %s\n",
					row.line, keyOf(row, key), columns[i], shown(other), shown(value))
			}
		}
		unmatched[keyOf(row, key)] = slices.Delete(found, best, best+1)
	}
	for _, name := range sortedKeys(unmatched) {
		for _, row := range unmatched[name] {
			fmt.Fprintf(&b, "unexpected          %s\n", strings.Join(row.values, ","))
		}
	}
	if b.Len() > 0 {
		return "columns: " + strings.Join(columns, ",") + "\n" + b.String()
	}
	return ""
}

func keyOf(row line, key []int) string {
	parts := make([]string, len(key))
	for i, place := range key {
		parts[i] = row.values[place]
	}
	return strings.Join(parts, ",")
}

func shown(value string) string {
	if value == "" {
		return "null"
	}
	return value
}
