package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/goldthread/goldthread/internal/council"
	"github.com/goldthread/goldthread/warehouse"
	"github.com/goldthread/goldthread/warehouse/duckdb"
)

func newReleasesDiff(p *program) *cobra.Command {
	var audience string
	command := &cobra.Command{
		Use:     "diff RELEASE RELEASE",
		Short:   "What differs between two releases: rows by table, and each figure that moved",
		Example: "  goldthread releases diff 12 15\n  goldthread releases diff cabinet-2026-q1 cabinet-2026-q2",
		Args:    cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			releases, settings, err := p.releases()
			if err != nil {
				return err
			}
			plan := warehouse.ComparePlan{Audience: audience}
			plan.Limits = duckdb.Settings{MemoryLimit: settings.Warehouse.MemoryLimit, Threads: settings.Warehouse.Threads}
			if plan.From, err = findRelease(releases, args[0]); err != nil {
				return err
			}
			if plan.To, err = findRelease(releases, args[1]); err != nil {
				return err
			}
			return p.diffReleases(c.Context(), releases, plan)
		},
	}
	command.Flags().StringVar(&audience, "audience", council.Staff, "whose files of the releases")
	return command
}

func (p *program) diffReleases(ctx context.Context, releases *warehouse.Releases, plan warehouse.ComparePlan) error {
	difference, err := warehouse.CompareReleases(ctx, releases, plan)
	if err != nil {
		return err
	}
	if p.json {
		return p.printJSON(difference)
	}
	p.printDifference(difference)
	return nil
}

func (p *program) printDifference(d warehouse.Difference) {
	out := p.term.out
	if len(d.Tables) == 0 {
		fmt.Fprintf(out, "No row of release %d is otherwise in release %d.\n", d.From.Release, d.To.Release)
		return
	}
	t := p.newTable("table", "rows before", "after", "added", "removed", "changed")
	for _, one := range d.Tables {
		t.AppendRow(table.Row{one.Table, one.Before, one.After, one.Added, one.Removed, one.Changed})
	}
	t.Render()
	for _, m := range d.Figures[:min(len(d.Figures), movesShown)] {
		fmt.Fprintf(out, "  %s %s, %s: %s\n", m.MeasureCode, saidOr(m.MeasureName, ""), saidOr(m.PeriodLabel, m.PeriodCode), movedInWords(m))
	}
	if more := len(d.Figures) - movesShown; more > 0 {
		fmt.Fprintf(out, "  … and %d more; --json lists all\n", more)
	}
	fmt.Fprintf(out, "%s moved from release %d to release %d.\n", count(len(d.Figures), "figure"), d.From.Release, d.To.Release)
}

// movedInWords says what of a figure is otherwise, from what to what.
func movedInWords(m warehouse.FigureMove) string {
	var parts []string
	for _, cell := range []struct {
		name     string
		from, to *string
	}{
		{"", cmp.Or(m.ValueFrom, m.StatusFrom), cmp.Or(m.ValueTo, m.StatusTo)}, {"target ", m.TargetFrom, m.TargetTo}, {"", m.RAGFrom, m.RAGTo},
	} {
		if from, to := saidOr(cell.from, "nothing"), saidOr(cell.to, "nothing"); from != to {
			parts = append(parts, fmt.Sprintf("%s%s → %s", cell.name, from, to))
		}
	}
	return strings.Join(parts, ", ")
}

func saidOr(cell *string, otherwise string) string {
	if cell == nil {
		return otherwise
	}
	return *cell
}
