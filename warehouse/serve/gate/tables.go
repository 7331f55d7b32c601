package gate

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"github.com/goldthread/goldthread/internal/fault"
)

// A table as a statement names it, in small letters: the first two may be empty.
type table struct{ database, schema, name string }

//go:embed tables.sql
var tablesSQL string

// resolve looks every table up among those that there are, so that no name is left for the engine to take for a file or for
// a view of its own.
func (w *walk) resolve(ctx context.Context, conn *sql.Conn) ([]string, error) {
	if names, known := w.known(); known {
		return names, nil
	}
	held, err := w.gate.held(ctx, conn)
	if err != nil {
		return nil, err
	}
	var read []string
	for _, t := range w.reads {
		i := slices.IndexFunc(held, t.means)
		if i < 0 {
			return nil, missing(t, held)
		}
		read = append(read, held[i].schema+"."+held[i].name)
	}
	slices.Sort(read)
	return slices.Compact(read), nil
}

// known says whether all that is read is of the gate's own list, and gives the names.
func (w *walk) known() (names []string, known bool) {
	for _, t := range w.reads {
		i := slices.IndexFunc(w.gate.Tables, func(name string) bool {
			schema, table, _ := strings.Cut(name, ".")
			return t.name == table && (t.schema == "" || t.schema == schema)
		})
		if i < 0 {
			return nil, false
		}
		names = append(names, w.gate.Tables[i])
	}
	slices.Sort(names)
	return slices.Compact(names), true
}

// means says whether the name may be that of a table.
func (t table) means(held table) bool {
	return t.name == held.name && (t.schema == "" || t.schema == held.schema) && (t.database == "" || t.database == held.database)
}

// held lists the tables that the gate lets be read.
func (g Gate) held(ctx context.Context, conn *sql.Conn) ([]table, error) {
	rows, err := conn.QueryContext(ctx, tablesSQL)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var held []table
	for rows.Next() {
		var t table
		if err := rows.Scan(&t.database, &t.schema, &t.name); err != nil {
			return nil, err
		}
		if t = (table{lower(t.database), lower(t.schema), lower(t.name)}); g.mayRead(t.schema) {
			held = append(held, t)
		}
	}
	return held, rows.Err()
}

func missing(t table, held []table) *Refusal {
	names := make([]string, len(held))
	for i, h := range held {
		names[i] = h.schema + "." + h.name
	}
	name := t.name
	if t.schema != "" {
		name = t.schema + "." + name
	}
	r := &Refusal{SQLState: StateNoTable, What: fmt.Sprintf("there is no table %q in this release", name)}
	if near := fault.Nearest(name, names); near != "" {
		r.Fix = fmt.Sprintf("did you mean %s?", near)
	}
	return r
}
