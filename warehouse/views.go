package warehouse

import (
	"context"
	"fmt"
	"slices"
	"strings"

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

func (w *Warehouse) createViews(ctx context.Context, source, dataset string, held map[string]heldColumn) error {
	table := source + "__" + dataset
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
	list := strings.Join(columns, ", ")
	for _, statement := range []string{
		fmt.Sprintf("create or replace view %s as select %s from %s",
			duckdb.Name(source, dataset), list, duckdb.Name("current", table)),
		fmt.Sprintf(`
			create or replace view %s as
			select %s, recorded_from, recorded_to, version_number
			from (
				select
					history.*,
					loads.recorded_at as recorded_from,
					lead(loads.recorded_at) over (partition by _key_hash order by history._load_id) as recorded_to,
					cast(row_number() over (partition by _key_hash order by history._load_id) as integer) as version_number
				from %s as history
				inner join meta.loads as loads
					on history._load_id = loads.load_id
			)
			where not _is_deleted`,
			duckdb.Name(source, dataset+"_history"), list, duckdb.Name("raw", table)),
	} {
		if _, err := w.conn.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}
