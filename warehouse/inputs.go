package warehouse

import (
	"context"
	"fmt"
	"strings"
)

// InputVersion tells one state of a relation that models read from another: a raw, current or history table, a view over one, or a
// view of meta. It costs next to nothing, because it asks the ledger and not the rows.
func (w *Warehouse) InputVersion(ctx context.Context, relation string) (version string, err error) {
	schema, name, _ := strings.Cut(relation, ".")
	query, args := "", []any(nil)
	switch {
	case schema == "raw" || schema == "current" || schema == "history":
		source, dataset, _ := strings.Cut(name, "__")
		query, args = lastChange, []any{source, dataset}
	case relation == "reference.periods":
		query = "select cast(count(*) as varchar) from meta.periods"
	case schema == "handbook" || schema == "reference":
		query, args = lastChange, []any{schema, strings.TrimSuffix(name, "_history")}
	case relation == "meta.run_date" || relation == "meta.datasets":
		return w.content(ctx, ReleaseTable{Schema: schema, Name: name})
	case schema == "meta":
		query = "select cast(coalesce(max(load_id), 0) as varchar) from meta.stored_loads"
	default:
		return "", fmt.Errorf("%s is no relation that models may read", relation)
	}
	err = w.conn.QueryRowContext(ctx, query, args...).Scan(&version)
	return version, err
}

// lastChange is the last load of a dataset that changed a row.
const lastChange = `
	select concat(coalesce(max(load_id), 0))
	from meta.loads
	where source = ? and dataset = ? and rows_stored + rows_deleted > 0`
