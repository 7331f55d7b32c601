package warehouse

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"text/template"

	"github.com/goldthread/goldthread/internal/failpoint"
	"github.com/goldthread/goldthread/warehouse/duckdb"
)

// provenance are the columns of current tables that are kept in views for models; hashes are no one's business there.
var provenance = []string{"_load_id", "_extract_id", "_row"}

// CreateViews shows every dataset of a source to the models in the schema named like it: <dataset>, its rows as they
// stand, and <dataset>_history, every version of each row with the time from which and to which it was held.
func (w *Warehouse) CreateViews(ctx context.Context, source string, datasets []string) error {
	return w.inTransaction(ctx, func() error {
		held, err := w.heldColumns(ctx)
		if err != nil {
			return err
		}
		for _, dataset := range datasets {
			if err := w.createViews(ctx, source, dataset, held["current"][source+"__"+dataset]); err != nil {
				return fmt.Errorf("making the views of %s.%s: %w", source, dataset, err)
			}
		}
		failpoint.Hit("views.before_commit")
		return nil
	})
}

//go:embed statements/views.sql
var viewsText string

var viewsTemplate = template.Must(template.New("views").Parse(viewsText))

func (w *Warehouse) createViews(ctx context.Context, source, dataset string, held map[string]heldColumn) error {
	table := source + "__" + dataset
	var b strings.Builder
	err := viewsTemplate.Execute(&b, struct{ Rows, History, Columns, Current, Raw string }{
		Rows: duckdb.Name(source, dataset), History: duckdb.Name(source, dataset+"_history"), Columns: viewColumns(held),
		Current: duckdb.Name("current", table), Raw: duckdb.Name("raw", table),
	})
	if err == nil {
		_, err = w.conn.ExecContext(ctx, b.String())
	}
	return err
}

// viewColumns lists the columns that models see, sorted.
func viewColumns(held map[string]heldColumn) string {
	var columns []string
	for name, column := range held {
		switch {
		case slices.Contains(provenance, name):
			columns = append(columns, duckdb.Name(name))
		case strings.HasPrefix(name, "_"):
		case column.kind == "BIGINT":
			// What people write into these files is small, and dates take days only as an integer.
			columns = append(columns, fmt.Sprintf("cast(%[1]s as integer) as %[1]s", duckdb.Name(name)))
		default:
			columns = append(columns, duckdb.Name(name))
		}
	}
	slices.Sort(columns)
	return strings.Join(columns, ",\n    ")
}
