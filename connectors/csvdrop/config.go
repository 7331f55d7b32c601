package csvdrop

import (
	"cmp"
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
	// Source is the name of the source, by which runs select it.
	Source string `yaml:"source"`
	// Kind is csvdrop.
	Kind string `yaml:"kind"`
	// Folder is where the files arrive, within the council's folder unless it is absolute.
	Folder string `yaml:"folder"`
	// Datasets are what is read.
	Datasets []Settings `yaml:"datasets"`
}

// Settings are those of one dataset.
type Settings struct {
	connectors.Contract
	// Files is a pattern for paths below the folder: * and ? stay within one part of a path, ** stands for any folders.
	Files string `yaml:"files"`
	// Format is how the files are written. Nothing of it is guessed.
	Format FormatSettings `yaml:"format"`
	// PublishedAt is where a file's date of publication is to be found. Files are read in its order.
	PublishedAt Edition `yaml:"published_at"`
}

// FormatSettings are a Format as a contract writes it: what is not given is that of DefaultFormat.
type FormatSettings struct {
	// Delimiter is the sign between fields: one ASCII character, or tab; "," where nothing is said.
	Delimiter string `yaml:"delimiter"`
	// Quote is the sign around fields that hold delimiters, quotes or line breaks; a double quote where nothing is said, "" where
	// there is none.
	Quote *string `yaml:"quote"`
	// Escape is the sign before a quote within a field: the quote itself, where nothing is said, or a backslash.
	Escape string `yaml:"escape"`
	// Encoding is utf-8, where nothing is said; utf-16, utf-16le, utf-16be, windows-1252, iso-8859-1, cp437, cp850 or macintosh.
	Encoding string `yaml:"encoding"`
	// HeaderRow is the line of the column names, from 1, which is the default; what stands above it is passed over.
	HeaderRow *int `yaml:"header_row"`
	// SkipRows is how many lines below the column names are no data, such as one of units.
	SkipRows int `yaml:"skip_rows"`
	// Stacked names the rows of headings, from header_row down, of a file in which each column of values has several. Each value
	// is then a row, with those headings as columns and the value as column value.
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
		s.drops = append(s.drops, d.drop(c.Source))
	}
	return s, nil
}

// drop is the dataset of a source as it is read.
func (s Settings) drop(source string) drop {
	return drop{
		dataset: s.Dataset(source), pattern: s.Files, format: s.Format.format(), edition: s.PublishedAt,
		onNew: cmp.Or(s.OnNewColumn, refuseColumn),
	}
}
