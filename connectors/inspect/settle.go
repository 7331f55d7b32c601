package inspect

import (
	"context"
	"fmt"
	"math"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/connectors/csvdrop"
	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/internal/strictyaml"
)

// A source is what is proposed for all files.
type source struct {
	Options
	folder   string
	placed   bool // the files lie in the council's folder
	datasets []*dataset
}

var dateInName = regexp.MustCompile(`[12][0-9]{3}[-_]?(0[1-9]|1[0-2])([-_]?[0-3][0-9])?`)

// place names the source and its datasets, and says where the files are looked for.
func (s *source) place() {
	taken := map[string]bool{}
	for _, d := range s.datasets {
		base := filepath.Base(d.paths[0])
		undated := dateInName.ReplaceAllString(stem(base), "")
		name := identify(undated)
		if name == "" {
			name = "table"
		}
		d.name = unique(name, taken)
		d.files = pattern(d.baseNames())
		if found := dateInName.FindString(base); found != "" {
			d.dated(found)
		}
	}
	if s.Source == "" {
		s.Source = s.datasets[0].name
	}
	s.folder = "drops/" + s.Source
	if folder, inside := s.within(); inside {
		s.folder, s.placed = folder, true
	}
}

// dated reads the edition from a date in the file's name, and lets files of other dates be of the dataset too.
func (d *dataset) dated(found string) {
	shape := `\d{4}`
	for _, c := range found[4:] {
		if c == '-' || c == '_' {
			shape += string(c)
		} else {
			shape += `\d`
		}
	}
	shape = strings.ReplaceAll(shape, `\d\d`, `\d{2}`)
	d.edition = "(" + shape + ")"
	before, after, _ := strings.Cut(escaped(filepath.Base(d.paths[0])), found)
	d.files = before + "*" + after
	if !slices.ContainsFunc(d.baseNames(), func(base string) bool { return !dateInName.MatchString(base) }) {
		d.doubt("published_at", "the date in the file's name is taken for its edition")
		return
	}
	d.edition = ""
}

// within gives the files' folder within the council's, if they lie there together.
func (s *source) within() (string, bool) {
	folder := ""
	for _, d := range s.datasets {
		for _, p := range d.paths {
			own, inside := folderOf(p, s.Root)
			if !inside || folder != "" && folder != own {
				return "", false
			}
			folder = own
		}
	}
	return folder, folder != ""
}

// folderOf is the folder of a file as seen from root, if it lies in a folder there.
func folderOf(file, root string) (string, bool) {
	top, errTop := filepath.Abs(root)
	full, errFull := filepath.Abs(file)
	if errTop != nil || errFull != nil {
		return "", false
	}
	folder, err := filepath.Rel(top, filepath.Dir(full))
	folder = filepath.ToSlash(folder)
	return folder, err == nil && folder != "." && folder != ".." && !strings.HasPrefix(folder, "../")
}

// escaped is a name as a pattern that only it fits.
func escaped(name string) string {
	for _, sign := range []string{"[", "*", "?"} {
		name = strings.ReplaceAll(name, sign, "?")
	}
	return name
}

// pattern is one that all names fit.
func pattern(bases []string) string {
	if len(bases) == 1 {
		return strings.ReplaceAll(escaped(bases[0]), `\`, "?")
	}
	before, after := bases[0], bases[0]
	for _, base := range bases[1:] {
		for !strings.HasPrefix(base, before) {
			before = before[:len(before)-1]
		}
		for !strings.HasSuffix(base, after) {
			after = after[1:]
		}
	}
	return strings.ToValidUTF8(escaped(before)+"*"+escaped(after[max(0, len(before)+len(after)-len(bases[0])):]), "?")
}

// mostRounds bounds how often a proposal is corrected after a trial.
const mostRounds = 6

// settle reads the files under what is proposed, with the real reader, and corrects it until no good row is set aside.
func (s *source) settle(ctx context.Context) error {
	for range mostRounds {
		corrected, err := s.try(ctx)
		if err != nil || !corrected {
			return err
		}
	}
	return nil
}

// try reads the files once and says whether anything had to be corrected.
func (s *source) try(ctx context.Context) (corrected bool, err error) {
	config, err := s.config()
	if err != nil {
		return false, err
	}
	for _, d := range s.datasets {
		d.trials = nil
		for _, file := range d.paths {
			trial, err := config.Try(ctx, d.name, file, s.zone())
			if err != nil {
				return false, err
			}
			d.trials = append(d.trials, trial)
			corrected = d.correct(trial) || corrected
		}
	}
	return corrected, nil
}

func (s *source) zone() *time.Location {
	if s.Zone == nil {
		return time.UTC
	}
	return s.Zone
}

// config decodes the proposal as a run would. What it cannot be is a bug of ours, or a file too odd for any contract.
func (s *source) config() (*csvdrop.Config, error) {
	config := &csvdrop.Config{}
	at, err := strictyaml.Decode("proposal", []byte(s.yaml()), config)
	if err == nil {
		err = config.Validate(at)
	}
	if err != nil {
		return nil, &fault.Error{Where: s.datasets[0].paths[0], What: "no contract can be written for this file: " + err.Error(), Err: err}
	}
	return config, nil
}

// correct changes what the trial has shown to be wrong, and says whether there was anything.
func (d *dataset) correct(trial connectors.Trial) (changed bool) {
	for _, r := range trial.Rejects {
		if i := slices.IndexFunc(d.columns, func(c *column) bool { return c.name == r.Column }); i >= 0 && !r.Repeat {
			changed = d.columns[i].becomeText(r) || changed
		}
	}
	if len(d.key) > 0 && slices.ContainsFunc(trial.Rejects, isRepeat) {
		d.doubt("key", "[%s] is no key: its values stand on several lines. Without a key equal rows are all kept", strings.Join(d.key, ", "))
		d.key, changed = nil, true
	}
	if !changed && trial.Refused != "" && trial.Stored > 0 && d.share < 1 {
		share := float64(trial.Quarantined) / float64(trial.Stored+trial.Quarantined)
		if wanted := min(1, math.Ceil(share*100+1)/100); wanted > d.share && trial.Quarantined > 0 {
			d.share, changed = wanted, true
			d.doubt("max_quarantined", "%d of %d rows cannot be read, more than the usual one in a hundred", trial.Quarantined, trial.Stored+trial.Quarantined)
		}
	}
	return changed
}

func isRepeat(r connectors.Reject) bool { return r.Repeat }

func (c *column) becomeText(r connectors.Reject) bool {
	if c.terms.Type == "text" && !c.terms.Required {
		return false
	}
	c.doubt("it is text, as line %d does not fit: %s", r.Row, strings.TrimPrefix(r.Reason, fmt.Sprintf("column %q: ", c.name)))
	c.terms = connectors.ColumnTerms{Type: "text", Header: c.terms.Header, PersonalData: c.terms.PersonalData}
	return true
}

// proposal gives out what has been settled.
func (s *source) proposal() Proposal {
	p := Proposal{Source: s.Source, Unsure: []string{}, Trials: []connectors.Trial{}}
	for _, d := range s.datasets {
		for _, trial := range d.trials {
			d.tell(trial)
		}
		p.Trials = append(p.Trials, d.trials...)
	}
	p.YAML = s.yaml()
	for line := range strings.Lines(p.YAML) {
		if _, why, ok := strings.Cut(line, "# unsure: "); ok {
			p.Unsure = append(p.Unsure, strings.TrimSpace(why))
		}
	}
	return p
}

// tell says what came of a file under the proposal, as far as it is not what one would hope.
func (d *dataset) tell(trial connectors.Trial) {
	if trial.Refused != "" {
		d.doubt("", "the file is refused even so: %s", trial.Refused)
	}
	for _, note := range trial.Notes {
		if strings.HasPrefix(note, "keys were compared") {
			d.doubt("key", "%s", note)
		}
	}
	const most = 5
	for i, r := range trial.Rejects {
		if i == most {
			d.doubt("", "and %d more rows", trial.Quarantined-most)
			break
		}
		d.doubt("", "line %d is set aside: %s", r.Row, r.Reason)
	}
}

// file is where the proposal belongs in a council's folder.
func (s *source) file() string { return path.Join("sources", s.Source+".yaml") }
