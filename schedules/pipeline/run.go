package pipeline

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/internal/council"
	"github.com/goldthread/goldthread/internal/failpoint"
	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/warehouse"
)

// Options say what a run is to do.
type Options struct {
	Select  []string      // sources to read; all where empty
	Full    bool          // read every source from its beginning
	Wait    time.Duration // for another run to end, before it is an error that one is at work
	Version string        // of the program
	Now     func() time.Time
	Rules   []Rule // of what other parts of the program keep
	Log     zerolog.Logger
	// Progress is told what the run is doing, a short sentence at a time. It may be nil.
	Progress func(stage string)
}

// How a run came out.
const (
	Done   = "done"
	Red    = "red"    // a source failed or was refused, or a check stopped the release
	Failed = "failed" // the run broke off
)

// A Result is what a run did.
type Result struct {
	RunID   int64   `json:"run_id"`
	Outcome string  `json:"outcome"`
	Loads   []Load  `json:"loads"`
	Models  []Model `json:"models"`
	Tests   []Test  `json:"tests"`
	// Reconciliation is nil where the models could not be built.
	Reconciliation *warehouse.Reconciliation `json:"reconciliation,omitempty"`

	Removed []warehouse.Removal `json:"removed,omitempty"` // what was past its time

	Release  int64     `json:"release,omitempty"` // 0: nothing that readers see has changed, or a check stopped it
	Problems []Problem `json:"problems,omitempty"`
	Notes    []string  `json:"notes,omitempty"`
	// Owed are the figures that reporting cycles still want; nil where the models could not be built.
	Owed    []Owed  `json:"owed,omitzero"`
	Seconds float64 `json:"seconds"`
	Stages  []Stage `json:"stages"`
}

// A Stage is a part of a run, and how long it took.
type Stage struct {
	Name    string  `json:"name"`
	Seconds float64 `json:"seconds"`
}

// The stages of a run. One that was not reached is not told.
const (
	StagePull      = "pull"  // extract and land
	StageBuild     = "build" // and test
	StageReconcile = "reconcile"
	StageRelease   = "release"
	StagePrune     = "prune" // what is past its time
)

// A Load is one load: read = stored + unchanged + quarantined + blank.
type Load struct {
	LoadID      int64  `json:"load_id"`
	Source      string `json:"source"`
	Dataset     string `json:"dataset"`
	Read        int64  `json:"read"`
	Stored      int64  `json:"stored"`
	Unchanged   int64  `json:"unchanged"`
	Deleted     int64  `json:"deleted"`
	Quarantined int64  `json:"quarantined"`
	Blank       int64  `json:"blank"`
}

// A Model is what became of one model.
type Model struct {
	Name    string  `json:"name"`
	Built   bool    `json:"built"`
	Rows    int64   `json:"rows"`
	Seconds float64 `json:"seconds"` // to build it; 0 where it was kept
}

// A Test is the answer of one data test.
type Test struct {
	Name     string   `json:"name"` // table: test
	Passed   bool     `json:"passed"`
	Severity string   `json:"severity"`
	Failing  int64    `json:"failing,omitempty"`
	Examples []string `json:"examples,omitempty"`
	Where    string   `json:"where,omitempty"`
}

// A Problem is what made a run red.
type Problem struct {
	Source  string `json:"source,omitempty"`
	Dataset string `json:"dataset,omitempty"`
	Place   string `json:"place,omitempty"`
	What    string `json:"what"`
	Held    bool   `json:"held,omitempty"`  // for its number of rows, until a person accepts it
	Owner   string `json:"owner,omitempty"` // who sends the data
}

// String says the problem with where it is, unless its words do so themselves.
func (p Problem) String() string {
	var where []string
	for _, part := range []string{strings.Trim(p.Source+"."+p.Dataset, "."), p.Place} {
		if part != "" && !strings.HasPrefix(p.What, part) {
			where = append(where, part)
		}
	}
	if len(where) == 0 {
		return p.What
	}
	return strings.Join(where, ", ") + ": " + p.What
}

// A run is one pass from extract to release.
type run struct {
	folder    *Folder
	options   Options
	warehouse *warehouse.Warehouse
	id        int64
	log       zerolog.Logger
	result    Result
	ledger    []warehouse.Dataset
	patience  time.Duration // with a dataset that others wait for
	asked     Room          // of the disk, at its beginning
}

// Run runs once. The error is nil where the run went through, though a source may have failed and a check may have stopped
// the release: the result's outcome tells. Whatever happens, readers see the release before or the one after.
func Run(ctx context.Context, folder *Folder, options Options) (result Result, err error) {
	if options.Now == nil {
		options.Now = time.Now
	}
	defer func() { err = warehouse.DiskFault(folder.StateFolder(), err) }()
	began := options.Now()
	r := &run{folder: folder, options: options, log: options.Log, patience: usualPatience}
	if err := r.open(ctx); err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, r.warehouse.Close()) }()
	if err := folder.archive().Clear(); err != nil {
		return result, fmt.Errorf("clearing the archive: %w", err)
	}
	lastDay, err := r.warehouse.RunDate(ctx)
	if err != nil {
		return result, err
	}
	if r.id, err = r.warehouse.BeginRun(ctx); err != nil {
		return result, fmt.Errorf("beginning the run: %w", err)
	}
	failpoint.Hit("run.begun")
	r.result.RunID, r.result.Outcome = r.id, Done
	r.log = r.log.With().Int64("run_id", r.id).Logger()
	r.log.Info().Msg("run began")
	r.leaveStanding(ctx)
	r.noteUpgrade()
	r.namePublished(lastDay)
	broke := r.stages(ctx)
	if broke == nil {
		broke = r.timed(StagePrune, func() error { return r.prune(ctx) })
	}
	r.result.Seconds = options.Now().Sub(began).Seconds()
	return r.result, errors.Join(broke, r.end(context.WithoutCancel(ctx), broke))
}

// open takes the council's warehouse, where its disk has room for a run.
func (r *run) open(ctx context.Context) (err error) {
	if err := r.room(); err != nil {
		return err
	}
	r.warehouse, err = openWarehouse(ctx, r.folder.StateFolder(), r.folder.Settings, r.options)
	return err
}

func (r *run) noteUpgrade() {
	if u := r.warehouse.Upgraded(); u != nil {
		r.log.Info().Int("from", u.From).Int("to", u.To).Msg("warehouse upgraded")
		r.result.Notes = append(r.result.Notes, fmt.Sprintf("the warehouse was of format %d and is of format %d now; as it was before it lies in %s", u.From, u.To, u.Copy))
	}
}

// openWarehouse opens the warehouse in a state folder as the council's settings have it.
func openWarehouse(ctx context.Context, state string, settings council.Settings, options Options) (*warehouse.Warehouse, error) {
	return warehouse.Open(ctx, warehouse.Options{
		Folder:      state,
		MemoryLimit: settings.Warehouse.MemoryLimit,
		Threads:     settings.Warehouse.Threads,
		Location:    settings.Location(),
		Now:         options.Now,
		Version:     options.Version,
		Patience:    options.Wait,
	})
}

func (r *run) stages(ctx context.Context) error {
	releasable, err := r.upToRelease(ctx)
	if err == nil && releasable {
		err = r.timed(StageRelease, func() error { return r.release(ctx) })
	}
	if err == nil {
		r.nameToday()
	}
	return err
}

// upToRelease does all of a run but its release, and says whether there may be one.
func (r *run) upToRelease(ctx context.Context) (releasable bool, err error) {
	if err := r.timed(StagePull, func() error { return r.pull(ctx) }); err != nil {
		return false, err
	}
	var built, green, agree bool
	err = r.timed(StageBuild, func() (err error) { built, green, err = r.build(ctx); return err })
	if err != nil || !built {
		return false, err
	}
	if r.result.Owed, err = r.owed(ctx); err != nil {
		return false, err
	}
	err = r.timed(StageReconcile, func() (err error) { agree, err = r.reconcile(ctx); return err })
	return green && agree, err
}

func (r *run) timed(stage string, do func() error) error {
	began := time.Now()
	err := do()
	r.result.Stages = append(r.result.Stages, Stage{stage, time.Since(began).Seconds()})
	return err
}

// end notes in the ledger how the run came out.
func (r *run) end(ctx context.Context, broke error) error {
	message := ""
	if broke != nil {
		r.result.Outcome, message = Failed, broke.Error()
		r.log.Error().Err(broke).Msg("run broke off")
	} else {
		message = r.whatWasWrong()
	}
	r.log.Info().Str("outcome", r.result.Outcome).Int64("release", r.result.Release).Msg("run ended")
	failpoint.Hit("run.before_end")
	if err := r.warehouse.EndRun(ctx, r.id, r.result.Outcome, r.result.Release, message); err != nil {
		return fmt.Errorf("noting the end of the run: %w", err)
	}
	failpoint.Hit("run.ended")
	r.leaveStanding(ctx)
	return nil
}

// leaveStanding tells those who must not open the warehouse how it stands. That this could not be written stops no run.
func (r *run) leaveStanding(ctx context.Context) {
	if err := r.warehouse.WriteStanding(ctx); err != nil {
		r.log.Warn().Err(err).Msg("how the warehouse stands could not be written")
	}
}

// whatWasWrong is why the run is red, in a few sentences.
func (r *run) whatWasWrong() string {
	var all []string
	for _, p := range r.result.Problems {
		all = append(all, p.String())
	}
	return fault.Few(all, 5)
}

func (r *run) progress(stage string) {
	if r.options.Progress != nil {
		r.options.Progress(stage)
	}
}

func (r *run) loaded(ds connectors.Dataset, stored warehouse.Stored) {
	c := stored.Counts
	r.result.Loads = append(r.result.Loads, Load{
		LoadID: stored.LoadID, Source: ds.Source, Dataset: ds.Name,
		Read: c.Read, Stored: c.Stored, Unchanged: c.Unchanged, Deleted: c.Deleted, Quarantined: c.Quarantined, Blank: c.Blank,
	})
	r.log.Info().Str("source", ds.Source).Str("dataset", ds.Name).Int64("load_id", stored.LoadID).
		Int64("rows", c.Read).Int64("stored", c.Stored).Int64("quarantined", c.Quarantined).Msg("load stored")
}

// problem makes the run red.
func (r *run) problem(p Problem) {
	r.result.Outcome = Red
	p.Owner = r.folder.ownerOf(p.Source, p.Dataset)
	r.result.Problems = append(r.result.Problems, p)
	r.log.Warn().Str("source", p.Source).Str("dataset", p.Dataset).Str("place", p.Place).Str("problem", p.What).Msg("run is red")
}

func (r *run) fail(source, dataset string, err error) {
	r.problem(Problem{Source: source, Dataset: dataset, What: err.Error()})
}

func (r *run) refused(ds connectors.Dataset, look connectors.Look) {
	r.problem(Problem{Source: ds.Source, Dataset: ds.Name, Place: look.Place, What: look.Reason})
}
