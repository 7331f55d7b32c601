package audit

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/goldthread/goldthread/internal/fault"
)

// A Finding is one thing that is wrong with a log.
type Finding struct {
	Where string `json:"where"` // file:line, or the log's folder
	What  string `json:"what"`
}

// A Report is what was found in a log.
type Report struct {
	Entries  int64     `json:"entries"`
	Files    int       `json:"files"`
	Head     Head      `json:"-"` // of the newest entry; note it elsewhere
	Torn     int64     `json:"torn_bytes"`
	Removed  int64     `json:"removed"` // entries, because their time was over
	Findings []Finding `json:"findings"`
}

// mostFindings bounds a report: a log that was rewritten has something wrong in every line.
const mostFindings = 100

// Verify reads a whole log and finds each line that was taken out, altered, moved or put in, and entries missing at its end
// up to the one that the head names. A head noted elsewhere tells more: whether the whole log was written anew. Entries before
// a noted head may have been put away, and those removed because their time was over are counted.
//
// It cannot tell that entries of the last second, which the head does not name yet, were taken from the end; nor, without a
// head noted elsewhere, a log that someone wrote anew together with its head, or took away whole.
func Verify(path string, noted ...Head) (Report, error) {
	r := Report{Findings: []Finding{}}
	c := &chain{report: &r, folder: path, heads: noted, at: origin}
	// The head is read before the entries, to which others may be added meanwhile.
	if err := c.readHeads(); err != nil {
		return r, err
	}
	names, err := files(path)
	if err != nil {
		return r, err
	}
	for i, name := range names {
		c.newest = i == len(names)-1
		if err := c.file(name); err != nil {
			return r, err
		}
	}
	c.end()
	return r, nil
}

// A chain is a log being verified.
type chain struct {
	report *Report
	folder string
	heads  []Head
	at     Head // the furthest entry so far
	gaps   []gap
	where  string
	newest bool  // file
	broken int64 // lines since the furthest entry that are none
}

// A gap is entries that did not come where they should have: they are missing, unless they come later.
type gap struct {
	from, to int64
	where    string
}

func (c *chain) found(where, format string, values ...any) {
	if len(c.report.Findings) < mostFindings {
		c.report.Findings = append(c.report.Findings, Finding{where, fmt.Sprintf(format, values...)})
	}
}

// readHeads reads what the log itself names: its newest entry, and the last one that was removed.
func (c *chain) readHeads() error {
	removed, _, err := c.readNamed(keptFrom)
	if err != nil {
		return err
	}
	c.report.Removed = removed.Number
	_, found, err := c.readNamed(headFile)
	if err == nil && !found {
		c.found(c.folder, "the head is missing, which names the newest entry")
	}
	return err
}

// readNamed reads a file that names an entry, for the chain to be held against. That it is damaged is a finding.
func (c *chain) readNamed(name string) (h Head, found bool, err error) {
	h, found, err = readNamed(c.folder, name)
	var damage *fault.Error
	switch {
	case errors.As(err, &damage):
		c.found(damage.Where, "%s", damage.What)
		return h, true, nil
	case err == nil && found:
		c.heads = append(slices.Clone(c.heads), h)
	}
	return h, found, err
}

func (c *chain) file(name string) (err error) {
	file, err := os.Open(filepath.Join(c.folder, name))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	c.report.Files++
	in := newLines(file)
	for number := 1; ; number++ {
		text, whole, err := in.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		c.where = fmt.Sprintf("%s:%d", name, number)
		switch {
		case whole:
			c.line(text)
		case c.newest:
			c.report.Torn = int64(len(text)) // a crash cut it off, or it is being written
		default:
			c.found(c.where, "the entry is cut off")
		}
	}
}

func (c *chain) line(text []byte) {
	line, hash, err := decode(text)
	if err != nil {
		c.broken++
		c.found(c.where, "%v", err)
		return
	}
	c.report.Entries++
	here := Head{line.Number, hash}
	c.against(here)
	switch {
	case line.Number <= c.at.Number:
		c.late(line.Number)
		return
	case c.at == origin && line.Number > 1 && c.follows(line):
	case line.Number > c.at.Number+1+c.broken:
		c.gaps = append(c.gaps, gap{c.at.Number + 1, line.Number - 1 - c.broken, c.where})
	case c.broken > 0: // what it follows cannot be told
	case line.Previous != c.at.Hash:
		c.found(c.where, "entry %d does not follow the entry %d that stands before it, which was put in the place of another", line.Number, c.at.Number)
	}
	c.at, c.broken = here, 0
}

// follows says whether a line that begins the log follows a head that was noted.
func (c *chain) follows(line Line) bool {
	for _, h := range c.heads {
		if (h == Head{line.Number - 1, line.Previous}) {
			return true
		}
	}
	return false
}

// late takes an entry that comes after a later one out of the gap it left.
func (c *chain) late(number int64) {
	for i, g := range c.gaps {
		if number < g.from || number > g.to {
			continue
		}
		left := []gap{{g.from, number - 1, g.where}, {number + 1, g.to, g.where}}
		c.gaps = append(c.gaps[:i:i], append(left, c.gaps[i+1:]...)...)
		c.found(c.where, "entry %d stands after entry %d: it was moved", number, c.at.Number)
		return
	}
	c.found(c.where, "entry %d stands here once more", number)
}

// against holds an entry against the heads that name it.
func (c *chain) against(here Head) {
	for _, h := range c.heads {
		if h.Number == here.Number && h.Hash != here.Hash {
			c.found(c.where, "entry %d is another than the one that was noted: the log was written anew", here.Number)
		}
	}
}

// end tells what never came.
func (c *chain) end() {
	for _, g := range c.gaps {
		if g.from <= g.to {
			c.found(g.where, "%s before this line %s", entries(g.from, g.to), missing(g.from, g.to))
		}
	}
	last, named := c.at.Number+c.broken, int64(0)
	for _, h := range c.heads {
		named = max(named, h.Number)
	}
	if named > last {
		c.found(c.folder, "%s at the end %s", entries(last+1, named), missing(last+1, named))
	}
	c.report.Head = c.at
}

func entries(from, to int64) string {
	if from == to {
		return fmt.Sprintf("entry %d", from)
	}
	return fmt.Sprintf("entries %d to %d", from, to)
}

func missing(from, to int64) string {
	if from == to {
		return "is missing"
	}
	return "are missing"
}
