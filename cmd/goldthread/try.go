package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/connectors/all"
	"github.com/goldthread/goldthread/internal/fault"
)

func newTry(p *program) *cobra.Command {
	var most int
	command := &cobra.Command{
		Use:   "try SOURCE[.DATASET] FILE",
		Short: "What would land from a file under the council's contract; nothing is kept",
		Example: `  goldthread try waste tonnages.csv
  goldthread try waste.tonnages "from the contractor.csv"`,
		Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			settings, err := p.settings()
			if err != nil {
				return err
			}
			source, dataset, _ := strings.Cut(args[0], ".")
			trier, err := p.trier(source)
			if err != nil {
				return exit{exitUsage, err}
			}
			trial, err := trier.Try(c.Context(), dataset, args[1], settings.Location())
			if err != nil {
				return exit{exitUsage, err}
			}
			return p.printTrial(args[1], source, trial, most)
		},
	}
	command.Flags().IntVar(&most, "rows", 10, "show so many of the rows set aside, at most 100")
	return command
}

// trier gives the settings of a source, whatever is wrong with other sources.
func (p *program) trier(source string) (connectors.Trier, error) {
	files, err := all.Kinds.ReadFolder(os.DirFS(p.folder))
	i := slices.IndexFunc(files, func(f connectors.File) bool { return f.Source == source })
	if i < 0 {
		if err != nil {
			return nil, err
		}
		names := make([]string, len(files))
		for n, f := range files {
			names[n] = f.Source
		}
		return nil, &fault.Error{Where: "sources/", What: fmt.Sprintf("there is no source %q", source), Fix: fault.DidYouMean(source, "sources", names)}
	}
	trier, ok := files[i].Config.(connectors.Trier)
	if !ok {
		return nil, &fault.Error{Where: files[i].Path, What: "sources of kind " + files[i].Kind + " read no files that could be tried"}
	}
	return trier, nil
}

func (p *program) printTrial(file, source string, trial connectors.Trial, most int) error {
	trial.Rejects = trial.Rejects[:min(max(most, 0), len(trial.Rejects))]
	if p.json {
		document := struct {
			File string `json:"file"`
			connectors.Trial
		}{file, trial}
		if err := p.printJSON(document); err != nil {
			return err
		}
	} else {
		p.printTrialWords(file, source, trial)
	}
	if trial.Refused != "" {
		return exit{code: exitRed}
	}
	return nil
}

func (p *program) printTrialWords(file, source string, trial connectors.Trial) {
	out := p.term.out
	fmt.Fprintf(out, "%s as %s.%s: %s read: %d stored, %d set aside, %d blank. Nothing was kept.\n",
		file, source, trial.Dataset, count(int(trial.Read), "row"), trial.Stored, trial.Quarantined, trial.Blank)
	if trial.Refused != "" {
		fmt.Fprintln(out, "The file would be refused: "+trial.Refused)
	}
	if len(trial.Missing) > 0 {
		fmt.Fprintln(out, "The contract has columns that the file lacks: "+strings.Join(trial.Missing, ", "))
	}
	if len(trial.New) > 0 {
		fmt.Fprintf(out, "The file has columns that the contract does not name: %q\n", trial.New)
	}
	for _, note := range trial.Notes {
		fmt.Fprintln(out, "note: "+note)
	}
	if len(trial.Rejects) == 0 {
		return
	}
	t := p.newTable("line", "column", "reason", "text")
	for _, r := range trial.Rejects {
		t.AppendRow(table.Row{r.Row, r.Column, r.Reason, shorten(r.Text)})
	}
	t.Render()
	if more := trial.Quarantined - int64(len(trial.Rejects)); more > 0 {
		fmt.Fprintf(out, "and %d more\n", more)
	}
}
