package transforms

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
)

// A scope is what part of a partition table is made again.
type scope struct {
	sql  string   // the SELECT of its rows
	keys []string // of the partitions it is confined to; nil for all
}

func (s scope) covers(key string) bool { return s.keys == nil || slices.Contains(s.keys, key) }

// scope finds out which partitions of m have to be made again. They are all where its SQL, a macro or something that is
// not partitioned changed, where more than half of the partitions did, or where null is one of them. A council's own
// model is always made whole: nothing shows that its partitions do not read each other.
func (r *build) scope(ctx context.Context, tx *sql.Tx, m *Model, version string) (scope, error) {
	whole := scope{sql: m.sql}
	if !m.ours {
		return whole, nil
	}
	by, changed := r.changedInputs(m, version)
	_, all := r.partitionsRead(m)
	if changed == nil || 2*len(changed) > len(all) {
		return whole, nil
	}
	keys, err := r.translated(ctx, tx, m, by, changed)
	if err != nil || keys == nil {
		return whole, err
	}
	text := fmt.Sprintf("select * from (\n%s\n) where %s in (%s)", r.confined(m, by, changed), quoteName(m.PartitionBy), valuesOf(keys))
	return scope{sql: text, keys: keys}, nil
}

// changedInputs are the keys of the partitions that changed in what m reads since it was built, and the column they are
// of. There are none where something else changed too.
func (r *build) changedInputs(m *Model, version string) (by string, keys []string) {
	before := r.tables[m.Name]
	changed := map[string]bool{}
	for _, p := range differing(before.Version, version) {
		input := r.set.byName[p.Name]
		if p.Kind != ofInput || input == nil || input.PartitionBy == "" || by != "" && by != input.PartitionBy {
			return "", nil
		}
		by = input.PartitionBy
		for _, key := range r.tables[p.Name].changedSince(before.Build) {
			if key == "" {
				return "", nil
			}
			changed[key] = true
		}
	}
	if len(changed) == 0 {
		return "", nil
	}
	return by, sortedKeys(changed)
}

// translated gives the partitions of m that partitions of what it reads come to. They are the same where m is partitioned
// by the same column. Else m reads a table, not itself partitioned, that has both columns: the dimension that gives the
// key of a code.
func (r *build) translated(ctx context.Context, tx *sql.Tx, m *Model, by string, keys []string) ([]string, error) {
	if by == m.PartitionBy {
		return keys, nil
	}
	for _, name := range m.Reads() {
		input := r.set.byName[name]
		if input == nil || input.PartitionBy != "" || !contains(input.columnNames(), by) || !contains(input.columnNames(), m.PartitionBy) {
			continue
		}
		where := fmt.Sprintf("from %s where %s in (%s) and %s is not null", quoteName(name), quoteName(by), valuesOf(keys), quoteName(m.PartitionBy))
		known, err := queryTexts(ctx, tx, fmt.Sprintf("select distinct %s %s", quoteName(by), where))
		if err != nil || len(known) < len(keys) {
			return nil, err // the rows of a code without a key have none of the keys
		}
		found, err := queryTexts(ctx, tx, fmt.Sprintf("select distinct %s %s", partitionKey(m.PartitionBy), where))
		if err != nil {
			return nil, err
		}
		return found, nil
	}
	return nil, nil
}

// confined is the SELECT of m in which everything partitioned by a column is read no further than some partitions. Views
// are put in by their own SELECTs, for the engine does not carry a condition into all that a view is made of.
func (r *build) confined(m *Model, by string, keys []string) string {
	uses := slices.Clone(m.reads)
	slices.SortFunc(uses, func(a, b mention) int { return b.Offset - a.Offset })
	text := m.sql
	for _, use := range uses {
		input := r.set.byName[use.Name]
		if input == nil || input.PartitionBy != by || use.Offset < 0 {
			continue
		}
		part := "(" + r.partOf(input, by, keys) + ")"
		if use.Alias == "" {
			_, table, _ := strings.Cut(use.Name, ".")
			part += " as " + quoteName(table)
		}
		text = text[:use.Offset] + part + text[use.Offset+nameLength(text[use.Offset:]):]
	}
	return text
}

// partOf is the SELECT of some partitions of a model.
func (r *build) partOf(m *Model, by string, keys []string) string {
	from := quoteName(m.Name)
	switch {
	case len(m.pieces) > 0:
		return m.unionOfPieces(keys)
	case m.Kind == View:
		from = "(\n" + r.confined(m, by, keys) + "\n)"
	}
	if len(keys) == 0 {
		return fmt.Sprintf("select * from %s where false", from)
	}
	return fmt.Sprintf("select * from %s where %s in (%s)", from, quoteName(by), valuesOf(keys))
}

// partsAtOnce is how many partitions are made in one statement. A table of any size is so made within the memory of a
// few, and its rows stand partition by partition, where later reads of some find them quickly.
const partsAtOnce = 32

// parts are the SELECTs that together give the rows of m: one, or one for every few partitions of what it reads and one
// for what is in none of them.
func (r *build) parts(ctx context.Context, tx *sql.Tx, m *Model) ([]string, error) {
	by, keys := r.partitionsRead(m)
	if m.Kind != Partition || !m.ours || len(keys) <= partsAtOnce {
		return []string{m.sql}, nil
	}
	var parts []string
	var made []string
	for some := range slices.Chunk(keys, partsAtOnce) {
		own, err := r.translated(ctx, tx, m, by, some)
		if err != nil {
			return nil, err
		}
		if own == nil {
			return []string{m.sql}, nil
		}
		made = append(made, own...)
		parts = append(parts, fmt.Sprintf("select * from (\n%s\n) where %s in (%s)", r.confined(m, by, some), quoteName(m.PartitionBy), valuesOf(own)))
	}
	rest := fmt.Sprintf("select * from (\n%s\n) where (%[2]s in (%[3]s)) is not true", r.confined(m, by, nil), quoteName(m.PartitionBy), valuesOf(made))
	return append(parts, rest), nil
}

// partitionsRead are the keys of all partitions that m reads, and the column they are of. There are none where m reads
// tables partitioned by different columns, or a partition of null.
func (r *build) partitionsRead(m *Model) (by string, keys []string) {
	all := map[string]bool{}
	for _, name := range m.Reads() {
		input := r.set.byName[name]
		if input == nil || input.PartitionBy == "" {
			continue
		}
		if by != "" && by != input.PartitionBy {
			return "", nil
		}
		by = input.PartitionBy
		for key, partition := range r.tables[name].Partitions {
			if partition.Content != "" {
				all[key] = true
			}
		}
	}
	if all[""] {
		return "", nil
	}
	return by, sortedKeys(all)
}

// valuesOf is a list of SQL literals of the values that keys of partitions stand for.
func valuesOf(keys []string) string {
	values := make([]string, len(keys))
	for i, key := range keys {
		values[i] = quoteText(strings.TrimPrefix(key, "="))
	}
	return strings.Join(values, ", ")
}
