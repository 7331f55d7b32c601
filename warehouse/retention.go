package warehouse

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"strings"
	"time"

	"github.com/goldthread/goldthread/internal/failpoint"
)

// A Removal is what is past its time by one rule: how much, and no value of it.
type Removal struct {
	Subject string    `json:"subject"`
	Rule    string    `json:"rule"`      // such as keep.archive: 90 days
	CutOff  time.Time `json:"kept_from"` // midnight of the first day that is kept
	Items   int64     `json:"items"`     // rows, files or entries
	Bytes   int64     `json:"size_bytes"`
}

// What a warehouse removes itself, or names in its ledger.
const (
	Quarantine = "quarantine" // rows set aside
	Inputs     = "archive"    // files, pages and answers that loads were read from
)

// PastQuarantine counts the rows that loads before a local day set aside.
func (w *Warehouse) PastQuarantine(ctx context.Context, cutOff time.Time) (rows int64, err error) {
	err = w.conn.QueryRowContext(ctx, "select count(*) from meta.quarantine where load_id in (select load_id from meta.loads where recorded_date < ?)",
		localDate(cutOff, w.options.Location)).Scan(&rows)
	return rows, err
}

// LastReads gives when each of these inputs was read last, by its hash; one of which the ledger knows nothing is left out. That it
// was found to be the same again is no reading, save of the sources named, whose files are read as long as they are there.
func (w *Warehouse) LastReads(ctx context.Context, hashes []string, sources ...string) (reads map[string]time.Time, err error) {
	rows, err := w.conn.QueryContext(ctx, `
		select sha256, max(looked_at) from meta.extracts
		where
			sha256 in (select unnest(string_split(?, ' ')))
			and (outcome not in ('same_hash', 'unchanged') or list_contains(string_split(?, ' '), source))
		group by sha256`, strings.Join(hashes, " "), strings.Join(sources, " "))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	reads = map[string]time.Time{}
	for rows.Next() {
		var hash string
		var at time.Time
		if err := rows.Scan(&hash, &at); err != nil {
			return nil, err
		}
		reads[hash] = at
	}
	return reads, rows.Err()
}

// NoteRemoval notes what is about to be removed, for a run or, where that is 0, for a person. Rows set aside it removes too, in the
// same transaction; of each load it stays known how many they were.
func (w *Warehouse) NoteRemoval(ctx context.Context, runID int64, r Removal) error {
	var run any
	if runID > 0 {
		run = runID
	}
	cutOff := localDate(r.CutOff, w.options.Location)
	err := w.inTransaction(ctx, func() error {
		if _, err := w.conn.ExecContext(ctx, "insert into meta.retention values (?, ?, ?, ?, ?, ?, ?)",
			run, w.options.Now().UTC(), r.Subject, r.Rule, cutOff, r.Items, r.Bytes); err != nil {
			return err
		}
		if r.Subject == Quarantine {
			if err := w.removeQuarantine(ctx, cutOff); err != nil {
				return err
			}
		}
		failpoint.Hit("retention.before_commit")
		return nil
	})
	failpoint.Hit("retention.noted")
	return err
}

func (w *Warehouse) removeQuarantine(ctx context.Context, cutOff time.Time) error {
	const past = "load_id in (select load_id from meta.loads where recorded_date < ?)"
	_, err := w.conn.ExecContext(ctx, "insert into meta.quarantine_removed select load_id, count(*) from meta.quarantine where "+past+" group by load_id", cutOff)
	if err != nil {
		return err
	}
	_, err = w.conn.ExecContext(ctx, "delete from meta.quarantine where "+past, cutOff)
	return err
}

//go:embed statements/jump.sql
var jumpQuery string

// ClockJumped gives the last run before which the clock jumped, back or by more than a month ahead, counting now as a run; zero
// where it never did.
func (w *Warehouse) ClockJumped(ctx context.Context) (at time.Time, err error) {
	var jumped sql.NullTime
	err = w.conn.QueryRowContext(ctx, jumpQuery, w.options.Now().UTC()).Scan(&jumped)
	return jumped.Time, err
}

// readRemovals gives what was removed on the last day on which anything was, by rule.
func readRemovals(ctx context.Context, db *sql.DB) (removals []Removal, on string, err error) {
	if there, err := hasRetention(ctx, db); err != nil || !there {
		return nil, "", err
	}
	rows, err := db.QueryContext(ctx, `
		select subject, rule, max(cut_off_date), cast(sum(item_count) as bigint), cast(sum(size_bytes) as bigint), strftime(max(removed_at), '%Y-%m-%d')
		from meta.retention
		where cast(removed_at as date) = (select max(cast(removed_at as date)) from meta.retention)
		group by subject, rule order by subject`)
	if err != nil {
		return nil, "", err
	}
	defer rows.Close()
	for rows.Next() {
		var r Removal
		if err := rows.Scan(&r.Subject, &r.Rule, &r.CutOff, &r.Items, &r.Bytes, &on); err != nil {
			return nil, "", err
		}
		removals = append(removals, r)
	}
	return removals, on, rows.Err()
}

// A Noted removal is one that was made.
type Noted struct {
	RemovedAt time.Time `json:"removed_at"`
	RunID     int64     `json:"run_id,omitempty"` // 0 where a person asked for it
	Removal
}

// ReadRemovals gives all that was ever removed because its time was over, the oldest first. It takes no ownership; see ReadStatus.
func ReadRemovals(ctx context.Context, folder string) (all []Noted, err error) {
	db, err := openToRead(ctx, folder)
	if err != nil || db == nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if there, err := hasRetention(ctx, db); err != nil || !there {
		return nil, err
	}
	rows, err := db.QueryContext(ctx, `
		select removed_at, coalesce(run_id, 0), subject, rule, cut_off_date, item_count, size_bytes
		from meta.retention order by removed_at, subject`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var n Noted
		if err := rows.Scan(&n.RemovedAt, &n.RunID, &n.Subject, &n.Rule, &n.CutOff, &n.Items, &n.Bytes); err != nil {
			return nil, err
		}
		all = append(all, n)
	}
	return all, rows.Err()
}

// A querier is a connection, or several.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// hasRetention says whether a warehouse that is only read is of a format that knows of removals.
func hasRetention(ctx context.Context, db querier) (there bool, err error) {
	err = db.QueryRowContext(ctx, "select count(*) > 0 from duckdb_tables() where schema_name = 'meta' and table_name = 'retention'").Scan(&there)
	return there, err
}

// ReadInputRemovals says in words, by the hash of an input, when and by which rule it was removed from the archive; nothing where it
// was not. It takes no ownership; see ReadStatus.
func ReadInputRemovals(ctx context.Context, folder string, hashes []string) (removals map[string]string, err error) {
	removals = map[string]string{}
	if len(hashes) == 0 {
		return removals, nil
	}
	db, err := openToRead(ctx, folder)
	if err != nil || db == nil {
		return removals, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if there, err := hasRetention(ctx, db); err != nil || !there {
		return removals, err
	}
	for _, hash := range hashes {
		if _, asked := removals[hash]; asked {
			continue
		}
		var words string
		err := db.QueryRowContext(ctx, `
			select concat('on ', strftime(removed_at, '%Y-%m-%d'), ' by the rule ', rule)
			from meta.retention
			where subject = 'archive' and cut_off_date > (
				select cast(max(looked_at) as date) from meta.extracts
				where sha256 = ? and outcome not in ('same_hash', 'unchanged')
			)
			order by removed_at limit 1`, hash).Scan(&words)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return removals, err
		}
		removals[hash] = words
	}
	return removals, nil
}
