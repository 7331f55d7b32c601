// Package schedules is the clock: it says what is due, in the council's local time, starts each run as a process of its own, and
// keeps in a ledger what became of every time at which something was due.
package schedules

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/internal/strictyaml"
)

//go:embed *.yaml
var shipped embed.FS

// Shipped are the schedules that a new council's folder begins with.
func Shipped() fs.FS { return shipped }

// What becomes of a time that passed while nothing could be run.
const (
	RunOnce = "run_once" // of all that were missed, the last is made good
	Skip    = "skip"
)

// Wait is what becomes of a time at which another run is at work: it follows that one. The other choice is Skip.
const Wait = "wait"

// A Schedule is one file of the folder schedules: when which sources are run.
type Schedule struct {
	Name        string           `yaml:"schedule"`    // its name: small letters, digits and _
	Description string           `yaml:"description"` // a line for people
	WhenText    string           `yaml:"when"`        // the times in words, in the council's time zone
	Cron        string           `yaml:"cron"`        // in the place of when: minute, hour, day, month, weekday
	Sources     strictyaml.Texts `yaml:"sources"`     // that are pulled; all where nothing is said
	Full        bool             `yaml:"full"`        // every source is read from its beginning
	Missed      string           `yaml:"missed"`      // run_once, where nothing is said: of times that passed unserved the last is made good; or skip
	Overlap     string           `yaml:"overlap"`     // wait, where nothing is said: it follows a run that is at work; or skip
	TimeLimit   string           `yaml:"time_limit"`  // after which a run is ended, such as 90m; 6 hours where nothing is said, 48 at most
	NotDuring   strictyaml.Texts `yaml:"not_during"`  // times in which it does not begin but waits, such as 08:00-18:00 weekdays
	After       strictyaml.Texts `yaml:"after"`       // sources that must have been read without fault on the day
	Calendar    string           `yaml:"calendar"`    // of reference/calendars.csv that says when nobody works; not needed where there is one
	Backup      *Backup          `yaml:"backup"`      // made in the place of a run

	when    When
	limit   time.Duration
	windows []window
	file    string
}

// File is where the schedule is written.
func (s Schedule) File() string { return s.file }

// When says on which days and times it is due, in words.
func (s Schedule) When() string { return s.when.String() }

// Limit is how long a run may take before it is ended.
func (s Schedule) Limit() time.Duration { return s.limit }

const (
	usualLimit = 6 * time.Hour
	mostLimit  = 48 * time.Hour
)

// Read gives the schedules of a council's folder, in the order of their names, and all that is wrong with them. Sources are the
// names that a schedule may say.
func Read(folder fs.FS, sources []string) ([]Schedule, error) {
	var faults []error
	var list []Schedule
	files, err := fs.Glob(folder, "schedules/*")
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		if ext := path.Ext(file); ext != ".yaml" && ext != ".yml" {
			continue
		}
		text, err := fs.ReadFile(folder, file)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		s, err := parse(file, text, sources)
		faults = append(faults, fault.List(err)...)
		if i := slices.IndexFunc(list, func(other Schedule) bool { return other.Name == s.Name && s.Name != "" }); i >= 0 {
			faults = append(faults, &fault.Error{Where: file, What: fmt.Sprintf("the schedule %q stands in %s too", s.Name, list[i].file), Fix: "give one of them another name"})
		}
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b Schedule) int { return strings.Compare(a.Name, b.Name) })
	return list, fault.Join(faults...)
}

// A reader gathers what is wrong with one file.
type reader struct {
	Schedule
	where  func(string) string
	faults []error
}

func (r *reader) wrong(setting, fix, format string, args ...any) {
	r.faults = append(r.faults, &fault.Error{Where: r.where(setting), What: fmt.Sprintf(format, args...), Fix: fix})
}

func parse(file string, text []byte, sources []string) (Schedule, error) {
	r := &reader{Schedule: Schedule{Missed: RunOnce, Overlap: Wait, file: file}}
	positions, err := strictyaml.Decode(file, text, &r.Schedule)
	if positions == nil {
		return r.Schedule, err
	}
	r.where = positions.Where
	r.checkName()
	r.readWhen()
	r.readTerms()
	r.checkSources("sources", r.Sources, sources)
	r.checkSources("after", r.After, sources)
	r.checkBackup()
	return r.Schedule, fault.Join(append(fault.List(err), r.faults...)...)
}

var plainName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

func (r *reader) checkName() {
	if !plainName.MatchString(r.Name) {
		r.wrong("schedule", "write a name such as nightly, of small letters, digits and _", "the schedule's name is %q", r.Name)
	}
}

func (r *reader) readWhen() {
	var err error
	setting := "when"
	switch {
	case (r.WhenText == "") == (r.Cron == ""):
		r.wrong("schedule", "write when: daily at 02:00, or cron: with its five fields, and not both", "it is not said when it is due")
		return
	case r.Cron != "":
		setting = "cron"
		r.when, err = ParseCron(r.Cron)
	default:
		r.when, err = ParseWhen(r.WhenText)
	}
	if err != nil {
		fix := "write one of these forms: " + forms
		if setting == "cron" {
			fix = "write minute, hour, day of the month, month and weekday (0 is Sunday), such as 30 2 * * 1-5"
		}
		r.wrong(setting, fix, "%v", err)
	}
}

func (r *reader) readTerms() {
	if r.Missed != RunOnce && r.Missed != Skip {
		r.wrong("missed", "write run_once or skip", "missed is %q", r.Missed)
	}
	if r.Overlap != Wait && r.Overlap != Skip {
		r.wrong("overlap", "write wait or skip", "overlap is %q", r.Overlap)
	}
	r.limit = usualLimit
	if r.TimeLimit != "" {
		limit, err := time.ParseDuration(r.TimeLimit)
		if err != nil || limit < time.Minute || limit > mostLimit {
			r.wrong("time_limit", "write it like 90m or 6h, from 1m to 48h", "time_limit is %q", r.TimeLimit)
		}
		r.limit = limit
	}
	for i, text := range r.NotDuring {
		w, err := parseWindow(text)
		if err != nil {
			r.wrong(fmt.Sprintf("not_during[%d]", i), "write it like 08:00-18:00 weekdays, or 23:30-01:00", "%v", err)
		}
		r.windows = append(r.windows, w)
	}
}

func (r *reader) checkSources(setting string, named, known []string) {
	for i, name := range named {
		if !slices.Contains(known, name) {
			r.wrong(fmt.Sprintf("%s[%d]", setting, i), fault.DidYouMean(name, "sources", known), "there is no source %q", name)
		}
	}
}

// A window is a time of day in which nothing of a schedule begins. One that ends before it begins goes past midnight.
type window struct {
	from, to int // minutes after midnight
	on       func(date, Calendar) bool
}

func parseWindow(text string) (w window, err error) {
	times, days, named := strings.Cut(strings.TrimSpace(text), " ")
	from, to, both := strings.Cut(times, "-")
	if !both {
		return w, fmt.Errorf("%q is not a time from one hour to another", text)
	}
	if w.from, err = parseClock(from); err != nil {
		return w, err
	}
	if w.to, err = parseClock(to); err != nil {
		return w, err
	}
	if w.from == w.to {
		return w, fmt.Errorf("%q lasts no time, or for ever", text)
	}
	w.on = everyDay
	if named {
		w.on, err = parseDays(strings.TrimSpace(days))
	}
	return w, err
}

// until gives the end of the window that a moment lies in.
func (w window) until(at time.Time, zone *time.Location, calendar Calendar) (end time.Time, in bool) {
	today := dateOf(at.In(zone))
	for _, day := range []date{today.before(), today} {
		last := day
		if w.to < w.from {
			last = day.next()
		}
		begin, end := moment(day, w.from, zone), moment(last, w.to, zone)
		if w.on(day, calendar) && !at.Before(begin) && at.Before(end) {
			return end, true
		}
	}
	return end, false
}
