package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"github.com/goldthread/goldthread/internal/council"
	"github.com/goldthread/goldthread/schedules/pipeline"
	"github.com/goldthread/goldthread/warehouse"
	"github.com/goldthread/goldthread/warehouse/serve/audit"
)

func newPrune(p *program) *cobra.Command {
	var asked pipeline.Pruning
	var dry bool
	command := &cobra.Command{
		Use:   "prune [--dry-run]",
		Short: "Remove what is past its time now, as each run does at its end",
		Long: "What is kept how long stands under keep: in goldthread.yaml (docs/housekeeping.md). Each removal is noted with its rule and\n" +
			"count, and no value. After a jump of the clock nothing is removed for a week, unless --today says the date.",
		RunE: func(c *cobra.Command, _ []string) error {
			removals, err := p.prune(c.Context(), asked, dry)
			if err != nil {
				return err
			}
			if p.json {
				return p.printJSON(append([]warehouse.Removal{}, removals...))
			}
			p.printRemovals(removals, dry)
			return nil
		},
	}
	flags := command.Flags()
	flags.BoolVar(&dry, "dry-run", false, "say what would be removed, and remove nothing")
	flags.StringVar(&asked.Today, "today", "", "the `date`, such as 2026-11-25, where the clock of this machine is doubted")
	flags.DurationVar(&asked.Wait, "wait", 0, "wait so `long` for a run to end, such as 2h; at once it is an error that one is at work")
	command.AddCommand(&cobra.Command{
		Use:   "list",
		Short: "All that was ever removed because its time was over: what, when, by which rule, how much",
		Args:  usage(cobra.NoArgs),
		RunE:  func(c *cobra.Command, _ []string) error { return p.listRemovals(c.Context()) },
	})
	return command
}

func (p *program) listRemovals(ctx context.Context) error {
	settings, err := p.settings()
	if err != nil {
		return err
	}
	all, err := warehouse.ReadRemovals(ctx, p.warehouseFolder(settings))
	if err != nil {
		return err
	}
	if p.json {
		return p.printJSON(append([]warehouse.Noted{}, all...))
	}
	t := p.newTable("removed at", "run", "what", "items", "size", "rule", "kept from")
	for _, n := range all {
		run := "by hand"
		if n.RunID > 0 {
			run = strconv.FormatInt(n.RunID, 10)
		}
		t.AppendRow(table.Row{n.RemovedAt.In(settings.Location()).Format("2006-01-02 15:04"), run, things[n.Subject], n.Items, size(n.Bytes), n.Rule, n.CutOff.Format(time.DateOnly)})
	}
	t.Render()
	return nil
}

func (p *program) prune(ctx context.Context, asked pipeline.Pruning, dry bool) ([]warehouse.Removal, error) {
	folder, err := p.open(ctx)
	if err != nil {
		return nil, err
	}
	asked.Version, asked.Rules, asked.Log = version(), keptBeside(folder.StateFolder(), folder.Settings), zerolog.Nop()
	if dry {
		return pipeline.PastTime(ctx, folder, asked.Options)
	}
	return pipeline.Prune(ctx, folder, asked)
}

// keptBeside are the rules of what a run does not write.
func keptBeside(state string, settings council.Settings) []pipeline.Rule {
	return []pipeline.Rule{{
		Subject: "audit", Setting: "keep.audit", Keep: council.KeptFor(settings.Keep.Audit),
		Find: func(_ context.Context, cutOff time.Time) (pipeline.Past, error) {
			old, err := audit.Past(audit.Path(state), cutOff)
			return pipeline.Past{Items: old.Entries, Bytes: old.Bytes, Remove: func() error { return old.Remove(time.Now()) }}, err
		},
	}}
}

// things are what removals count.
var things = map[string]string{
	warehouse.Quarantine: "rows set aside", warehouse.Inputs: "archived inputs", "logs": "logs", "audit": "entries of the audit log",
	warehouse.UpgradeFolder: "copies from before an upgrade",
}

func describeRemovals(removals []warehouse.Removal) string {
	var words []string
	for _, r := range removals {
		one := fmt.Sprintf("%s: %d", things[r.Subject], r.Items)
		if r.Bytes > 0 {
			one += ", " + size(r.Bytes)
		}
		words = append(words, one+" ("+r.Rule+")")
	}
	return strings.Join(words, "; ")
}

func (p *program) printRemovals(removals []warehouse.Removal, dry bool) {
	switch {
	case len(removals) == 0:
		fmt.Fprintln(p.term.out, "Nothing is past its time.")
	case dry:
		fmt.Fprintf(p.term.out, "Past their time, and removed by the next run: %s.\n", describeRemovals(removals))
	default:
		fmt.Fprintf(p.term.out, "Removed, being past their time: %s.\n", describeRemovals(removals))
	}
}
