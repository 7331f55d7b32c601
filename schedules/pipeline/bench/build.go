package bench

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"path/filepath"
	"runtime/debug"

	"github.com/rs/zerolog"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/schedules/pipeline"
	"github.com/goldthread/goldthread/warehouse/duckdb"
)

//go:embed floor.sql
var queriesByHand string

// Build measures what a run costs after landing: building and testing star and marts whole, the control totals and the
// release; and build and release after a load that restates one period of the measures of one dataset.
func Build(ctx context.Context, o Options, kinds connectors.Kinds) ([]Figure, error) {
	b := &building{
		full:    &measurement{figure: Figure{Name: "build.full", Floor: "scorecard and benchmarks written by hand over ready tables"}},
		totals:  &measurement{figure: Figure{Name: "build.control_totals", Floor: "the full build"}},
		release: &measurement{figure: Figure{Name: "build.release", Floor: "a plain copy of the release's file"}},
		change:  &measurement{figure: Figure{Name: "build.one_period_changed", Floor: "the full build"}},
		next:    &measurement{figure: Figure{Name: "build.one_period_released", Floor: "a plain copy of the release's file"}},
	}
	err := o.inTemp(ctx, func(folder string) error {
		b.council = o.newCouncil(folder)
		o.progress("writing %d observations of %d measures", b.council.rows(), b.council.measures)
		if err := b.council.write(); err != nil {
			return err
		}
		return b.measure(ctx, o, kinds)
	})
	if err != nil {
		return nil, err
	}
	return results(b.full, b.totals, b.release, b.change, b.next), nil
}

// A building is the figures of Build and the council they are measured on.
type building struct {
	*council
	full, totals, release, change, next *measurement
}

func (b *building) measure(ctx context.Context, o Options, kinds connectors.Kinds) error {
	o.progress("landing and building all of it")
	stages, peak, err := b.run(ctx, kinds)
	if err != nil {
		return err
	}
	b.full.took(b.rows(), stages[pipeline.StageBuild], peak)
	b.totals.took(b.rows(), stages[pipeline.StageReconcile], peak)
	b.release.took(b.rows(), stages[pipeline.StageRelease], peak)
	o.progress("the floors")
	err = errors.Join(
		b.full.timeFloor(func() error { return b.byHand(ctx) }),
		b.release.timeFloor(func() error { return copyFile(b.released(1), filepath.Join(b.folder, "copy")) }),
		b.restate())
	if err != nil {
		return err
	}
	o.progress("one period of %d measures anew", min(b.measures, measuresEach))
	again, peak, err := b.run(ctx, kinds)
	b.change.took(b.rows(), again[pipeline.StageBuild], peak)
	b.next.took(b.rows(), again[pipeline.StageRelease], peak)
	b.change.floorTook(stages[pipeline.StageBuild])
	b.totals.floorTook(stages[pipeline.StageBuild])
	return errors.Join(err, b.next.timeFloor(func() error { return copyFile(b.released(2), filepath.Join(b.folder, "copy")) }))
}

// run makes one run of the council's folder, and gives what each of its stages took and the most memory it held.
func (c *council) run(ctx context.Context, kinds connectors.Kinds) (stages map[string]float64, peak float64, err error) {
	debug.FreeOSMemory()
	forgetPeak()
	folder, err := pipeline.Open(ctx, c.folder, kinds)
	if err != nil {
		return nil, 0, err
	}
	result, err := pipeline.Run(ctx, folder, pipeline.Options{Version: "bench", Log: zerolog.Nop()})
	if err == nil && result.Outcome != pipeline.Done {
		err = fmt.Errorf("the run was %s: %v", result.Outcome, result.Problems)
	}
	stages = map[string]float64{}
	for _, s := range result.Stages {
		stages[s.Name] = s.Seconds
	}
	return stages, peakMiB(), err
}

func (c *council) released(number int) string {
	return filepath.Join(c.folder, ".goldthread", "releases", fmt.Sprint(number), "staff.duckdb")
}

// byHand makes scorecard and benchmarks from the star of the first release, in a file of its own.
func (c *council) byHand(ctx context.Context) (err error) {
	path := filepath.Join(c.folder, "by_hand.duckdb")
	db, err := duckdb.Open(ctx, duckdb.Settings{Path: path, MemoryLimit: c.memory, Threads: c.threads, TempFolder: path + ".tmp"})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	_, err = db.ExecContext(ctx, "attach "+duckdb.Literal(c.released(1))+" as ready (read_only);\n"+queriesByHand)
	return err
}
