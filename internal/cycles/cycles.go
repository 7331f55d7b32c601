// Package cycles reads the reporting cycles of a council's folder, cycles/*.yaml: which measures are reported how often, and for
// each period by when figures must be in, when they are signed off and when they are published.
package cycles

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goldthread/goldthread/internal/calendars"
	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/internal/measures"
	"github.com/goldthread/goldthread/internal/periods"
	"github.com/goldthread/goldthread/internal/strictyaml"
)

// A Cycle is one file of the folder cycles.
type Cycle struct {
	Code        string `yaml:"cycle"`
	Name        string `yaml:"name"`
	Description string `yaml:"description"`
	Frequency   string `yaml:"frequency"`
	From        string `yaml:"from"` // first period
	To          string `yaml:"to"`   // last period; ten years of them where empty
	CutOff      string `yaml:"cut_off"`
	SignOff     string `yaml:"sign_off"`
	Publish     string `yaml:"publish"`
	Calendar    string `yaml:"calendar"`
	RemindDays  int    `yaml:"remind_days"` // before the cut-off
	Release     string `yaml:"release"`     // name of the release that readers see on the day of publication
	// Reports are what is reported in every period; all live measures where neither it nor Focus names anything.
	Reports []Set `yaml:"reports"`
	// Focus is what is reported besides, by turns: the first in the first period, and so on, and then again from the first.
	Focus []Focus                      `yaml:"focus"`
	Dates strictyaml.Map[DecidedDates] `yaml:"dates"`

	Periods []Period `yaml:"-"`
	File    string   `yaml:"-"`
}

// A Set is a report set or a theme of the plan.
type Set struct {
	ReportSet string `yaml:"report_set"`
	Theme     string `yaml:"theme"`
}

// Kind is that of a measure's link to the set, and Code the set's own.
func (s Set) Kind() string {
	if s.Theme != "" {
		return "theme"
	}
	return "report_set"
}

// Code is that of the report set or theme.
func (s Set) Code() string { return s.ReportSet + s.Theme }

// A Focus is what a period is about.
type Focus struct {
	Name    string `yaml:"name"`
	Reports []Set  `yaml:"reports"`
}

// DecidedDates stand in the place of those that the rules of a cycle give, for one period.
type DecidedDates struct {
	CutOff  string `yaml:"cut_off"`
	SignOff string `yaml:"sign_off"`
	Publish string `yaml:"publish"`
}

// A Period is one round of a cycle. Days are midnights in UTC; a zero one is not set.
type Period struct {
	periods.Period
	CutOff, SignOff, Publish time.Time
	Release                  string // its name, empty where it gets none
	Focus                    string
	Sets                     []Set
}

// usualRemindDays is how many days before the cut-off owners are reminded where the cycle does not say.
const usualRemindDays = 5

// Files names the files of a council's folder that say when it reports.
func Files(folder fs.FS) ([]string, error) {
	names, err := fs.Glob(folder, "cycles/*")
	names = slices.DeleteFunc(names, func(name string) bool { return path.Ext(name) != ".yaml" && path.Ext(name) != ".yml" })
	return names, err
}

// Read gives the cycles of a council's folder, and all that is wrong with them.
func Read(folder fs.FS) ([]Cycle, error) {
	names, err := Files(folder)
	if err != nil || len(names) == 0 {
		return nil, err
	}
	texts := map[string][]byte{}
	for _, name := range append(names, measures.PlanFile) {
		if texts[name], err = fs.ReadFile(folder, name); err != nil && name != measures.PlanFile {
			return nil, err
		}
	}
	closed, err := calendars.Read(folder)
	if err != nil {
		return nil, err
	}
	return Parse(texts, closed)
}

// Parse makes cycles of the files that Files names and of the plan, whose sets they report. See Read.
func Parse(texts map[string][]byte, closed calendars.Calendars) ([]Cycle, error) {
	var plan measures.Plan
	var faults []error
	_, planFault := strictyaml.Decode(measures.PlanFile, texts[measures.PlanFile], &plan) // its own reader tells it
	var all []Cycle
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		if name == measures.PlanFile {
			continue
		}
		r := &reader{Cycle: Cycle{File: name, RemindDays: usualRemindDays}, closed: closed}
		if planFault == nil {
			r.plan = &plan
		}
		faults = append(faults, r.read(texts[name])...)
		if i := slices.IndexFunc(all, func(other Cycle) bool { return other.Code == r.Code && r.Code != "" }); i >= 0 {
			faults = append(faults, &fault.Error{Where: name, What: fmt.Sprintf("the cycle %q stands in %s too", r.Code, all[i].File), Fix: "give one of them another name"})
		}
		all = append(all, r.Cycle)
	}
	return all, fault.Join(faults...)
}

// A reader gathers what is wrong with one file.
type reader struct {
	Cycle
	at     *strictyaml.Positions
	plan   *measures.Plan // nil where it is at fault itself
	closed calendars.Calendars
	faults []error
}

func (r *reader) wrong(setting, fix, format string, args ...any) {
	r.faults = append(r.faults, &fault.Error{Where: r.at.Where(setting), What: fmt.Sprintf(format, args...), Fix: fix})
}

var (
	codeForm    = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	releaseForm = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*-\{period\}$`)
)

func (r *reader) read(text []byte) []error {
	at, err := strictyaml.Decode(r.File, text, &r.Cycle)
	r.at = at
	if err != nil {
		return fault.List(err)
	}
	if !codeForm.MatchString(r.Code) {
		r.wrong("cycle", "write a name such as quarterly_cabinet, of small letters, digits and _", "the cycle's name is %q", r.Code)
	}
	if r.Name == "" {
		r.wrong("cycle", "add name: and what people call it", "the cycle has no name")
	}
	if r.RemindDays < 0 || r.RemindDays > 60 {
		r.wrong("remind_days", "write a number of days from 0, never, to 60", "remind_days is %d", r.RemindDays)
	}
	if r.Release != "" && (!releaseForm.MatchString(r.Release) || len(r.Release) > 40) {
		r.wrong("release", "write it like cabinet-{period}, of at most 40 letters, digits and hyphens; {period} becomes fy2026-27-q1", "release is %q", r.Release)
	}
	if r.Calendar != "" && r.closed[r.Calendar] == nil {
		r.wrong("calendar", fault.DidYouMean(r.Calendar, "calendars", slices.Sorted(maps.Keys(r.closed))), "there is no calendar %q in %s", r.Calendar, calendars.File)
	}
	r.checkSets()
	if r.rounds() {
		r.date()
	}
	return r.faults
}

func (r *reader) checkSets() {
	for i, set := range r.Reports {
		r.checkSet(fmt.Sprintf("reports[%d]", i), set)
	}
	for i, focus := range r.Focus {
		if focus.Name == "" {
			r.wrong(fmt.Sprintf("focus[%d]", i), "add name: and what the period is about", "the focus has no name")
		}
		for j, set := range focus.Reports {
			r.checkSet(fmt.Sprintf("focus[%d].reports[%d]", i, j), set)
		}
	}
}

func (r *reader) checkSet(setting string, set Set) {
	if (set.ReportSet == "") == (set.Theme == "") {
		r.wrong(setting, "write {report_set: corporate_health} or {theme: climate}", "it is not said what is reported")
		return
	}
	if r.plan == nil {
		return
	}
	known := map[string][]string{}
	for _, s := range r.plan.ReportSets {
		known["report_set"] = append(known["report_set"], s.Code)
	}
	for _, theme := range r.plan.Themes {
		known["theme"] = append(known["theme"], theme.Code)
	}
	words := strings.ReplaceAll(set.Kind(), "_", " ")
	if codes := known[set.Kind()]; !slices.Contains(codes, set.Code()) {
		r.wrong(setting, fault.DidYouMean(set.Code(), words+"s", codes), "the plan has no %s %q", words, set.Code())
	}
}

// ruleForm is how a rule says when something is due after a period's end.
var ruleForm = regexp.MustCompile(`^(working )?day ([1-9][0-9]{0,2})$`)

// due gives the day that a rule says; a zero day where the cycle has no such rule.
func (r *reader) due(rule string, end time.Time) time.Time {
	m := ruleForm.FindStringSubmatch(rule)
	if m == nil {
		return time.Time{}
	}
	n, _ := strconv.Atoi(m[2])
	if m[1] == "" {
		return end.AddDate(0, 0, n)
	}
	return calendars.Working(end, n, r.closed.Of(r.Calendar))
}
