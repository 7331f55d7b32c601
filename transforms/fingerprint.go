package transforms

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// A fingerprint tells two sets of rows apart whatever their order, in one pass of the engine: their number, the sum of
// their hashes and the exclusive or of those hashes mixed once more. Two are needed: the hash of a row joins its
// columns' in a way that a swap of values between rows would leave the plain exclusive or as it was.
const fingerprintOf = "count(*), coalesce(sum(h), 0)::varchar, coalesce(bit_xor(hash(h)), 0)::varchar"

// fingerprint is that of a table or view with its columns and their types, and the number of rows.
func fingerprint(ctx context.Context, tx *sql.Tx, table string) (string, int64, error) {
	columns, hash, err := columnsOf(ctx, tx, table)
	if err != nil {
		return "", 0, err
	}
	var p imprint
	err = tx.QueryRowContext(ctx, fmt.Sprintf("select %s from (select hash(%s) as h from %s)",
		fingerprintOf, quoteNames(columns), quoteName(table))).Scan(&p.rows, &p.sum, &p.xor)
	return hashOf(hash, p.String()), p.rows, err
}

// An imprint is the fingerprint of rows.
type imprint struct {
	rows     int64
	sum, xor string
}

func (p imprint) String() string { return fmt.Sprintf("%d:%s:%s", p.rows, p.sum, p.xor) }

// columnsOf are the names of a relation's columns, and a hash of names and types.
func columnsOf(ctx context.Context, tx *sql.Tx, table string) ([]string, string, error) {
	rows, err := tx.QueryContext(ctx, fmt.Sprintf("select column_name, column_type from (describe %s)", quoteName(table)))
	if err != nil {
		return nil, "", err
	}
	defer rows.Close()
	var names, all []string
	for rows.Next() {
		var name, kind string
		if err := rows.Scan(&name, &kind); err != nil {
			return nil, "", err
		}
		names, all = append(names, name), append(all, name+" "+kind)
	}
	return names, hashOf(all...), rows.Err()
}

// partitionPrints are the fingerprints of a table's rows by the text of one column; null is the empty text with a mark.
func partitionPrints(ctx context.Context, tx *sql.Tx, table, by string) (map[string]imprint, error) {
	columns, _, err := columnsOf(ctx, tx, table)
	if err != nil {
		return nil, err
	}
	rows, err := tx.QueryContext(ctx, fmt.Sprintf("select p, %s from (select %s as p, hash(%s) as h from %s) group by p",
		fingerprintOf, partitionKey(by), quoteNames(columns), quoteName(table)))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	prints := map[string]imprint{}
	for rows.Next() {
		var key string
		var p imprint
		if err := rows.Scan(&key, &p.rows, &p.sum, &p.xor); err != nil {
			return nil, err
		}
		prints[key] = p
	}
	return prints, rows.Err()
}

// partitionKey is the SQL of a partition's text: "=" and the value, or empty for null.
func partitionKey(by string) string {
	return fmt.Sprintf("case when %[1]s is null then '' else '=' || %[1]s::varchar end", quoteName(by))
}

// fingerprintPartitions takes the fingerprint of a partition table that was written whole.
func (r *build) fingerprintPartitions(ctx context.Context, tx *sql.Tx, m *Model, state *TableState) error {
	prints, err := partitionPrints(ctx, tx, m.Name, m.PartitionBy)
	if err != nil {
		return err
	}
	return r.setPrints(ctx, tx, m, prints, state)
}

// setPrints puts the fingerprint of a table together from those of its partitions.
func (r *build) setPrints(ctx context.Context, tx *sql.Tx, m *Model, prints map[string]imprint, state *TableState) error {
	_, hash, err := columnsOf(ctx, tx, m.Name)
	if err != nil {
		return err
	}
	parts := []string{hash}
	state.Rows = 0
	for _, key := range sortedKeys(prints) {
		parts = append(parts, key, prints[key].String())
		state.Rows += prints[key].rows
	}
	state.ContentHash = hashOf(parts...)
	return nil
}

// freshRows is where the new rows of a partition table stand while they are compared.
const freshRows = "temp.fresh_rows"

// writePartitions makes the new rows beside the table and moves over the partitions that differ. Where the columns are
// others than before it does nothing and says so.
func (r *build) writePartitions(ctx context.Context, tx *sql.Tx, m *Model, state *TableState) (bool, error) {
	if _, err := tx.ExecContext(ctx, "create temp table fresh_rows as "+m.sql); err != nil {
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
		if err := r.movePartitions(ctx, tx, m, state); err != nil {
			return false, err
		}
	}
	_, err = tx.ExecContext(ctx, "drop table "+freshRows)
	return now == before, err
}

// movePartitions replaces the partitions of m whose fresh rows are others.
func (r *build) movePartitions(ctx context.Context, tx *sql.Tx, m *Model, state *TableState) error {
	want, err := partitionPrints(ctx, tx, freshRows, m.PartitionBy)
	if err != nil {
		return err
	}
	have, err := partitionPrints(ctx, tx, m.Name, m.PartitionBy)
	if err != nil {
		return err
	}
	var differing []string
	for _, key := range sortedKeys(union(want, have)) {
		if want[key] != have[key] {
			differing = append(differing, quoteText(key))
		}
	}
	if len(differing) > 0 {
		condition := fmt.Sprintf("%s in (%s)", partitionKey(m.PartitionBy), strings.Join(differing, ", "))
		_, err = tx.ExecContext(ctx, fmt.Sprintf("delete from %[1]s where %[2]s; insert into %[1]s select * from %[3]s where %[2]s",
			quoteName(m.Name), condition, quoteName(freshRows)))
		if err != nil {
			return err
		}
	}
	return r.setPrints(ctx, tx, m, want, state)
}

func union(a, b map[string]imprint) map[string]imprint {
	all := map[string]imprint{}
	for key, value := range a {
		all[key] = value
	}
	for key, value := range b {
		all[key] = value
	}
	return all
}
