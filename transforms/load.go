package transforms

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/internal/measures"
)

// A Folder is a tree of models: staging, intermediate, core and marts, with macros.sql beside them.
type Folder struct {
	FS   fs.FS
	Path string // what a person calls the folder; faults begin with it
}

func (f Folder) path(name string) string { return path.Join(f.Path, name) }

// A Relation is a table that models read and do not make.
type Relation struct {
	Name        string // schema.table
	Description string
	Columns     []Column
	Key         []string // of a dataset: columns that no two of its present rows share
}

func (r Relation) names() []string {
	names := make([]string, len(r.Columns))
	for i, column := range r.Columns {
		names[i] = column.Name
	}
	return names
}

func (r Relation) column(name string) (Column, bool) {
	for _, column := range r.Columns {
		if strings.EqualFold(column.Name, name) {
			return column, true
		}
	}
	return Column{}, false
}

// A Set is models that fit together, in the order in which they are built.
type Set struct {
	Models []*Model
	Macros []*Macro

	byName   map[string]*Model
	macros   map[string]*Macro
	cases    []Case
	inputs   string // the SQL that makes the relations the program fills
	datasets []Relation
	outside  []Relation // the tables of the datasets
	measures []*measures.Measure
}

// Model gives the model of that name, schema.table.
func (s *Set) Model(name string) (*Model, bool) {
	m, ok := s.byName[strings.ToLower(name)]
	return m, ok
}

// Replaced are the models of the council that stand in the place of ours.
func (s *Set) Replaced() []*Model {
	var replaced []*Model
	for _, m := range s.Models {
		if m.Replaces != "" {
			replaced = append(replaced, m)
		}
	}
	return replaced
}

// Options say what a set is made of.
type Options struct {
	// Ours are the models of the program; Models() gives them.
	Ours Folder
	// Council are the models of a council. One with the name of ours replaces it. The FS may be nil.
	Council Folder
	// Datasets are what the sources land, named source.dataset.
	Datasets []Relation
	// Measures are those of the handbook; each becomes models of its own.
	Measures []*measures.Measure
}

// Load reads the models, orders them and binds each to the columns of what it reads, on an empty database. It gives
// every fault at once; the set is of use only where there is none.
func Load(ctx context.Context, o Options) (*Set, error) {
	s := &Set{byName: map[string]*Model{}, macros: map[string]*Macro{}, measures: o.Measures}
	err := fault.Join(s.readFolder(o.Ours, true), s.readFolder(o.Council, false))
	if err != nil {
		return s, err
	}
	s.datasets = o.Datasets
	for _, dataset := range s.datasets {
		s.outside = append(s.outside, landedRelations(dataset)...)
	}
	if err := s.checkCases(); err != nil {
		return s, err
	}
	s.Macros = sortMacros(s.macros)
	l, _, err := s.openLab(ctx)
	if err != nil {
		return s, err
	}
	l.Close()
	return s, nil
}

// readFolder reads all models, cases and macros below a folder.
func (s *Set) readFolder(folder Folder, ours bool) error {
	if folder.FS == nil {
		return nil
	}
	faults := []error{readMacros(folder, s.macros)}
	err := fs.WalkDir(folder.FS, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist) && name == ".":
			return nil
		case err != nil:
			return fmt.Errorf("reading %s: %w", folder.path(name), err)
		case entry.IsDir():
			return nil
		}
		faults = append(faults, s.readFile(folder, name, ours))
		return nil
	})
	return fault.Join(append(faults, err)...)
}

// readFile reads one file of a folder, whatever it holds.
func (s *Set) readFile(folder Folder, name string, ours bool) error {
	kind := path.Ext(name)
	if name == MacroFile || kind != ".sql" && kind != ".txtar" {
		return nil
	}
	data, err := fs.ReadFile(folder.FS, name)
	if err != nil {
		return fmt.Errorf("reading %s: %w", folder.path(name), err)
	}
	if name == inputsFile && ours {
		s.inputs = string(data)
		return nil
	}
	model := ""
	if name != macroCases {
		if model, err = modelName(folder, name); err != nil {
			return err
		}
	}
	if kind == ".sql" {
		return s.addModel(model, folder.path(name), string(data), ours)
	}
	cases, err := parseCases(folder.path(name), model, data)
	s.cases = append(s.cases, cases...)
	return err
}

// checkCases tells of cases that are about no model.
func (s *Set) checkCases() error {
	var faults []error
	told := map[string]bool{}
	for _, c := range s.cases {
		if c.Model == "" || s.byName[c.Model] != nil || told[c.File] {
			continue
		}
		told[c.File] = true
		faults = append(faults, &fault.Error{Where: c.File + ":1", What: fmt.Sprintf("these are cases of %s, which is no model", c.Model),
			Fix: fault.DidYouMean(c.Model, "models", near(c.Model, sortedKeys(s.byName)))})
	}
	return fault.Join(faults...)
}

// addModel reads a model and puts it in the set, in the place of ours where a council writes one of the same name.
func (s *Set) addModel(name, file, text string, ours bool) error {
	m, err := parseModel(name, file, text)
	m.ours = ours
	if before, ok := s.byName[name]; ok {
		m.Replaces = before.File
		s.dropCases(name)
	}
	s.byName[name] = m
	return err
}

// dropCases forgets the cases of a model of ours that a council replaces.
func (s *Set) dropCases(model string) {
	kept := s.cases[:0]
	for _, c := range s.cases {
		if c.Model != model {
			kept = append(kept, c)
		}
	}
	s.cases = kept
}

// modelName is the name of the model that a file holds, or holds the cases of: its folder is the schema.
func modelName(folder Folder, name string) (string, error) {
	schema, table := path.Split(strings.TrimSuffix(strings.TrimSuffix(name, ".sql"), ".txtar"))
	schema = strings.TrimSuffix(schema, "/")
	if !contains(modelSchemas(), schema) {
		return "", &fault.Error{Where: folder.path(name), What: "the file stands in no layer",
			Fix: "move it into one of the folders staging, intermediate, core, marts: the folder is the table's schema"}
	}
	return strings.ToLower(schema + "." + table), nil
}

// landedRelations are the tables of a dataset: every version of its rows, the newest, and those that are no longer.
func landedRelations(dataset Relation) []Relation {
	table := strings.Replace(dataset.Name, ".", "__", 1)
	with := func(schema string, more ...Column) Relation {
		return Relation{Name: schema + "." + table, Description: dataset.Description, Columns: append(dataset.Columns[:len(dataset.Columns):len(dataset.Columns)], more...)}
	}
	provenance := []Column{{Name: "_load_id", Type: "bigint"}, {Name: "_extract_id", Type: "bigint"}, {Name: "_row", Type: "bigint"},
		{Name: "_key_hash", Type: "uuid"}, {Name: "_row_hash", Type: "uuid"}}
	deleted := Column{Name: "_is_deleted", Type: "boolean"}
	return []Relation{
		with("raw", append(provenance[:len(provenance):len(provenance)], deleted)...),
		with("current", provenance...),
		with("history", append(provenance[:len(provenance):len(provenance)], deleted)...),
	}
}
