package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/goldthread/goldthread/connectors/inspect"
	"github.com/goldthread/goldthread/internal/council"
	"github.com/goldthread/goldthread/internal/fault"
)

func newInspect(p *program) *cobra.Command {
	var source string
	var write bool
	command := &cobra.Command{
		Use:   "inspect FILE…",
		Short: "Look at CSV files nobody has described and propose their source file",
		Example: `  goldthread inspect drops/waste/tonnages.csv --write
  goldthread inspect spend-2026-*.csv --source spend`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			proposal, err := inspect.Propose(c.Context(), args, inspect.Options{Source: source, Root: p.folder, Zone: p.zone()})
			if err != nil {
				return exit{exitUsage, err}
			}
			if write {
				return p.writeProposal(proposal)
			}
			if p.json {
				return p.printJSON(proposal)
			}
			_, err = fmt.Fprint(p.term.out, proposal.YAML)
			return err
		},
	}
	command.Flags().StringVar(&source, "source", "", "the `name` of the source; made of the first file's name where not given")
	command.Flags().BoolVar(&write, "write", false, "write it to sources/ of the council's folder, where no source has that name yet")
	return command
}

// writeProposal puts a proposal where runs read it, and says what is to be looked at in it. Not every shell redirects text as it is.
func (p *program) writeProposal(proposal inspect.Proposal) error {
	path := filepath.Join(p.folder, "sources", proposal.Source+".yaml")
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, os.ErrExist) {
		return exit{exitUsage, &fault.Error{Where: path, What: "there is a source of this name", Fix: "give the new one another with --source, or remove that file", Err: err}}
	}
	if err != nil {
		return err
	}
	_, err = file.WriteString(proposal.YAML)
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	if p.json {
		return p.printJSON(proposal)
	}
	fmt.Fprintf(p.term.out, "%s is written, with %s to look at.\n", path, count(len(proposal.Unsure), "doubt"))
	for _, doubt := range proposal.Unsure {
		fmt.Fprintf(p.term.out, "  unsure: %s\n", doubt)
	}
	return nil
}

// zone is the council's time zone, or what is usual where there is no council's folder yet.
func (p *program) zone() *time.Location {
	settings, err := council.Load(p.folder)
	if err != nil {
		settings = council.Default()
	}
	return settings.Location()
}
