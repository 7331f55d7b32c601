package pipeline

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/goldthread/goldthread/internal/council"
	"github.com/goldthread/goldthread/warehouse"
)

// Figures are the published figures that a run would move.
type Figures struct {
	Release  int64            `json:"release"` // the one that readers see, with which the figures are compared
	Moves    []warehouse.Move `json:"moves"`
	Gone     []string         `json:"gone,omitempty"`     // marts that no model makes any more
	Stopped  bool             `json:"stopped"`            // nothing would move after all: the problems stop the release
	Problems []Problem        `json:"problems,omitempty"` // that the run would have
}

// MoveFigures makes a run without a release in a copy of the warehouse, and compares the marts that come out with those that
// readers see. The copy is removed; nothing else is touched.
func MoveFigures(ctx context.Context, folder *Folder, options Options) (figures Figures, err error) {
	if options.Now == nil {
		options.Now = time.Now
	}
	releases := warehouse.NewReleases(folder.StateFolder())
	manifest, err := releases.Manifest(0)
	if err != nil {
		return figures, err
	}
	defer func() { err = warehouse.DiskFault(folder.StateFolder(), err) }()
	copied, err := warehouse.Rehearse(ctx, folder.StateFolder(), options.Now())
	if err != nil {
		return figures, err
	}
	defer func() { err = errors.Join(err, copied.Close()) }()
	moved, err := folder.elsewhere(ctx, copied.Folder)
	if err != nil {
		return figures, err
	}
	r := &run{folder: moved, options: options, log: options.Log, patience: usualPatience}
	if err := r.open(ctx); err != nil {
		return figures, err
	}
	defer func() { err = errors.Join(err, r.warehouse.Close()) }()
	figures.Release = manifest.Release
	releasable, err := r.rehearse(ctx)
	if err != nil {
		return figures, err
	}
	figures.Stopped, figures.Problems = !releasable, r.result.Problems
	err = r.compare(ctx, releases, manifest, &figures)
	return figures, err
}

// elsewhere is the same folder with its state in another place.
func (f *Folder) elsewhere(ctx context.Context, state string) (*Folder, error) {
	moved := *f
	moved.Settings.Warehouse.Folder = state
	moved.sources, moved.own, moved.datasets = nil, nil, nil
	return &moved, moved.openSources(ctx)
}

// rehearse does all of a run but its release, and says whether there would be one.
func (r *run) rehearse(ctx context.Context) (releasable bool, err error) {
	if r.id, err = r.warehouse.BeginRun(ctx); err != nil {
		return false, err
	}
	return r.upToRelease(ctx)
}

// compare lists how the marts differ from those of the release.
func (r *run) compare(ctx context.Context, releases *warehouse.Releases, released warehouse.Manifest, figures *Figures) error {
	built, err := r.built(ctx)
	if err != nil {
		return err
	}
	var marts []warehouse.ReleaseTable
	names := map[string]bool{}
	for _, m := range r.folder.Models.Models {
		if m.Schema() == "marts" {
			names[m.Name] = true
			marts = append(marts, warehouse.ReleaseTable{
				Schema: "marts", Name: strings.TrimPrefix(m.Name, "marts."), Content: content(built[m.Name]), Order: m.Grain,
			})
		}
	}
	for _, t := range released.Tables {
		if strings.HasPrefix(t.Name, "marts.") && !names[t.Name] {
			figures.Gone = append(figures.Gone, t.Name)
		}
	}
	figures.Moves, err = r.warehouse.Moves(ctx, releases, council.Staff, marts)
	slices.SortStableFunc(figures.Moves, func(a, b warehouse.Move) int { return cmp.Compare(prominence(a.Table), prominence(b.Table)) })
	return err
}

// prominence puts the tables that people open first before the others.
func prominence(table string) int {
	first := []string{"marts.scorecard", "marts.measure_trend", "marts.benchmarks"}
	if i := slices.Index(first, table); i >= 0 {
		return i
	}
	return len(first)
}
