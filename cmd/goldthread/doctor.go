package main

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/goldthread/goldthread/connectors/all"
	"github.com/goldthread/goldthread/schedules/pipeline"
)

func newDoctor(p *program) *cobra.Command {
	var sources []string
	var deep bool
	command := &cobra.Command{
		Use:   "doctor [--source NAME…] [--deep]",
		Short: "Whether the sources can be read: reach, sign-in, rights, types, precision, cursor",
		Long: "Reads each dataset up to its first rows, or with --deep twice to its end, as a run would. Nothing is kept, and the\n" +
			"report holds names, types and counts, and no data: it can be shown to whoever runs the system.",
		Example: "  goldthread doctor --source housing --deep",
		RunE: func(c *cobra.Command, _ []string) error {
			folder, err := pipeline.OpenWith(c.Context(), p.folder, all.Kinds, p.term.getenv)
			if err == nil {
				err = folder.CheckSelection(sources)
			}
			if err != nil {
				return exit{exitUsage, err}
			}
			if len(sources) == 0 {
				sources = folder.SourceNames()
			}
			var found []pipeline.Examination
			for _, source := range sources {
				more, err := folder.Examine(c.Context(), source, deep)
				if err != nil {
					return err
				}
				found = append(found, more...)
			}
			return p.printExaminations(found)
		},
	}
	command.Flags().StringArrayVar(&sources, "source", nil, "look at this `source` only; may be given several times")
	command.Flags().BoolVar(&deep, "deep", false, "read everything twice, and say how far values go and what comes again")
	return command
}

func (p *program) printExaminations(found []pipeline.Examination) error {
	if p.json {
		if err := p.printJSON(struct {
			Datasets []pipeline.Examination `json:"datasets"`
		}{found}); err != nil {
			return err
		}
	} else {
		for _, e := range found {
			fmt.Fprintf(p.term.out, "%s.%s\n", e.Source, e.Dataset)
			for _, f := range e.Findings {
				fmt.Fprintf(p.term.out, "  %-8s %-10s %s\n", f.State, f.Check, f.What)
				if f.Fix != "" {
					fmt.Fprintf(p.term.out, "  %-19s fix: %s\n", "", f.Fix)
				}
			}
		}
	}
	if slices.ContainsFunc(found, pipeline.Examination.Faulty) {
		return exit{code: exitRed}
	}
	return nil
}
