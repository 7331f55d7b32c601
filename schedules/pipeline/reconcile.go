package pipeline

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"text/template"

	"github.com/goldthread/goldthread/transforms"
	"github.com/goldthread/goldthread/warehouse"
	"github.com/goldthread/goldthread/warehouse/duckdb"
)

//go:embed reconcile.sql
var reconcileText string

var reconcileTemplate = template.Must(template.New("reconcile").Parse(reconcileText))

// reconcile compares the control totals from landing to core, and says whether they agree. It asks the rows themselves
// each time: a row that got lost between two runs changes no model's version.
func (r *run) reconcile(ctx context.Context) (agree bool, err error) {
	r.progress("reconciling")
	query, err := r.folder.reconciliation()
	if err != nil {
		return false, err
	}
	totals, err := r.warehouse.Reconcile(ctx, query)
	if err != nil {
		return false, err
	}
	r.result.Reconciliation = &totals
	for _, c := range totals.Differing {
		r.problem(Problem{What: c.String() + "; nothing was released. " + remedy(c)})
	}
	r.result.Notes = append(r.result.Notes, totals.NotCompared...)
	return len(totals.Differing) == 0, r.forget(ctx, totals.Differing)
}

// remedy says what to do about a total that differs.
func remedy(c warehouse.ControlTotal) string {
	if c.Kind == "measure" {
		return "Run again: its tables are then built anew, and if it still differs a model loses rows"
	}
	return "The warehouse's file was damaged or changed: put back a backup of the whole warehouse folder"
}

// reconciliation is the SELECT of all control totals.
func (f *Folder) reconciliation() (string, error) {
	type names struct{ Source, Dataset, Raw, Current string }
	page := struct {
		Datasets []names
		Landed   string
		NoStar   *unlike
	}{Landed: f.Models.LandedTotals(), NoStar: f.noStar()}
	for _, ds := range f.datasets {
		page.Datasets = append(page.Datasets, names{
			duckdb.Literal(ds.Source), duckdb.Literal(ds.Name), duckdb.Name("raw", ds.Table()), duckdb.Name("current", ds.Table()),
		})
	}
	var b strings.Builder
	if err := reconcileTemplate.Execute(&b, page); err != nil {
		return "", fmt.Errorf("writing the control totals: %w", err)
	}
	return b.String(), nil
}

const (
	placedObservations = "intermediate.int_observations_placed"
	facts              = "core.fct_observations"
)

// star is where observations become facts: the columns by which they are compared.
var star = []struct {
	model   string
	columns []string
}{
	{placedObservations, []string{"measure_code", "source_rows", "value", "numerator", "denominator"}},
	{facts, []string{"measure_key", "value", "numerator", "denominator"}},
	{"core.dim_measures", []string{"measure_key", "measure_code"}},
}

// An unlike is a model that does not hold what the program's own of that name holds.
type unlike struct {
	model string
	lacks []string
}

// noStar is the first model by which observations do not become facts as the program has it, or nil. Then only the data
// tests of the council's own model can tell whether a figure got lost, and the control totals must say so.
func (f *Folder) noStar() *unlike {
	for _, part := range star {
		m, made := f.Models.Model(part.model)
		if !made {
			return &unlike{part.model, part.columns}
		}
		described := map[string]bool{}
		for _, c := range m.Columns {
			described[c.Name] = true
		}
		lacks := slices.DeleteFunc(slices.Clone(part.columns), func(name string) bool { return described[name] })
		if len(lacks) > 0 {
			return &unlike{part.model, lacks}
		}
	}
	return nil
}

// Model is the model's name as a literal.
func (u *unlike) Model() string { return duckdb.Literal(u.model) }

// Why is a literal that says what is not compared, and why.
func (u *unlike) Why() string {
	return duckdb.Literal(fmt.Sprintf("not compared, as the council's own model has no %s; only its data tests can tell whether a figure got lost here",
		strings.Join(u.lacks, ", ")))
}

// forget makes the next run build the tables anew between which a measure's rows got lost, as if they had never been
// built: if the loss was in the file, that mends it, and if it is in a model, the totals differ again.
func (r *run) forget(ctx context.Context, differing []warehouse.ControlTotal) error {
	tables := map[string]bool{}
	for _, c := range differing {
		if c.Kind == "measure" {
			tables[transforms.ObservationsOf(c.Subject)] = true
			tables[transforms.Observations] = true
			tables[placedObservations] = true
			tables[facts] = true
		}
	}
	for name := range tables {
		if err := r.warehouse.ForgetModel(ctx, name); err != nil {
			return fmt.Errorf("forgetting %s: %w", name, err)
		}
	}
	return nil
}
