package transforms

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/goldthread/goldthread/internal/failpoint"
	"github.com/goldthread/goldthread/internal/fault"
)

// A Builder builds the models of a set in a warehouse.
type Builder struct {
	Conn  *sql.Conn
	State State
	// OnPeriods is called in the transaction that builds the table of a measure, before models that read
	// reference.periods: whoever keeps the periods adds those of the table. It may be nil.
	OnPeriods func(ctx context.Context, tx *sql.Tx, table string) error
	// Progress is told of each model as it is done. It may be nil.
	Progress func(ModelResult)
}

// Build builds each model whose SQL, macros or inputs are not those of its last build, and asks the tests whose answer
// may be another. A model that fails leaves its table as it was and those that read it unbuilt; the others go on, and
// the error tells of all. A failed test is no error: see Result.Red.
func (b *Builder) Build(ctx context.Context, set *Set) (Result, error) {
	run, err := b.begin(ctx, set)
	if err != nil {
		return Result{}, err
	}
	if err := run.createMacros(ctx); err != nil {
		return Result{}, err
	}
	made := run.views(ctx)
	for i, m := range set.Models {
		if err := ctx.Err(); err != nil {
			return run.result, err
		}
		result, done := made[m.Name]
		if !done {
			result = run.model(ctx, m)
		}
		run.add(result)
		if m.Measure != "" && (i+1 == len(set.Models) || set.Models[i+1].Measure == "") {
			run.settlePeriods(ctx)
		}
	}
	if len(run.faults) == 0 {
		if err := run.dropGone(ctx); err != nil {
			run.faults = append(run.faults, err)
		}
	}
	if err := run.tests(ctx); err != nil {
		run.faults = append(run.faults, err)
	}
	return run.result, fault.Join(run.faults...)
}

// A build is one run of a Builder.
type build struct {
	*Builder
	set    *Set
	tables map[string]TableState
	asked  map[string]TestState
	exists map[string]string // TABLE or VIEW, by name
	inputs map[string]string // versions asked for
	broken map[string]bool   // models that failed or were skipped
	number int64             // of this build
	within *sql.Tx           // the transaction of several models; nil where each has its own
	result Result
	faults []error
}

// begin reads what is remembered and what is there.
func (b *Builder) begin(ctx context.Context, set *Set) (*build, error) {
	run := &build{Builder: b, set: set, tables: map[string]TableState{}, asked: map[string]TestState{},
		exists: map[string]string{}, inputs: map[string]string{}, broken: map[string]bool{}}
	tables, err := b.State.Tables(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading what was built: %w", err)
	}
	for _, table := range tables {
		run.tables[table.Name] = table
		run.number = max(run.number, table.Build)
	}
	tests, err := b.State.Tests(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading what was tested: %w", err)
	}
	for _, test := range tests {
		run.asked[test.Table+"\x00"+test.Name] = test
		run.number = max(run.number, test.Build)
	}
	run.number++
	return run, run.look(ctx)
}

// look lists the tables and views that stand in the layers of models.
func (r *build) look(ctx context.Context) error {
	for kind, query := range map[string]string{
		"table": "select schema_name || '.' || table_name from duckdb_tables() where database_name = current_database()",
		"view":  "select schema_name || '.' || view_name from duckdb_views() where database_name = current_database() and not internal",
	} {
		names, err := queryTexts(ctx, r.Conn, query)
		if err != nil {
			return fmt.Errorf("listing what is built: %w", err)
		}
		for _, name := range names {
			r.exists[strings.ToLower(name)] = kind
		}
	}
	return nil
}

// add notes what became of a model.
func (r *build) add(result ModelResult) {
	if result.Outcome == Failed || result.Outcome == Skipped {
		r.broken[result.Name] = true
	}
	if result.Err != nil {
		r.faults = append(r.faults, result.Err)
	}
	r.result.Models = append(r.result.Models, result)
	if r.Progress != nil {
		r.Progress(result)
	}
}

// model builds m, if it must be.
func (r *build) model(ctx context.Context, m *Model) ModelResult {
	before := r.tables[m.Name]
	result := ModelResult{Name: m.Name, Outcome: Kept, Rows: before.Rows}
	if m.readsAny(r.broken) {
		result.Outcome = Skipped
		return result
	}
	version, err := m.version(r.set.macros, func(relation string) (string, error) { return r.content(ctx, relation) })
	if err != nil {
		result.Outcome, result.Err = Failed, err
		return result
	}
	began := time.Now()
	after := TableState{Name: m.Name, Version: version, CommentHash: hashOf(m.descriptions()), Build: r.number}
	switch {
	case before.Version != version || r.exists[m.Name] == "":
		err = r.transaction(ctx, func(tx *sql.Tx) error { return r.make(ctx, tx, m, &after) })
		result.Outcome, result.Rows = Built, after.Rows
		result.Changed = before.ContentHash != after.ContentHash
	case before.CommentHash != after.CommentHash:
		after.ContentHash, after.Rows, after.Build, after.Partitions = before.ContentHash, before.Rows, before.Build, before.Partitions
		err = r.transaction(ctx, func(tx *sql.Tx) error { return r.describe(ctx, tx, m, after) })
	default:
		return result
	}
	result.Duration = time.Since(began)
	if err != nil {
		result.Outcome, result.Err, result.Changed = Failed, err, false
		return result
	}
	r.tables[m.Name] = after
	if m.Measure != "" {
		delete(r.inputs, periodsRelation)
	}
	return result
}

// views builds the views of measures, of which there may be hundreds, in one transaction: they would take longer one by one
// than all that reads them. Where one of them fails none is built so, and each has its own turn.
func (r *build) views(ctx context.Context) map[string]ModelResult {
	before := maps.Clone(r.tables)
	made := map[string]ModelResult{}
	err := r.transaction(ctx, func(tx *sql.Tx) error {
		r.within = tx
		defer func() { r.within = nil }()
		for _, m := range r.set.Models {
			if m.Kind != View || m.pieceOf == "" || contains(m.Reads(), periodsRelation) {
				continue
			}
			result := r.model(ctx, m)
			if result.Err != nil {
				return result.Err
			}
			made[m.Name] = result
		}
		return nil
	})
	if err != nil {
		r.tables = before
		return nil
	}
	return made
}

// content is the version of a relation as its readers see it: what rows it holds, not how they were made.
func (r *build) content(ctx context.Context, relation string) (string, error) {
	if r.set.byName[relation] != nil {
		return r.tables[relation].ContentHash, nil
	}
	if version, ok := r.inputs[relation]; ok {
		return version, nil
	}
	version, err := r.State.InputVersion(ctx, relation)
	if err != nil {
		return "", fmt.Errorf("asking for the version of %s: %w", relation, err)
	}
	r.inputs[relation] = version
	return version, nil
}

// transaction does work in a transaction, which is given up where the work fails: in that of several models, if there is one.
func (r *build) transaction(ctx context.Context, work func(tx *sql.Tx) error) error {
	if r.within != nil {
		return work(r.within)
	}
	tx, err := r.Conn.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("beginning a transaction: %w", err)
	}
	defer tx.Rollback()
	if err := work(tx); err != nil {
		return err
	}
	failpoint.Hit("build.before_commit")
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("committing: %w", err)
	}
	failpoint.Hit("build.after_commit")
	return nil
}

// make builds the table or view, describes it and remembers it.
func (r *build) make(ctx context.Context, tx *sql.Tx, m *Model, state *TableState) error {
	if _, err := tx.ExecContext(ctx, "create schema if not exists "+quoteName(m.Schema())); err != nil {
		return fmt.Errorf("making schema %s: %w", m.Schema(), err)
	}
	err := r.write(ctx, tx, m, state)
	if err != nil {
		return engineFault(err, m.at)
	}
	if m.Measure != "" && r.OnPeriods != nil {
		if err := r.OnPeriods(ctx, tx, m.Name); err != nil {
			return fmt.Errorf("registering the periods of %s: %w", m.Name, err)
		}
	}
	return r.describe(ctx, tx, m, *state)
}

// write replaces the rows of a model and takes their fingerprint.
func (r *build) write(ctx context.Context, tx *sql.Tx, m *Model, state *TableState) error {
	if m.Kind == Partition && r.exists[m.Name] == "table" {
		done, err := r.rewrite(ctx, tx, m, state)
		if done || err != nil {
			return err
		}
	}
	kind := "table"
	if m.Kind == View {
		kind = "view"
	}
	if other := r.exists[m.Name]; other != "" && other != kind {
		if _, err := tx.ExecContext(ctx, fmt.Sprintf("drop %s %s", other, quoteName(m.Name))); err != nil {
			return err
		}
	}
	if kind == "view" && r.exists[m.Name] == kind && sameSQL(r.tables[m.Name].Version, state.Version) {
		return r.setView(ctx, tx, m, state)
	}
	parts, err := r.parts(ctx, tx, m)
	if err != nil {
		return err
	}
	for i, part := range parts {
		statement := fmt.Sprintf("create or replace %s %s as %s", kind, quoteName(m.Name), part)
		if i > 0 {
			statement = fmt.Sprintf("insert into %s %s", quoteName(m.Name), part)
		}
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	switch m.Kind {
	case View:
		return r.setView(ctx, tx, m, state)
	case Partition:
		return r.setPartitions(ctx, tx, m, state)
	}
	state.ContentHash, state.Rows, err = fingerprint(ctx, tx, m.Name)
	return err
}

// describe writes the model's words into the database and remembers the model.
func (r *build) describe(ctx context.Context, tx *sql.Tx, m *Model, state TableState) error {
	if _, err := tx.ExecContext(ctx, commentStatements(m)); err != nil {
		return fmt.Errorf("describing %s: %w", m.Name, err)
	}
	if err := r.State.SaveTable(ctx, tx, state); err != nil {
		return fmt.Errorf("remembering %s: %w", m.Name, err)
	}
	return nil
}

// createMacros makes the macros, where they are not those of the last build.
func (r *build) createMacros(ctx context.Context) error {
	texts := make([]string, len(r.set.Macros))
	for i, macro := range r.set.Macros {
		texts[i] = macro.text
	}
	version := hashOf(texts...)
	if r.tables[MacrosState].Version == version || len(texts) == 0 {
		return nil
	}
	return r.transaction(ctx, func(tx *sql.Tx) error {
		for _, macro := range r.set.Macros {
			if _, err := tx.ExecContext(ctx, macro.text); err != nil {
				return engineFault(err, func(int) string { return fmt.Sprintf("%s:%d", macro.File, macro.Line) })
			}
		}
		return r.State.SaveTable(ctx, tx, TableState{Name: MacrosState, Version: version})
	})
}

// dropGone drops the tables of models that are no longer in the set.
func (r *build) dropGone(ctx context.Context) error {
	for _, name := range sortedKeys(r.tables) {
		if r.set.byName[name] != nil || name == MacrosState {
			continue
		}
		err := r.transaction(ctx, func(tx *sql.Tx) error {
			if kind := r.exists[name]; kind != "" {
				if _, err := tx.ExecContext(ctx, fmt.Sprintf("drop %s %s", kind, quoteName(name))); err != nil {
					return err
				}
			}
			return r.State.DropTable(ctx, tx, name)
		})
		if err != nil {
			return fmt.Errorf("dropping %s, which no model makes any more: %w", name, err)
		}
		r.result.Dropped = append(r.result.Dropped, name)
	}
	return nil
}
