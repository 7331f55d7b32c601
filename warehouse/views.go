package warehouse

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/goldthread/goldthread/internal/failpoint"
	"github.com/goldthread/goldthread/warehouse/duckdb"
)

// provenance are the columns of current tables that are kept in views for models; hashes are no one's business there.
var provenance = []string{"_load_id", "_extract_id", "_row"}

// A View shows a dataset to the models, with the rows of the tables that feed it beside its own.
type View struct {
	Dataset string
	Fed     []string // tables, as source__dataset
}

// CreateViews shows every dataset of a source to the models in the schema named like it: <dataset>, its rows as they
// stand, and <dataset>_history, every version of each row with the time from which and to which it was held.
func (w *Warehouse) CreateViews(ctx context.Context, source string, views []View) error {
	return w.inTransaction(ctx, func() error {
		held, err := w.heldColumns(ctx)
		if err != nil {
			return err
		}
		for _, view := range views {
			if err := w.createViews(ctx, source, view, held["current"]); err != nil {
				return fmt.Errorf("making the views of %s.%s: %w", source, view.Dataset, err)
			}
		}
		failpoint.Hit("views.before_commit")
		return nil
	})
}

func (w *Warehouse) createViews(ctx context.Context, source string, view View, held map[string]map[string]heldColumn) error {
	own := source + "__" + view.Dataset
	columns := slices.Sorted(maps.Keys(held[own]))
	columns = slices.DeleteFunc(columns, func(name string) bool {
		return strings.HasPrefix(name, "_") && !slices.Contains(provenance, name)
	})
	var present, past []string
	for _, table := range append([]string{own}, view.Fed...) {
		list := shownColumns(columns, held[own], held[table])
		present = append(present, fmt.Sprintf("select %s from %s", list, duckdb.Name("current", table)))
		past = append(past, fmt.Sprintf(versionsOf, list, duckdb.Name("raw", table)))
	}
	for name, selects := range map[string][]string{view.Dataset: present, view.Dataset + "_history": past} {
		statement := fmt.Sprintf("create or replace view %s as %s", duckdb.Name(source, name), strings.Join(selects, " union all "))
		if _, err := w.conn.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// versionsOf are the versions of a table's rows.
const versionsOf = `
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
	where not _is_deleted`

// shownColumns are the columns of a view as one of its tables gives them: null where the table has none of the name.
func shownColumns(columns []string, own, table map[string]heldColumn) string {
	shown := make([]string, len(columns))
	for i, name := range columns {
		kind := own[name].kind
		if kind == "BIGINT" && !slices.Contains(provenance, name) {
			// What people write into these files is small, and dates take days only as an integer.
			kind = "INTEGER"
		}
		value := duckdb.Name(name)
		if _, has := table[name]; !has {
			value = "null"
		}
		shown[i] = fmt.Sprintf("cast(%s as %s) as %s", value, kind, duckdb.Name(name))
	}
	return strings.Join(shown, ", ")
}
