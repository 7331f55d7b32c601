package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/goldthread/goldthread/internal/council"
	"github.com/goldthread/goldthread/warehouse"
)

func newReleases(p *program) *cobra.Command {
	command := &cobra.Command{
		Use:   "releases",
		Short: "The releases that are kept",
		RunE: func(c *cobra.Command, _ []string) error {
			releases, _, err := p.releases()
			if err != nil {
				return err
			}
			return p.listReleases(releases)
		},
	}
	command.AddCommand(
		&cobra.Command{Use: "list", Short: "List the releases that are kept", Args: cobra.NoArgs, RunE: command.RunE},
		&cobra.Command{Use: "show RELEASE", Short: "What a release holds: files, tables, rows", Args: cobra.ExactArgs(1), RunE: p.withRelease(p.showRelease)},
		newReleasesDiff(p), newReleasesName(p), newReleasesRename(p), newReleasesUnname(p), newReleasesNames(p),
		&cobra.Command{Use: "pin RELEASE", Short: "Keep a release for good", Args: cobra.ExactArgs(1), RunE: p.withRelease(p.pinRelease)},
	)
	return command
}

func (p *program) withRelease(do func(*warehouse.Releases, int64) error) func(*cobra.Command, []string) error {
	return func(_ *cobra.Command, args []string) error {
		releases, _, err := p.releases()
		if err != nil {
			return err
		}
		number, err := findRelease(releases, args[0])
		if err != nil {
			return err
		}
		return do(releases, number)
	}
}

// findRelease gives the number of a release that a person named or numbered.
func findRelease(releases *warehouse.Releases, text string) (int64, error) {
	number, err := releases.Find(text)
	if err != nil {
		return 0, exit{exitUsage, err}
	}
	return number, nil
}

// releaseFlag is that of commands that read a release.
func releaseFlag(c *cobra.Command, into *string) {
	c.Flags().StringVar(into, "release", "", "the release's `number or name`; the current one where not given")
}

// A releaseLine is one release in the list.
type releaseLine struct {
	Release    int64  `json:"release"`
	ReleasedAt string `json:"released_at"`
	RunID      int64  `json:"run_id"`
	Rows       int64  `json:"rows"`       // of all tables
	Size       int64  `json:"size_bytes"` // of the files of all audiences
	Current    bool   `json:"current"`
	Pinned     bool   `json:"pinned"` // kept for good, as one with a name is
	// Names are those that it was given.
	Names []string `json:"names,omitempty"`
	// Audiences are those that have a file of the release.
	Audiences []string `json:"audiences"`
}

func readReleases(releases *warehouse.Releases) ([]releaseLine, error) {
	numbers, err := releases.Numbers()
	if err != nil {
		return nil, err
	}
	current, err := releases.Current()
	if err != nil {
		return nil, err
	}
	named, err := releases.Named()
	if err != nil {
		return nil, err
	}
	lines := []releaseLine{}
	for _, n := range numbers {
		m, err := releases.Manifest(n)
		if err != nil {
			return nil, err
		}
		line := releaseLine{Release: n, ReleasedAt: m.ReleasedAt.Format("2006-01-02T15:04:05Z07:00"), RunID: m.RunID, Current: n == current, Pinned: releases.Pinned(n), Audiences: m.Audiences(), Names: namesOf(named, n)}
		for _, t := range m.Tables {
			if t.Audience == council.Staff { // who see all
				line.Rows += t.Rows
			}
		}
		for _, f := range m.Files {
			line.Size += f.Size
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// namesOf are the names of one release.
func namesOf(named []warehouse.NamedRelease, number int64) (names []string) {
	for _, n := range named {
		if n.Release == number && !n.Missing {
			names = append(names, n.Name)
		}
	}
	return names
}

func (p *program) listReleases(releases *warehouse.Releases) error {
	lines, err := readReleases(releases)
	if err != nil {
		return err
	}
	if p.json {
		return p.printJSON(lines)
	}
	t := p.newTable("release", "name", "released at", "run", "audiences", "rows", "size", "")
	for _, l := range lines {
		mark := ""
		if l.Current {
			mark = "current"
		}
		if l.Pinned {
			mark += " pinned"
		}
		t.AppendRow(table.Row{l.Release, strings.Join(l.Names, ", "), l.ReleasedAt, l.RunID, strings.Join(l.Audiences, ", "), l.Rows, size(l.Size), mark})
	}
	t.Render()
	return nil
}

func (p *program) showRelease(releases *warehouse.Releases, number int64) error {
	m, err := releases.Manifest(number)
	if err != nil {
		return err
	}
	named, err := releases.Named()
	if err != nil {
		return err
	}
	if p.json {
		return p.printJSON(struct {
			warehouse.Manifest
			Names []string `json:"names"`
		}{m, append([]string{}, namesOf(named, m.Release)...)})
	}
	fmt.Fprintf(p.term.out, "Release %d of run %d, made %s by goldthread %s\n", m.Release, m.RunID, m.ReleasedAt.Format("2006-01-02 15:04 MST"), m.Version)
	for _, n := range named {
		if n.Release == m.Release && !n.Missing {
			fmt.Fprintf(p.term.out, "  named %s on %s by %s\n", n.Name, n.At.Format(time.DateOnly), n.By)
		}
	}
	for _, f := range m.Files {
		fmt.Fprintf(p.term.out, "  %s  %s  sha256 %s\n", f.Name, size(f.Size), f.SHA256)
	}
	t := p.newTable("audience", "table", "rows")
	for _, one := range m.Tables {
		t.AppendRow(table.Row{one.Audience, one.Name, one.Rows})
	}
	t.Render()
	return nil
}

func (p *program) pinRelease(releases *warehouse.Releases, number int64) error {
	if err := releases.Pin(number); err != nil {
		return err
	}
	if p.json {
		return p.printJSON(map[string]any{"release": number, "pinned": true})
	}
	fmt.Fprintf(p.term.out, "Release %d is kept for good.\n", number)
	return nil
}
