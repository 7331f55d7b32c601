package csvdrop

import (
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/internal/strictyaml"
)

// Config is the settings of a source of kind csvdrop.
type Config struct {
	Source   string     `yaml:"source"`
	Kind     string     `yaml:"kind"`
	Folder   string     `yaml:"folder"`
	Datasets []Settings `yaml:"datasets"`
}

// Settings are those of one dataset.
type Settings struct {
	connectors.Contract
	// Files is a pattern for paths below the folder; see matches.
	Files       string         `yaml:"files"`
	Format      FormatSettings `yaml:"format"`
	PublishedAt Edition        `yaml:"published_at"`
}

// FormatSettings are a Format as a contract writes it: what is not given is that of DefaultFormat.
type FormatSettings struct {
	Delimiter string  `yaml:"delimiter"`
	Quote     *string `yaml:"quote"`
	Escape    string  `yaml:"escape"`
	Encoding  string  `yaml:"encoding"`
	HeaderRow *int    `yaml:"header_row"`
	SkipRows  int     `yaml:"skip_rows"`
	// Stacked names the rows of stacked headings; see Format.
	Stacked strictyaml.Texts `yaml:"stacked_headers"`
}

// Default is the settings of a source before its file is read: its datasets have none that could be shared.
func Default() connectors.Config { return &Config{} }

// format fills in what a contract does not give. A quote of its own is its own escape.
func (s FormatSettings) format() Format {
	f := DefaultFormat()
	if s.Delimiter != "" {
		f.Delimiter = s.Delimiter
	}
	if s.Quote != nil {
		f.Quote = *s.Quote
	}
	if f.Escape = f.Quote; s.Escape != "" {
		f.Escape = s.Escape
	}
	if s.Encoding != "" {
		f.Encoding = strings.ToLower(s.Encoding)
	}
	if s.HeaderRow != nil {
		f.HeaderRow = *s.HeaderRow
	}
	f.SkipRows, f.Stacked = s.SkipRows, s.Stacked
	return f
}

// Validate names all that is wrong with the settings.
func (c *Config) Validate(at *strictyaml.Positions) error {
	i := connectors.Inspect(at)
	if c.Folder == "" {
		i.Fault("folder", "add folder: where the files arrive, such as drops/waste", "the source names no folder")
	}
	contracts := make([]connectors.Contract, len(c.Datasets))
	for n, s := range c.Datasets {
		contracts[n] = s.Contract
		place := fmt.Sprintf("datasets[%d]", n)
		if !validPattern(s.Files) {
			i.Fault(place+".files", "write a path below the folder with /, in which * stands for any part of a name and ** for any folders",
				"files is %q", s.Files)
		}
		each(i, place+".format", s.Format.format().faults())
		each(i, place+".published_at", s.PublishedAt.faults())
	}
	i.Contracts(contracts)
	return i.Err()
}

// each adds the faults of single settings.
func each(i *connectors.Inspector, place string, faults map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(faults)) {
		i.Fault(place+"."+name, faults[name], "%s cannot be used", name)
	}
}

// Open gives the source. The folder need not be there yet.
func (c *Config) Open(deps connectors.Deps) (connectors.Source, error) {
	folder := filepath.FromSlash(c.Folder)
	if !filepath.IsAbs(folder) {
		folder = filepath.Join(deps.Root, folder)
	}
	s := &Source{folder: path.Clean(c.Folder), files: os.DirFS(folder), archive: deps.Archive, zone: deps.Zone}
	for _, d := range c.Datasets {
		onNew := d.OnNewColumn
		if onNew == "" {
			onNew = refuseColumn
		}
		s.drops = append(s.drops, drop{
			dataset: d.Dataset(c.Source), pattern: d.Files, format: d.Format.format(), edition: d.PublishedAt, onNew: onNew,
		})
	}
	return s, nil
}
