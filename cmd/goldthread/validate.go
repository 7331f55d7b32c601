package main

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/spf13/cobra"

	"github.com/goldthread/goldthread/connectors/all"
	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/schedules/pipeline"
)

// A finding is one thing that validate has to say.
type finding struct {
	Where string `json:"where,omitempty"`
	What  string `json:"what"`
	Fix   string `json:"fix,omitempty"`
}

func findings(err error) []finding {
	list := []finding{}
	for _, one := range fault.List(err) {
		if f, ok := one.(*fault.Error); ok {
			list = append(list, finding{f.Where, f.What, f.Fix})
			continue
		}
		list = append(list, finding{What: one.Error()})
	}
	return list
}

func newValidate(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "validate",
		Short: "All that is wrong with the council's folder, at once",
		RunE: func(c *cobra.Command, _ []string) error {
			folder, err := pipeline.Open(c.Context(), p.folder, all.Kinds)
			if !errors.Is(err, fs.ErrNotExist) {
				_, _, scheduleFaults := readSchedules(p.folder)
				err = fault.Once(err, scheduleFaults)
			}
			if p.json {
				return p.validateJSON(folder, err)
			}
			if err != nil {
				return exit{exitUsage, err}
			}
			for _, warning := range folder.Warnings {
				fmt.Fprintln(p.term.out, "warning: "+warning.Error())
			}
			for _, m := range folder.Models.Replaced() {
				fmt.Fprintf(p.term.out, "note: %s replaces the program's %s\n", m.File, m.Name)
			}
			fmt.Fprintf(p.term.out, "%s: %s, %s, %s: nothing is wrong.\n", folder.Settings.Name,
				count(len(folder.SourceNames()), "source"), count(len(folder.Handbook.Measures), "measure"), count(len(folder.Models.Models), "model"))
			return nil
		},
	}
}

func (p *program) validateJSON(folder *pipeline.Folder, err error) error {
	document := struct {
		Faults   []finding `json:"faults"`
		Warnings []finding `json:"warnings"`
		Replaced []string  `json:"replaced"`
	}{findings(err), []finding{}, []string{}}
	if err == nil {
		document.Warnings = findings(fault.Join(folder.Warnings...))
		for _, m := range folder.Models.Replaced() {
			document.Replaced = append(document.Replaced, m.Name)
		}
	}
	if printed := p.printJSON(document); printed != nil {
		return printed
	}
	if err != nil {
		return exit{code: exitUsage}
	}
	return nil
}
