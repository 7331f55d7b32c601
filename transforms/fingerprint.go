package transforms

import (
	"context"
	"database/sql"
	"fmt"
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

func partitionKeyOf(value string) string { return "=" + value }
