package handbook

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"strings"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2"

	"github.com/goldthread/goldthread/connectors"
)

// The models are written against transforms/models/inputs.sql; what lands must be that, column by column.
func TestDatasetsAreTheRelationsThatModelsRead(t *testing.T) {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	inputs, err := os.ReadFile("../../transforms/models/inputs.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, schema := range []string{"handbook", "reference", "meta", "intermediate"} {
		run(t, db, "create schema "+schema)
	}
	run(t, db, string(inputs))
	deps := connectors.Deps{Root: t.TempDir(), Archive: &connectors.Archive{}}
	for _, source := range []*Source{New(deps), NewReference(deps)} {
		datasets, err := source.Datasets(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		for _, ds := range datasets {
			expect(t, strings.Join(landed(ds), "\n"), strings.Join(declared(t, db, ds), "\n"))
		}
	}
}

func run(t *testing.T, db *sql.DB, text string) {
	t.Helper()
	if _, err := db.Exec(text); err != nil {
		t.Fatal(err)
	}
}

// landed are the columns of a dataset with the engine's types.
func landed(ds connectors.Dataset) []string {
	columns := []string{ds.Source + "." + ds.Name}
	for _, c := range ds.Columns {
		kind := map[connectors.Kind]string{connectors.Integer: "BIGINT", connectors.Date: "DATE", connectors.Boolean: "BOOLEAN",
			connectors.Decimal: fmt.Sprintf("DECIMAL(%d,%d)", c.Precision, c.Scale)}[c.Kind]
		if kind == "" {
			kind = "VARCHAR"
		}
		columns = append(columns, c.Name+" "+kind)
	}
	return columns
}

// declared are those that models count on. Whole numbers land in 64 bits, which models that say integer can read.
func declared(t *testing.T, db *sql.DB, ds connectors.Dataset) []string {
	t.Helper()
	rows, err := db.Query(`
		select column_name || ' ' || replace(data_type, 'INTEGER', 'BIGINT')
		from duckdb_columns()
		where schema_name = ? and table_name = ? and column_name not like '\_%' escape '\'
		order by column_index`, ds.Source, ds.Name)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns := []string{ds.Source + "." + ds.Name}
	for rows.Next() {
		var column string
		if err := rows.Scan(&column); err != nil {
			t.Fatal(err)
		}
		columns = append(columns, column)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return columns
}
