package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/schedules/pipeline"
	"github.com/goldthread/goldthread/transforms"
	"github.com/goldthread/goldthread/warehouse"
)

func newPlan(p *program) *cobra.Command {
	var figures bool
	var measure string
	command := &cobra.Command{
		Use:   "plan",
		Short: "What a run would do and why, without doing it",
		Example: "  goldthread plan              what is new, and what would be built\n" +
			"  goldthread plan --figures    which published figures would move, from what to what\n" +
			"  goldthread plan --sql CLI01  the SQL that is written for a measure",
		RunE: func(c *cobra.Command, _ []string) error {
			if figures && measure != "" {
				return exit{exitUsage, errors.New("--figures and --sql ask for different things\n  fix: give one of them")}
			}
			folder, err := p.open(c.Context())
			switch {
			case err != nil:
				return err
			case measure != "":
				return p.planSQL(folder, measure)
			case figures:
				return p.planFigures(c.Context(), folder)
			}
			return p.planRun(c.Context(), folder)
		},
	}
	command.Flags().BoolVar(&figures, "figures", false, "make the run in a copy, and say which published figures would move")
	command.Flags().StringVar(&measure, "sql", "", "print the SQL that is written for a `measure`, by its code")
	return command
}

// planSQL prints the SQL of a measure.
func (p *program) planSQL(folder *pipeline.Folder, code string) error {
	m, there := folder.Models.Model(transforms.ObservationsOf(code))
	if !there {
		var codes []string
		for _, m := range folder.Handbook.Measures {
			codes = append(codes, m.Code)
		}
		return exit{exitUsage, &fault.Error{Where: "--sql", What: fmt.Sprintf("there is no measure %q", code), Fix: fault.DidYouMean(code, "measures", codes)}}
	}
	if p.json {
		return p.printJSON(modelText{Name: m.Name, File: m.File, SQL: m.SQL()})
	}
	fmt.Fprintln(p.term.out, m.SQL())
	return nil
}

func (p *program) planRun(ctx context.Context, folder *pipeline.Folder) error {
	plan, err := pipeline.MakePlan(ctx, folder, time.Now())
	if err != nil {
		return err
	}
	if p.json {
		return p.printJSON(plan)
	}
	p.printPlan(plan)
	return nil
}

func (p *program) printPlan(plan pipeline.Plan) {
	out := p.term.out
	something := p.printFound(plan.Sources)
	for _, f := range plan.Files {
		what := string(f.State)
		if len(f.Measures) > 0 {
			what = "measure " + strings.Join(f.Measures, ", ") + ", " + what
		}
		fmt.Fprintf(out, "%s (%s) touches %s\n", f.Place, what, listed(f.Marts, "no mart"))
	}
	decided := map[string]int{}
	for _, m := range plan.Models {
		decided[m.Decision]++
		if m.Decision != string(transforms.Keep) {
			fmt.Fprintf(out, "%-9s  %s: %s\n", m.Decision, m.Name, reasons(m.Why))
			something = true
		}
	}
	if !something {
		fmt.Fprintln(out, "A run would find nothing new, build nothing and make no release.")
		return
	}
	fmt.Fprintf(out, "%s would be built, %d may be, %d stay as they are. Nothing has been done.\n",
		count(decided[string(transforms.Build)], "model"), decided[string(transforms.MayBuild)], decided[string(transforms.Keep)])
}

// reasons are the first two, and how many more there are.
func reasons(why []string) string {
	const shown = 2
	if more := len(why) - shown; more > 0 {
		return fmt.Sprintf("%s; and %d more", strings.Join(why[:shown], "; "), more)
	}
	return strings.Join(why, "; ")
}

// printFound says of each dataset what a run would find other than before, and whether there is any such.
func (p *program) printFound(sources []pipeline.SourcePlan) (any bool) {
	for _, s := range sources {
		same := 0
		for _, f := range s.Found {
			if f.State == connectors.FoundSame {
				same++
				continue
			}
			fmt.Fprintf(p.term.out, "%-9s  %s.%s: %s\n", f.State, s.Source, s.Dataset, f.Place)
		}
		if s.MayChange && same > 0 {
			fmt.Fprintf(p.term.out, "%-9s  %s.%s: %s\n", connectors.FoundSame, s.Source, s.Dataset, count(same, "file"))
		}
		any = any || s.MayChange
	}
	return any
}

func listed(names []string, none string) string {
	if len(names) == 0 {
		return none
	}
	return strings.Join(names, ", ")
}

func (p *program) planFigures(ctx context.Context, folder *pipeline.Folder) error {
	progress := newProgress(p.term)
	figures, err := pipeline.MoveFigures(ctx, folder, pipeline.Options{Version: version(), Log: zerolog.Nop(), Progress: progress.show})
	progress.clear()
	if err != nil {
		return err
	}
	if p.json {
		err = p.printJSON(figures)
	} else {
		p.printFigures(figures)
	}
	if err == nil && len(figures.Problems) > 0 {
		return exit{code: exitRed}
	}
	return err
}

// movesShown is how many lines of moves a person is shown.
const movesShown = 60

func (p *program) printFigures(f pipeline.Figures) {
	out := p.term.out
	for _, problem := range f.Problems {
		fmt.Fprintln(out, "problem: "+problem.String())
	}
	for _, name := range f.Gone {
		fmt.Fprintf(out, "%s would be gone: no model makes it any more\n", name)
	}
	table := ""
	for _, m := range f.Moves[:min(len(f.Moves), movesShown)] {
		if m.Table != table {
			table = m.Table
			fmt.Fprintln(out, table)
		}
		fmt.Fprintf(out, "  %s  %s: %s → %s\n", figureOf(m), m.Column, saidOr(m.Old, "nothing"), saidOr(m.New, "nothing"))
	}
	if more := len(f.Moves) - movesShown; more > 0 {
		fmt.Fprintf(out, "  … and %d more; --json lists all\n", more)
	}
	switch {
	case f.Stopped:
		fmt.Fprintf(out, "No release would be made, so readers would go on seeing release %d; without the problems above %s would move.\n", f.Release, count(len(f.Moves), "figure"))
	case len(f.Moves) == 0:
		fmt.Fprintf(out, "No figure of release %d would move.\n", f.Release)
	default:
		fmt.Fprintf(out, "%s of release %d would move. Nothing has been done.\n", count(len(f.Moves), "figure"), f.Release)
	}
}

// figureOf names what a figure is of, as a table's grain and the usual columns say.
func figureOf(m warehouse.Move) string {
	usual := []string{"measure_code", "period_code", "organisation_code", "area_code"}
	var words []string
	for _, name := range usual {
		if value := m.At[name]; value != "" && !slices.Contains(words, value) {
			words = append(words, value)
		}
	}
	var others []string
	for name, value := range m.At {
		if !slices.Contains(usual, name) && value != "" {
			others = append(others, name+" "+value)
		}
	}
	slices.Sort(others)
	return strings.Join(append(words, others...), " ")
}
