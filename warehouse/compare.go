package warehouse

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/goldthread/goldthread/warehouse/duckdb"
)

// A Move is a cell of a table that is otherwise than in a release. Old is nil where the row was not there or the cell was
// null, New likewise.
type Move struct {
	Table  string            `json:"table"`
	At     map[string]string `json:"at"` // what the row is about: the columns of the grain, and measure, organisation, area and period
	Column string            `json:"column"`
	Old    *string           `json:"old"`
	New    *string           `json:"new"`
}

// Moves lists the cells in which tables differ from a release of theirs. A table's Order is its grain, and Content tells
// that nothing of it differs. Provenance and moments of recording are no figures and are left out.
func (w *Warehouse) Moves(ctx context.Context, releases *Releases, audience string, tables []ReleaseTable) (moves []Move, err error) {
	manifest, err := releases.Manifest(0)
	if err != nil {
		return nil, err
	}
	path := releases.path(strconv.FormatInt(manifest.Release, 10), audience+".duckdb")
	if _, err := w.conn.ExecContext(ctx, "attach "+duckdb.Literal(path)+" as released (read_only)"); err != nil {
		return nil, err
	}
	defer func() {
		_, detach := w.conn.ExecContext(context.WithoutCancel(ctx), "detach released")
		err = errors.Join(err, detach)
	}()
	for _, t := range tables {
		if manifest.holds(audience, t) {
			continue
		}
		found, err := w.movesOf(ctx, t)
		if err != nil {
			return nil, fmt.Errorf("comparing %s.%s: %w", t.Schema, t.Name, err)
		}
		moves = append(moves, found...)
	}
	return moves, nil
}

func (m Manifest) holds(audience string, t ReleaseTable) bool {
	return slices.ContainsFunc(m.Tables, func(held ManifestTable) bool {
		return held.Audience == audience && held.Name == t.Schema+"."+t.Name && held.Content == t.Content
	})
}

// about are the columns that say what a figure is of, wherever a table has them.
var about = []string{"measure_code", "organisation_code", "area_code", "period_code"}

func (w *Warehouse) movesOf(ctx context.Context, t ReleaseTable) ([]Move, error) {
	c := comparison{ReleaseTable: t}
	err := w.conn.QueryRowContext(ctx, "select current_database()").Scan(&c.here)
	if err != nil {
		return nil, err
	}
	if err := c.readColumns(ctx, w.conn); err != nil {
		return nil, err
	}
	rows, err := w.conn.QueryContext(ctx, c.query())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var moves []Move
	for rows.Next() {
		move, err := c.scan(rows)
		if err != nil {
			return nil, err
		}
		moves = append(moves, move)
	}
	return moves, rows.Err()
}

// A comparison is of one table here with the same of a release, which is attached as "released".
type comparison struct {
	ReleaseTable
	here     string // name of the database
	names    []string
	old, new map[string]string // types of the columns
}

func (c *comparison) readColumns(ctx context.Context, conn *sql.Conn) error {
	c.old, c.new = map[string]string{}, map[string]string{}
	rows, err := conn.QueryContext(ctx, `
		select database_name = 'released', column_name, data_type
		from duckdb_columns()
		where database_name in ('released', ?) and schema_name = ? and table_name = ?
		order by database_name = 'released', column_index`, c.here, c.Schema, c.Name)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var released bool
		var name, kind string
		if err := rows.Scan(&released, &name, &kind); err != nil {
			return err
		}
		if released {
			c.old[name] = kind
		} else {
			c.new[name] = kind
		}
		if !slices.Contains(c.names, name) {
			c.names = append(c.names, name)
		}
	}
	for _, name := range c.Order {
		if c.old[name] == "" {
			c.old = map[string]string{}
		}
	}
	return rows.Err()
}

// at are the columns that say what a row is about.
func (c *comparison) at() []string {
	at := slices.Clone(c.Order)
	for _, name := range about {
		if slices.Contains(c.names, name) && !slices.Contains(at, name) {
			at = append(at, name)
		}
	}
	return at
}

// compared are the columns that may move.
func (c *comparison) compared() []string {
	return slices.DeleteFunc(slices.Clone(c.names), func(name string) bool {
		return slices.Contains(c.Order, name) || strings.HasPrefix(name, "_") || strings.HasPrefix(c.new[name]+c.old[name], "TIMESTAMP")
	})
}

// query gives the columns of at, then column, old and new value of each cell that differs.
func (c *comparison) query() string {
	var keys, cells, orders, on []string
	for _, name := range c.at() {
		keys = append(keys, fmt.Sprintf("coalesce(%s, %s) as %s", text("new", name, c.new), text("old", name, c.old), duckdb.Name(name)))
		orders = append(orders, duckdb.Name(name))
	}
	var before, after []string
	for i, name := range c.compared() {
		was, is := text("old", name, c.old), text("new", name, c.new)
		before, after = append(before, was), append(after, is)
		cells = append(cells, fmt.Sprintf("{'position': %d, 'name': %s, 'old': %s, 'new': %s}", i, duckdb.Literal(name), was, is))
	}
	for _, name := range c.Order {
		on = append(on, fmt.Sprintf("old.%[1]s is not distinct from new.%[1]s", duckdb.Name(name)))
	}
	return fmt.Sprintf(`
		select * exclude (cell), cell.name, cell.old, cell.new
		from (
			select %s, unnest([%s]) as cell
			from %s as old
			full join %s as new
				on %s
			where row(%s) is distinct from row(%s)
		)
		where cell.old is distinct from cell.new
		order by %s, cell.position`,
		strings.Join(keys, ", "), strings.Join(cells, ", "), c.released(), duckdb.Name(c.here, c.Schema, c.Name), strings.Join(on, " and "),
		strings.Join(before, ", "), strings.Join(after, ", "), strings.Join(orders, ", "))
}

// released is the table in the release. One that is not there, or has another grain, holds nothing to compare with.
func (c *comparison) released() string {
	if len(c.old) == 0 {
		return "(select * from " + duckdb.Name(c.here, c.Schema, c.Name) + " where false)"
	}
	return duckdb.Name("released", c.Schema, c.Name)
}

// text is a cell as people read it: a decimal without the noughts that end it.
func text(side, name string, types map[string]string) string {
	cell := side + "." + duckdb.Name(name)
	switch kind := types[name]; {
	case kind == "":
		return "null::varchar"
	case strings.HasPrefix(kind, "DECIMAL") && !strings.HasSuffix(kind, ",0)"):
		return "rtrim(rtrim(" + cell + "::varchar, '0'), '.')"
	}
	return cell + "::varchar"
}

func (c *comparison) scan(rows *sql.Rows) (Move, error) {
	at := c.at()
	texts := make([]*string, len(at)+3)
	into := make([]any, len(texts))
	for i := range texts {
		into[i] = &texts[i]
	}
	if err := rows.Scan(into...); err != nil {
		return Move{}, err
	}
	move := Move{Table: c.Schema + "." + c.Name, At: map[string]string{}, Column: *texts[len(at)], Old: texts[len(at)+1], New: texts[len(at)+2]}
	for i, name := range at {
		if texts[i] != nil {
			move.At[name] = *texts[i]
		}
	}
	return move, nil
}
