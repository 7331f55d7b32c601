package warehouse

import (
	"context"
	_ "embed"
	"encoding/json"
	"strings"
	"time"

	"github.com/goldthread/goldthread/internal/failpoint"
)

// An Extract is one look at a file, page or query.
type Extract struct {
	ID              int64
	Source, Dataset string
	Place           string
	SHA256          string
	Size            int64
	ModifiedAt      time.Time
	PublishedAt     time.Time
	Outcome         string
	Reason          string
	Notes           []string
}

// BeginRun notes a run in the ledger and sets the date against which lateness is reckoned.
func (w *Warehouse) BeginRun(ctx context.Context) (runID int64, err error) {
	now := w.options.Now()
	date := localDate(now, w.options.Location)
	err = w.inTransaction(ctx, func() error {
		if _, err := w.conn.ExecContext(ctx, "insert into meta.runs values (?, ?, null, ?, null, ?, null, null)",
			w.lastRun+1, now.UTC(), date, w.options.Version); err != nil {
			return err
		}
		if _, err := w.conn.ExecContext(ctx, "delete from meta.run_date"); err != nil {
			return err
		}
		_, err := w.conn.ExecContext(ctx, "insert into meta.run_date values (?)", date)
		failpoint.Hit("run.before_commit")
		return err
	})
	if err != nil {
		return 0, err
	}
	w.lastRun++
	return w.lastRun, nil
}

// RunDate is the local date of the last run.
func (w *Warehouse) RunDate(ctx context.Context) (date time.Time, err error) {
	err = w.conn.QueryRowContext(ctx, "select coalesce(max(run_date), date '0001-01-01') from meta.run_date").Scan(&date)
	return date, err
}

// EndRun notes how a run came out: done, red or failed, with the release it made, 0 where it made none.
func (w *Warehouse) EndRun(ctx context.Context, runID int64, outcome string, release int64, message string) error {
	var made any
	if release > 0 {
		made = release
	}
	_, err := w.conn.ExecContext(ctx,
		"update meta.runs set finished_at = ?, outcome = ?, release_id = ?, message = ? where run_id = ?",
		w.options.Now().UTC(), outcome, made, orNull(message), runID)
	return err
}

// NoteExtracts writes looks that brought no load.
func (w *Warehouse) NoteExtracts(ctx context.Context, runID int64, t Table, extracts []Extract) error {
	return w.inTransaction(ctx, func() error {
		err := w.noteExtracts(ctx, runID, 0, t, extracts)
		failpoint.Hit("looks.before_commit")
		return err
	})
}

func (w *Warehouse) noteExtracts(ctx context.Context, runID, loadID int64, t Table, extracts []Extract) error {
	var load any
	if loadID > 0 {
		load = loadID
	}
	for _, e := range extracts {
		_, err := w.conn.ExecContext(ctx, "insert into meta.extracts values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
			e.ID, runID, load, t.Source, t.Dataset, e.Place, orNull(e.SHA256), e.Size, momentOrNull(e.ModifiedAt),
			dateOrNull(e.PublishedAt), e.Outcome, orNull(e.Reason), orNull(strings.Join(e.Notes, "\n")),
			w.options.Now().UTC())
		if err != nil {
			return err
		}
	}
	return nil
}

// Taken gives how many bytes the looks at a source have brought since a moment, those that came to nothing among them.
func (w *Warehouse) Taken(ctx context.Context, source string, since time.Time) (bytes int64, err error) {
	err = w.conn.QueryRowContext(ctx, `
		select cast(coalesce(sum(size_bytes), 0) as bigint)
		from meta.extracts
		where source = ? and looked_at >= ?`, source, since.UTC()).Scan(&bytes)
	return bytes, err
}

func momentOrNull(moment time.Time) any {
	if moment.IsZero() {
		return nil
	}
	return moment.UTC()
}

// Cursor gives how far a dataset has been read: what its last load left, or nothing.
func (w *Warehouse) Cursor(ctx context.Context, source, dataset string) (cursor string, err error) {
	err = w.conn.QueryRowContext(ctx, `
		select coalesce(max_by(coalesce(cursor, ''), load_id), '')
		from meta.loads
		where source = ? and dataset = ?`, source, dataset).Scan(&cursor)
	return cursor, err
}

// A Dataset is what the ledger says of a dataset beside its loads.
type Dataset struct {
	Source, Name, Description, Owner, Refresh, Mode string
	Stale                                           bool
}

// SetDatasets replaces the list of datasets. One that was stale before stays so since the same day; one that was not is stale since
// the day of the run.
func (w *Warehouse) SetDatasets(ctx context.Context, datasets []Dataset) error {
	return w.inTransaction(ctx, func() error {
		since, err := w.staleSince(ctx)
		if err != nil {
			return err
		}
		if _, err := w.conn.ExecContext(ctx, "delete from meta.datasets"); err != nil {
			return err
		}
		for _, d := range datasets {
			_, err := w.conn.ExecContext(ctx, `
				insert into meta.datasets
				select $1, $2, $3, $4, $5, $6, $7, case when $7 then coalesce(cast($8 as date), (select run_date from meta.run_date)) end`,
				d.Source, d.Name, orNull(d.Description), orNull(d.Owner), orNull(d.Refresh), d.Mode, d.Stale, since[d.Source+"."+d.Name])
			if err != nil {
				return err
			}
		}
		failpoint.Hit("datasets.before_commit")
		return nil
	})
}

// staleSince gives the days since which datasets are stale, by source.dataset.
func (w *Warehouse) staleSince(ctx context.Context) (map[string]*time.Time, error) {
	rows, err := w.conn.QueryContext(ctx, "select concat(source, '.', dataset), stale_since from meta.datasets where is_stale")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	since := map[string]*time.Time{}
	for rows.Next() {
		var name string
		var day *time.Time
		if err := rows.Scan(&name, &day); err != nil {
			return nil, err
		}
		since[name] = day
	}
	return since, rows.Err()
}

// Stale says whether the last look at a dataset failed or was refused.
func (w *Warehouse) Stale(ctx context.Context, source, dataset string) (stale bool, err error) {
	err = w.conn.QueryRowContext(ctx, "select coalesce(bool_or(is_stale), false) from meta.datasets where source = ? and dataset = ?",
		source, dataset).Scan(&stale)
	return stale, err
}

// A ModelText is the SQL of a model, with the file it stands in.
type ModelText struct{ Name, File, SQL string }

// A Link says that a model reads a relation.
type Link struct{ Model, Reads string }

// A ModelKey is what a model declares of some of its columns: grain, unique, not_null, or a relationship to a parent's.
type ModelKey struct {
	Model, Kind   string
	Columns       []string
	Parent        string
	ParentColumns []string
}

// Models are what the ledger keeps of the models for those who read a release.
type Models struct {
	Texts []ModelText
	Links []Link
	Keys  []ModelKey
}

// SetModels replaces what the ledger says of the models.
func (w *Warehouse) SetModels(ctx context.Context, models Models) error {
	return w.inTransaction(ctx, func() error {
		if _, err := w.conn.ExecContext(ctx, "delete from meta.model_texts; delete from meta.lineage; delete from meta.model_keys"); err != nil {
			return err
		}
		for _, t := range models.Texts {
			if _, err := w.conn.ExecContext(ctx, "insert into meta.model_texts values (?, ?, ?)", t.Name, t.File, t.SQL); err != nil {
				return err
			}
		}
		for _, l := range models.Links {
			if _, err := w.conn.ExecContext(ctx, "insert into meta.lineage values (?, ?)", l.Model, l.Reads); err != nil {
				return err
			}
		}
		for _, k := range models.Keys {
			if err := w.addKey(ctx, k); err != nil {
				return err
			}
		}
		failpoint.Hit("models.before_commit")
		return nil
	})
}

func (w *Warehouse) addKey(ctx context.Context, k ModelKey) error {
	columns, err := json.Marshal(k.Columns)
	if err != nil {
		return err
	}
	parents, err := json.Marshal(k.ParentColumns)
	if err != nil {
		return err
	}
	_, err = w.conn.ExecContext(ctx, "insert into meta.model_keys values (?, ?, cast(cast(? as json) as varchar[]), nullif(?, ''), cast(cast(? as json) as varchar[]))",
		k.Model, k.Kind, string(columns), k.Parent, string(parents))
	return err
}

//go:embed statements/comments.sql
var commentsSQL string

// Comments are the descriptions of the ledger's own tables and views, which a release carries as it does the models'.
func (w *Warehouse) Comments(ctx context.Context) (all []Comment, err error) {
	rows, err := w.conn.QueryContext(ctx, commentsSQL)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		c := Comment{Schema: "meta"}
		if err := rows.Scan(&c.Table, &c.Text); err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, rows.Err()
}

// ForgetModel makes a model one that was never built, so that the next build makes its table anew.
func (w *Warehouse) ForgetModel(ctx context.Context, name string) error {
	_, err := w.conn.ExecContext(ctx, "delete from meta.models where name = ?", name)
	return err
}
