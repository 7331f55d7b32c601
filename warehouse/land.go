package warehouse

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/goldthread/goldthread/internal/failpoint"
	"github.com/goldthread/goldthread/warehouse/duckdb"
)

// A Column is one column of a raw table, by its type in the engine.
type Column struct {
	Name    string
	Type    string
	Comment string
}

// A Table says what a dataset's rows look like and what a load of it means.
type Table struct {
	Source, Dataset string
	Mode            string // snapshot, increment or append
	Key             []string
	Columns         []Column
	Periods         []string // the columns that hold period codes
}

// Name is the table's name in the schemas raw and current.
func (t Table) Name() string { return t.Source + "__" + t.Dataset }

// Counts account for the rows of a load: Read = Stored + Unchanged + Quarantined + Blank. Deleted counts tombstones.
type Counts struct {
	Read, Stored, Unchanged, Deleted, Quarantined, Blank int64
}

// A Rejected is a row that was set aside before it reached the warehouse.
type Rejected struct {
	ExtractID int64
	Row       int64
	Column    string
	Text      string
	Reason    string
}

// Rest is what is known of a load only once its rows have been read to the end.
type Rest struct {
	Read        int64 // rows yielded, rejected and blank together
	Blank       int64
	Rejected    iter.Seq2[Rejected, error]
	Extracts    []Extract
	Cursor      string
	PublishedAt time.Time // the edition; zero where there is none
	Whole       bool      // the load is everything there is, whatever the table's mode: what it lacks has vanished
}

// An Arrival is one load on its way in.
type Arrival struct {
	RunID int64
	Table Table
	// Rows has the table's columns, then _extract_id, _row, _key_hash and _row_hash.
	Rows array.RecordReader
	// Rest is called once, after Rows was read to its end without an error.
	Rest func() (Rest, error)
}

// A Stored is a load that was acknowledged.
type Stored struct {
	LoadID int64
	Counts
}

// Land stores a load whole or not at all: rows, tombstones, quarantined rows, ledger and cursor in one transaction, then a
// checkpoint, then the journal. When it returns without an error the load survives whatever happens next.
func (w *Warehouse) Land(ctx context.Context, a Arrival) (Stored, error) {
	return w.land(ctx, &landing{w: w, arrival: a, id: w.lastLoad + 1, statements: newStatements(a.Table)})
}

func (w *Warehouse) land(ctx context.Context, l *landing) (Stored, error) {
	whatever := context.WithoutCancel(ctx)
	if err := w.inTransaction(ctx, func() error { return errors.Join(l.store(ctx), l.letGo()) }); err != nil {
		return Stored{}, errors.Join(err, l.leaveEngine(whatever), l.dropTemporary(whatever))
	}
	w.lastLoad = l.id
	failpoint.Hit("load.after_commit")
	w.prepared[l.arrival.Table.Name()] = slices.Clone(l.arrival.Table.Columns)
	if err := l.checkpoint(ctx); err != nil {
		return Stored{}, fmt.Errorf("writing the load into the file: %w", err)
	}
	failpoint.Hit("load.after_checkpoint")
	if err := w.journal.note(l.entry()); err != nil {
		return Stored{}, fmt.Errorf("noting the load in the journal: %w", err)
	}
	return Stored{LoadID: l.id, Counts: l.counts}, nil
}

// A landing is one load being stored.
type landing struct {
	w          *Warehouse
	arrival    Arrival
	statements *statements
	id         int64
	few, most  int64   // rows without, and rows on, a roll; as the constants and the memory say where they are nought
	sifter     *sifter // nil where nothing is present yet
	many       bool    // rows came, and something is present
	counts     Counts
	current    int64
}

func (l *landing) store(ctx context.Context) error {
	failpoint.Hit("load.begun")
	if err := l.w.prepareTables(ctx, l.arrival.Table); err != nil {
		return err
	}
	failpoint.Hit("load.before_rows")
	if err := l.storeRows(ctx); err != nil {
		return err
	}
	failpoint.Hit("load.after_rows")
	rest, err := l.arrival.Rest()
	if err != nil {
		return err
	}
	if err := l.storeRest(ctx, rest); err != nil {
		return fmt.Errorf("writing the ledger: %w", err)
	}
	failpoint.Hit("load.after_ledger")
	if err := l.w.registerPeriods(ctx, l.periodQuery()); err != nil {
		return err
	}
	if err := errors.Join(l.dropTemporary(ctx), l.writeAtCommit(ctx)); err != nil {
		return err
	}
	failpoint.Hit("load.before_commit")
	return nil
}

// storeRows takes the rows in. Where none is present yet they go into current as they come. Otherwise those that
// changed nothing are sifted out first, and the rest is staged: rows that come can be read only once, and what repeats a key
// must not be stored.
func (l *landing) storeRows(ctx context.Context) error {
	var present bool
	if err := l.query(ctx, fmt.Sprintf("select exists (select 1 from %s)", l.statements.Current), &present); err != nil {
		return err
	}
	if !present {
		return l.insertFirst(ctx)
	}
	return l.sift(ctx)
}

func (l *landing) insertFirst(ctx context.Context) error {
	if err := l.w.lessenMemory(ctx, quartersToInsert); err != nil {
		return err
	}
	var mayRepeat bool
	watch := &keyWatch{RecordReader: l.arrival.Rows, keys: &keySet{folder: l.w.TempFolder()}}
	err := duckdb.WithView(l.w.conn, watch, "batch", func() error { return l.exec(ctx, l.statements.text("insert first"), l.id) })
	if err == nil {
		mayRepeat, err = watch.keys.mayRepeat()
	}
	if err := errors.Join(err, watch.keys.close()); err != nil || !mayRepeat {
		return err
	}
	return l.settleRepeats(ctx, l.statements.over(l.statements.Current))
}

// storeRest writes what goes with the rows, and makes sure that every row is accounted for.
func (l *landing) storeRest(ctx context.Context, rest Rest) error {
	if err := l.storeRejected(rest.Rejected); err != nil {
		return err
	}
	if err := l.w.noteExtracts(ctx, l.arrival.RunID, l.id, l.arrival.Table, rest.Extracts); err != nil {
		return err
	}
	l.statements.Whole = l.statements.Whole || rest.Whole
	if err := l.updateCurrent(ctx, rest.PublishedAt); err != nil {
		return err
	}
	counting := fmt.Sprintf(`
		select count(*) filter (not _is_deleted), count(*) filter (_is_deleted), (select count(*) from %s)
		from %s where _load_id = ?`, l.statements.Current, l.statements.Raw)
	err := l.w.conn.QueryRowContext(ctx, counting, l.id).Scan(&l.counts.Stored, &l.counts.Deleted, &l.current)
	if err != nil {
		return err
	}
	l.counts.Read, l.counts.Blank = rest.Read, rest.Blank
	l.counts.Unchanged = rest.Read - l.counts.Stored - l.counts.Quarantined - rest.Blank
	if l.counts.Unchanged < 0 {
		return fmt.Errorf("load %d of %s does not add up: %+v", l.id, l.arrival.Table.Name(), l.counts)
	}
	failpoint.Hit("load.before_ledger")
	return l.noteLoad(ctx, rest)
}

func (l *landing) storeRejected(rejected iter.Seq2[Rejected, error]) error {
	if rejected == nil {
		return nil
	}
	return duckdb.Append(l.w.conn, "meta", "quarantine", func(add func(...driver.Value) error) error {
		for r, err := range rejected {
			if err != nil {
				return err
			}
			l.counts.Quarantined++
			if err := add(l.id, r.ExtractID, r.Row, orNull(r.Column), r.Text, r.Reason); err != nil {
				return err
			}
		}
		return nil
	})
}

// updateCurrent moves what was replaced or vanished from current into history, and what is new into current.
func (l *landing) updateCurrent(ctx context.Context, publishedAt time.Time) error {
	if l.sifter == nil {
		return nil
	}
	if err := l.settle(ctx); err != nil {
		return err
	}
	if err := l.exec(ctx, l.statements.text("find changes"), dateOrNull(publishedAt)); err != nil {
		return err
	}
	if err := l.leaveTheKnown(ctx); err != nil {
		return err
	}
	for _, step := range []struct {
		statement string
		args      []any
	}{
		{"keep the replaced", nil},
		{"insert tombstones", []any{l.id}},
		{"remove the replaced", nil},
		{"insert changes", []any{l.id}},
		{"insert older", []any{l.id}},
	} {
		if err := l.exec(ctx, l.statements.text(step.statement), step.args...); err != nil {
			return fmt.Errorf("%s: %w", step.statement, err)
		}
	}
	return nil
}

// leaveTheKnown takes back the changes that are none because these very deliveries landed before, as when everything is read
// again: what they said has been replaced since.
func (l *landing) leaveTheKnown(ctx context.Context) error {
	var before sql.NullInt64
	if err := l.w.conn.QueryRowContext(ctx, l.statements.text("landed before"), l.id).Scan(&before); err != nil || !before.Valid {
		return err
	}
	if err := l.exec(ctx, l.statements.text("leave what was replaced"), before.Int64); err != nil {
		return err
	}
	return l.exec(ctx, l.statements.text("leave what came later"), before.Int64)
}

func (l *landing) noteLoad(ctx context.Context, rest Rest) error {
	now := l.w.options.Now()
	c := l.counts
	return l.exec(ctx, "insert into meta.loads values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		l.id, l.arrival.RunID, l.arrival.Table.Source, l.arrival.Table.Dataset, l.arrival.Table.Mode,
		now.UTC(), localDate(now, l.w.options.Location), dateOrNull(rest.PublishedAt),
		c.Read, c.Stored, c.Unchanged, c.Deleted, c.Quarantined, c.Blank, l.current, orNull(rest.Cursor))
}

func (l *landing) entry() entry {
	c := l.counts
	return entry{
		LoadID: l.id, Source: l.arrival.Table.Source, Dataset: l.arrival.Table.Dataset,
		Read: c.Read, Stored: c.Stored, Unchanged: c.Unchanged, Deleted: c.Deleted, Quarantined: c.Quarantined,
		Blank: c.Blank, Current: l.current,
	}
}

// periodQuery selects the period codes that the load brought, or is empty where the table has no such column.
func (l *landing) periodQuery() string {
	var parts []string
	for _, column := range l.arrival.Table.Periods {
		parts = append(parts, fmt.Sprintf("select %s as period_code from %s where _load_id = %d",
			duckdb.Name(column), l.statements.Raw, l.id))
	}
	return strings.Join(parts, " union ")
}

func (l *landing) letGo() error {
	if l.sifter == nil {
		return nil
	}
	return l.sifter.close()
}

func (l *landing) dropTemporary(ctx context.Context) error {
	return l.exec(ctx, `
		drop table if exists vanished;
		drop table if exists landing;
		drop table if exists repeated_keys;
		drop table if exists repeats;
		drop table if exists changes`)
}

func (l *landing) exec(ctx context.Context, statement string, args ...any) error {
	_, err := l.w.conn.ExecContext(ctx, statement, args...)
	return err
}

func (l *landing) query(ctx context.Context, statement string, into any) error {
	return l.w.conn.QueryRowContext(ctx, statement).Scan(into)
}

func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// localDate is the day of a moment where the council is, as the midnight in UTC that the engine takes for a date.
func localDate(moment time.Time, where *time.Location) time.Time {
	y, m, d := moment.In(where).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

func dateOrNull(day time.Time) any {
	if day.IsZero() {
		return nil
	}
	return day
}
