package warehouse

import (
	"embed"
	"slices"
	"strings"
	"text/template"

	"github.com/goldthread/goldthread/warehouse/duckdb"
)

//go:embed statements/land.sql
var statementFiles embed.FS

var statementTemplates = template.Must(template.ParseFS(statementFiles, "statements/land.sql"))

// Statements fill in the SQL of statements/land.sql for one table.
type statements struct {
	Raw, Current, History string
	Columns               []namedColumn
	KeyText               string // the key's columns, for a sentence; empty where there is none
	KeyLiteral            string // the same as a SQL literal
	Whole                 bool   // a load is everything there is: what it lacks has vanished
	Vanished              bool   // it lacks something
	Changed               string // of a row beside the present one of its key: whether it is to be stored
	Landed                string // where this load's rows stand
}

type namedColumn struct {
	Name, Type string
	Key        bool
}

func newStatements(t Table) *statements {
	s := &statements{
		Raw:        duckdb.Name("raw", t.Name()),
		Current:    duckdb.Name("current", t.Name()),
		History:    duckdb.Name("history", t.Name()),
		Whole:      t.Mode == "snapshot",
		KeyText:    strings.ReplaceAll(strings.Join(t.Key, ", "), "'", "''"),
		KeyLiteral: duckdb.Literal(strings.Join(t.Key, ", ")),
	}
	for _, c := range t.Columns {
		s.Columns = append(s.Columns, namedColumn{duckdb.Name(c.Name), c.Type, slices.Contains(t.Key, c.Name)})
	}
	switch {
	case len(t.Key) == 0:
		s.Changed = "true"
	case t.Mode == "append":
		s.Changed = "present._key_hash is null"
	default:
		s.Changed = "batch._row_hash is distinct from present._row_hash"
	}
	return s
}

func (s statements) over(landed string) *statements {
	s.Landed = landed
	return &s
}

// text fills in one statement. The templates are ours, so one that cannot be filled in is our own bug.
func (s *statements) text(name string) string {
	var b strings.Builder
	if err := statementTemplates.ExecuteTemplate(&b, name, s); err != nil {
		panic(err)
	}
	return b.String()
}
