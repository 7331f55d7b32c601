package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/warehouse"
)

func newQuarantine(p *program) *cobra.Command {
	var only warehouse.QuarantineFilter
	list := func(c *cobra.Command, _ []string) error { return p.listQuarantine(c, only) }
	command := &cobra.Command{
		Use:   "quarantine",
		Short: "The rows that were set aside, with file, line and reason",
		RunE:  list,
	}
	command.PersistentFlags().StringVar(&only.Source, "source", "", "only of this `source`")
	var dataset string
	export := &cobra.Command{
		Use:   "export FILE",
		Short: "Write the rows set aside to a workbook (.xlsx) or a CSV file, to send back to who owns the data",
		Example: `  goldthread quarantine export to-put-right.xlsx
  goldthread quarantine export waste.csv --dataset waste.tonnages`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if dataset != "" {
				only.Source, only.Dataset, _ = strings.Cut(dataset, ".")
			}
			return p.exportQuarantine(c, only, args[0])
		},
	}
	export.Flags().StringVar(&dataset, "dataset", "", "only of this dataset, written `source.dataset`")
	command.AddCommand(
		&cobra.Command{Use: "list", Short: "List the rows set aside", Args: cobra.NoArgs, RunE: list},
		export,
	)
	return command
}

func (p *program) listQuarantine(c *cobra.Command, only warehouse.QuarantineFilter) error {
	settings, err := p.settings()
	if err != nil {
		return err
	}
	rows := []warehouse.QuarantinedRow{}
	err = warehouse.ReadQuarantine(c.Context(), p.warehouseFolder(settings), only, func(q warehouse.QuarantinedRow) error {
		rows = append(rows, q)
		return nil
	})
	if err != nil {
		return err
	}
	if p.json {
		return p.printJSON(rows)
	}
	if len(rows) == 0 {
		fmt.Fprintln(p.term.out, "No row is set aside.")
		return nil
	}
	t := p.newTable("dataset", "file", "line", "column", "reason", "text")
	for _, q := range rows {
		t.AppendRow(table.Row{q.Source + "." + q.Dataset, q.Place, q.Line, q.Column, q.Reason, shorten(q.Text)})
	}
	t.Render()
	fmt.Fprintf(p.term.out, "%s set aside. To send them back: %s quarantine export FILE.xlsx\n", count(len(rows), "row"), p.name)
	return nil
}

// A sheetWriter writes rows set aside to a file that people open in Excel.
type sheetWriter interface {
	add(warehouse.QuarantinedRow) error
	save(path string) error
}

func (p *program) exportQuarantine(c *cobra.Command, only warehouse.QuarantineFilter, path string) error {
	settings, err := p.settings()
	if err != nil {
		return err
	}
	if _, err := os.Lstat(path); err == nil {
		return exit{exitUsage, &fault.Error{Where: path, What: "the file is there already, and somebody may have written in it", Fix: "give another name, or remove it"}}
	}
	writer, err := newSheetWriter(path, settings.Name)
	if err != nil {
		return exit{exitUsage, err}
	}
	rows := 0
	err = warehouse.ReadQuarantine(c.Context(), p.warehouseFolder(settings), only, func(q warehouse.QuarantinedRow) error {
		rows++
		return writer.add(q)
	})
	if err != nil {
		return err
	}
	if rows == 0 {
		fmt.Fprintln(p.term.out, "No row is set aside, so no file was written.")
		return nil
	}
	if err := writer.save(path); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if p.json {
		return p.printJSON(map[string]any{"file": path, "rows": rows})
	}
	fmt.Fprintf(p.term.out, "%s written to %s. They are the source's own text: send them only to who may see it.\n", count(rows, "row"), path)
	return nil
}

func newSheetWriter(path, council string) (sheetWriter, error) {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".xlsx":
		return newWorkbook(council)
	case ".csv":
		return newCSVSheet(), nil
	}
	return nil, &fault.Error{Where: path, What: "the name ends neither in .xlsx nor in .csv", Fix: "write for example to-put-right.xlsx"}
}
