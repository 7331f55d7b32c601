package export

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"strings"

	"github.com/goldthread/goldthread/warehouse/duckdb"
)

//go:embed tables.sql
var tablesSQL string

// options are how the engine writes a format. RFC 4180 ends a line with two characters.
var options = map[string]string{
	"parquet": "format parquet, compression zstd",
	"csv":     `format csv, header, delimiter ',', quote '"', escape '"', new_line '\r\n'`,
}

// A table is one of the release's, as it stands there.
type table struct {
	schema, table, comment string
	columns                []column
}

type column struct{ name, kind, comment string }

func (t table) name() string { return t.schema + "." + t.table }

func readTables(ctx context.Context, db *sql.DB) (tables []table, err error) {
	rows, err := db.QueryContext(ctx, tablesSQL)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var t table
		var c column
		if err := rows.Scan(&t.schema, &t.table, &t.comment, &c.name, &c.kind, &c.comment); err != nil {
			return nil, err
		}
		if n := len(tables); n == 0 || tables[n-1].name() != t.name() {
			tables = append(tables, t)
		}
		last := &tables[len(tables)-1]
		last.columns = append(last.columns, c)
	}
	return tables, rows.Err()
}

// query selects the rows as they are written.
func (t table) query(format string) string {
	list := make([]string, len(t.columns))
	for i, c := range t.columns {
		expression, as := c.inParquet(), c.name
		if format == "csv" {
			expression, as = c.inCSV(), harmlessName(c.name)
		}
		list[i] = expression + " as " + duckdb.Name(as)
	}
	return fmt.Sprintf("select %s from %s", strings.Join(list, ", "), duckdb.Name(t.schema, t.table))
}

// inParquet is a column as Parquet can hold it exactly. The engine would make a whole number of 128 bits a float.
func (c column) inParquet() string {
	name := duckdb.Name(c.name)
	if c.kind == "HUGEINT" || c.kind == "UHUGEINT" {
		return fmt.Sprintf("cast(%s as decimal(38, 0))", name)
	}
	return name
}

// inCSV is the text of a column: exact, moments in UTC as ISO 8601 has them, and no text that a spreadsheet would run as a
// formula.
func (c column) inCSV() string {
	name := duckdb.Name(c.name)
	switch {
	case c.kind == "VARCHAR":
		return Harmless(name)
	case c.kind == "TIMESTAMP WITH TIME ZONE":
		return fmt.Sprintf("strftime(timezone('UTC', %s), '%%Y-%%m-%%dT%%H:%%M:%%S.%%fZ')", name)
	case strings.HasPrefix(c.kind, "TIMESTAMP"):
		return fmt.Sprintf("strftime(%s, '%%Y-%%m-%%dT%%H:%%M:%%S.%%f')", name)
	case strings.HasSuffix(c.kind, "]"), strings.HasPrefix(c.kind, "STRUCT"), strings.HasPrefix(c.kind, "MAP"):
		return fmt.Sprintf("cast(to_json(%s) as varchar)", name)
	}
	return name
}

// Harmless is the expression of a text with an apostrophe before it where a spreadsheet would run it as a formula.
func Harmless(text string) string {
	return fmt.Sprintf(`case when regexp_matches(%[1]s, '^(\t|\r|[ \t\r\n]*[=+\-@])') then '''' || %[1]s else %[1]s end`, text)
}

func harmlessName(name string) string {
	if strings.ContainsRune("=+-@\t\r", rune(name[0])) {
		return "'" + name
	}
	return name
}
