package main

import (
	"fmt"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/goldthread/goldthread/warehouse"
)

func newReleasesName(p *program) *cobra.Command {
	return &cobra.Command{
		Use:     "name RELEASE NAME",
		Short:   "Give a release a name, under which it can be asked for and by which it is kept for good",
		Example: "  goldthread releases name 41 cabinet-2026-q2",
		Args:    cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			return p.withRelease(func(releases *warehouse.Releases, number int64) error {
				if err := releases.Name(naming(warehouse.Naming{Release: number, Name: args[1]})); err != nil {
					return exit{exitUsage, err}
				}
				return p.sayNamed(fmt.Sprintf("Release %d is named %s and is kept for good.", number, args[1]), releases)
			})(c, args)
		},
	}
}

func newReleasesRename(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "rename NAME NEW",
		Short: "Give a release that has a name another one",
		Args:  cobra.ExactArgs(2),
		RunE: p.withNames(func(releases *warehouse.Releases, args []string) (string, error) {
			return fmt.Sprintf("What was named %s is named %s now.", args[0], args[1]),
				releases.Rename(naming(warehouse.Naming{Name: args[1], Was: args[0]}))
		}),
	}
}

func newReleasesUnname(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "unname NAME",
		Short: "Take a name away; its release is then kept no longer than others are",
		Args:  cobra.ExactArgs(1),
		RunE: p.withNames(func(releases *warehouse.Releases, args []string) (string, error) {
			return fmt.Sprintf("No release is named %s any more.", args[0]), releases.Unname(naming(warehouse.Naming{Name: args[0]}))
		}),
	}
}

// naming adds when it is done, and by whom.
func naming(n warehouse.Naming) warehouse.Naming {
	n.At, n.By = time.Now().UTC().Truncate(time.Second), whoAmI()
	return n
}

// withNames does something with the names of releases and says what was done.
func (p *program) withNames(do func(*warehouse.Releases, []string) (string, error)) func(*cobra.Command, []string) error {
	return func(_ *cobra.Command, args []string) error {
		releases, _, err := p.releases()
		if err != nil {
			return err
		}
		done, err := do(releases, args)
		if err != nil {
			return exit{exitUsage, err}
		}
		return p.sayNamed(done, releases)
	}
}

// sayNamed says what was done; as JSON, the names that hold.
func (p *program) sayNamed(done string, releases *warehouse.Releases) error {
	if !p.json {
		fmt.Fprintln(p.term.out, done)
		return nil
	}
	named, err := releases.Named()
	if err != nil {
		return err
	}
	return p.printJSON(named)
}

func newReleasesNames(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "names",
		Short: "Who named which release when, and who took a name away",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			releases, settings, err := p.releases()
			if err != nil {
				return err
			}
			trail, err := releases.Namings()
			if err != nil {
				return err
			}
			if p.json {
				return p.printJSON(append([]warehouse.Naming{}, trail...))
			}
			t := p.newTable("when", "who", "name", "release")
			for _, n := range trail {
				release := any(n.Release)
				switch {
				case n.Release == 0:
					release = "taken away"
				case n.Was != "":
					release = fmt.Sprintf("%d, until then %s", n.Release, n.Was)
				}
				t.AppendRow(table.Row{n.At.In(settings.Location()).Format("2006-01-02 15:04"), n.By, n.Name, release})
			}
			t.Render()
			return nil
		},
	}
}
