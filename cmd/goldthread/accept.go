package main

import (
	"context"
	"fmt"
	"os"
	"os/user"
	"strings"

	"github.com/spf13/cobra"

	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/schedules/pipeline"
	"github.com/goldthread/goldthread/warehouse"
)

func newAccept(p *program) *cobra.Command {
	var reason string
	var withdraw bool
	command := &cobra.Command{
		Use:   "accept SOURCE.DATASET",
		Short: "Let in a delivery that was held back for its number of rows",
		Example: `  goldthread accept returns.waste --reason "two years in one file"
  goldthread accept returns.waste --withdraw`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			source, dataset, named := strings.Cut(args[0], ".")
			if !named {
				return exit{exitUsage, &fault.Error{Where: args[0], What: "this names no dataset", Fix: "write SOURCE.DATASET, as goldthread status does"}}
			}
			settings, err := p.settings()
			if err != nil {
				return err
			}
			if !warehouse.Exists(p.warehouseFolder(settings)) {
				return &fault.Error{Where: args[0], What: "nothing has been run yet", Fix: "goldthread run"}
			}
			council := pipeline.Council{Root: p.folder, Settings: settings, Version: version()}
			if withdraw {
				return p.withdraw(c.Context(), council, source, dataset)
			}
			return p.accept(c.Context(), council, warehouse.Acceptance{Source: source, Dataset: dataset, Reason: reason, AcceptedBy: whoAmI()})
		},
	}
	command.Flags().StringVar(&reason, "reason", "", "why it is right, in a `text` that is kept")
	command.Flags().BoolVar(&withdraw, "withdraw", false, "take back what was accepted, as long as no run has landed it")
	command.MarkFlagsMutuallyExclusive("reason", "withdraw")
	return command
}

func (p *program) accept(ctx context.Context, council pipeline.Council, a warehouse.Acceptance) error {
	accepted, err := council.Accept(ctx, a)
	if err != nil {
		return err
	}
	if p.json {
		return p.printJSON(accepted)
	}
	fmt.Fprintf(p.term.out, "%s may land, on the word of %s.\nThe next run lands it: %s run\n", delivered(accepted), accepted.AcceptedBy, p.name)
	return nil
}

func (p *program) withdraw(ctx context.Context, council pipeline.Council, source, dataset string) error {
	withdrawn, err := council.Withdraw(ctx, source, dataset, whoAmI())
	if err != nil {
		return err
	}
	if p.json {
		return p.printJSON(withdrawn)
	}
	for _, a := range withdrawn {
		fmt.Fprintf(p.term.out, "%s may no longer land: the word of %s is withdrawn.\n", delivered(a), a.AcceptedBy)
	}
	return nil
}

// delivered says in words what was accepted.
func delivered(a warehouse.Acceptance) string {
	return fmt.Sprintf("%s of %s.%s (%s)", count(int(a.Rows), "row"), a.Source, a.Dataset, strings.Join(a.Places, ", "))
}

// whoAmI is the name under which the system knows who runs the program.
func whoAmI() string {
	if who, err := user.Current(); err == nil {
		return who.Username
	}
	return fmt.Sprintf("user %d", os.Getuid())
}
