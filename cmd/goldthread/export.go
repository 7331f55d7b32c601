package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/goldthread/goldthread/internal/council"
	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/warehouse"
	"github.com/goldthread/goldthread/warehouse/export"
)

func newExport(p *program) *cobra.Command {
	var plan export.Plan
	var release string
	command := &cobra.Command{
		Use:   "export",
		Short: "Write the star and the marts of a release as Parquet or CSV files",
		Long: "Writes each table of core and marts into a new folder, with a datapackage.json that describes them. CSV is for spreadsheets\n" +
			"too: a text that they would run as a formula gets a ' before it; Parquet holds every text as it is.",
		Example: `  goldthread export --to out/release-12 --format parquet
  goldthread export --release 12 --audience public --to figures --format csv --licence OGL-UK-3.0`,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			releases, _, err := p.releases()
			if err != nil {
				return err
			}
			if plan.Release, err = findRelease(releases, release); err != nil {
				return err
			}
			return p.export(c, plan)
		},
	}
	flags := command.Flags()
	releaseFlag(command, &release)
	flags.StringVar(&plan.Audience, "audience", council.Staff, "whose file of the release")
	flags.StringVar(&plan.Folder, "to", "", "`folder` that is made for the files")
	flags.StringVar(&plan.Format, "format", "parquet", "parquet or csv")
	flags.StringVar(&plan.Licence, "licence", "", "under which others may use the figures, such as OGL-UK-3.0; none is stated where not given")
	return command
}

func (p *program) export(c *cobra.Command, plan export.Plan) error {
	if plan.Folder == "" {
		return exit{exitUsage, &fault.Error{Where: "--to", What: "say where the files go", Fix: "name a folder that is not there yet, such as --to out/release-12"}}
	}
	settings, err := p.settings()
	if err != nil {
		return err
	}
	plan.Council, plan.MemoryLimit = settings.Name, settings.Warehouse.MemoryLimit
	done, err := export.Write(c.Context(), warehouse.NewReleases(p.warehouseFolder(settings)), plan)
	var wrong *fault.Error
	if errors.As(err, &wrong) && (wrong.Where == "--format" || wrong.Where == "--licence") {
		return exit{exitUsage, err}
	}
	if err != nil {
		return err
	}
	if p.json {
		return p.printJSON(struct {
			Folder string `json:"folder"`
			export.Package
		}{plan.Folder, done})
	}
	var rows, bytes int64
	for _, r := range done.Resources {
		rows, bytes = rows+r.Rows, bytes+r.Bytes
	}
	fmt.Fprintf(p.term.out, "Release %s for %s: %d rows in %s, %s, written to %s.\n", done.Version, plan.Audience, rows, count(len(done.Resources), "file"), size(bytes), plan.Folder)
	if len(done.Licences) == 0 {
		fmt.Fprintln(p.term.out, "No licence is stated, so nobody outside may use the figures further; to publish them: --licence OGL-UK-3.0")
	}
	return nil
}
