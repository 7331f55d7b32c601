package main

import (
	"context"
	"fmt"
	"io/fs"
	"reflect"
	"strings"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/connectors/handbook"
	"github.com/goldthread/goldthread/internal/council"
	"github.com/goldthread/goldthread/internal/measures"
)

const settingsOpening = `# Settings of the council's folder

Written from the code by ` + "`go generate ./connectors/all`" + `; a change is made there. Files of ` + "`sources/`" + ` are in
[connectors.md](connectors.md).

A setting that is unknown is an error with file and line, and the nearest right name. ` + "`goldthread validate`" + ` tells all that is wrong at once.
In the tables, ` + "`webhooks[]`" + ` is each of a list, and ` + "`owners.*`" + ` each by its name. A default that is not shown is none.

`

// A described file is one of the council's folder whose settings are a struct of the code.
type described struct {
	title, about string
	place        place
	example      string
	defaults     reflect.Value
	columns      []connectors.Column // that say more of a setting of their name
	words        map[string][]string // that a setting may be
}

// settingsPage is the document of all files but those of sources. Code is the whole repository.
func settingsPage(code fs.FS) (string, error) {
	columns, err := handbookColumns()
	if err != nil {
		return "", err
	}
	p := &parser{code: code, packages: map[string]*source{}}
	var b strings.Builder
	b.WriteString(settingsOpening)
	for _, d := range []described{
		{title: "goldthread.yaml", about: "What holds for the whole folder.", place: place{"internal/council", "Settings"},
			example: "deploy/samples/county/goldthread.yaml", defaults: defaultSettings()},
		{title: "measures/*.yaml", about: "A file for each measure. A measure whose figures no dataset simply holds has its SELECT beside it, in a file of the same name that ends in `.sql`.",
			place: place{"internal/measures", "Measure"}, example: "deploy/samples/district/measures/PLA01.yaml", columns: columns["measures"], words: measures.Words()},
		{title: "plan.yaml", about: "What the measures serve.", place: place{"internal/measures", "Plan"}, example: "examples/starter/plan.yaml"},
		{title: "schedules/*.yaml", about: "When runs are made; [schedules.md](schedules.md) has the words of `when`.", place: place{"schedules", "Schedule"},
			example: "deploy/samples/county/schedules/month_end.yaml"},
	} {
		if err := p.describe(&b, d); err != nil {
			return "", fmt.Errorf("%s: %w", d.title, err)
		}
	}
	if err := targets(&b, columns["targets"], code); err != nil {
		return "", err
	}
	return strings.TrimRight(b.String(), "\n") + "\n", nil
}

// defaultSettings are those of goldthread.yaml, without what depends on the machine.
func defaultSettings() reflect.Value {
	settings := council.Default()
	settings.Warehouse.Threads = 0
	return reflect.ValueOf(settings)
}

// handbookColumns are those of what the council decides, by dataset.
func handbookColumns() (map[string][]connectors.Column, error) {
	datasets, err := handbook.New(connectors.Deps{}).Datasets(context.Background())
	columns := map[string][]connectors.Column{}
	for _, ds := range datasets {
		columns[ds.Name] = ds.Columns
	}
	return columns, err
}

func (p *parser) describe(b *strings.Builder, d described) error {
	settings, err := p.settings(d.place.folder, d.place.name, "")
	if err != nil {
		return err
	}
	for i, s := range settings {
		for _, c := range d.columns {
			if c.Name == s.name && s.meaning == "" {
				settings[i].meaning = c.Description
			}
		}
		if words := d.words[s.name]; words != nil {
			settings[i].kind = strings.Join(words, ", ")
		}
	}
	fmt.Fprintf(b, "## %s\n\n%s\n\n", d.title, d.about)
	table(b, settings, d.defaults)
	return example(b, p.code, d.example, "yaml")
}

func example(b *strings.Builder, code fs.FS, path, kind string) error {
	text, err := fs.ReadFile(code, path)
	if err != nil {
		return err
	}
	fmt.Fprintf(b, "An example:\n\n```%s\n%s```\n\n", kind, text)
	return nil
}

// targets is the section on files of targets, which are CSV.
func targets(b *strings.Builder, columns []connectors.Column, code fs.FS) error {
	b.WriteString("## targets/*.csv\n\nA line a target and version; a change is a new line. Lines above the column names begin with #.\n\n| column | is | means |\n|---|---|---|\n")
	for _, c := range columns {
		if c.Name == "file" || c.Name == "note_file" { // which the program fills
			continue
		}
		is := string(c.Kind)
		if len(c.Values) > 0 {
			is = strings.Join(c.Values, ", ")
		}
		if c.Required {
			is += "; must be given"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", c.Name, is, cell(c.Description))
	}
	b.WriteString("\n")
	return example(b, code, "deploy/samples/district/targets/planning.csv", "csv")
}
