// Package inspect looks at CSV files nobody has described and proposes the contract that reads them, with what it is unsure
// of said in comments. It reads a file several times from beginning to end and never holds it whole.
package inspect

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/connectors/csvdrop"
	"github.com/goldthread/goldthread/internal/fault"
)

// Options are what the files themselves do not say.
type Options struct {
	Source string         // name of the source; made of the first file's name where empty
	Root   string         // the council's folder, in which files may lie already
	Zone   *time.Location // of moments without an offset
}

// A Proposal is a source file, and what came of reading the files under it.
type Proposal struct {
	YAML   string             `json:"yaml"`
	Source string             `json:"source"`
	Unsure []string           `json:"unsure"`
	Trials []connectors.Trial `json:"trials"` // of each file, in the order of datasets
}

// A dataset is the files that have the same columns, written in the same way.
type dataset struct {
	name    string
	paths   []string
	seen    *seen
	dialect dialect
	heading heading
	columns []*column
	passed  []string // names of columns that the contract cannot name
	key     []string
	mode    string
	edition string // pattern of a date in the name
	files   string
	unsure  map[string][]string // by setting
	share   float64             // of rows that may be set aside; 0 is the default
	trials  []connectors.Trial
}

func (d *dataset) doubt(setting, format string, args ...any) {
	d.unsure[setting] = append(d.unsure[setting], fmt.Sprintf(format, args...))
}

// Propose looks at the files and proposes one source for them. Its error names a file that is no CSV.
func Propose(ctx context.Context, paths []string, o Options) (Proposal, error) {
	if name := identify(o.Source); name != o.Source {
		return Proposal{}, &fault.Error{Where: "source", What: fmt.Sprintf("the source's name is %q", o.Source),
			Fix: "use lower case letters, digits and _, such as " + name}
	}
	var datasets []*dataset
	for _, path := range paths {
		d, err := open(path)
		if err != nil {
			return Proposal{}, err
		}
		if i := slices.IndexFunc(datasets, d.like); i >= 0 {
			datasets[i].paths = append(datasets[i].paths, path)
			continue
		}
		datasets = append(datasets, d)
	}
	s := &source{Options: o, datasets: datasets}
	s.place()
	for _, d := range datasets {
		if err := d.profile(ctx, o.Zone); err != nil {
			return Proposal{}, err
		}
	}
	if err := s.settle(ctx); err != nil {
		return Proposal{}, err
	}
	return s.proposal(), nil
}

// open finds out how a file is written.
func open(path string) (*dataset, error) {
	seen, err := look(path)
	if err != nil {
		return nil, err
	}
	encoding, unsure := seen.encoding()
	d := &dataset{paths: []string{path}, seen: seen, unsure: map[string][]string{}}
	for _, why := range unsure {
		d.doubt("format", "%s", why)
	}
	if d.dialect, err = findDialect(seen.head, encoding); err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	found := false
	if d.heading, found = d.dialect.findHeading(); !found {
		return nil, &fault.Error{Where: path, What: fmt.Sprintf("no line among the first %d could hold column names", topLines),
			Fix: "is it a table? open it in a text editor; a file of notes or a report is no CSV"}
	}
	for _, why := range slices.Concat(d.dialect.unsure, d.heading.unsure) {
		d.doubt("format", "%s", why)
	}
	line, skip := int(d.heading.line), d.heading.skip
	d.dialect.format.HeaderRow, d.dialect.format.SkipRows = line, skip
	return d, nil
}

// like says whether another file can be read under the same contract.
func (d *dataset) like(other *dataset) bool {
	return d.dialect.format == other.dialect.format && slices.Equal(d.heading.names, other.heading.names)
}

// profile reads all values, proposes types, and looks for a key.
func (d *dataset) profile(ctx context.Context, zone *time.Location) error {
	profiles, err := d.nameColumns(zone)
	if err != nil {
		return err
	}
	err = d.each(ctx, func(r *csvdrop.Record) {
		for _, p := range profiles {
			p.add(r.Fields[p.index], r.Line)
		}
	})
	if err != nil {
		return err
	}
	d.propose(profiles)
	k := newKeySearch(d.columns)
	if err := d.each(ctx, func(r *csvdrop.Record) { k.add(r.Fields) }); err != nil {
		return err
	}
	d.setKey(k)
	d.chooseMode()
	return nil
}

// nameColumns begins a profile of each column. One whose name is empty or stands twice is named by its place.
func (d *dataset) nameColumns(zone *time.Location) ([]*profile, error) {
	times := map[string]int{}
	for _, name := range d.heading.names {
		times[fold(name)]++
	}
	var profiles []*profile
	for i, name := range d.heading.names {
		header := name
		if name == "" || times[fold(name)] > 1 {
			header = fmt.Sprintf("column %d", i+1)
		}
		p, err := newProfile(header, i, zone)
		if err != nil {
			return nil, err
		}
		p.vague = header != name
		profiles = append(profiles, p)
	}
	return profiles, nil
}

// propose names the columns and decides what each is. One without a name that holds nothing is passed over, and so is one that
// would have to be named by a place that is the name of another.
func (d *dataset) propose(profiles []*profile) {
	taken := map[string]bool{}
	for _, p := range profiles {
		if p.vague && (p.values() == 0 && d.heading.names[p.index] == "" || slices.Contains(d.heading.names, p.header)) {
			d.passed = append(d.passed, p.header)
			continue
		}
		name := identify(p.header)
		if p.vague {
			name = identify(d.heading.name(p.index))
		}
		if name == "" {
			name = fmt.Sprintf("column_%d", p.index+1)
		}
		c := decide(p, unique(name, taken))
		if h := c.terms.Header; len(h) > 1 && slices.Contains(d.heading.names, h[1]) {
			c.terms.Header = h[:1]
		}
		if p.vague {
			c.doubt("its name in the file is %s, so it is found by its place", vagueName(d.heading.names[p.index]))
		}
		d.columns = append(d.columns, c)
	}
	for _, c := range d.columns { // a status lands beside its value
		if c.terms.Statuses != nil && taken[c.name+"_status"] {
			c.terms.Header, c.name = []string{c.header}, unique(c.name+"_value", taken)
		}
	}
}

func vagueName(name string) string {
	if name == "" {
		return "empty"
	}
	return fmt.Sprintf("%q, which stands twice", name)
}

// each gives the records below the column names that are whole and not blank.
func (d *dataset) each(ctx context.Context, do func(*csvdrop.Record)) error {
	for _, path := range d.paths {
		if err := d.eachOf(ctx, path, do); err != nil {
			return fmt.Errorf("reading %s: %w", path, err)
		}
	}
	return nil
}

func (d *dataset) eachOf(ctx context.Context, path string, do func(*csvdrop.Record)) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	reader, err := csvdrop.NewReader(file, d.dialect.format)
	if err != nil {
		return err
	}
	for range d.heading.line - 1 {
		if err := reader.SkipLine(); err != nil {
			return err
		}
	}
	if _, err := reader.Next(); err != nil {
		return err
	}
	reader.Width = len(d.heading.names)
	for range d.heading.skip {
		if err := reader.SkipLine(); err != nil {
			return err
		}
	}
	for n := 0; ; n++ {
		if n%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		record, err := reader.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if record.Damage == "" && !record.Blank {
			do(record)
		}
	}
}

// chooseMode proposes what a file means for the rows it does not hold.
func (d *dataset) chooseMode() {
	has := func(kinds ...string) bool {
		return slices.ContainsFunc(d.columns, func(c *column) bool { return slices.Contains(kinds, c.terms.Type) })
	}
	switch {
	case has("period"):
		d.mode = "increment"
		d.doubt("mode", "the rows have periods, so a file is taken to bring some and leave the others as they were; snapshot if each file is everything")
	case has("date", "timestamp") && (d.edition != "" || hasWord(identify(filepath.Base(d.paths[0])), "spend", "payments", "transactions")):
		d.mode = "append"
		d.doubt("mode", "dated rows in files that are dated themselves are taken for events that stay as they are; increment if later files correct earlier ones")
	case len(d.key) == 0 && d.edition != "":
		d.mode = "increment"
		d.doubt("mode", "the files are dated, so each is taken to bring some rows; snapshot if each file is everything")
	default:
		d.mode = "snapshot"
		d.doubt("mode", "a list of things: what a file lacks is taken to be gone; increment if a file brings only some rows")
	}
}

// baseNames are the names of the files without folders.
func (d *dataset) baseNames() []string {
	var bases []string
	for _, path := range d.paths {
		bases = append(bases, filepath.Base(path))
	}
	return bases
}

func stem(base string) string { return strings.TrimSuffix(base, filepath.Ext(base)) }
