package transforms

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// freshRows is where the new rows of a partition table stand while they are compared.
const freshRows = "temp.fresh_rows"

// setPartitions takes the state of a partition table that was written whole.
func (r *build) setPartitions(ctx context.Context, tx *sql.Tx, m *Model, state *TableState) error {
	now, columns, err := partitionsOf(ctx, tx, m.Name, m.PartitionBy)
	if err == nil {
		r.remember(state, columns, now, scope{})
	}
	return err
}

// partitionsOf are the partitions of a table as it stands, and a hash of its columns.
func partitionsOf(ctx context.Context, tx *sql.Tx, table, by string) (map[string]PartitionState, string, error) {
	prints, err := partitionPrints(ctx, tx, table, by)
	if err != nil {
		return nil, "", err
	}
	_, columns, err := columnsOf(ctx, tx, table)
	partitions := map[string]PartitionState{}
	for key, print := range prints {
		partitions[key] = PartitionState{Content: hashOf(columns, print.String()), Rows: print.rows}
	}
	return partitions, columns, err
}

// remember puts the state of a table together from the partitions within a scope as they now are and what was remembered
// of the others. Those that are as they were keep the number of the build that changed them.
func (r *build) remember(state *TableState, columns string, now map[string]PartitionState, of scope) {
	state.Partitions = map[string]PartitionState{}
	for key, is := range now {
		is.Build = r.number
		state.Partitions[key] = is
	}
	for key, was := range r.tables[state.Name].Partitions {
		is, there := state.Partitions[key]
		switch {
		case !of.covers(key), is.Content == was.Content:
			state.Partitions[key] = was
		case !there:
			state.Partitions[key] = PartitionState{Build: r.number}
		}
	}
	parts := []string{columns}
	state.Rows = 0
	for _, key := range sortedKeys(state.Partitions) {
		if p := state.Partitions[key]; p.Content != "" {
			parts = append(parts, key, p.Content)
			state.Rows += p.Rows
		}
	}
	state.ContentHash = hashOf(parts...)
}

// changedSince are the keys of the partitions that a build later than number changed.
func (s TableState) changedSince(number int64) []string {
	var changed []string
	for _, key := range sortedKeys(s.Partitions) {
		if s.Partitions[key].Build > number {
			changed = append(changed, key)
		}
	}
	return changed
}

// rewrite makes the new rows beside the table, of those partitions alone whose inputs changed if that is all that did,
// and moves over the partitions that differ. It does nothing and says so where the columns are others than before, or
// where a table of ours has to be made whole.
func (r *build) rewrite(ctx context.Context, tx *sql.Tx, m *Model, state *TableState) (done bool, err error) {
	of, err := r.scope(ctx, tx, m, state.Version)
	if err != nil || m.ours && of.keys == nil {
		return false, err
	}
	if _, err := tx.ExecContext(ctx, "create temp table fresh_rows as "+of.sql); err != nil {
		return false, err
	}
	_, now, err := columnsOf(ctx, tx, freshRows)
	if err != nil {
		return false, err
	}
	_, before, err := columnsOf(ctx, tx, m.Name)
	if err != nil {
		return false, err
	}
	if now == before {
		if err := r.movePartitions(ctx, tx, m, state, of); err != nil {
			return false, err
		}
	}
	_, err = tx.ExecContext(ctx, "drop table "+freshRows)
	return now == before, err
}

// movePartitions replaces the partitions within the scope whose fresh rows are others.
func (r *build) movePartitions(ctx context.Context, tx *sql.Tx, m *Model, state *TableState, of scope) error {
	now, columns, err := partitionsOf(ctx, tx, freshRows, m.PartitionBy)
	if err != nil {
		return err
	}
	r.remember(state, columns, now, of)
	var differing []string
	for _, key := range state.changedSince(r.number - 1) {
		differing = append(differing, quoteText(key))
	}
	if len(differing) == 0 {
		return nil
	}
	condition := fmt.Sprintf("%s in (%s)", partitionKey(m.PartitionBy), strings.Join(differing, ", "))
	_, err = tx.ExecContext(ctx, fmt.Sprintf("delete from %[1]s where %[2]s; insert into %[1]s select * from %[3]s where %[2]s",
		quoteName(m.Name), condition, quoteName(freshRows)))
	return err
}
