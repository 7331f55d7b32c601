package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"github.com/goldthread/goldthread/connectors/all"
	"github.com/goldthread/goldthread/schedules"
	"github.com/goldthread/goldthread/schedules/pipeline"
)

func newRun(p *program) *cobra.Command {
	var options pipeline.Options
	var supervised bool // a scheduler started it, which notes it itself
	command := &cobra.Command{
		Use:   "run",
		Short: "Pull, build, check and release once, now",
		RunE: func(c *cobra.Command, _ []string) error {
			began := time.Now()
			ctx, end := untilLeft(c.Context(), supervised)
			defer end()
			result, err := p.runOnce(ctx, options)
			if !supervised && result.RunID > 0 {
				o := outcomeOfRun(result, p.sourcesOr(options.Select))
				if err != nil {
					o.Why, o.Fresh = err.Error(), nil
				}
				p.noteRun(began, o)
			}
			if errors.Is(err, pipeline.ErrNoRoom) {
				return exit{exitRed, err}
			}
			if err != nil {
				return err
			}
			if p.json {
				if err := p.printJSON(result); err != nil {
					return err
				}
			} else {
				p.printRun(result)
			}
			return outcomeOf(result)
		},
	}
	superviseFlag(command, &supervised)
	command.Flags().StringSliceVar(&options.Select, "select", nil, "read only these `sources`; models that read them follow")
	command.Flags().BoolVar(&options.Full, "full", false, "read every source from its beginning; rows that are there already stay as they are")
	command.Flags().DurationVar(&options.Wait, "wait", 0, "wait so `long` for another run to end, such as 2h; at once it is an error that one is at work")
	return command
}

// noteRun writes a run that a person started into the ledger of schedules, so that what waits for a source knows that it is fresh. That
// it could not is said; the run itself stands.
func (p *program) noteRun(began time.Time, o schedules.Outcome) {
	settings, err := p.settings()
	if err == nil {
		err = schedules.NoteRun(p.warehouseFolder(settings), schedules.Event{
			At: time.Now(), Due: began, RunID: o.RunID, Outcome: o.Outcome, Release: o.Release, Fresh: o.Fresh, Why: o.Why, By: whoAmI(),
		})
	}
	if err != nil {
		fmt.Fprintln(p.term.errors, "the run could not be noted beside those of schedules:", err)
	}
}

// outcomeOf gives the exit that a run's outcome asks for.
func outcomeOf(result pipeline.Result) error {
	if result.Outcome == pipeline.Red {
		return exit{code: exitRed}
	}
	return nil
}

// open reads the council's folder; what is wrong with it is wrong configuration.
func (p *program) open(ctx context.Context) (*pipeline.Folder, error) {
	folder, err := pipeline.OpenWith(ctx, p.folder, all.Kinds, p.term.getenv)
	if err != nil {
		return nil, exit{exitUsage, err}
	}
	return folder, nil
}

func (p *program) runOnce(ctx context.Context, options pipeline.Options) (pipeline.Result, error) {
	folder, err := p.open(ctx)
	if err != nil {
		return pipeline.Result{}, err
	}
	if err := folder.CheckSelection(options.Select); err != nil {
		return pipeline.Result{}, exit{exitUsage, err}
	}
	log, err := p.logWriter(folder.StateFolder())
	if err != nil {
		return pipeline.Result{}, err
	}
	defer log.Close()
	options.Version = version()
	options.Rules = keptBeside(folder.StateFolder(), folder.Settings)
	options.Log = zerolog.New(log).With().Timestamp().Logger()
	progress := newProgress(p.term)
	options.Progress = progress.show
	defer progress.clear()
	return pipeline.Run(ctx, folder, options)
}

// printRun says in words what a run did.
func (p *program) printRun(r pipeline.Result) {
	out := p.term.out
	built := 0
	for _, m := range r.Models {
		if m.Built {
			built++
		}
	}
	if len(r.Removed) > 0 {
		defer p.printRemovals(r.Removed, false)
	}
	if len(r.Loads) == 0 && built == 0 && r.Release == 0 && len(r.Problems) == 0 {
		fmt.Fprintf(out, "Nothing changed: every file has been read before, nothing was built and no release was made (%s).\n", shortly(r.Seconds))
		p.printRunNotes(r.Notes)
		return
	}
	p.printLoads(r.Loads)
	fmt.Fprintf(out, "Built %s, passed %d of %d checks (%s).\n", count(built, "model"), passed(r.Tests), len(r.Tests), shortly(r.Seconds))
	p.printRunNotes(r.Notes)
	p.printQuarantined(r.Loads)
	p.printTests(r.Tests)
	for _, problem := range r.Problems {
		fmt.Fprintln(out, p.term.paint("problem: ", text.FgRed)+problem.String())
	}
	switch {
	case r.Release > 0:
		fmt.Fprintf(out, "Release %d is what readers see now.\n", r.Release)
	case r.Outcome == pipeline.Done:
		fmt.Fprintln(out, "No released row differs, so no new release was made.")
	default:
		fmt.Fprintln(out, "Readers see what they saw before.")
	}
}

func (p *program) printRunNotes(notes []string) {
	for _, note := range notes {
		fmt.Fprintln(p.term.out, "note: "+note)
	}
}

// printLoads accounts for all rows that were read.
func (p *program) printLoads(loads []pipeline.Load) {
	var sum pipeline.Load
	for _, l := range loads {
		sum.Read += l.Read
		sum.Stored += l.Stored
		sum.Unchanged += l.Unchanged
		sum.Deleted += l.Deleted
		sum.Quarantined += l.Quarantined
		sum.Blank += l.Blank
	}
	fmt.Fprintf(p.term.out, "Read %s in %s: %d stored, %d unchanged, %d set aside, %d blank.\n",
		count(int(sum.Read), "row"), count(len(loads), "load"), sum.Stored, sum.Unchanged, sum.Quarantined, sum.Blank)
	if sum.Deleted > 0 {
		fmt.Fprintf(p.term.out, "%s that stood there before did not come again.\n", count(int(sum.Deleted), "row"))
	}
}

func (p *program) printQuarantined(loads []pipeline.Load) {
	for _, l := range loads {
		if l.Quarantined > 0 {
			fmt.Fprintf(p.term.out, "warning: %s.%s: %s set aside; goldthread sql \"from meta.quarantined_rows\" says which and why\n",
				l.Source, l.Dataset, count(int(l.Quarantined), "row"))
		}
	}
}

func (p *program) printTests(tests []pipeline.Test) {
	for _, t := range tests {
		if t.Passed {
			continue
		}
		line := fmt.Sprintf("check %s (%s): %d rows fail", t.Name, t.Severity, t.Failing)
		if len(t.Examples) > 0 {
			line += ", such as " + strings.Join(t.Examples, "; ")
		}
		fmt.Fprintln(p.term.out, line)
	}
}

func passed(tests []pipeline.Test) int {
	n := 0
	for _, t := range tests {
		if t.Passed {
			n++
		}
	}
	return n
}

func shortly(seconds float64) string {
	return time.Duration(seconds * float64(time.Second)).Round(10 * time.Millisecond).String()
}
