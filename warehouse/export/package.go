package export

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goldthread/goldthread/warehouse"
)

const packageFile = "datapackage.json"

// A Package describes an export as a Frictionless data package.
type Package struct {
	Profile   string     `json:"profile"`
	Name      string     `json:"name"`
	Title     string     `json:"title"`
	Version   string     `json:"version"` // number of the release
	Created   time.Time  `json:"created"`
	Licences  []Licence  `json:"licenses,omitempty"`
	Audience  string     `json:"goldthread:audience"`
	Resources []Resource `json:"resources"`
}

// A Licence says what others may do with the figures.
type Licence struct {
	Name  string `json:"name"`
	Path  string `json:"path"`
	Title string `json:"title"`
}

// A Resource is one file.
type Resource struct {
	Profile     string   `json:"profile"`
	Name        string   `json:"name"`
	Path        string   `json:"path"`
	Format      string   `json:"format"`
	MediaType   string   `json:"mediatype"`
	Encoding    string   `json:"encoding,omitempty"`
	Description string   `json:"description,omitempty"`
	Bytes       int64    `json:"bytes"`
	Hash        string   `json:"hash"`
	Rows        int64    `json:"rows"`
	Dialect     *Dialect `json:"dialect,omitempty"`
	Schema      Schema   `json:"schema"`
}

// A Dialect says how a CSV file is written.
type Dialect struct {
	Delimiter      string `json:"delimiter"`
	LineTerminator string `json:"lineTerminator"`
	QuoteChar      string `json:"quoteChar"`
	DoubleQuote    bool   `json:"doubleQuote"`
	Header         bool   `json:"header"`
}

// A Schema says what the columns hold.
type Schema struct {
	Fields        []Field  `json:"fields"`
	MissingValues []string `json:"missingValues,omitempty"`
}

// A Field is one column.
type Field struct {
	Name        string `json:"name"`
	Type        string `json:"type"`
	Format      string `json:"format,omitempty"`
	Description string `json:"description,omitempty"`
	Engine      string `json:"goldthread:type"` // as the release has it
}

var licences = map[string]Licence{
	"OGL-UK-3.0": {Path: "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/", Title: "Open Government Licence v3.0"},
	"CC-BY-4.0":  {Path: "https://creativecommons.org/licenses/by/4.0/", Title: "Creative Commons Attribution 4.0"},
	"CC0-1.0":    {Path: "https://creativecommons.org/publicdomain/zero/1.0/", Title: "Creative Commons Zero 1.0"},
}

// Licences lists the names of those that are known.
func Licences() []string { return slices.Sorted(maps.Keys(licences)) }

var notInNames = regexp.MustCompile(`[^a-z0-9]+`)

func newPackage(plan Plan, m warehouse.Manifest) Package {
	p := Package{
		Profile: "data-package", Title: fmt.Sprintf("%s: performance figures, release %d", plan.Council, m.Release),
		Version: fmt.Sprint(m.Release), Created: m.ReleasedAt, Audience: plan.Audience,
		Name: strings.Trim(notInNames.ReplaceAllString(strings.ToLower(plan.Council), "-"), "-") + fmt.Sprintf("-release-%d", m.Release),
	}
	if plan.Format == "csv" {
		p.Profile = "tabular-data-package"
	}
	if licence, stated := licences[plan.Licence]; stated {
		licence.Name = plan.Licence
		p.Licences = []Licence{licence}
	}
	return p
}

func (t table) resource(format string) Resource {
	r := Resource{
		Profile: "data-resource", Name: t.name(), Path: t.name() + "." + format, Format: format,
		MediaType: "application/vnd.apache.parquet", Description: t.comment,
	}
	if format == "csv" {
		r.Profile, r.MediaType, r.Encoding = "tabular-data-resource", "text/csv", "utf-8"
		r.Dialect = &Dialect{Delimiter: ",", LineTerminator: "\r\n", QuoteChar: `"`, DoubleQuote: true, Header: true}
		r.Schema.MissingValues = []string{""}
	}
	for _, c := range t.columns {
		r.Schema.Fields = append(r.Schema.Fields, c.field())
	}
	return r
}

func (c column) field() Field {
	f := Field{Name: c.name, Type: "string", Description: c.comment, Engine: strings.ToLower(c.kind)}
	switch base, _, _ := strings.Cut(c.kind, "("); base {
	case "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT":
		f.Type = "integer"
	case "DECIMAL", "FLOAT", "DOUBLE":
		f.Type = "number"
	case "BOOLEAN":
		f.Type = "boolean"
	case "DATE":
		f.Type = "date"
	case "TIMESTAMP WITH TIME ZONE":
		f.Type = "datetime"
	case "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS":
		f.Type, f.Format = "datetime", "any"
	}
	return f
}
