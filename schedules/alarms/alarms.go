// Package alarms tells people what went wrong: one message a problem, to who sends the data and to who asked to be told of
// everything, and one when it is over. Messages wait in a file until they are sent, so that neither a server that hangs nor a
// restart loses one. They hold no row data.
package alarms

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/goldthread/goldthread/internal/council"
	"github.com/goldthread/goldthread/internal/durable"
)

// A Problem is something that a person should see to.
type Problem struct {
	What  string // in a sentence, with the fix on a line of its own
	Part  string // what is not well: a source, or a schedule
	Owner string // who sends the data; empty where nobody does
	// Stage tells a problem that got worse from what it was: it is told again then.
	Stage string
	// Readers is what readers see meanwhile, in a sentence; of the release where it is empty.
	Readers string
}

// A News is what became of a run, or of another part of the program.
type News struct {
	By       string   // who noticed, such as the schedule nightly
	Parts    []string // what it looked at: what of it no problem names is well
	Problems []Problem
	Release  int64 // that readers see
	At       time.Time
}

// An open problem has been told and is not over. It stays the same one while its part is not well: what of it is wrong may be
// said in other words each night.
type open struct {
	Since time.Time `json:"since"`
	Part  string    `json:"part"`
	What  string    `json:"what"`
	Owner string    `json:"owner,omitempty"`
	Stage string    `json:"stage,omitempty"`
}

// A letter is one message on its way to one place.
type letter struct {
	Channel  string    `json:"channel"` // mail, file, or a webhook's variable
	To       []string  `json:"to,omitempty"`
	Subject  string    `json:"subject"`
	Text     string    `json:"text"`
	Written  time.Time `json:"written"`
	Attempts int       `json:"attempts,omitempty"`
	Next     time.Time `json:"next,omitzero"`
}

// Options are what a desk needs of the world.
type Options struct {
	Council string // its name
	Folder  string // where the file of alarms lies
	Root    string // the council's folder
	Alerts  council.Alerts
	Zone    *time.Location
	Now     func() time.Time
	Getenv  func(string) string
	Log     zerolog.Logger
}

// A Desk writes messages and sends them. It is safe for concurrent use.
type Desk struct {
	Options
	patience time.Duration // with a server, for one message
	lock     sync.Mutex
	state    struct {
		Open    map[string]open `json:"open"`
		Letters []letter        `json:"letters"`
	}
}

// File is the name of the file in which a desk keeps what is open and what is to be sent.
const File = "alarms.json"

// Bounds on what waits: a channel that fails for a week is given up, and the oldest of too many messages.
const (
	mostLetters = 500
	longest     = 7 * 24 * time.Hour
)

// NewDesk opens the desk of a folder. A file that cannot be read is put aside: then what is open is told once more.
func NewDesk(o Options) (*Desk, error) {
	d := &Desk{Options: o, patience: 20 * time.Second}
	text, err := os.ReadFile(d.path())
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	if err == nil && json.Unmarshal(text, &d.state) != nil {
		o.Log.Warn().Str("file", d.path()).Msg("alarms cannot be read and begin anew")
		if err := os.Rename(d.path(), d.path()+".damaged"); err != nil {
			return nil, err
		}
	}
	if d.state.Open == nil {
		d.state.Open = map[string]open{}
	}
	return d, nil
}

func (d *Desk) path() string { return filepath.Join(d.Folder, File) }

// Tell takes news: what is wrong for the first time is written about, and what is over. While the settings name nobody nothing
// counts as told.
func (d *Desk) Tell(n News) error {
	if a := d.Alerts; len(a.To)+len(a.Owners)+len(a.Webhooks) == 0 && a.File == "" {
		return nil
	}
	d.lock.Lock()
	defer d.lock.Unlock()
	wrong := map[string]bool{}
	for _, p := range n.Problems {
		if wrong[p.Part] {
			continue
		}
		wrong[p.Part] = true
		before, told := d.state.Open[p.Part]
		if told && before.Stage == p.Stage {
			continue
		}
		now := open{Since: n.At, Part: p.Part, What: p.What, Owner: p.Owner, Stage: p.Stage}
		if told {
			now.Since = before.Since
		}
		d.state.Open[p.Part] = now
		d.write(p.Owner, d.problem(n, p))
	}
	for _, part := range n.Parts {
		if o, told := d.state.Open[part]; told && !wrong[part] {
			delete(d.state.Open, part)
			d.write(o.Owner, d.over(n, o))
		}
	}
	return d.save()
}

// Open are the parts that were told to be not well and are not over.
func (d *Desk) Open() []string {
	d.lock.Lock()
	defer d.lock.Unlock()
	return slices.Sorted(maps.Keys(d.state.Open))
}

func (d *Desk) moment(t time.Time) string { return t.In(d.Zone).Format("Monday 2 January 2006 15:04") }

func (d *Desk) problem(n News, p Problem) letter {
	readers := p.Readers
	switch {
	case readers != "":
	case n.Release > 0:
		readers = fmt.Sprintf("Readers go on seeing release %d, which does not have what came since.", n.Release)
	default:
		readers = "Readers have no release yet."
	}
	return letter{
		Subject: fmt.Sprintf("%s: %s needs attention", d.Council, p.Part),
		Text: fmt.Sprintf("%s\n\nNoticed: %s, by %s.\n%s\nYou will be told once more, when it is over. See also: goldthread status\n",
			p.What, d.moment(n.At), n.By, readers),
	}
}

func (d *Desk) over(n News, o open) letter {
	return letter{
		Subject: fmt.Sprintf("%s: %s is well again", d.Council, o.Part),
		Text:    fmt.Sprintf("What was wrong since %s is over, as of %s. It was:\n\n%s\n", d.moment(o.Since), d.moment(n.At), o.What),
	}
}

// write puts a message on its way to all who are to have it.
func (d *Desk) write(owner string, l letter) {
	l.Written = d.Now()
	if to := d.readers(owner); len(to) > 0 {
		l.Channel, l.To = "mail", to
		d.state.Letters = append(d.state.Letters, l)
	}
	l.To = nil
	for _, hook := range d.Alerts.Webhooks {
		l.Channel = hook.URLEnv
		d.state.Letters = append(d.state.Letters, l)
	}
	if d.Alerts.File != "" {
		l.Channel = "file"
		d.state.Letters = append(d.state.Letters, l)
	}
	if over := len(d.state.Letters) - mostLetters; over > 0 {
		d.Log.Error().Int("messages", over).Msg("too many alarms wait to be sent; the oldest are given up")
		d.state.Letters = slices.Delete(d.state.Letters, 0, over)
	}
}

// readers are the mail addresses of those who are told of everything, and of owners.
func (d *Desk) readers(owners ...string) []string {
	to := slices.Clone([]string(d.Alerts.To))
	for _, owner := range owners {
		own, _ := d.Alerts.Owners.Get(owner)
		to = append(to, own...)
	}
	slices.Sort(to)
	return slices.Compact(to)
}

// save writes what is open and what is to be sent, whole or not at all.
func (d *Desk) save() error {
	text, err := json.MarshalIndent(d.state, "", "  ")
	if err != nil {
		return err
	}
	return durable.Replace(d.path(), text, 0o600)
}
