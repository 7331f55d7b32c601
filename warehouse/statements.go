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
	Raw, Current string
	Columns      []namedColumn
	KeyText      string // the key's columns, for a sentence
	KeyLiteral   string // the same as a SQL literal
	Join         string
	Changed      string
	Landed, Mine string // where this load's rows stand, and which they are
}

type namedColumn struct {
	Name, Type string
	Key        bool
}

func newStatements(t Table) *statements {
	s := &statements{
		Raw:        duckdb.Name("raw", t.Name()),
		Current:    duckdb.Name("current", t.Name()),
		KeyText:    strings.ReplaceAll(strings.Join(t.Key, ", "), "'", "''"),
		KeyLiteral: duckdb.Literal(strings.Join(t.Key, ", ")),
	}
	for _, c := range t.Columns {
		s.Columns = append(s.Columns, namedColumn{duckdb.Name(c.Name), c.Type, slices.Contains(t.Key, c.Name)})
	}
	switch t.Mode {
	case "snapshot":
		s.Join, s.Changed = "full outer", "landing._row_hash is distinct from present._row_hash"
	case "append":
		s.Join, s.Changed = "left", "present._key_hash is null"
	default:
		s.Join, s.Changed = "left", "landing._row_hash is distinct from present._row_hash"
	}
	return s
}

func (s statements) over(landed, mine string) *statements {
	s.Landed, s.Mine = landed, mine
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
