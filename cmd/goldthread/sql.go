package main

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/goldthread/goldthread/internal/council"
	"github.com/goldthread/goldthread/internal/fault"
)

// A question is a query of a release.
type question struct {
	release  string // its number or name; the current one where empty
	audience string
	query    string
	format   string
}

func newSQL(p *program) *cobra.Command {
	var q question
	formats := []string{"table", "csv", "json", "parquet"}
	command := &cobra.Command{
		Use:   `sql "SELECT …"`,
		Short: "Ask a release a question in SQL",
		Example: `  goldthread sql "select measure_name, value, rag from marts.scorecard"
  goldthread sql "from marts.benchmarks" --release cabinet-2026-q2 --format csv > benchmarks.csv`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if q.query = args[0]; p.json {
				q.format = "json"
			}
			if !slices.Contains(formats, q.format) {
				return exit{exitUsage, &fault.Error{Where: "--format", What: fmt.Sprintf("%q is no format", q.format), Fix: fault.DidYouMean(q.format, "formats", formats)}}
			}
			return p.ask(c.Context(), q)
		},
	}
	releaseFlag(command, &q.release)
	command.Flags().StringVar(&q.audience, "audience", council.Staff, "whose file of the release")
	command.Flags().StringVar(&q.format, "format", "table", "table, json, parquet, or csv, which is for spreadsheets: a text that they would run as a formula gets a ' before it")
	return command
}

func (p *program) ask(ctx context.Context, q question) error {
	releases, _, err := p.releases()
	if err != nil {
		return err
	}
	number, err := findRelease(releases, q.release)
	if err != nil {
		return err
	}
	if q.format == "parquet" {
		return p.printParquet(func(folder string) (string, error) {
			return releases.Export(ctx, number, q.audience, q.query, folder)
		})
	}
	db, err := releases.Open(ctx, number, q.audience)
	if err != nil {
		return err
	}
	defer db.Close()
	return p.printQuery(ctx, db, q)
}

// printParquet writes out the file that an export makes in a folder.
func (p *program) printParquet(export func(folder string) (string, error)) error {
	if p.term.isTerminal() {
		return exit{exitUsage, &fault.Error{Where: "--format parquet", What: "a terminal cannot show Parquet", Fix: "put > answer.parquet behind the command"}}
	}
	folder, err := os.MkdirTemp("", "goldthread")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	path, err := export(folder)
	if err != nil {
		return withSQLFix(err)
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = io.Copy(p.term.out, file)
	return err
}

// withSQLFix says how to find out what there is to ask for.
func withSQLFix(err error) error {
	return fmt.Errorf("%w\n  fix: goldthread sql \"show all tables\" lists what there is", err)
}

func (p *program) printQuery(ctx context.Context, db *sql.DB, q question) error {
	rows, err := db.QueryContext(ctx, q.query)
	if err != nil {
		return withSQLFix(err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return err
	}
	var write rowWriter
	switch q.format {
	case "csv":
		write = newCSVWriter(p, names)
	case "json":
		write = newJSONWriter(p, names)
	default:
		write = newTableWriter(p, names)
	}
	for rows.Next() {
		cells := make([]any, len(names))
		into := make([]any, len(names))
		for i := range cells {
			into[i] = &cells[i]
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		if err := write.row(cells); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return write.end()
}

// A rowWriter writes the rows of an answer in one format.
type rowWriter interface {
	row(cells []any) error
	end() error
}

type tableWriter struct {
	p *program
	t table.Writer
	n int
}

func newTableWriter(p *program, names []string) *tableWriter {
	t := p.newTable(names...)
	return &tableWriter{p: p, t: t}
}

func (w *tableWriter) row(cells []any) error {
	row := make(table.Row, len(cells))
	for i, cell := range cells {
		row[i] = plain(cell)
	}
	w.t.AppendRow(row)
	w.n++
	return nil
}

func (w *tableWriter) end() error {
	w.t.Render()
	_, err := fmt.Fprintln(w.p.term.out, count(w.n, "row"))
	return err
}

type jsonWriter struct {
	p     *program
	names []string
	rows  []jsonRow
}

func newJSONWriter(p *program, names []string) *jsonWriter {
	return &jsonWriter{p: p, names: names, rows: []jsonRow{}}
}

func (w *jsonWriter) row(cells []any) error {
	w.rows = append(w.rows, jsonRow{w.names, cells})
	return nil
}

func (w *jsonWriter) end() error { return w.p.printJSON(w.rows) }
