// Package transforms reads SQL models, orders them by what they read, builds the ones whose inputs changed and tests
// them.
//
// A model is one SELECT in one file under a comment header. What it reads is taken from its SQL. The package opens no
// warehouse: it is handed a connection to build in and a State that remembers what was built.
package transforms

import (
	"fmt"
	"strings"

	"github.com/goldthread/goldthread/internal/fault"
)

// A Kind is how a model is kept.
type Kind string

// The kinds of model. The rows of a partition, those with one value of a column, are made from the rows of the same
// partition of whatever else is partitioned; so only the partitions that changed are made again.
const (
	Table     Kind = "table"
	View      Kind = "view"
	Partition Kind = "partition"
)

// A Column is a column of a model or of a relation that models read.
type Column struct {
	Name        string
	Type        string // of the engine; empty in a header
	Description string
}

// A Model is one table or view, and the SELECT that makes it.
type Model struct {
	Name        string // schema.table
	Description string // what a row is
	Kind        Kind
	PartitionBy string
	Grain       []string
	Columns     []Column // in the order of the header
	Tests       []Test
	File        string // as a person finds it
	SQLFile     string // of a measure that has SQL of its own
	Replaces    string // the file of ours in whose place it stands
	Measure     string // the code of the measure it was written from

	sql         string // the SELECT, padded so that its lines have their numbers in File
	text        string // the SELECT alone, without comment before it: what a version is made of
	reads       []mention
	functions   []mention
	macros      []string // used, through other macros too
	ours        bool
	unversioned map[string]bool // relations read whose rows never change once they are there
	pieceOf     string          // of a piece of a union: the measure in all its rows
	pieces      []piece         // of a union written by the program: the tables it joins
	landed      string          // of a measure: the SELECT of what its source rows come to
	where       func(line int) string
	whereSet    func(key string) string // the line of a setting of the header
}

// Schema is the layer the model belongs to.
func (m *Model) Schema() string { schema, _, _ := strings.Cut(m.Name, "."); return schema }

// Ours says whether the model comes with the program; those of measures and of the council's models do not.
func (m *Model) Ours() bool { return m.ours }

// SQL is the SELECT as it runs.
func (m *Model) SQL() string { return strings.TrimSpace(m.sql) }

// Reads are the relations the model reads, sorted, each once.
func (m *Model) Reads() []string {
	seen := map[string]bool{}
	for _, use := range m.reads {
		seen[use.Name] = true
	}
	return sortedKeys(seen)
}

// Of says whether the model can stand as a view where there is nothing but some relations, not even the macros.
func (m *Model) Of(relations []string) bool {
	for _, name := range m.Reads() {
		if !contains(relations, name) {
			return false
		}
	}
	return len(m.macros) == 0
}

// fault is a fault of the model at a line of its file; 0 is the file as a whole.
func (m *Model) fault(line int, what, fix string) error {
	return &fault.Error{Where: m.at(line), What: what, Fix: fix}
}

func (m *Model) at(line int) string {
	if m.where != nil {
		return m.where(line)
	}
	return fmt.Sprintf("%s:%d", m.File, max(line, 1))
}

// setting is the place of a setting of the header.
func (m *Model) setting(key string) string {
	if m.whereSet != nil {
		return m.whereSet(key)
	}
	return m.at(0)
}

// columnNames are the names the header describes.
func (m *Model) columnNames() []string {
	names := make([]string, len(m.Columns))
	for i, column := range m.Columns {
		names[i] = column.Name
	}
	return names
}

// layers are the schemas a row passes, left to right. Those before staging have no models.
var layers = map[string]int{
	"raw": 0, "current": 0, "history": 0, "handbook": 0, "reference": 0, "meta": 0,
	"staging": 1, "intermediate": 2, "core": 3, "marts": 4,
}

// modelSchemas are the layers that models make.
func modelSchemas() []string { return []string{"staging", "intermediate", "core", "marts"} }
