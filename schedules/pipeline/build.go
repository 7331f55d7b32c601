package pipeline

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/goldthread/goldthread/internal/failpoint"
	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/transforms"
	"github.com/goldthread/goldthread/warehouse"
)

// build builds and tests the models, and says whether all could be built and no test is red.
func (r *run) build(ctx context.Context) (all, green bool, err error) {
	r.progress("building")
	if err := r.stillRoom(); err != nil {
		return false, false, err
	}
	if err := r.prepare(ctx); err != nil {
		return false, false, err
	}
	builder := &transforms.Builder{
		Conn:  r.warehouse.Conn(),
		State: state{r.warehouse, r.folder.fed()},
		OnPeriods: func(ctx context.Context, _ *sql.Tx, table string) error {
			return r.warehouse.RegisterPeriods(ctx, table)
		},
		Progress: func(m transforms.ModelResult) {
			if m.Outcome == transforms.Built {
				r.progress("built " + m.Name)
			}
		},
	}
	built, err := builder.Build(ctx, r.folder.Models)
	r.noteBuild(built)
	failpoint.Hit("run.models_built")
	if warehouse.OfTheDisk(err) {
		return false, false, err
	}
	if err != nil {
		for _, one := range fault.List(err) {
			r.problem(Problem{What: one.Error()})
		}
		return false, false, ctx.Err()
	}
	red := built.Red()
	for _, t := range red {
		r.problem(Problem{Place: t.Where, What: fmt.Sprintf("the check %q of %s found %d rows; nothing was released", t.Name, t.Table, t.Failing)})
	}
	return true, len(red) == 0, nil
}

// prepare makes what models may read: the tables of datasets of which nothing has landed yet, and the views over the
// council's own files.
func (r *run) prepare(ctx context.Context) error {
	var tables []warehouse.Table
	for _, ds := range r.folder.datasets {
		tables = append(tables, tableOf(ds, ds.Schema()))
	}
	if err := r.warehouse.Prepare(ctx, tables); err != nil {
		return err
	}
	failpoint.Hit("tables.prepared")
	err := r.createViews(ctx)
	failpoint.Hit("views.made")
	return err
}

func (r *run) createViews(ctx context.Context) error {
	fed, bySource := r.folder.fed(), map[string][]warehouse.View{}
	for _, ds := range r.folder.datasets {
		bySource[ds.Source] = append(bySource[ds.Source], warehouse.View{Dataset: ds.Name, Fed: fed[ds.Source+"."+ds.Name]})
	}
	for _, s := range r.folder.sources {
		if !s.program {
			continue
		}
		if err := r.warehouse.CreateViews(ctx, s.name, bySource[s.name]); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) noteBuild(built transforms.Result) {
	models := 0
	for _, m := range built.Models {
		r.result.Models = append(r.result.Models, Model{Name: m.Name, Built: m.Outcome == transforms.Built, Rows: m.Rows, Seconds: m.Duration.Seconds()})
		if m.Outcome == transforms.Built {
			models++
		}
	}
	for _, t := range built.Tests {
		r.result.Tests = append(r.result.Tests, Test{
			Name: t.Table + ": " + t.Name, Passed: t.Passed, Severity: string(t.Severity), Failing: t.Failing,
			Examples: t.Examples, Where: t.Where,
		})
	}
	r.log.Info().Int("models", models).Int("tests", len(built.Tests)).Msg("models built")
}
