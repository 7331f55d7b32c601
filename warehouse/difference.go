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

	"github.com/goldthread/goldthread/warehouse/duckdb"
)

// A ComparePlan says which two releases are compared, and whose files of them.
type ComparePlan struct {
	From, To int64 // the current one where 0
	Audience string
	Limits   duckdb.Settings // memory, threads, time zone
}

// A Difference is how a release differs from another, as one audience sees them.
type Difference struct {
	From    ReleaseMade       `json:"from"`
	To      ReleaseMade       `json:"to"`
	Tables  []TableDifference `json:"tables"`  // those of core and marts in which a row differs
	Figures []FigureMove      `json:"figures"` // of marts.measure_trend
}

// A ReleaseMade says which release it is and when it was made.
type ReleaseMade struct {
	Release    int64     `json:"release"`
	ReleasedAt time.Time `json:"released_at"`
}

// A TableDifference counts the rows of a table by its grain. Where the grain itself is another, all rows count as removed and added.
type TableDifference struct {
	Table   string `json:"table"`
	Before  int64  `json:"rows_before"`
	After   int64  `json:"rows_after"`
	Added   int64  `json:"added"`
	Removed int64  `json:"removed"`
	Changed int64  `json:"changed"`
}

// A FigureMove is a figure that differs. What is nil was not there.
type FigureMove struct {
	MeasureCode string  `json:"measure_code"`
	MeasureName *string `json:"measure_name"`
	AreaCode    *string `json:"area_code"`
	PeriodCode  string  `json:"period_code"`
	PeriodLabel *string `json:"period_label"`
	Unit        *string `json:"unit"`

	ValueFrom  *string `json:"value_from"`
	ValueTo    *string `json:"value_to"`
	StatusFrom *string `json:"status_from"` // ok, provisional, estimated, or why there is no value
	StatusTo   *string `json:"status_to"`
	TargetFrom *string `json:"target_from"`
	TargetTo   *string `json:"target_to"`
	RAGFrom    *string `json:"rag_from"` // or why there is none
	RAGTo      *string `json:"rag_to"`
}

// CompareReleases says how one release differs from another. It reads their files in an engine of its own, which is shut off from
// every other file; no run is disturbed.
func CompareReleases(ctx context.Context, releases *Releases, plan ComparePlan) (d Difference, err error) {
	err = releases.beside(ctx, plan, func(conn *sql.Conn, from, to comparedRelease) (err error) {
		d.From, d.To = from.made(), to.made()
		if d.Tables, err = differingTables(ctx, conn, from, to); err != nil {
			return err
		}
		d.Figures, err = movedFigures(ctx, conn)
		return err
	})
	return d, err
}

// CompareFigures gives the figures alone, which takes a small part of the time and memory of counting rows.
func CompareFigures(ctx context.Context, releases *Releases, plan ComparePlan) (moves []FigureMove, err error) {
	err = releases.beside(ctx, plan, func(conn *sql.Conn, _, _ comparedRelease) (err error) {
		moves, err = movedFigures(ctx, conn)
		return err
	})
	return moves, err
}

// beside opens two releases beside each other, as the databases released and following.
func (r *Releases) beside(ctx context.Context, plan ComparePlan, compare func(conn *sql.Conn, from, to comparedRelease) error) (err error) {
	from, to, err := r.both(plan)
	if err != nil {
		return err
	}
	limits := plan.Limits
	limits.NoFilesystem = true
	db, err := duckdb.OpenShared(ctx, limits, from.attach("released"), to.attach("following"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	return compare(conn, from, to)
}

// A comparedRelease is one of the two, as an audience has it.
type comparedRelease struct {
	Manifest
	audience, path string
}

func (r *Releases) both(plan ComparePlan) (from, to comparedRelease, err error) {
	if from, err = r.compared(plan.From, plan.Audience); err == nil {
		to, err = r.compared(plan.To, plan.Audience)
	}
	return from, to, err
}

func (r *Releases) compared(number int64, audience string) (c comparedRelease, err error) {
	c.audience = audience
	if c.Manifest, err = r.Manifest(number); err == nil {
		c.path, err = r.file(c.Release, audience)
	}
	return c, err
}

func (c comparedRelease) attach(name string) string {
	return fmt.Sprintf("attach %s as %s (read_only)", duckdb.Literal(c.path), duckdb.Name(name))
}

func (c comparedRelease) made() ReleaseMade { return ReleaseMade{c.Release, c.ReleasedAt} }

// tables are those that readers model on and open, by name.
func (c comparedRelease) tables() map[string]ManifestTable {
	tables := map[string]ManifestTable{}
	for _, t := range c.Tables {
		if t.Audience == c.audience && !strings.HasPrefix(t.Name, "meta.") {
			tables[t.Name] = t
		}
	}
	return tables
}

func differingTables(ctx context.Context, conn *sql.Conn, from, to comparedRelease) ([]TableDifference, error) {
	before, after := from.tables(), to.tables()
	grains, err := grainsOf(ctx, conn)
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for _, tables := range []map[string]ManifestTable{before, after} {
		for name := range tables {
			names[name] = true
		}
	}
	all := []TableDifference{}
	for name := range names {
		if before[name].Content == after[name].Content {
			continue
		}
		schema, table, _ := strings.Cut(name, ".")
		one := TableDifference{Table: name, Before: before[name].Rows, After: after[name].Rows}
		c := comparison{ReleaseTable: ReleaseTable{Schema: schema, Name: table, Order: grains[name]}, here: "following"}
		if err := one.count(ctx, conn, &c); err != nil {
			return nil, fmt.Errorf("comparing %s: %w", name, err)
		}
		if one.Added+one.Removed+one.Changed > 0 {
			all = append(all, one)
		}
	}
	slices.SortFunc(all, func(a, b TableDifference) int { return strings.Compare(a.Table, b.Table) })
	return all, nil
}

// grainsOf are the columns that tell the rows of each table of the later release apart, as it says itself; none where its audience
// does not see that.
func grainsOf(ctx context.Context, conn *sql.Conn) (map[string][]string, error) {
	grains := map[string][]string{}
	var there bool
	err := conn.QueryRowContext(ctx, `
		select count(*) > 0
		from duckdb_tables()
		where database_name = 'following' and schema_name = 'meta' and table_name = 'model_keys'`).Scan(&there)
	if err != nil || !there {
		return grains, err
	}
	rows, err := conn.QueryContext(ctx, "select model, unnest(columns) from following.meta.model_keys where kind = 'grain'")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var model, column string
		if err := rows.Scan(&model, &column); err != nil {
			return nil, err
		}
		grains[model] = append(grains[model], column)
	}
	return grains, rows.Err()
}

// count counts the rows that differ.
func (d *TableDifference) count(ctx context.Context, conn *sql.Conn, c *comparison) error {
	if err := c.readColumns(ctx, conn); err != nil {
		return err
	}
	lacks := func(name string) bool { return c.old[name] == "" || c.new[name] == "" }
	if len(c.Order) == 0 || slices.ContainsFunc(c.Order, lacks) {
		d.Added, d.Removed = d.After, d.Before
		return nil
	}
	return conn.QueryRowContext(ctx, c.counting()).Scan(&d.Added, &d.Removed, &d.Changed)
}

// counting counts the rows that only the one side has, that only the other has, and that both have otherwise.
func (c *comparison) counting() string {
	var on, before, after []string
	for _, name := range c.Order {
		on = append(on, fmt.Sprintf("old.%[1]s is not distinct from new.%[1]s", duckdb.Name(name)))
	}
	for _, name := range c.compared() {
		before, after = append(before, text("old", name, c.old)), append(after, text("new", name, c.new))
	}
	return fmt.Sprintf(`
		select
			count(*) filter (old._there is null),
			count(*) filter (new._there is null),
			count(*) filter (old._there and new._there and row(%s) is distinct from row(%s))
		from (select *, true as _there from %s) as old
		full join (select *, true as _there from %s) as new
			on %s`,
		strings.Join(append(before, "1"), ", "), strings.Join(append(after, "1"), ", "),
		c.released(), duckdb.Name(c.here, c.Schema, c.Name), strings.Join(on, " and "))
}

//go:embed statements/difference.sql
var differenceSQL string

// figureColumns are those of marts.measure_trend by which figures are compared; a council's own model may lack some.
var figureColumns = []string{
	"measure_code", "measure_name", "area_code", "period_code", "period_label", "unit", "value", "value_status", "target", "rag",
	"rag_reason", "end_date",
}

func movedFigures(ctx context.Context, conn *sql.Conn) ([]FigureMove, error) {
	c := comparison{ReleaseTable: ReleaseTable{Schema: "marts", Name: "measure_trend"}, here: "following"}
	if err := c.readColumns(ctx, conn); err != nil {
		return nil, err
	}
	for _, needed := range []string{"measure_code", "period_code", "value"} {
		if c.old[needed] == "" || c.new[needed] == "" {
			return []FigureMove{}, nil
		}
	}
	for _, view := range []string{c.figures("earlier", "released", c.old), c.figures("later", "following", c.new)} {
		if _, err := conn.ExecContext(ctx, view); err != nil {
			return nil, err
		}
	}
	rows, err := conn.QueryContext(ctx, differenceSQL)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	moves := []FigureMove{}
	for rows.Next() {
		var m FigureMove
		err := rows.Scan(&m.MeasureCode, &m.MeasureName, &m.AreaCode, &m.PeriodCode, &m.PeriodLabel, &m.Unit, &m.ValueFrom, &m.ValueTo,
			&m.StatusFrom, &m.StatusTo, &m.TargetFrom, &m.TargetTo, &m.RAGFrom, &m.RAGTo)
		if err != nil {
			return nil, err
		}
		moves = append(moves, m)
	}
	return moves, rows.Err()
}

// figures is the statement that shows the figures of one of the two releases, as people read them.
func (c *comparison) figures(view, database string, types map[string]string) string {
	var cells []string
	for _, name := range figureColumns {
		cells = append(cells, text("trend", name, types)+" as "+duckdb.Name(name))
	}
	return fmt.Sprintf("create temp view %s as select %s from %s as trend",
		duckdb.Name(view), strings.Join(cells, ", "), duckdb.Name(database, c.Schema, c.Name))
}
