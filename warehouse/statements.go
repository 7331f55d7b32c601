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
	ByKey                 bool   // a row whose key is present is not to be stored, whatever it holds
	Known                 string // the hash by which a present row is known again
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
		ByKey:      t.Mode == "append" || len(t.Key) == 0,
		Known:      "_row_hash",
		KeyText:    strings.ReplaceAll(strings.Join(t.Key, ", "), "'", "''"),
		KeyLiteral: duckdb.Literal(strings.Join(t.Key, ", ")),
	}
	if len(t.Key) == 0 {
		s.Known = "_key_hash"
	}
	for _, c := range t.Columns {
		s.Columns = append(s.Columns, namedColumn{duckdb.Name(c.Name), c.Type, slices.Contains(t.Key, c.Name)})
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
