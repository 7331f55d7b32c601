package warehouse

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/goldthread/goldthread/internal/failpoint"
	"github.com/goldthread/goldthread/internal/fault"
)

// A Delivery is what a load brings, as the volume guard weighs it before the load is stored.
type Delivery struct {
	RunID        int64
	Table        Table
	Hashes       []string // of the files it was read from; none where its source has none
	Places       []string
	Rows         int64   // that came, blank ones left out
	Below, Above float64 // shares of the usual number of rows by which a load may differ from it
	Whole        bool    // it is everything there is, whatever the table's mode
}

// hashes are by what the same delivery is known again.
func (d Delivery) hashes() string {
	return strings.Join(slices.Compact(slices.Sorted(slices.Values(d.Hashes))), " ")
}

// place is where the delivery came from, by which one of its kind is known.
func (d Delivery) place() string {
	if len(d.Places) == 0 {
		return ""
	}
	return d.Places[0]
}

// A Volume is what the guard makes of a delivery.
type Volume struct {
	Loads int64  // earlier loads it was compared with
	Usual string // the median of their rows; empty where there were none
	Least int64  // rows that are believed unseen
	Most  *int64 // nil where any number is
	Held  bool
}

//go:embed statements/guard.sql
var guardQuery string

// Weigh says whether a delivery brings about as many rows as the dataset's last loads did. It may be asked while the
// delivery is being landed.
func (w *Warehouse) Weigh(ctx context.Context, d Delivery) (v Volume, err error) {
	var usual sql.NullString
	var expected bool
	err = w.conn.QueryRowContext(ctx, guardQuery,
		d.Table.Source, d.Table.Dataset, d.Table.Mode, d.RunID, d.hashes(), d.Below, d.Above, d.place(), d.Whole || d.Table.Mode == "snapshot",
	).Scan(&v.Loads, &usual, &v.Least, &v.Most, &expected)
	if err != nil {
		return v, fmt.Errorf("weighing what came of %s: %w", d.Table.Name(), err)
	}
	v.Usual = strings.TrimSuffix(usual.String, ".0")
	v.Held = !expected && (d.Rows < v.Least || v.Most != nil && d.Rows > *v.Most)
	return v, nil
}

// Hold notes a delivery that was held back, with the looks that brought it.
func (w *Warehouse) Hold(ctx context.Context, d Delivery, v Volume, extracts []Extract) error {
	err := w.inTransaction(ctx, func() error {
		_, err := w.conn.ExecContext(ctx, "insert into meta.held values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
			d.RunID, d.Table.Source, d.Table.Dataset, strings.Join(d.Places, "\n"), d.hashes(),
			d.Rows, orNull(v.Usual), v.Least, v.Most, v.Loads, w.options.Now().UTC())
		if err != nil {
			return err
		}
		err = w.noteExtracts(ctx, d.RunID, 0, d.Table, extracts)
		failpoint.Hit("hold.before_commit")
		return err
	})
	failpoint.Hit("hold.noted")
	return err
}

// An Acceptance is the word of a person that a held delivery is right.
type Acceptance struct {
	Source     string    `json:"source"`
	Dataset    string    `json:"dataset"`
	Places     []string  `json:"places"`
	Hashes     []string  `json:"sha256"`
	Rows       int64     `json:"rows"`
	Usual      string    `json:"usual,omitempty"`
	Reason     string    `json:"reason,omitempty"`
	AcceptedBy string    `json:"accepted_by"`
	AcceptedAt time.Time `json:"accepted_at"`
}

// Accept lets the delivery in that the last look at a dataset held back: the next run lands it, as long as it is the very
// same files. It fills in what the person was asked about.
func (w *Warehouse) Accept(ctx context.Context, a Acceptance) (Acceptance, error) {
	var places, hashes string
	var usual sql.NullString
	err := w.conn.QueryRowContext(ctx, `
		select places, hashes, rows_brought, cast(rows_usual as varchar)
		from meta.held_now
		where source = ? and dataset = ?`, a.Source, a.Dataset).Scan(&places, &hashes, &a.Rows, &usual)
	if errors.Is(err, sql.ErrNoRows) {
		return a, w.nothingHeld(ctx, a)
	}
	if err != nil {
		return a, fmt.Errorf("looking for what is held: %w", err)
	}
	a.Usual, a.AcceptedAt = usual.String, w.options.Now().UTC()
	a.of(places, hashes)
	failpoint.Hit("accept.before_note")
	_, err = w.conn.ExecContext(ctx, `
		insert into meta.accepted (source, dataset, places, hashes, rows_brought, rows_usual, after_load, reason, accepted_by, accepted_at)
		select $1, $2, $3, $4, $5, cast($6 as decimal(18, 1)), coalesce(max(load_id), 0), $7, $8, $9
		from meta.loads
		where source = $1 and dataset = $2`,
		a.Source, a.Dataset, places, hashes, a.Rows, orNull(usual.String), orNull(a.Reason), a.AcceptedBy, a.AcceptedAt)
	if err != nil {
		return a, fmt.Errorf("noting the acceptance: %w", err)
	}
	failpoint.Hit("accept.noted")
	return a, nil
}

// Withdraw takes back, on the word of a person, each acceptance of a dataset that no run has acted on. It gives them, the
// newest first.
func (w *Warehouse) Withdraw(ctx context.Context, source, dataset, by string) ([]Acceptance, error) {
	standing, err := w.standing(ctx, source, dataset)
	if err != nil {
		return nil, fmt.Errorf("looking for what is accepted: %w", err)
	}
	if len(standing) == 0 {
		return nil, &fault.Error{
			Where: source + "." + dataset, What: "no acceptance of this dataset waits for a run",
			Fix: "what a run has landed stays; a corrected file replaces its rows",
		}
	}
	failpoint.Hit("withdraw.before_note")
	_, err = w.conn.ExecContext(ctx, `
		update meta.accepted set withdrawn_by = $3, withdrawn_at = $4
		where (source, dataset, hashes, accepted_at) in (
			select (source, dataset, hashes, accepted_at) from meta.accepted_now where source = $1 and dataset = $2)`,
		source, dataset, by, w.options.Now().UTC())
	if err != nil {
		return nil, fmt.Errorf("noting what was withdrawn: %w", err)
	}
	failpoint.Hit("withdraw.noted")
	return standing, nil
}

// standing are the acceptances of a dataset that the next run would act on.
func (w *Warehouse) standing(ctx context.Context, source, dataset string) (standing []Acceptance, err error) {
	rows, err := w.conn.QueryContext(ctx, `
		select places, hashes, rows_brought, coalesce(cast(rows_usual as varchar), ''), coalesce(reason, ''), accepted_by, accepted_at
		from meta.accepted_now
		where source = ? and dataset = ?
		order by accepted_at desc`, source, dataset)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		a := Acceptance{Source: source, Dataset: dataset}
		var places, hashes string
		if err := rows.Scan(&places, &hashes, &a.Rows, &a.Usual, &a.Reason, &a.AcceptedBy, &a.AcceptedAt); err != nil {
			return nil, err
		}
		a.of(places, hashes)
		standing = append(standing, a)
	}
	return standing, rows.Err()
}

// of says of which files the acceptance is, as the ledger writes them.
func (a *Acceptance) of(places, hashes string) {
	a.Places, a.Hashes, a.Usual = strings.Split(places, "\n"), strings.Fields(hashes), strings.TrimSuffix(a.Usual, ".0")
}

// nothingHeld tells what could be accepted instead.
func (w *Warehouse) nothingHeld(ctx context.Context, a Acceptance) error {
	var held string
	err := w.conn.QueryRowContext(ctx,
		"select coalesce(string_agg(distinct source || '.' || dataset, ', ' order by source || '.' || dataset), '') from meta.held_now",
	).Scan(&held)
	if err != nil {
		return err
	}
	fix := "nothing is held now; goldthread status says how each dataset stands"
	if held != "" {
		fix = "held now: " + held
	}
	return &fault.Error{Where: a.Source + "." + a.Dataset, What: "the last run held nothing of this dataset", Fix: fix}
}
