package warehouse

import (
	"context"
	"database/sql"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/goldthread/goldthread/internal/durable"
	"github.com/goldthread/goldthread/internal/fault"
)

// A Standing is how a warehouse stood when a run last began or ended. Each run leaves it in a file, for those who must not open
// the warehouse: the server, whose readers would else keep a run waiting. It holds counts, names and reasons, and no rows.
type Standing struct {
	Form       int                  `json:"form"` // of the file
	WrittenAt  time.Time            `json:"written_at"`
	Version    string               `json:"program_version"`
	Release    int64                `json:"release"` // that readers see; 0 where there is none
	Runs       []RunStanding        `json:"runs"`    // the newest first
	Datasets   []DatasetStanding    `json:"datasets"`
	Quarantine []QuarantineStanding `json:"quarantine"`
	// Reconciliation is nil where no run has compared any control total.
	Reconciliation *Reconciliation `json:"reconciliation,omitempty"`
}

// A RunStanding is one run. Outcome is empty while it is at work, and where it was cut short.
type RunStanding struct {
	RunID       int64      `json:"run_id"`
	StartedAt   time.Time  `json:"started_at"`
	FinishedAt  *time.Time `json:"finished_at,omitempty"`
	Outcome     string     `json:"outcome,omitempty"`
	Message     string     `json:"message,omitempty"`
	Release     int64      `json:"release,omitempty"` // that it made
	Read        int64      `json:"rows_read"`
	Stored      int64      `json:"rows_stored"`
	Quarantined int64      `json:"rows_quarantined"`
}

// A DatasetStanding says how fresh a dataset is.
type DatasetStanding struct {
	Source      string     `json:"source"`
	Dataset     string     `json:"dataset"`
	Owner       string     `json:"owner,omitempty"`   // who sends the data
	Refresh     string     `json:"refresh,omitempty"` // how often it is sent, as the contract has it
	LookedAt    *time.Time `json:"looked_at,omitempty"`
	Outcome     string     `json:"outcome,omitempty"` // of the last look
	Reason      string     `json:"reason,omitempty"`
	LandedAt    *time.Time `json:"landed_at,omitempty"`
	PublishedAt string     `json:"published_at,omitempty"`
	Rows        int64      `json:"rows"`
	Stale       bool       `json:"stale"`                 // the last look went wrong
	StaleSince  string     `json:"stale_since,omitempty"` // the day of the first look that did
}

// A QuarantineStanding counts the rows of a dataset that are set aside.
type QuarantineStanding struct {
	Owner      string `json:"owner,omitempty"`
	Source     string `json:"source"`
	Dataset    string `json:"dataset"`
	Rows       int64  `json:"rows"`
	OldestDate string `json:"oldest_date"` // on which the oldest of them was recorded
}

// StandingFile is its name in the folder of the warehouse.
const StandingFile = "status.json"

const (
	standingForm = 1
	standingRuns = 20 // that are told
)

// WriteStanding leaves how the warehouse stands in its file, whole or not at all.
func (w *Warehouse) WriteStanding(ctx context.Context) error {
	s := Standing{Form: standingForm, WrittenAt: w.options.Now().UTC(), Version: w.options.Version}
	if err := w.readStanding(ctx, &s); err != nil {
		return fmt.Errorf("reading how the warehouse stands: %w", err)
	}
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	return durable.Replace(filepath.Join(w.options.Folder, StandingFile), append(text, '\n'), 0o640)
}

func (w *Warehouse) readStanding(ctx context.Context, s *Standing) (err error) {
	if s.Release, err = NewReleases(w.options.Folder).Current(); err != nil {
		return err
	}
	if s.Runs, err = readRunStandings(ctx, w.conn); err != nil {
		return err
	}
	if s.Datasets, err = readDatasetStandings(ctx, w.conn); err != nil {
		return err
	}
	if s.Quarantine, err = readQuarantineStandings(ctx, w.conn); err != nil {
		return err
	}
	s.Reconciliation, err = lastReconciliation(ctx, w.conn)
	return err
}

//go:embed statements/standing_runs.sql
var standingRunsQuery string

func readRunStandings(ctx context.Context, db queries) ([]RunStanding, error) {
	return collect(func(rows *sql.Rows) (r RunStanding, err error) {
		return r, rows.Scan(&r.RunID, &r.StartedAt, &r.FinishedAt, &r.Outcome, &r.Message, &r.Release, &r.Read, &r.Stored, &r.Quarantined)
	})(db.QueryContext(ctx, standingRunsQuery, standingRuns))
}

//go:embed statements/standing_datasets.sql
var standingDatasetsQuery string

func readDatasetStandings(ctx context.Context, db queries) ([]DatasetStanding, error) {
	return collect(func(rows *sql.Rows) (d DatasetStanding, err error) {
		return d, rows.Scan(&d.Source, &d.Dataset, &d.Owner, &d.Refresh, &d.LookedAt, &d.Outcome, &d.Reason, &d.LandedAt, &d.PublishedAt,
			&d.Rows, &d.Stale, &d.StaleSince)
	})(db.QueryContext(ctx, standingDatasetsQuery))
}

func readQuarantineStandings(ctx context.Context, db queries) ([]QuarantineStanding, error) {
	return collect(func(rows *sql.Rows) (q QuarantineStanding, err error) {
		return q, rows.Scan(&q.Owner, &q.Source, &q.Dataset, &q.Rows, &q.OldestDate)
	})(db.QueryContext(ctx, "select owner, source, dataset, count(*), min(recorded_date) from (\n"+quarantineQuery+
		") group by owner, source, dataset order by owner, source, dataset", "", ""))
}

// collect reads the rows of an answer, none as an empty list.
func collect[T any](scan func(*sql.Rows) (T, error)) func(*sql.Rows, error) ([]T, error) {
	return func(rows *sql.Rows, err error) ([]T, error) {
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		all := []T{}
		for rows.Next() {
			one, err := scan(rows)
			if err != nil {
				return nil, err
			}
			all = append(all, one)
		}
		return all, rows.Err()
	}
}

// ReadStanding reads what the last run left; nil where none has left anything yet. What cannot be read is told in a fault.
func ReadStanding(folder string) (*Standing, error) {
	path := filepath.Join(folder, StandingFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, &fault.Error{Where: path, What: "how the warehouse stands cannot be read", Fix: "let the account that runs goldthread serve read the file", Err: err}
	}
	var s Standing
	if err := json.Unmarshal(text, &s); err != nil || s.Form < 1 {
		return nil, &fault.Error{Where: path, What: "how the warehouse stands cannot be read: the file is damaged", Fix: "goldthread run writes it anew", Err: err}
	}
	if s.Form > standingForm {
		return nil, &fault.Error{Where: path, What: "a newer goldthread wrote how the warehouse stands", Fix: "run and serve with the same version of goldthread"}
	}
	return &s, nil
}
