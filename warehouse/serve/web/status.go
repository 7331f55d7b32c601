package web

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/goldthread/goldthread/warehouse"
)

// A statusPage is how things stand. What is not for the reader is left out of it.
type statusPage struct {
	Attention []string // what a person should see to
	Unread    string   // why there is no Standing
	Standing  *warehouse.Standing
	LastRun   *runLine
	Runs      []runLine
	Sources   []source
	Stale     []datasetLine // of all sources
	Datasets  int           // of all sources
	Fresh     int           // of them
	SetAside  []warehouse.QuarantineStanding
	Rows      int64 // set aside in all
	Clock     Clock
	Current   *releaseLine
	Releases  []releaseLine // the newest first
	Host      string
	Port      string
}

// A runLine is a run as the page tells it.
type runLine struct {
	warehouse.RunStanding
	State state
	Took  time.Duration
}

// A source is the datasets of one.
type source struct {
	Name     string
	Datasets []datasetLine
	Stale    int
}

// A datasetLine is a dataset as the page tells it.
type datasetLine struct {
	warehouse.DatasetStanding
	State state
	Said  string // what came of the last look
}

// A state is told by a word and a mark, never by a colour alone.
type state struct{ Class, Word string }

var (
	good    = state{"good", "Up to date"}
	wrong   = state{"wrong", "Stale"}
	unknown = state{"unknown", "Not looked at yet"}
)

// readStatus reads everything of the status page.
func (s *Server) readStatus(r *http.Request, one reader) (any, error) {
	page := &statusPage{}
	var err error
	if page.Releases, err = s.releaseLines(one.Audience); err != nil {
		return nil, err
	}
	for i, r := range page.Releases {
		if r.Current {
			page.Current = &page.Releases[i]
		}
	}
	if page.Host, page.Port, err = net.SplitHostPort(s.Readers); err != nil {
		return nil, err
	}
	if ip := net.ParseIP(page.Host); ip != nil && ip.IsUnspecified() {
		page.Host = hostOf(r) // which this browser reaches it by
	}
	if one.Staff() {
		s.addEngine(r.Context(), page)
		s.addClock(page)
		s.addStanding(page)
	}
	return page, nil
}

// hostOf is the host that a browser asks, without the port.
func hostOf(r *http.Request) string {
	if host, _, err := net.SplitHostPort(r.Host); err == nil {
		return host
	}
	return r.Host
}

// addEngine says so where readers of the release are not answered, as the monitor is told.
func (s *Server) addEngine(ctx context.Context, page *statusPage) {
	if page.Current != nil && s.judge(ctx).Engine == red {
		page.Attention = append(page.Attention, "The open release answers no query, so that BI tools cannot read it. The log of goldthread serve says why; start it anew.")
	}
}

func (s *Server) addClock(page *statusPage) {
	clock, err := s.Clock()
	if err != nil {
		page.Attention = append(page.Attention, "The schedules cannot be read: "+s.inWords(err)+". goldthread validate says what is wrong.")
		return
	}
	page.Clock = clock
	for _, complaint := range clock.Complaints {
		page.Attention = append(page.Attention, clock.inFull(complaint))
	}
}

// inFull makes a complaint, which begins with the name of a schedule or a small letter, a sentence to stand by itself.
func (c Clock) inFull(complaint string) string {
	if slices.ContainsFunc(c.Schedules, func(s Schedule) bool { return strings.HasPrefix(complaint, s.Name+" ") }) {
		return "The schedule " + complaint
	}
	first, size := utf8.DecodeRuneInString(complaint)
	return string(unicode.ToUpper(first)) + complaint[size:]
}

func (s *Server) addStanding(page *statusPage) {
	standing, err := warehouse.ReadStanding(s.State)
	switch {
	case err != nil:
		page.Unread = "How sources and runs stand cannot be shown: " + s.inWords(err) + ". The next run writes it anew."
		page.Attention = append(page.Attention, page.Unread)
		return
	case standing == nil:
		page.Unread = "No run has told yet how sources and runs stand. goldthread run makes one."
		page.Attention = append(page.Attention, page.Unread)
		return
	}
	page.Standing, page.SetAside = standing, standing.Quarantine
	page.Runs = runLines(standing.Runs)
	if len(page.Runs) > 0 {
		page.LastRun = &page.Runs[0]
	}
	page.addDatasets(standing.Datasets)
	for _, q := range page.SetAside {
		page.Rows += q.Rows
	}
	page.Attention = append(page.Attention, troubles(page)...)
}

// troubles are what the warehouse's standing says a person should see to.
func troubles(page *statusPage) (all []string) {
	if run := page.LastRun; run != nil && run.State.Class == "wrong" {
		all = append(all, fmt.Sprintf("Run %d, the last one, %s; why stands under Runs.", run.RunID, map[string]string{"red": "is red", "failed": "broke off"}[run.Outcome]))
	}
	if n := len(page.Stale); n > 0 {
		all = append(all, counted(n, "dataset is", "datasets are")+" stale: readers still see earlier figures.")
	}
	if r := page.Standing.Reconciliation; r != nil && len(r.Differing) > 0 {
		all = append(all, fmt.Sprintf("%s: what was landed is not what the figures add up to. goldthread status names them.",
			counted(len(r.Differing), "control total differs", "control totals differ")))
	}
	return all
}

func counted(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}

// runLines says how runs came out. One without an outcome is at work where it is the newest, and was cut short otherwise.
func runLines(runs []warehouse.RunStanding) []runLine {
	lines := make([]runLine, len(runs))
	for i, r := range runs {
		lines[i] = runLine{RunStanding: r, State: stateOfRun(r.Outcome, i == 0)}
		if r.FinishedAt != nil {
			lines[i].Took = r.FinishedAt.Sub(r.StartedAt)
		}
	}
	return lines
}

func stateOfRun(outcome string, newest bool) state {
	switch {
	case outcome == "done":
		return state{"good", "Done"}
	case outcome == "red":
		return state{"wrong", "Red"}
	case outcome == "failed":
		return state{"wrong", "Failed"}
	case newest:
		return state{"unknown", "Not ended yet"}
	}
	return state{"wrong", "Cut short"}
}

// addDatasets says how fresh datasets are, source by source.
func (p *statusPage) addDatasets(datasets []warehouse.DatasetStanding) {
	p.Datasets = len(datasets)
	for _, d := range datasets {
		line := datasetLine{DatasetStanding: d, State: stateOfDataset(d), Said: lookOf(d)}
		if len(p.Sources) == 0 || p.Sources[len(p.Sources)-1].Name != d.Source {
			p.Sources = append(p.Sources, source{Name: d.Source})
		}
		of := &p.Sources[len(p.Sources)-1]
		of.Datasets = append(of.Datasets, line)
		switch line.State {
		case good:
			p.Fresh++
		case wrong:
			of.Stale++
			p.Stale = append(p.Stale, line)
		}
	}
}

func stateOfDataset(d warehouse.DatasetStanding) state {
	switch {
	case d.Stale:
		return wrong
	case d.LookedAt == nil:
		return unknown
	}
	return good
}

// A sheet is datasets under a caption.
type sheet struct {
	Caption  string
	Datasets []datasetLine
}

// lookOf is what came of the last look at a dataset, in words.
func lookOf(d warehouse.DatasetStanding) string {
	switch d.Outcome {
	case "":
		return "nothing has been looked at"
	case "landed":
		return "new rows were taken"
	case "same_hash", "unchanged":
		return "nothing new"
	case "refused":
		return "refused: " + d.Reason
	case "failed":
		return "could not be read: " + d.Reason
	}
	return d.Outcome
}
