// Package inspect looks at CSV files nobody has described and proposes the contract that reads them, with what it is unsure
// of said in comments. It reads a file from beginning to end once to propose and once to try what it proposes, and never holds
// it whole.
package inspect

import (
	"context"
	"errors"
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
	// How a file is written is judged by its beginning, until what lies further down says otherwise.
	s, err := gather(ctx, paths, o, beginning)
	if errors.Is(err, errMisjudged) {
		s, err = gather(ctx, paths, o, whole)
	}
	if err != nil {
		return Proposal{}, err
	}
	if err := s.settle(ctx); err != nil {
		return Proposal{}, err
	}
	return s.proposal(), nil
}

// errMisjudged says that a file as a whole is not written as its beginning is.
var errMisjudged = errors.New("the encoding was misjudged")

// gather groups the files by how as many bytes of each are written, and proposes a dataset for each group.
func gather(ctx context.Context, paths []string, o Options, most int64) (*source, error) {
	var datasets []*dataset
	for _, path := range paths {
		d, err := open(path, most)
		if err != nil {
			return nil, err
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
			return nil, err
		}
	}
	return s, nil
}

// open finds out how a file is written by as many bytes of it.
func open(path string, most int64) (*dataset, error) {
	seen, err := look(path, most)
	if err != nil {
		return nil, err
	}
	encoding, _ := seen.encoding()
	d := &dataset{paths: []string{path}, unsure: map[string][]string{}}
	if d.dialect, err = findDialect(seen.head, encoding); err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	found := false
	if d.heading, found = d.dialect.findHeading(); !found {
		return nil, &fault.Error{Where: path, What: fmt.Sprintf("no line among the first %d could hold column names", topLines),
			Fix: "is it a table? open it in a text editor; a file of notes or a report is no CSV"}
	}
	d.dialect.format.HeaderRow, d.dialect.format.SkipRows = int(d.heading.line), d.heading.skip
	return d, nil
}

// like says whether another file can be read under the same contract.
func (d *dataset) like(other *dataset) bool {
	return d.dialect.format.Equal(other.dialect.format) && slices.Equal(d.heading.names, other.heading.names)
}

// profile reads all values, proposes types, and looks for a key.
func (d *dataset) profile(ctx context.Context, zone *time.Location) error {
	profiles, err := d.nameColumns(zone)
	if err != nil {
		return err
	}
	for _, path := range d.paths {
		if err := d.profileFile(ctx, path, profiles); err != nil {
			return err
		}
	}
	for _, why := range slices.Concat(d.dialect.unsure, d.heading.unsure) {
		d.doubt("format", "%s", why)
	}
	d.propose(profiles)
	k := newKeySearch(d.columns)
	for _, path := range d.paths {
		if err := d.records(ctx, path, io.Discard, func(r *csvdrop.Record) bool { return k.add(r.Fields) }); err != nil {
			return fmt.Errorf("reading %s: %w", path, err)
		}
	}
	d.setKey(k)
	d.chooseMode()
	return nil
}

// profileFile adds the values of a file to the profiles, and makes sure that the whole of it is written as its beginning is.
func (d *dataset) profileFile(ctx context.Context, path string, profiles []*profile) error {
	seen := &seen{}
	err := d.records(ctx, path, seen, func(r *csvdrop.Record) bool {
		for _, p := range profiles {
			p.add(r.Fields[p.index], r.Line)
		}
		return true
	})
	if err != nil {
		return fmt.Errorf("reading %s: %w", path, err)
	}
	seen.end()
	encoding, unsure := seen.encoding()
	if encoding != d.dialect.format.Encoding {
		return errMisjudged
	}
	if d.seen == nil { // the first file speaks for the others
		d.seen = seen
		for _, why := range unsure {
			d.doubt("format", "%s", why)
		}
	}
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

// records gives the records of a file below the column names that are whole and not blank, as long as do wants more. What is
// read of the file is written to raw too.
func (d *dataset) records(ctx context.Context, path string, raw io.Writer, do func(*csvdrop.Record) bool) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	reader, err := d.belowNames(io.TeeReader(file, raw))
	if err != nil {
		return err
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
		if record.Damage == "" && !record.Blank && !do(record) {
			return nil
		}
	}
}

// belowNames gives a reader that stands below the column names: at the end of the file where nothing does.
func (d *dataset) belowNames(in io.Reader) (*csvdrop.Reader, error) {
	reader, err := csvdrop.NewReader(in, d.dialect.format)
	if err != nil {
		return nil, err
	}
	for range d.heading.line - 1 {
		if err := reader.SkipLine(); err != nil && err != io.EOF {
			return nil, err
		}
	}
	if _, err := reader.Next(); err != nil && err != io.EOF {
		return nil, err
	}
	reader.Width = len(d.heading.names)
	for range d.heading.skip {
		if err := reader.SkipLine(); err != nil && err != io.EOF {
			return nil, err
		}
	}
	return reader, nil
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
