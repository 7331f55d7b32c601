package main

import (
	"fmt"
	"io/fs"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/goldthread/goldthread/connectors"
)

const opening = `# Sources

Written from the code by ` + "`go generate ./connectors/all`" + `; a change is made there.

A file of ` + "`sources/`" + ` describes one source: ` + "`source`" + `, its name, ` + "`kind`" + `, one of those below, and the
settings of that kind. A setting that is unknown is an error with file and line. ` + "`goldthread validate`" + ` tells all that is wrong at once.
In the tables, ` + "`datasets[]`" + ` is each of a list, and ` + "`columns.*`" + ` each by its name. A default that is not shown is none.

`

// contractIntro stands above the settings that kinds share.
const contractIntro = `## Contracts

What a dataset says of its rows, in every kind that has the line "contract" in its table.

`

// page is the whole document.
func page(code fs.FS, kinds connectors.Kinds) (string, error) {
	p := &parser{code: code, packages: map[string]*source{}}
	var b strings.Builder
	b.WriteString(opening)
	for _, name := range slices.Sorted(maps.Keys(kinds)) {
		if err := p.kind(&b, name, kinds[name]()); err != nil {
			return "", fmt.Errorf("kind %s: %w", name, err)
		}
	}
	b.WriteString(contractIntro)
	contract, err := p.settings(".", "Contract", "")
	if err != nil {
		return "", err
	}
	table(&b, contract, reflect.Value{})
	return strings.TrimRight(b.String(), "\n") + "\n", nil
}

// kind writes the section of one kind: what it is, its settings, an example.
func (p *parser) kind(b *strings.Builder, name string, defaults connectors.Config) error {
	folder := folderOf(defaults)
	settings, err := p.settings(folder, "Config", "")
	if err != nil {
		return err
	}
	about, err := p.about(folder)
	if err != nil {
		return err
	}
	example, err := fs.ReadFile(p.code, folder+"/example.yaml")
	if err != nil {
		return fmt.Errorf("every kind has an example of its file: %w", err)
	}
	fmt.Fprintf(b, "## %s\n\n%s\n\n", name, about)
	table(b, settings, reflect.ValueOf(defaults).Elem())
	fmt.Fprintf(b, "An example:\n\n```yaml\n%s```\n\n", example)
	return nil
}

// folderOf is the folder of the package that a kind's settings are of, below that of all kinds.
func folderOf(config connectors.Config) string {
	path := reflect.TypeOf(config).Elem().PkgPath()
	return path[strings.LastIndexByte(path, '/')+1:]
}

func table(b *strings.Builder, settings []setting, defaults reflect.Value) {
	b.WriteString("| setting | is | default | means |\n|---|---|---|---|\n")
	for _, s := range settings {
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", s.name, s.kind, cell(s.defaultIn(defaults)), cell(s.meaning))
	}
	b.WriteString("\n")
}

// cell is a text as it can stand in a table.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

// defaultIn is what holds where a file does not give the setting.
func (s setting) defaultIn(defaults reflect.Value) string {
	value := defaults
	for _, field := range s.path {
		if !value.IsValid() || value.Kind() != reflect.Struct {
			return ""
		}
		value = value.FieldByName(field)
	}
	if !value.IsValid() || value.IsZero() || value.Kind() == reflect.Slice || value.Kind() == reflect.Struct {
		return ""
	}
	return fmt.Sprintf("`%v`", value.Interface())
}
