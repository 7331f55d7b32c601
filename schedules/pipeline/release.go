package pipeline

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/goldthread/goldthread/internal/failpoint"
	"github.com/goldthread/goldthread/transforms"
	"github.com/goldthread/goldthread/warehouse"
)

// explaining are the relations of meta that a release carries, so that its figures can be explained from it alone.
var explaining = []string{"stored_loads", "stored_extracts", "quarantined_rows", "datasets", "model_texts", "lineage", "test_results", "reconciliation"}

// release publishes the star and the marts, where any of them has changed.
func (r *run) release(ctx context.Context) error {
	r.progress("releasing")
	models := r.folder.Models
	if err := r.warehouse.SetModels(ctx, modelTexts(models), lineage(models)); err != nil {
		return fmt.Errorf("noting the models: %w", err)
	}
	failpoint.Hit("models.noted")
	contents, err := r.contents(ctx)
	if err != nil {
		return err
	}
	plan := warehouse.ReleasePlan{RunID: r.id, Audience: r.folder.Settings.Audiences[0]}
	for _, m := range models.Models {
		schema := m.Schema()
		table := warehouse.ReleaseTable{Schema: schema, Name: strings.TrimPrefix(m.Name, schema+"."), Content: contents[m.Name]}
		switch schema {
		case "marts":
			table.Order = m.Grain
			fallthrough
		case "core":
			plan.Tables = append(plan.Tables, table)
		}
	}
	for _, name := range explaining {
		plan.Tables = append(plan.Tables, warehouse.ReleaseTable{Schema: "meta", Name: name})
	}
	for _, c := range transforms.Comments(models.Models) {
		schema, table, _ := strings.Cut(c.Table, ".")
		plan.Comments = append(plan.Comments, warehouse.Comment{Schema: schema, Table: table, Column: c.Column, Text: c.Text})
	}
	r.result.Release, err = r.warehouse.Release(ctx, plan)
	return err
}

// contents tells one state of each model's table from another, its descriptions included.
func (r *run) contents(ctx context.Context) (map[string]string, error) {
	tables, err := state{r.warehouse}.Tables(ctx)
	if err != nil {
		return nil, err
	}
	contents := map[string]string{}
	for _, t := range tables {
		contents[t.Name] = t.ContentHash + " " + t.CommentHash
	}
	return contents, nil
}

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
