package pipeline

import (
	"context"
	_ "embed"
	"fmt"
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
		r.problem(Problem{What: c.String() + "; nothing was released"})
	}
	return len(totals.Differing) == 0, r.forget(ctx, totals.Differing)
}

// reconciliation is the SELECT of all control totals.
func (f *Folder) reconciliation() (string, error) {
	type names struct{ Source, Dataset, Raw, Current string }
	page := struct {
		Datasets []names
		Landed   string
	}{Landed: f.Models.LandedTotals()}
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

// forget makes the next run build the tables anew between which a measure's rows got lost, as if they had never been
// built: if the loss was in the file, that mends it, and if it is in a model, the totals differ again.
func (r *run) forget(ctx context.Context, differing []warehouse.ControlTotal) error {
	tables := map[string]bool{}
	for _, c := range differing {
		if c.Kind == "measure" {
			tables[transforms.ObservationsOf(c.Subject)] = true
			tables[transforms.Observations] = true
			tables["intermediate.int_observations_placed"] = true
			tables["core.fct_observations"] = true
		}
	}
	for name := range tables {
		if err := r.warehouse.ForgetModel(ctx, name); err != nil {
			return fmt.Errorf("forgetting %s: %w", name, err)
		}
	}
	return nil
}
