package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/goldthread/goldthread/connectors/inspect"
	"github.com/goldthread/goldthread/internal/council"
)

func newInspect(p *program) *cobra.Command {
	var source string
	command := &cobra.Command{
		Use:   "inspect FILE…",
		Short: "Look at CSV files nobody has described and propose their source file",
		Example: `  goldthread inspect tonnages.csv > sources/waste.yaml
  goldthread inspect spend-2026-*.csv --source spend`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			proposal, err := inspect.Propose(c.Context(), args, inspect.Options{Source: source, Root: p.folder, Zone: p.zone()})
			if err != nil {
				return exit{exitUsage, err}
			}
			if p.json {
				return p.printJSON(proposal)
			}
			_, err = fmt.Fprint(p.term.out, proposal.YAML)
			return err
		},
	}
	command.Flags().StringVar(&source, "source", "", "the `name` of the source; made of the first file's name where not given")
	return command
}

// zone is the council's time zone, or what is usual where there is no council's folder yet.
func (p *program) zone() *time.Location {
	settings, err := council.Load(p.folder)
	if err != nil {
		settings = council.Default()
	}
	return settings.Location()
}
