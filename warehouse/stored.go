package warehouse

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/goldthread/goldthread/warehouse/duckdb"
)

// A Spot is where in a source a stored row stood.
type Spot struct {
	Source, Dataset string
	ExtractID, Row  int64
}

// ReadStored gives the text of stored rows, each as its columns with their values, those of an older version too; empty where
// a row is not held. It takes no ownership; see ReadStatus.
func ReadStored(ctx context.Context, folder string, spots []Spot) (stored []string, err error) {
	stored = make([]string, len(spots))
	if len(spots) == 0 {
		return stored, nil
	}
	db, err := openToRead(ctx, folder)
	if err != nil || db == nil {
		return stored, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for i, spot := range spots {
		if stored[i], err = readStored(ctx, db, spot); err != nil {
			return stored, err
		}
	}
	return stored, nil
}

func readStored(ctx context.Context, db *sql.DB, spot Spot) (string, error) {
	rows, err := db.QueryContext(ctx, fmt.Sprintf(`
		select cast(columns(c -> not starts_with(c, '_')) as varchar)
		from raw.%s where _extract_id = ? and _row = ? and not _is_deleted`, duckdb.Name(spot.Source+"__"+spot.Dataset)), spot.ExtractID, spot.Row)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil || !rows.Next() {
		return "", errors.Join(err, rows.Err())
	}
	values, into := make([]sql.NullString, len(names)), make([]any, len(names))
	for i := range values {
		into[i] = &values[i]
	}
	if err := rows.Scan(into...); err != nil {
		return "", err
	}
	var parts []string
	for i, value := range values {
		if value.Valid {
			parts = append(parts, names[i]+" "+value.String)
		}
	}
	return strings.Join(parts, ", "), rows.Err()
}
