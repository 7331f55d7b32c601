package pipeline

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/goldthread/goldthread/internal/council"
	"github.com/goldthread/goldthread/internal/failpoint"
	"github.com/goldthread/goldthread/transforms"
	"github.com/goldthread/goldthread/warehouse"
)

// explaining are the relations of meta that a release carries, so that its figures can be explained from it alone.
var explaining = []string{
	"stored_loads", "stored_extracts", "quarantined_rows", "datasets", "model_texts", "lineage", "model_keys", "test_results", "reconciliation",
}

// release publishes the star and the marts, where any of them has changed.
func (r *run) release(ctx context.Context) error {
	r.progress("releasing")
	if err := r.stillRoom(); err != nil {
		return err
	}
	models := r.folder.Models
	if err := r.warehouse.SetModels(ctx, warehouse.Models{Texts: modelTexts(models), Links: lineage(models), Keys: keys(models)}); err != nil {
		return fmt.Errorf("noting the models: %w", err)
	}
	failpoint.Hit("models.noted")
	plan, err := r.releasePlan(ctx)
	if err != nil {
		return err
	}
	r.result.Release, err = r.warehouse.Release(ctx, plan)
	return err
}

// releasePlan is what readers get: the star, the marts and what explains them. Tables come before the views that join them.
func (r *run) releasePlan(ctx context.Context) (plan warehouse.ReleasePlan, err error) {
	built, err := r.built(ctx)
	if err != nil {
		return plan, err
	}
	plan.RunID, plan.Audience = r.id, council.Staff
	var held []string
	for _, name := range explaining {
		held = append(held, "meta."+name)
		plan.Tables = append(plan.Tables, warehouse.ReleaseTable{Schema: "meta", Name: name})
	}
	var views []warehouse.ReleaseTable
	for _, m := range r.folder.Models.Models {
		schema, name, _ := strings.Cut(m.Name, ".")
		if !released(schema) {
			continue
		}
		table := warehouse.ReleaseTable{Schema: schema, Name: name, Content: content(built[m.Name])}
		switch {
		case m.Kind == transforms.View && m.PartitionBy != "" && m.Of(held):
			table.View = m.SQL()
			views = append(views, table)
			continue
		case schema == "marts" && built[m.Name].Rows <= sortedRows:
			table.Order = m.Grain
		default:
			table.PartitionBy, table.Partitions = m.PartitionBy, partitions(built[m.Name])
		}
		held = append(held, m.Name)
		plan.Tables = append(plan.Tables, table)
	}
	plan.Tables = append(plan.Tables, views...)
	for _, audience := range r.folder.Settings.Audiences.Limited() {
		plan.Limited = append(plan.Limited, r.folder.limited(audience, plan.Tables))
	}
	for _, c := range transforms.Comments(r.folder.Models.Models) {
		schema, table, _ := strings.Cut(c.Table, ".")
		plan.Comments = append(plan.Comments, warehouse.Comment{Schema: schema, Table: table, Column: c.Column, Text: c.Text})
	}
	own, err := r.warehouse.Comments(ctx)
	plan.Comments = append(plan.Comments, own...)
	return plan, err
}

// partitions tells what each partition of a table holds, by its value; nil where one is of null, or there are none.
func partitions(t transforms.TableState) map[string]string {
	var contents map[string]string
	for key, p := range t.Partitions {
		value, valued := strings.CutPrefix(key, "=")
		if !valued {
			return nil
		}
		if p.Content == "" {
			continue
		}
		if contents == nil {
			contents = map[string]string{}
		}
		contents[value] = p.Content
	}
	return contents
}

// sortedRows is up to how many rows a mart is released in order. A larger one nobody reads from its beginning, and sorting
// it takes as long as writing it.
const sortedRows = 1_000_000

// built is what is remembered of the models, by name.
func (r *run) built(ctx context.Context) (map[string]transforms.TableState, error) {
	tables, err := state{warehouse: r.warehouse}.Tables(ctx)
	if err != nil {
		return nil, err
	}
	built := map[string]transforms.TableState{}
	for _, t := range tables {
		built[t.Name] = t
	}
	return built, nil
}

// content tells one state of a model's table from another, its descriptions included.
func content(t transforms.TableState) string { return t.ContentHash + " " + t.CommentHash }

func modelTexts(set *transforms.Set) []warehouse.ModelText {
	var texts []warehouse.ModelText
	for _, m := range set.Models {
		texts = append(texts, warehouse.ModelText{Name: m.Name, File: cmp.Or(m.SQLFile, m.File), SQL: m.SQL()})
	}
	return texts
}

func lineage(set *transforms.Set) []warehouse.Link {
	var links []warehouse.Link
	for _, l := range set.Lineage() {
		links = append(links, warehouse.Link{Model: l.Model, Reads: l.Reads})
	}
	return links
}

// keys are those of the relations that readers get.
func keys(set *transforms.Set) []warehouse.ModelKey {
	var all []warehouse.ModelKey
	for _, k := range set.Keys() {
		if schema, _, _ := strings.Cut(k.Model, "."); schema != "core" && schema != "marts" {
			continue
		}
		key := warehouse.ModelKey{Model: k.Model, Kind: k.Kind, Columns: k.Columns, Parent: k.Parent}
		if k.Parent != "" {
			key.ParentColumns = []string{k.ParentColumn}
		}
		all = append(all, key)
	}
	return all
}
