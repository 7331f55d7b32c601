package pipeline

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"time"

	"github.com/goldthread/goldthread/internal/cycles"
	"github.com/goldthread/goldthread/warehouse"
)

// An Owed figure is one that the last ended period of a reporting cycle wants and that has not come.
type Owed struct {
	Cycle       string `json:"cycle"` // its name
	Period      string `json:"period"`
	CutOff      string `json:"cut_off"`
	IsLate      bool   `json:"is_late"` // the cut-off is past
	MeasureCode string `json:"measure_code"`
	MeasureName string `json:"measure_name"`
	Owner       string `json:"owner,omitempty"`
	Seen        string `json:"seen,omitempty"` // the latest period of it that readers see
}

//go:embed owed.sql
var owedSQL string

// owed lists what is owed after a cut-off, and before it from the day on which people are reminded. Where the council put a model of
// its own in the place of ours, nobody knows.
func (r *run) owed(ctx context.Context) ([]Owed, error) {
	all := []Owed{}
	model, there := r.folder.Models.Model("marts.cycle_returns")
	if !there || !model.Ours() || len(r.folder.Cycles) == 0 {
		return all, nil
	}
	rows, err := r.warehouse.Conn().QueryContext(ctx, owedSQL)
	if err != nil {
		return nil, fmt.Errorf("asking what reporting cycles still want: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var o Owed
		if err := rows.Scan(&o.Cycle, &o.Period, &o.CutOff, &o.IsLate, &o.MeasureCode, &o.MeasureName, &o.Owner, &o.Seen); err != nil {
			return nil, err
		}
		all = append(all, o)
	}
	return all, rows.Err()
}

// today is the local day of the run, at midnight in UTC.
func (r *run) today() time.Time {
	year, month, day := r.options.Now().In(r.folder.Settings.Location()).Date()
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// namePublished names the release that readers see before the run changes it, for the reports that were published since the day of
// the run before: on their day there was none that came to its end.
func (r *run) namePublished(lastDay time.Time) {
	r.nameFor(func(published time.Time) bool { return !published.Before(lastDay) && published.Before(r.today()) })
}

// nameToday names the release that readers see after the run, for the reports that are published today.
func (r *run) nameToday() {
	r.nameFor(func(published time.Time) bool { return published.Equal(r.today()) })
}

// nameFor names the release that readers see for the reports of some days of publication. A name that was ever given is left alone,
// whether it still holds or not. That a name could not be given makes the run red; the next one tries again.
func (r *run) nameFor(published func(time.Time) bool) {
	for _, c := range r.folder.Cycles {
		for _, p := range c.Periods {
			if p.Release == "" || !published(p.Publish) {
				continue
			}
			if err := r.name(c, p); err != nil {
				r.problem(Problem{Place: c.File, What: fmt.Sprintf("the release of %s could not be named: %v", p.Label, err)})
			}
		}
	}
}

func (r *run) name(c cycles.Cycle, p cycles.Period) error {
	releases := warehouse.NewReleases(r.folder.StateFolder())
	current, err := releases.Current()
	if err != nil || current == 0 {
		return err
	}
	trail, err := releases.Namings()
	if err != nil || slices.ContainsFunc(trail, func(n warehouse.Naming) bool { return n.Name == p.Release || n.Was == p.Release }) {
		return err
	}
	err = releases.Name(warehouse.Naming{
		At: r.options.Now().UTC().Truncate(time.Second), By: "the cycle " + c.Code, Name: p.Release, Release: current,
	})
	if err == nil {
		r.result.Notes = append(r.result.Notes, fmt.Sprintf("release %d, which readers see at the publication of %s, %s, is named %s", current, c.Name, p.Label, p.Release))
		r.log.Info().Int64("release", current).Str("name", p.Release).Msg("release named")
	}
	return err
}
