package main

import (
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/schedules/pipeline"
	"github.com/goldthread/goldthread/warehouse"
)

func newAccept(p *program) *cobra.Command {
	var reason string
	command := &cobra.Command{
		Use:   "accept SOURCE.DATASET",
		Short: "Let in a delivery that was held back for its number of rows",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			source, dataset, named := strings.Cut(args[0], ".")
			if !named {
				return exit{exitUsage, &fault.Error{Where: args[0], What: "this names no dataset", Fix: "write SOURCE.DATASET, as goldthread status does"}}
			}
			settings, err := p.settings()
			if err != nil {
				return err
			}
			if _, err := os.Stat(filepath.Join(p.warehouseFolder(settings), "warehouse.duckdb")); err != nil {
				return &fault.Error{Where: args[0], What: "nothing has been run yet", Fix: "goldthread run", Err: err}
			}
			accepted, err := pipeline.Accept(c.Context(), p.folder, settings, version(),
				warehouse.Acceptance{Source: source, Dataset: dataset, Reason: reason, AcceptedBy: whoAmI()})
			if err != nil {
				return err
			}
			if p.json {
				return p.printJSON(accepted)
			}
			fmt.Fprintf(p.term.out, "%s of %s (%s) may land, on the word of %s.\nThe next run lands it: %s run\n",
				count(int(accepted.Rows), "row"), args[0], strings.Join(accepted.Places, ", "), accepted.AcceptedBy, p.name)
			return nil
		},
	}
	command.Flags().StringVar(&reason, "reason", "", "why it is right, in a `text` that is kept")
	return command
}

// whoAmI is the name under which the system knows who runs the program.
func whoAmI() string {
	if who, err := user.Current(); err == nil {
		return who.Username
	}
	return fmt.Sprintf("user %d", os.Getuid())
}
