package web

import (
	"cmp"
	"fmt"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/goldthread/goldthread/warehouse"
)

// A statusPage is how things stand. What is not for the reader is left out of it.
type statusPage struct {
	Attention []string // what a person should see to, the gravest first
	Unread    string   // why there is no Standing
	Standing  *warehouse.Standing
	LastRun   *runLine
	Runs      []runLine
	Sources   []sourceLine
	Stale     int
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

// A sourceLine is a dataset as the page tells it.
type sourceLine struct {
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
func (s *Server) readStatus(_ *http.Request, one reader) (any, error) {
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
	if one.Staff() {
		s.addClock(page)
		s.addStanding(page)
	}
	return page, nil
}

func (s *Server) addClock(page *statusPage) {
	clock, err := s.Clock()
	if err != nil {
		page.Attention = append(page.Attention, "The schedules cannot be read: "+s.inWords(err)+". goldthread validate says what is wrong.")
		return
	}
	page.Clock = clock
	page.Attention = append(page.Attention, clock.Complaints...)
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
		return
	}
	page.Standing, page.SetAside = standing, standing.Quarantine
	page.Runs = runLines(standing.Runs)
	if len(page.Runs) > 0 {
		page.LastRun = &page.Runs[0]
	}
	page.Sources = sourceLines(standing.Datasets)
	for _, q := range page.SetAside {
		page.Rows += q.Rows
	}
	for _, d := range standing.Datasets {
		if d.StaleSince != nil {
			page.Stale++
		}
	}
	page.Attention = append(page.Attention, troubles(page)...)
}

// troubles are what the warehouse's standing says a person should see to.
func troubles(page *statusPage) (all []string) {
	if run := page.LastRun; run != nil && run.State.Class == "wrong" {
		all = append(all, fmt.Sprintf("The last run, %d, %s.", run.RunID, map[string]string{"red": "came out red", "failed": "broke off"}[run.Outcome]))
	}
	if page.Stale > 0 {
		all = append(all, fmt.Sprintf("%s stale: readers see the figures of before.", counted(page.Stale, "dataset is", "datasets are")))
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

// sourceLines says how fresh datasets are, those that need attention first.
func sourceLines(datasets []warehouse.DatasetStanding) []sourceLine {
	lines := make([]sourceLine, len(datasets))
	for i, d := range datasets {
		line := sourceLine{DatasetStanding: d, State: good, Said: saidOf(d)}
		switch {
		case d.StaleSince != nil:
			line.State = wrong
		case d.LookedAt == nil:
			line.State = unknown
		}
		lines[i] = line
	}
	slices.SortStableFunc(lines, func(a, b sourceLine) int { return cmp.Compare(gravity(a), gravity(b)) })
	return lines
}

func gravity(l sourceLine) int {
	if l.State == wrong {
		return 0
	}
	return 1
}

// saidOf is what came of the last look at a dataset, in words.
func saidOf(d warehouse.DatasetStanding) string {
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
