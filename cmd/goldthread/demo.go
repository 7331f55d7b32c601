package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/goldthread/goldthread/examples"
	"github.com/goldthread/goldthread/internal/council"
	"github.com/goldthread/goldthread/schedules/pipeline"
)

func newDemo(p *program) *cobra.Command {
	example := examples.Names[0]
	cmd := &cobra.Command{
		Use:   "demo [DIR]",
		Short: "The whole way on a real council's data, from 34 files to a scorecard",
		Long: "Writes Trafford Council's published indicators and a folder that describes them to DIR (demo where not given),\n" +
			"pulls, builds, checks and releases them, and prints the scorecard. With --example hart it is Hart District Council's\n" +
			"KPI scorecard, with the statuses that the council published.",
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			p.folder = "demo"
			if len(args) == 1 {
				p.folder = args[0]
			}
			if err := p.writeDemo(example); err != nil {
				return err
			}
			result, err := p.runOnce(c.Context(), pipeline.Options{})
			if err != nil {
				return err
			}
			if p.json {
				if err := p.printJSON(result); err != nil {
					return err
				}
				return outcomeOf(result)
			}
			p.printRun(result)
			if err := p.showScorecard(c); err != nil {
				return err
			}
			p.printWhatNext(nextSteps[example])
			return outcomeOf(result)
		},
	}
	cmd.Flags().StringVar(&example, "example", example, "which council: "+strings.Join(examples.Names, " or "))
	return cmd
}

// A nextStep is what is worth asking of an example.
type nextStep struct{ figure, query string }

var nextSteps = map[string]nextStep{
	"trafford": {"CLI01 FY2024-25", "from marts.benchmarks"},
	"hart":     {"HS16 FY2014-15-Q2", "from marts.published_statuses where not is_equal"},
}

// writeDemo writes the example, unless it was written before: then the folder is the council's, and a run goes on from it.
func (p *program) writeDemo(example string) error {
	if _, err := os.Stat(filepath.Join(p.folder, council.File)); err == nil {
		fmt.Fprintf(p.term.errors, "%s is there already, and is run as it stands.\n", p.folder)
		return nil
	}
	err := examples.Write(p.folder, example)
	if err != nil && !slices.Contains(examples.Names, example) {
		return exit{exitUsage, err}
	}
	return err
}

// showScorecard prints the scorecard of the current release.
func (p *program) showScorecard(c *cobra.Command) error {
	releases, settings, err := p.releases()
	if err != nil {
		return err
	}
	db, err := releases.Open(c.Context(), 0, council.Staff)
	if err != nil {
		return err
	}
	defer db.Close()
	lines, err := readScorecard(c.Context(), db)
	if err != nil {
		return fmt.Errorf("reading the scorecard: %w", err)
	}
	fmt.Fprintf(p.term.out, "\n%s: %s\n", settings.Name, count(len(lines), "measure"))
	p.printScorecard(lines)
	return nil
}

func (p *program) printWhatNext(next nextStep) {
	state := filepath.Join(p.folder, ".goldthread")
	fmt.Fprintln(p.term.out, "\nWhere things are")
	p.printList([][2]string{
		{p.folder, "what the council decided: sources, measures, plan, targets, reference, all text"},
		{filepath.Join(state, "releases"), "what readers open; staff.duckdb opens in DuckDB's shell, read-only"},
		{filepath.Join(state, "archive"), "every file that was read, by its SHA-256"},
	})
	fmt.Fprintln(p.term.out, "\nWhat to try next")
	p.printList([][2]string{
		{p.name + " explain " + next.figure + " -C " + p.folder, "where a figure comes from, to file and line"},
		{p.name + ` sql "` + next.query + `" -C ` + p.folder, "any question of the release"},
		{p.name + " run -C " + p.folder, "again: nothing changed"},
	})
}
