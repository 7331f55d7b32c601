package transforms

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// A piece is a table that a union joins, and the value of the partition column in all its rows.
type piece struct{ table, partition string }

// writePieces moves over the rows of those pieces alone that are others than the union was last made of; the rows of the
// rest are not even read. Where the columns are others, or most pieces, it does nothing and says so.
func (r *build) writePieces(ctx context.Context, tx *sql.Tx, m *Model, state *TableState) (bool, error) {
	_, before, err := columnsOf(ctx, tx, m.Name)
	if err != nil {
		return false, err
	}
	changed := r.changedPieces(m)
	if before != m.columnsHash() || len(changed) > len(m.pieces)/2 {
		return false, nil
	}
	if _, err := tx.ExecContext(ctx, m.deletePieces(changed)); err != nil {
		return false, err
	}
	names := quoteNames(m.columnNames())
	for _, p := range changed {
		_, err := tx.ExecContext(ctx, fmt.Sprintf("insert into %s (%[2]s) select %[2]s from %[3]s", quoteName(m.Name), names, quoteName(p.table)))
		if err != nil {
			return false, err
		}
	}
	r.setPieces(m, state)
	return true, nil
}

// changedPieces are those whose contents are not the ones that the union was last made of.
func (r *build) changedPieces(m *Model) []piece {
	held := inputsOf(r.tables[m.Name].Version)
	var changed []piece
	for _, p := range m.pieces {
		if held[p.table] != hashOf(r.tables[p.table].ContentHash) {
			changed = append(changed, p)
		}
	}
	return changed
}

// deletePieces is the statement that takes out the rows of the changed pieces and of those that are no more.
func (m *Model) deletePieces(changed []piece) string {
	gone := make(map[string]bool, len(changed))
	for _, p := range changed {
		gone[p.partition] = true
	}
	var kept []string
	for _, p := range m.pieces {
		if !gone[p.partition] {
			kept = append(kept, quoteText(p.partition))
		}
	}
	statement := "delete from " + quoteName(m.Name)
	if len(kept) > 0 {
		statement += fmt.Sprintf(" where %s not in (%s)", quoteName(m.PartitionBy), strings.Join(kept, ", "))
	}
	return statement
}

// setPieces puts the fingerprint of a union together from those of its pieces. One without rows does not count: a measure
// that observes nothing leaves the union as it was.
func (r *build) setPieces(m *Model, state *TableState) {
	parts := []string{m.columnsHash()}
	state.Rows = 0
	for _, p := range m.pieces {
		made := r.tables[p.table]
		if made.Rows > 0 {
			parts = append(parts, p.table, made.ContentHash)
			state.Rows += made.Rows
		}
	}
	state.ContentHash = hashOf(parts...)
}

// columnsHash is what columnsOf gives of the model's table.
func (m *Model) columnsHash() string {
	all := make([]string, len(m.Columns))
	for i, column := range m.Columns {
		all[i] = column.Name + " " + column.Type
	}
	return hashOf(all...)
}
