package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/connectors/all"
	"github.com/goldthread/goldthread/schedules/pipeline"
)

func newDoctor(p *program) *cobra.Command {
	var sources []string
	var deep bool
	command := &cobra.Command{
		Use:   "doctor [--source NAME…] [--deep]",
		Short: "Whether the program stands on firm ground, and whether the sources can be read",
		Long: "Looks at the folder's disk, the clock, certificate, accounts and schedules, unless a source is named; then at the sources: reach,\n" +
			"sign-in, rights, types, precision, cursor. Reads each dataset up to its first rows, or with --deep twice to its end, as a run would. Nothing is kept, and the\n" +
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
			var found []examination
			if len(sources) == 0 {
				sources = folder.SourceNames()
				found = append(found, p.examineMachine(folder.Settings))
			}
			for _, source := range sources {
				findings, err := folder.Examine(c.Context(), source, deep)
				if err != nil {
					return err
				}
				found = append(found, examination{source, findings})
			}
			return p.printExaminations(found)
		},
	}
	command.Flags().StringArrayVar(&sources, "source", nil, "look at this `source` only; may be given several times")
	command.Flags().BoolVar(&deep, "deep", false, "read everything twice, and say how far values go and what comes again")
	return command
}

// An examination is what was found of one source.
type examination struct {
	Source   string               `json:"source"`
	Findings []connectors.Finding `json:"findings"`
}

// odd says whether something is not as it should be.
func (e examination) odd() bool {
	return slices.ContainsFunc(e.Findings, func(f connectors.Finding) bool { return !f.OK })
}

func (p *program) printExaminations(found []examination) error {
	if p.json {
		if err := p.printJSON(struct {
			Sources []examination `json:"sources"`
		}{found}); err != nil {
			return err
		}
	} else {
		for _, e := range found {
			p.printExamination(e)
		}
	}
	if slices.ContainsFunc(found, examination.odd) {
		return exit{code: exitRed}
	}
	return nil
}

func (p *program) printExamination(e examination) {
	told := ""
	for _, f := range e.Findings {
		if of := strings.TrimSuffix(e.Source+"."+f.Dataset, "."); of != told {
			told = of
			fmt.Fprintln(p.term.out, of)
		}
		mark := "ok "
		if !f.OK {
			mark = "!! "
		}
		fmt.Fprintf(p.term.out, "  %s %-12s %s\n", mark, f.Tried, f.Found)
	}
}
