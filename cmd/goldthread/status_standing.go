package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"github.com/goldthread/goldthread/warehouse"
)

// runsTold is how many of the last runs are listed.
const runsTold = 7

// atWork says whether the last run has not come to its end, as far as is known.
func atWork(s *warehouse.Standing) bool {
	return s != nil && len(s.Runs) > 0 && s.Runs[0].FinishedAt == nil
}

// printAtWork says how things stood when a run began that has the warehouse to itself.
func (p *program) printAtWork(name string, s *warehouse.Standing, zone *time.Location) {
	fmt.Fprintln(p.term.out, name)
	fmt.Fprintf(p.term.out, "Run %d is at work since %s. How things stood when it began:\n", s.Runs[0].RunID, s.Runs[0].StartedAt.In(zone).Format("2006-01-02 15:04"))
	fmt.Fprintf(p.term.out, "Readers see release %d.\n", s.Release)
	p.printReconciliation(s.Reconciliation)
	t := p.newTable("dataset", "last looked at", "outcome", "edition", "rows", "")
	for _, d := range s.Datasets {
		looked, mark := "", ""
		if d.LookedAt != nil {
			looked = d.LookedAt.In(zone).Format("2006-01-02 15:04")
		}
		if d.Stale {
			mark = "stale since " + d.StaleSince + ": " + d.Reason
		}
		t.AppendRow(table.Row{d.Source + "." + d.Dataset, looked, d.Outcome, d.PublishedAt, d.Rows, mark})
	}
	t.Render()
}

// printStanding lists the last runs, and whose rows are set aside.
func (p *program) printStanding(s *warehouse.Standing, zone *time.Location) {
	if s == nil || len(s.Runs) == 0 {
		return
	}
	t := p.newTable("run", "begun", "took", "outcome", "read", "new rows", "set aside", "release")
	for _, r := range s.Runs[:min(len(s.Runs), runsTold)] {
		took, release := "", ""
		if r.FinishedAt != nil {
			took = r.FinishedAt.Sub(r.StartedAt).Round(time.Second).String()
		}
		if r.Release > 0 {
			release = fmt.Sprint(r.Release)
		}
		t.AppendRow(table.Row{r.RunID, r.StartedAt.In(zone).Format("2006-01-02 15:04"), took, r.Outcome, r.Read, r.Stored, r.Quarantined, release})
	}
	t.Render()
	if len(s.Quarantine) == 0 {
		return
	}
	t = p.newTable("whose rows are set aside", "dataset", "rows", "the oldest since")
	for _, q := range s.Quarantine {
		owner := q.Owner
		if owner == "" {
			owner = "nobody is named"
		}
		t.AppendRow(table.Row{owner, q.Source + "." + q.Dataset, q.Rows, q.OldestDate})
	}
	t.Render()
}

// printKept says in a line which releases are kept, and the names that were given.
func (p *program) printKept(releases *warehouse.Releases) error {
	lines, err := readReleases(releases)
	if err != nil || len(lines) == 0 {
		return err
	}
	var named []string
	for _, l := range lines {
		for _, name := range l.Names {
			named = append(named, fmt.Sprintf("%s (%d)", name, l.Release))
		}
	}
	words := count(len(lines), "release") + " kept"
	if len(named) > 0 {
		words += ", among them " + strings.Join(named, ", ")
	}
	fmt.Fprintln(p.term.out, words+"; goldthread releases lists them.")
	return nil
}
