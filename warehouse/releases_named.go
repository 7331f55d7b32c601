package warehouse

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/gofrs/flock"

	"github.com/goldthread/goldthread/internal/durable"
	"github.com/goldthread/goldthread/internal/fault"
)

// NamesFile is the file, in the folder of a warehouse, of the names of releases: a JSON line each time one was given or taken away,
// the oldest first. What holds now follows from them.
const NamesFile = "releases/names.jsonl"

// A Naming is one line of that file.
type Naming struct {
	At      time.Time `json:"at"`
	By      string    `json:"by"`
	Name    string    `json:"name"`
	Release int64     `json:"release,omitempty"` // that has the name from now on; none where the name is taken away
	Was     string    `json:"was,omitempty"`     // the name that the release had until now, where it is another
	// Manifest is the SHA-256 of the release's manifest: a backup that is given back must not lend its name to another release.
	Manifest string `json:"manifest_sha256,omitempty"`
}

// A NamedRelease is a name that holds, and how it came about.
type NamedRelease struct {
	Naming
	Missing bool `json:"missing,omitempty"` // the release is not there any more, or is another one
}

var nameOfRelease = regexp.MustCompile(`^[a-z][a-z0-9]*([-_.][a-z0-9]+)*$`)

const longestName = 60

// Name gives a release a name, under which it can be asked for and by which it is kept for good. The same name given to the same
// release once more changes nothing.
func (r *Releases) Name(n Naming) error {
	return r.changeNames(func(held map[string]NamedRelease) (*Naming, error) {
		if err := checkName(n.Name); err != nil {
			return nil, err
		}
		number, err := r.resolve(n.Release)
		if err != nil {
			return nil, err
		}
		other, taken := held[n.Name]
		if taken && other.Release == number && !other.Missing {
			return nil, nil
		}
		if taken {
			return nil, nameTaken(n.Name, other.Release)
		}
		n.Release = number
		n.Manifest, err = r.manifestSum(number)
		return &n, err
	})
}

// Rename gives the release that has the name n.Was the name n.Name instead.
func (r *Releases) Rename(n Naming) error {
	return r.changeNames(func(held map[string]NamedRelease) (*Naming, error) {
		if err := checkName(n.Name); err != nil {
			return nil, err
		}
		was, known := held[n.Was]
		if !known {
			return nil, r.noSuchName(n.Was, held)
		}
		if other, taken := held[n.Name]; taken {
			return nil, nameTaken(n.Name, other.Release)
		}
		n.Release, n.Manifest = was.Release, was.Manifest
		return &n, nil
	})
}

// Unname takes a name away. Its release is then kept no longer than others are.
func (r *Releases) Unname(n Naming) error {
	return r.changeNames(func(held map[string]NamedRelease) (*Naming, error) {
		if _, known := held[n.Name]; !known {
			return nil, r.noSuchName(n.Name, held)
		}
		n.Release = 0
		return &n, nil
	})
}

func checkName(name string) error {
	if nameOfRelease.MatchString(name) && len(name) <= longestName {
		return nil
	}
	return &fault.Error{
		What: fmt.Sprintf("%q cannot be the name of a release", name),
		Fix:  fmt.Sprintf("write small letters and digits, with - or _ or . between them, a letter first, at most %d in all, such as cabinet-2026-q2", longestName),
	}
}

func nameTaken(name string, release int64) error {
	return &fault.Error{
		What: fmt.Sprintf("release %d has the name %q already", release, name),
		Fix:  "give another name; or take that one away first: goldthread releases unname " + name,
	}
}

func (r *Releases) noSuchName(name string, held map[string]NamedRelease) error {
	names := slices.Sorted(maps.Keys(held))
	fix := "no release has a name yet; goldthread releases lists them by number"
	if len(names) > 0 {
		fix = fault.DidYouMean(name, "names of releases", names)
	}
	return &fault.Error{Where: r.folder, What: fmt.Sprintf("no release has the name %q", name), Fix: fix}
}

// changeNames adds the line that decide gives, if it gives one. Processes take turns.
func (r *Releases) changeNames(decide func(held map[string]NamedRelease) (*Naming, error)) (err error) {
	unlock, err := r.lockNames()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	trail, err := r.Namings()
	if err != nil {
		return err
	}
	held, err := r.hold(trail)
	if err != nil {
		return err
	}
	line, err := decide(held)
	if err != nil || line == nil {
		return err
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	for _, n := range append(trail, *line) {
		if err := encoder.Encode(n); err != nil {
			return err
		}
	}
	return durable.Replace(r.path("names.jsonl"), text.Bytes(), 0o644)
}

// lockNames takes the lock under which names change and releases are removed.
func (r *Releases) lockNames() (unlock func() error, err error) {
	if err := os.MkdirAll(r.folder, 0o755); err != nil {
		return nil, err
	}
	lock := flock.New(r.path("names.lock"))
	return lock.Close, lock.Lock()
}

// Namings are all namings that ever were, the oldest first.
func (r *Releases) Namings() ([]Naming, error) {
	name := r.path("names.jsonl")
	text, err := os.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return readNamings(name, text)
}

func readNamings(file string, text []byte) ([]Naming, error) {
	var all []Naming
	for number, line := range bytes.Split(bytes.TrimSuffix(text, []byte("\n")), []byte("\n")) {
		var n Naming
		if err := json.Unmarshal(line, &n); err != nil || checkName(n.Name) != nil || n.Release < 0 {
			return nil, &fault.Error{
				Where: fmt.Sprintf("%s:%d", file, number+1), What: "a line of the names of releases cannot be read",
				Fix: "put the file back from a backup; or take the line out, and name the release again", Err: err,
			}
		}
		all = append(all, n)
	}
	return all, nil
}

// Named are the names that hold, the oldest first.
func (r *Releases) Named() ([]NamedRelease, error) {
	trail, err := r.Namings()
	if err != nil {
		return nil, err
	}
	held, err := r.hold(trail)
	return slices.SortedFunc(maps.Values(held), func(a, b NamedRelease) int { return a.At.Compare(b.At) }), err
}

// hold gives the names that hold at the end of a trail.
func (r *Releases) hold(trail []Naming) (map[string]NamedRelease, error) {
	held := map[string]NamedRelease{}
	for _, n := range trail {
		delete(held, n.Was)
		delete(held, n.Name)
		if n.Release > 0 {
			held[n.Name] = NamedRelease{Naming: n}
		}
	}
	for name, n := range held {
		sum, err := r.manifestSum(n.Release)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
		n.Missing = sum != n.Manifest
		held[name] = n
	}
	return held, nil
}

func (r *Releases) manifestSum(number int64) (string, error) {
	text, err := os.ReadFile(r.path(strconv.FormatInt(number, 10), "manifest.json"))
	if err != nil {
		return "", err
	}
	return sumOfText(text), nil
}

// Find gives the number of the release that a person asks for by its number or name; 0, the current one, where the text is empty.
func (r *Releases) Find(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	if number, err := strconv.ParseInt(text, 10, 64); err == nil && number > 0 {
		return number, nil
	}
	trail, err := r.Namings()
	if err != nil {
		return 0, err
	}
	held, err := r.hold(trail)
	if err != nil {
		return 0, err
	}
	n, known := held[text]
	switch {
	case !known:
		return 0, r.noSuchName(text, held)
	case n.Missing:
		return 0, &fault.Error{
			Where: r.path(strconv.FormatInt(n.Release, 10)), What: fmt.Sprintf("release %d, which was named %q, is not here any more", n.Release, text),
			Fix: "put it back from a backup; or take the name away: goldthread releases unname " + text,
		}
	}
	return n.Release, nil
}

// hasName says whether a release has a name. While names cannot be read every release counts as named.
func (r *Releases) hasName(number int64) bool {
	named, err := r.Named()
	return err != nil || slices.ContainsFunc(named, func(n NamedRelease) bool { return n.Release == number && !n.Missing })
}
