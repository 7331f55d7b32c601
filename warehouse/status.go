package warehouse

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
)

// A Status is how a warehouse stands.
type Status struct {
	Run      *RunStatus      `json:"run"`     // the last one; nil where there was none
	Release  int64           `json:"release"` // that readers see; 0 where there is none
	Datasets []DatasetStatus `json:"datasets"`
	// Reconciliation is that of the last run; nil where there was none.
	Reconciliation *Reconciliation `json:"reconciliation,omitempty"`
	// Removed is what was past its time on the last day on which anything was.
	Removed   []Removal `json:"removed,omitempty"`
	RemovedOn string    `json:"removed_on,omitempty"`
}

// A RunStatus is how a run came out; the outcome is empty where it was cut short.
type RunStatus struct {
	RunID     int64  `json:"run_id"`
	StartedAt string `json:"started_at"`
	Outcome   string `json:"outcome"`
	Message   string `json:"message,omitempty"`
}

// A DatasetStatus says how fresh a dataset is.
type DatasetStatus struct {
	Source      string `json:"source"`
	Dataset     string `json:"dataset"`
	LookedAt    string `json:"looked_at"`
	Outcome     string `json:"outcome"`
	Reason      string `json:"reason,omitempty"`
	PublishedAt string `json:"published_at,omitempty"`
	Rows        int64  `json:"rows"`
	Quarantined int64  `json:"quarantined"` // rows that ReadQuarantine gives
	Stale       bool   `json:"stale"`
}

//go:embed statements/status.sql
var statusQuery string

// ReadStatus reads how the warehouse of a folder stands. It takes no ownership, so it fails while a run is at work.
func ReadStatus(ctx context.Context, folder string) (status Status, err error) {
	status.Datasets = []DatasetStatus{}
	if status.Release, err = NewReleases(folder).Current(); err != nil {
		return status, err
	}
	db, err := openToRead(ctx, folder)
	if err != nil || db == nil {
		return status, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	run := RunStatus{}
	err = db.QueryRowContext(ctx, `
		select run_id, strftime(started_at, '%Y-%m-%d %H:%M'), coalesce(outcome, ''), coalesce(message, '')
		from meta.runs order by run_id desc limit 1`).Scan(&run.RunID, &run.StartedAt, &run.Outcome, &run.Message)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return status, nil
	case err != nil:
		return status, err
	}
	status.Run = &run
	if status.Datasets, err = readDatasets(ctx, db); err != nil {
		return status, err
	}
	if err := countQuarantined(ctx, db, status.Datasets); err != nil {
		return status, err
	}
	if status.Removed, status.RemovedOn, err = readRemovals(ctx, db); err != nil {
		return status, err
	}
	status.Reconciliation, err = lastReconciliation(ctx, db)
	return status, err
}

func readDatasets(ctx context.Context, db *sql.DB) ([]DatasetStatus, error) {
	rows, err := db.QueryContext(ctx, statusQuery)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	datasets := []DatasetStatus{}
	for rows.Next() {
		var d DatasetStatus
		if err := rows.Scan(&d.Source, &d.Dataset, &d.LookedAt, &d.Outcome, &d.Reason, &d.PublishedAt, &d.Rows, &d.Stale); err != nil {
			return nil, err
		}
		datasets = append(datasets, d)
	}
	return datasets, rows.Err()
}

// A TestAnswer is what a data test said of the present version of its table.
type TestAnswer struct {
	Table    string `json:"table"`
	Name     string `json:"name"`
	Severity string `json:"severity"`
	Passed   bool   `json:"passed"`
	Failing  int64  `json:"failing,omitempty"`
	Examples string `json:"examples,omitempty"`
}

// ReadTests reads the answers of all data tests, the failed ones first. It takes no ownership; see ReadStatus.
func ReadTests(ctx context.Context, folder string) (answers []TestAnswer, err error) {
	answers = []TestAnswer{}
	db, err := openToRead(ctx, folder)
	if err != nil || db == nil {
		return answers, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	rows, err := db.QueryContext(ctx, `
		select table_name, test_name, severity, passed, failing, coalesce(examples, '')
		from meta.tests order by passed, table_name, test_name`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var a TestAnswer
		if err := rows.Scan(&a.Table, &a.Name, &a.Severity, &a.Passed, &a.Failing, &a.Examples); err != nil {
			return nil, err
		}
		answers = append(answers, a)
	}
	return answers, rows.Err()
}

// countQuarantined says of each dataset how many of its rows are set aside as things stand.
func countQuarantined(ctx context.Context, db *sql.DB, datasets []DatasetStatus) error {
	rows, err := db.QueryContext(ctx, "select concat(source, '.', dataset), count(*) from (\n"+quarantineQuery+") group by all", "", "")
	if err != nil {
		return err
	}
	defer rows.Close()
	counts := map[string]int64{}
	for rows.Next() {
		var name string
		var count int64
		if err := rows.Scan(&name, &count); err != nil {
			return err
		}
		counts[name] = count
	}
	for i, d := range datasets {
		datasets[i].Quarantined = counts[d.Source+"."+d.Dataset]
	}
	return rows.Err()
}
