package transforms

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
)

// A piece is a table or view that a union joins, and the value of the partition column in all its rows.
type piece struct{ table, partition string }

// setView gives a view its state. No row is read of one that no reader sees, or that joins partitions of tables: what it is
// made of stands for what it holds, and what reads it stops where its own rows are the same.
func (r *build) setView(ctx context.Context, tx *sql.Tx, m *Model, state *TableState) (err error) {
	switch {
	case m.PartitionBy == "" && layers[m.Schema()] >= layers["core"]:
		state.ContentHash, state.Rows, err = fingerprint(ctx, tx, m.Name)
		return err
	case m.PartitionBy == "":
		state.ContentHash = hashOf(state.Version)
		return nil
	}
	now := r.partitionsOfInputs(m, state.Version)
	if len(m.pieces) > 0 {
		now = r.partitionsOfPieces(m)
	}
	r.remember(state, hashOf(m.text), now, scope{})
	return nil
}

// unionOfPieces is the SELECT of a union that joins no more than some pieces: the engine takes longer to plan hundreds than
// to read ten.
func (m *Model) unionOfPieces(keys []string) string {
	names := quoteNames(m.columnNames())
	selects := []string{noRows(m.Columns)}
	for _, p := range m.pieces {
		if slices.Contains(keys, partitionKeyOf(p.partition)) {
			selects = append(selects, "select "+names+" from "+quoteName(p.table))
		}
	}
	return strings.Join(selects, " union all ")
}

// noRows is a SELECT of columns without a row.
func noRows(columns []Column) string {
	nulls := make([]string, len(columns))
	for i, column := range columns {
		nulls[i] = fmt.Sprintf("cast(null as %s) as %s", column.Type, quoteName(column.Name))
	}
	return "select " + strings.Join(nulls, ", ") + " where false"
}

// partitionsOfPieces are the partitions of a union. A table without rows is none: a measure that observes nothing leaves
// the union as it was.
func (r *build) partitionsOfPieces(m *Model) map[string]PartitionState {
	now := map[string]PartitionState{}
	for _, p := range m.pieces {
		made := r.tables[p.table]
		if made.Rows > 0 || r.set.byName[p.table].Kind == View {
			now[partitionKeyOf(p.partition)] = PartitionState{Content: made.ContentHash, Rows: made.Rows}
		}
	}
	return now
}

// partitionsOfInputs are the partitions of a view over partitioned tables: each is made of the same partition of those,
// and of everything else that the view is made of.
func (r *build) partitionsOfInputs(m *Model, version string) map[string]PartitionState {
	var all []string
	made := map[string][]string{}
	for _, p := range partsOf(version) {
		input := r.set.byName[p.Name]
		if p.Kind != ofInput || input == nil || input.PartitionBy != m.PartitionBy {
			all = append(all, p.Name, p.Hash)
			continue
		}
		for key, partition := range r.tables[p.Name].Partitions {
			if partition.Content != "" {
				made[key] = append(made[key], p.Name, partition.Content)
			}
		}
	}
	now := map[string]PartitionState{}
	for key, parts := range made {
		now[key] = PartitionState{Content: hashOf(append(parts, all...)...)}
	}
	return now
}
