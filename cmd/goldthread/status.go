package main

import (
	"context"
	"fmt"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/goldthread/goldthread/warehouse"
)

func newStatus(p *program) *cobra.Command {
	var check bool
	command := &cobra.Command{
		Use:   "status",
		Short: "The last runs, the releases, how fresh each dataset is, and whose rows are set aside",
		RunE: func(c *cobra.Command, _ []string) error {
			if check {
				return p.checkSchedules()
			}
			return p.status(c.Context())
		},
	}
	command.Flags().BoolVar(&check, "check", false, "for a monitor: say what is wrong with what runs by the clock, and exit with 1 if anything is")
	return command
}

func (p *program) status(ctx context.Context) error {
	settings, err := p.settings()
	if err != nil {
		return err
	}
	folder, zone := p.warehouseFolder(settings), settings.Location()
	standing, err := warehouse.ReadStanding(folder)
	if err != nil {
		return err
	}
	status, err := warehouse.ReadStatus(ctx, folder)
	switch {
	case err != nil && atWork(standing) && !p.json:
		p.printAtWork(settings.Name, standing, zone)
	case err != nil:
		return err
	case p.json:
		return p.printJSON(status)
	default:
		p.printStatus(settings.Name, status)
	}
	p.printStanding(standing, zone)
	return p.printKept(warehouse.NewReleases(folder))
}

func (p *program) printStatus(name string, s warehouse.Status) {
	fmt.Fprintln(p.term.out, name)
	if s.Run == nil {
		fmt.Fprintln(p.term.out, "Nothing has been run yet.\n  fix: goldthread run")
		return
	}
	ended := "cut short"
	if s.Run.Outcome != "" {
		ended = s.Run.Outcome
	}
	fmt.Fprintf(p.term.out, "Last run %d, begun %s: %s\n", s.Run.RunID, s.Run.StartedAt, ended)
	if s.Run.Message != "" {
		fmt.Fprintln(p.term.out, "  "+s.Run.Message)
	}
	fmt.Fprintf(p.term.out, "Readers see release %d.\n", s.Release)
	p.printReconciliation(s.Reconciliation)
	t := p.newTable("dataset", "last looked at", "outcome", "edition", "rows", "set aside", "")
	for _, d := range s.Datasets {
		mark := ""
		if d.Stale {
			mark = "stale: " + d.Reason
		}
		t.AppendRow(table.Row{d.Source + "." + d.Dataset, d.LookedAt, d.Outcome, d.PublishedAt, d.Rows, d.Quarantined, mark})
	}
	t.Render()
	if len(s.Removed) > 0 {
		fmt.Fprintf(p.term.out, "Last removed, being past their time, on %s: %s.\n", s.RemovedOn, describeRemovals(s.Removed))
	}
}

// printReconciliation says in a line whether what was landed is what core holds, and names each total that differs.
func (p *program) printReconciliation(r *warehouse.Reconciliation) {
	if r == nil {
		return
	}
	switch {
	case len(r.Differing) == 0 && len(r.NotCompared) > 0:
		fmt.Fprintf(p.term.out, "All %d control totals that can be compared agree.\n", r.Totals)
	case len(r.Differing) == 0:
		fmt.Fprintf(p.term.out, "All %d control totals agree, from landing to core.\n", r.Totals)
	default:
		fmt.Fprintf(p.term.out, "%d of %d control totals differ:\n", len(r.Differing), r.Totals)
		for _, c := range r.Differing {
			fmt.Fprintln(p.term.out, "  "+c.String())
		}
	}
	for _, why := range r.NotCompared {
		fmt.Fprintln(p.term.out, "  "+why)
	}
}
