package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/connectors/csvdrop"
	"github.com/goldthread/goldthread/internal/strictyaml"
)

// A contract is what the corpus says of a table.
type contract struct {
	Name       string   `json:"name"`
	Key        []string `json:"key"`
	DateFormat string   `json:"date_format"`
	Delimiter  string   `json:"delimiter"`
	Encoding   string   `json:"encoding"`
	HeaderRow  int      `json:"header_row"`
	Columns    []struct {
		Name     string `json:"name"`
		Type     string `json:"type"`
		Required bool   `json:"required"`
		Pattern  string `json:"pattern"`
	} `json:"columns"`
}

// A declared file is what the operator says of a file that differs from its contract.
type declared struct {
	File     string `json:"file"`
	Contract string `json:"contract"`
	Declared struct {
		Delimiter, Quote, Escape, Encoding string
	} `json:"declared"`
}

func readContract(folder, name string) (contract, error) {
	var c contract
	text, err := os.ReadFile(filepath.Join(folder, "contracts", name+".json"))
	if err != nil {
		return c, err
	}
	if err := json.Unmarshal(text, &c); err != nil {
		return c, fmt.Errorf("reading contract %s: %w", name, err)
	}
	return c, nil
}

// settings turns a contract and what is declared of one file into the settings of a source.
func (c contract) settings(d declared) (*csvdrop.Config, error) {
	columns := make(strictyaml.Map[connectors.ColumnTerms], len(c.Columns))
	for i, column := range c.Columns {
		terms := connectors.ColumnTerms{Type: "text", Required: column.Required, Pattern: column.Pattern}
		switch column.Type {
		case "text", "digits", "code":
		case "integer", "date":
			terms.Type = column.Type
		case "decimal2":
			terms.Type = "decimal(18,2)"
		case "boolean":
			yes, no, _ := strings.Cut(column.Pattern, "/")
			terms = connectors.ColumnTerms{Type: "boolean", Required: column.Required, Yes: strictyaml.Texts{yes}, No: strictyaml.Texts{no}}
		default:
			return nil, fmt.Errorf("contract %s: unknown type %q", c.Name, column.Type)
		}
		if column.Type == "date" {
			terms.DateOrder = map[string]string{"dd/mm/yyyy": "dmy", "mm/dd/yyyy": "mdy", "yyyy-mm-dd": "ymd"}[c.DateFormat]
		}
		columns[i] = strictyaml.Entry[connectors.ColumnTerms]{Key: column.Name, Value: terms}
	}
	// The corpus asks what became of each row, so no share of rows set aside refuses a file.
	every := 1.0
	settings := csvdrop.Settings{
		Contract: connectors.Contract{Name: c.Name, Mode: connectors.Increment, Key: c.Key, MaxQuarantined: &every, Columns: columns},
		Files:    d.File,
		Format:   c.format(d),
	}
	config := &csvdrop.Config{Source: "corpus", Kind: "csvdrop", Folder: "files", Datasets: []csvdrop.Settings{settings}}
	return config, config.Validate(&strictyaml.Positions{})
}

func (c contract) format(d declared) csvdrop.FormatSettings {
	format := csvdrop.FormatSettings{
		Delimiter: c.Delimiter, Escape: d.Declared.Escape, Encoding: c.Encoding, HeaderRow: &c.HeaderRow,
	}
	if d.Declared.Delimiter != "" {
		format.Delimiter = d.Declared.Delimiter
	}
	if d.Declared.Encoding != "" {
		format.Encoding = d.Declared.Encoding
	}
	if d.Declared.Quote != "" {
		format.Quote = &d.Declared.Quote
	}
	if format.Delimiter == "\t" {
		format.Delimiter = "tab"
	}
	return format
}
