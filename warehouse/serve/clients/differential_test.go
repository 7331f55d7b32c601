package clients

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/goldthread/goldthread/connectors/sqldb/sqldbtest"
)

// differences has the statements whose answer is another than PostgreSQL's, a reason with # above those that it explains.
//
//go:embed differences.txt
var differences string

// wholeStatements are statements of analysts and tools over the marts, one a line.
//
//go:embed differential.txt
var wholeStatements string

// TestTheSameStatementsAreAnsweredAsByPostgreSQL asks both servers over the same rows and compares names, types and rows.
func TestTheSameStatementsAreAnsweredAsByPostgreSQL(t *testing.T) {
	other := sqldbtest.StartPostgreSQL(t)
	if other == nil {
		return
	}
	ours := serve(t).connect(t).PgConn()
	theirs, err := pgconn.Connect(t.Context(), fmt.Sprintf("host=%s port=%d user=%s dbname=%s sslmode=disable", other.Host, other.Port, other.User, other.Database))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = theirs.Close(context.Background()) })
	tables := copyMarts(t, ours, theirs)
	listed := listedDifferences()
	equal, all := 0, statementsOver(tables)
	for _, statement := range all {
		got, want := answerOf(t.Context(), ours, statement), answerOf(t.Context(), theirs, statement)
		differs := got.difference(want)
		switch {
		case differs == "":
			equal++
			if listed[statement] {
				t.Errorf("it is listed as different and is not: %s", statement)
			}
		case !listed[statement]:
			t.Errorf("%s\n\t%s", statement, differs)
		}
	}
	t.Logf("%d of %d statements are answered alike (%.1f %%)", equal, len(all), 100*float64(equal)/float64(len(all)))
	if len(all) < 300 || equal*100 < len(all)*98 {
		t.Errorf("%d of %d statements are answered alike", equal, len(all))
	}
}

func listedDifferences() map[string]bool {
	listed := map[string]bool{}
	for line := range strings.Lines(differences) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			listed[line] = true
		}
	}
	return listed
}

// A martColumn is one of a mart, with PostgreSQL's words for its type.
type martColumn struct{ table, name, kind string }

// copyMarts makes the marts in PostgreSQL as we describe them, and fills them with our rows.
func copyMarts(t *testing.T, ours, theirs *pgconn.PgConn) []martColumn {
	t.Helper()
	described := answerOf(t.Context(), ours, `select c.relname, a.attname, format_type(a.atttypid, a.atttypmod) from pg_class c
		join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
		where n.nspname = 'marts' and c.relkind in ('r', 'v') and a.attnum > 0 order by c.relname, a.attnum`)
	if described.err != "" {
		t.Fatal(described.err)
	}
	script := "create schema marts; set timezone = 'Europe/London'; alter database postgres set timezone = 'Europe/London'; alter database postgres set search_path = marts; set search_path = marts;"
	var columns []martColumn
	var names []string
	for _, row := range described.rows {
		c := martColumn{row[0], row[1], row[2]}
		if !slices.Contains(names, c.table) {
			names = append(names, c.table)
			script += fmt.Sprintf("create table marts.%s ();", c.table)
		}
		script += fmt.Sprintf("alter table marts.%s add column %q %s;", c.table, c.name, c.kind)
		columns = append(columns, c)
	}
	if _, err := theirs.Exec(t.Context(), script).ReadAll(); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		var rows bytes.Buffer
		if _, err := ours.CopyTo(t.Context(), &rows, "copy marts."+name+" to stdout"); err != nil {
			t.Fatal(err)
		}
		if _, err := theirs.CopyFrom(t.Context(), &rows, "copy marts."+name+" from stdin"); err != nil {
			t.Fatal(err)
		}
	}
	return columns
}

// formsOf are the statements over a column of a type; {c} and {t} stand for it and its table.
var formsOf = map[string][]string{
	"text": {
		"select {c}, count(*) from {t} group by {c} order by {c}",
		"select count(distinct {c}), count({c}), min({c}), max({c}) from {t}",
		"select distinct upper({c}), length({c}), left({c}, 3) from {t} where {c} ~ '[aeiou]' order by 1, 2, 3 limit 20",
		"select count(*) from {t} where {c} ilike '%a%' or {c} is null or lower({c}) in ('ok', 'green')",
	},
	"number": {
		"select sum({c}) as total, min({c}), max({c}), count(*) from {t}",
		"select {c} from {t} order by {c} desc limit 10",
		"select case when {c} > 10 then 'high' when {c} is null then 'none' else 'low' end as band, count(*) from {t} group by 1 order by 1",
		"select count(*) filter (where {c} between 1 and 100), coalesce(max(abs({c})), 0) from {t}",
	},
	"date": {
		"select extract(year from {c}) as year, count(*) from {t} group by 1 order by 1",
		"select to_char({c}, 'YYYY-MM') as month, max({c}) from {t} group by 1 order by 1 desc",
		"select {c}, {c} + interval '1 month' from {t} order by 1 limit 5",
	},
	"boolean": {
		"select {c}, count(*) from {t} group by {c} order by {c}",
		"select count(*) filter (where {c}), bool_and({c}), bool_or({c}) from {t}",
	},
}

func kindOf(column martColumn) string {
	switch word, _, _ := strings.Cut(column.kind, "("); word {
	case "integer", "bigint", "smallint", "numeric", "double precision":
		return "number"
	default:
		return word
	}
}

// statementsOver writes the statements over each column, and reads those that are written out.
func statementsOver(columns []martColumn) (all []string) {
	for _, c := range columns {
		for _, form := range formsOf[kindOf(c)] {
			all = append(all, strings.NewReplacer("{c}", `"`+c.name+`"`, "{t}", "marts."+c.table).Replace(form))
		}
	}
	for line := range strings.Lines(wholeStatements) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			all = append(all, line)
		}
	}
	return all
}

// An answered statement is its columns and rows in text, or its error.
type answered struct {
	names []string
	types []uint32
	rows  [][]string
	err   string
}

func answerOf(ctx context.Context, conn *pgconn.PgConn, statement string) (a answered) {
	results, err := conn.Exec(ctx, statement).ReadAll()
	if err != nil {
		return answered{err: err.Error()}
	}
	for _, f := range results[0].FieldDescriptions {
		a.names, a.types = append(a.names, f.Name), append(a.types, alike(f.DataTypeOID))
	}
	for _, values := range results[0].Rows {
		row := make([]string, len(values))
		for i, v := range values {
			if row[i] = plain(string(v), a.types[i]); v == nil {
				row[i] = "∅"
			}
		}
		a.rows = append(a.rows, row)
	}
	return a
}

// alike brings types together that clients read alike: the texts, and the names of the catalogue.
func alike(oid uint32) uint32 {
	switch oid {
	case pgtype.NameOID, pgtype.VarcharOID, pgtype.BPCharOID, pgtype.QCharOID, pgtype.UnknownOID:
		return pgtype.TextOID
	}
	return oid
}

// plain writes a number without the zeros that end its fraction.
func plain(text string, oid uint32) string {
	if oid != pgtype.NumericOID {
		return text
	}
	if r, ok := new(big.Rat).SetString(text); ok {
		return r.RatString()
	}
	return text
}

// difference tells how two answers differ; nothing where they do not.
func (a answered) difference(b answered) string {
	switch {
	case a.err != "" || b.err != "":
		if a.err != "" && b.err != "" {
			return ""
		}
		return fmt.Sprintf("ours fails with %q, PostgreSQL's with %q", a.err, b.err)
	case !slices.Equal(a.names, b.names):
		return fmt.Sprintf("columns are %q, PostgreSQL's %q", a.names, b.names)
	case !slices.Equal(a.types, b.types):
		return fmt.Sprintf("types are %v, PostgreSQL's %v", a.types, b.types)
	case len(a.rows) != len(b.rows):
		return fmt.Sprintf("there are %d rows, PostgreSQL has %d", len(a.rows), len(b.rows))
	}
	for i := range a.rows {
		if !slices.Equal(a.rows[i], b.rows[i]) {
			return fmt.Sprintf("row %d is %q, PostgreSQL's %q", i+1, a.rows[i], b.rows[i])
		}
	}
	return ""
}
