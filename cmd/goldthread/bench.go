package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/goldthread/goldthread/connectors/all"
	"github.com/goldthread/goldthread/schedules/pipeline/bench"
)

func newBench(p *program) *cobra.Command {
	options := bench.Options{}
	c := &cobra.Command{
		Use:   "bench",
		Short: "How quick this machine is, each figure beside the least the work can take here",
		Long: "Measures on data of its own in a temporary folder; the council's folder is neither read nor written.\n" +
			"The ratio is floor / time: 1 is as quick as the floor.",
	}
	flags := c.PersistentFlags()
	flags.IntVar(&options.Rows, "rows", 1_000_000, "`rows` to measure with")
	flags.IntVar(&options.Repeat, "repeat", 3, "measure so many `times` and tell the median")
	flags.StringVar(&options.MemoryLimit, "memory", "512MB", "memory `limit` of the engine")
	flags.IntVar(&options.Threads, "threads", 2, "`threads` of the engine")
	measure := func(use, short string, figures func(context.Context, bench.Options) ([]bench.Figure, error)) {
		c.AddCommand(&cobra.Command{
			Use: use, Short: short, Args: cobra.NoArgs,
			RunE: func(c *cobra.Command, _ []string) error { return p.bench(c.Context(), options, figures) },
		})
	}
	measure("ingest", "landing a CSV file: the first time, again, and with one row in a hundred changed",
		func(ctx context.Context, o bench.Options) ([]bench.Figure, error) {
			return bench.Ingest(ctx, o, all.Kinds)
		})
	measure("build", "building and testing star and marts: all of it, and after one period of ten measures changed",
		func(ctx context.Context, o bench.Options) ([]bench.Figure, error) {
			return bench.Build(ctx, o, all.Kinds)
		})
	c.AddCommand(newBenchOperations(p, &options))
	c.AddCommand(newBenchSources(p, &options), newBenchServe(p, &options))
	measure("release", "making a release, beside a plain copy of its file", bench.Release)
	return c
}

// newBenchOperations starts the program itself a second time.
func newBenchOperations(p *program, options *bench.Options) *cobra.Command {
	standing := bench.Standing{}
	c := &cobra.Command{
		Use: "operations", Short: "a load beside a backup, a backup, a restore, the scheduler idle, and the start of the server", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			if standing.Program, err = os.Executable(); err != nil {
				return err
			}
			return p.bench(c.Context(), *options, func(ctx context.Context, o bench.Options) ([]bench.Figure, error) {
				figures, err := bench.Operations(ctx, o, all.Kinds)
				if err != nil {
					return nil, err
				}
				stood, err := bench.Stand(ctx, o, standing)
				return append(figures, stood...), err
			})
		},
	}
	c.Flags().DurationVar(&standing.Idle, "idle", time.Minute, "watch the scheduler for so `long` while nothing is due")
	c.Flags().Float64Var(&standing.Gigabytes, "gigabytes", 2, "`size` of the release that the server is started on")
	return c
}

// newBenchSources needs a server, which no other figure does.
func newBenchSources(p *program, options *bench.Options) *cobra.Command {
	database := bench.Database{}
	passwordEnv := ""
	c := &cobra.Command{
		Use: "sources", Short: "pulling a table from PostgreSQL: whole, and with one row in a hundred changed", Args: cobra.NoArgs,
		Long: "Makes the table goldthread_bench on a server that you name, pulls it and removes it again. The account must be allowed\n" +
			"to make tables there: use a database for tests, not the one your figures come from.",
		RunE: func(c *cobra.Command, _ []string) error {
			database.Password = p.term.getenv(passwordEnv)
			return p.bench(c.Context(), *options, func(ctx context.Context, o bench.Options) ([]bench.Figure, error) {
				return bench.Sources(ctx, o, all.Kinds, database)
			})
		},
	}
	databaseFlags(c.Flags(), &database, &passwordEnv)
	return c
}

func databaseFlags(flags *pflag.FlagSet, database *bench.Database, passwordEnv *string) {
	flags.StringVar(&database.Host, "host", "/var/run/postgresql", "`host`, or the folder of a socket")
	flags.IntVar(&database.Port, "port", 5432, "`port` of the server")
	flags.StringVar(&database.Name, "database", "postgres", "`name` of the database")
	flags.StringVar(&database.User, "user", "postgres", "`account` that may make a table")
	flags.StringVar(passwordEnv, "password-env", "PGPASSWORD", "`variable` that holds the password; none where it is not set")
}

// newBenchServe needs a server too, and starts the program itself a second time.
func newBenchServe(p *program, options *bench.Options) *cobra.Command {
	database := bench.Database{}
	passwordEnv, switches := "", 0
	c := &cobra.Command{
		Use: "serve", Short: "what BI tools get from goldthread serve, beside PostgreSQL with the same rows", Args: cobra.NoArgs,
		Long: "Makes a release of a table of its own, serves it on a free port of this machine, and copies the table to a PostgreSQL\n" +
			"server of this machine that you name, as goldthread_bench, which is removed again. A ratio above 1 is quicker than PostgreSQL.",
		RunE: func(c *cobra.Command, _ []string) error {
			itself, err := os.Executable()
			if err != nil {
				return err
			}
			database.Password = p.term.getenv(passwordEnv)
			return p.bench(c.Context(), *options, func(ctx context.Context, o bench.Options) ([]bench.Figure, error) {
				return bench.Serve(ctx, o, bench.Reading{Program: itself, Database: database, Switches: switches})
			})
		},
	}
	databaseFlags(c.Flags(), &database, &passwordEnv)
	c.Flags().IntVar(&switches, "switches", 100, "`releases` to make while eight clients read")
	return c
}

func (p *program) bench(ctx context.Context, o bench.Options, measure func(context.Context, bench.Options) ([]bench.Figure, error)) error {
	if o.Rows < 1 || o.Repeat < 1 || o.Threads < 1 {
		return exit{exitUsage, fmt.Errorf("rows, repeat and threads must be at least 1")}
	}
	o.Progress = func(stage string) { fmt.Fprintln(p.term.errors, stage) }
	figures, err := measure(ctx, o)
	if err != nil {
		return err
	}
	if p.json {
		return p.printJSON(figures)
	}
	p.printMeasured(figures)
	return nil
}

func (p *program) printMeasured(figures []bench.Figure) {
	t := p.newTable("figure", "rows", "seconds", "floor", "ratio", "peak MiB", "the floor is")
	for _, f := range figures {
		t.AppendRow(table.Row{f.Name, f.Rows, fmt.Sprintf("%.2f", f.Seconds), fmt.Sprintf("%.2f", f.FloorSeconds),
			fmt.Sprintf("%.2f", f.Ratio), fmt.Sprintf("%.0f", f.PeakMiB), f.Floor})
	}
	t.Render()
}
