package warehouse

import (
	"context"
	_ "embed"
	"errors"
)

// A QuarantinedRow is a row set aside: where it stands, and what is wrong with it. Text is the source's own.
type QuarantinedRow struct {
	Source       string `json:"source"`
	Dataset      string `json:"dataset"`
	Owner        string `json:"owner,omitempty"`
	Place        string `json:"file"`
	Line         int64  `json:"line"`
	Column       string `json:"column,omitempty"`
	Reason       string `json:"reason"`
	Text         string `json:"text,omitempty"`
	RecordedDate string `json:"recorded_date"`
}

//go:embed statements/quarantine.sql
var quarantineQuery string

// A QuarantineFilter leaves rows of one source or dataset; an empty text leaves all.
type QuarantineFilter struct{ Source, Dataset string }

// ReadQuarantine gives the rows set aside as each file was last read, in the order of their datasets, to each in turn. It takes
// no ownership; see ReadStatus.
func ReadQuarantine(ctx context.Context, folder string, only QuarantineFilter, each func(QuarantinedRow) error) (err error) {
	db, err := openToRead(ctx, folder)
	if err != nil || db == nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	rows, err := db.QueryContext(ctx, quarantineQuery, only.Source, only.Dataset)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var q QuarantinedRow
		if err := rows.Scan(&q.Source, &q.Dataset, &q.Owner, &q.Place, &q.Line, &q.Column, &q.Reason, &q.Text, &q.RecordedDate); err != nil {
			return err
		}
		if err := each(q); err != nil {
			return err
		}
	}
	return rows.Err()
}
