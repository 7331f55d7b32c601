package schedules

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"github.com/goldthread/goldthread/internal/fault"
)

// An Outcome is how a run came out, as the ledger keeps it.
type Outcome struct {
	RunID   int64
	Outcome string // of a run: done, red or failed
	Release int64
	Why     string   // in a sentence, where it is not done
	Fresh   []string // sources that were read without fault
	// Problems are what is wrong, as a person should be told.
	Problems []Problem
	// Owed are the figures that reporting cycles still want; nil where nobody knows.
	Owed []Owed
}

// An Owed is the figures that one owner owes one period of a reporting cycle.
type Owed struct {
	Part    string // by which it is known again
	Owner   string
	What    string // in sentences
	Readers string // what they see meanwhile
	IsLate  bool   // the cut-off is past
}

// A Problem is one thing that made a run red.
type Problem struct {
	Source string // empty where it is of none
	Owner  string // who sends the data
	What   string
}

// Options are what a scheduler needs of the world.
type Options struct {
	Zone     *time.Location
	Calendar func(name string) Calendar
	Now      func() time.Time
	// Sleep waits, and may wake early.
	Sleep func(ctx context.Context, wait time.Duration)
	// Run makes one run; its error says why none could be made, and is transient where the run was cut short and may be begun
	// again. A context that ends asks it to stop.
	Run func(ctx context.Context, s Schedule) (Outcome, error)
	// Tell is told what has become of a slot, once more where the program was killed meanwhile; it may be nil.
	Tell func(s Schedule, e Event, o Outcome)
	Log  zerolog.Logger
}

const (
	grace     = 10 * time.Minute // a slot this late is not yet missed
	longest   = 30 * time.Second // without a look at the clock, which may have been set or stood still
	mostTries = 3                // to bring a run to its end that was cut short
)

// A Scheduler runs what is due, one run after the other.
type Scheduler struct {
	Options
	list   []Schedule
	ledger *Ledger
	awake  time.Time // since when it has looked at the clock without a gap
	looked time.Time
	busy   span            // the last run
	idle   map[string]span // in which nothing of a schedule is due
}

type span struct{ from, to time.Time }

func (s span) holds(t time.Time) bool { return !t.Before(s.from) && t.Before(s.to) }

// New makes a scheduler of schedules that Read gave.
func New(list []Schedule, ledger *Ledger, o Options) *Scheduler {
	if o.Calendar == nil {
		o.Calendar = func(string) Calendar { return nil }
	}
	if o.Tell == nil {
		o.Tell = func(Schedule, Event, Outcome) {}
	}
	return &Scheduler{Options: o, list: list, ledger: ledger, idle: map[string]span{}}
}

// Serve runs what is due until the context ends.
func (s *Scheduler) Serve(ctx context.Context) error {
	for ctx.Err() == nil {
		wake, err := s.Step(ctx)
		if err != nil {
			return err
		}
		if wait := wake.Sub(s.Now()); wait > 0 {
			s.Sleep(ctx, min(wait, longest))
		}
	}
	return nil
}

// A job is a slot whose time has come.
type job struct {
	Schedule
	slot
	passed int // slots before it, while nothing could be run
}

// Step makes the run that has been due for longest, if one is due, and says when to look again.
func (s *Scheduler) Step(ctx context.Context) (wake time.Time, err error) {
	now := s.Now()
	s.look(now)
	wake = now.Add(time.Hour)
	var jobs []job
	for _, schedule := range s.list {
		j, later, err := s.due(schedule, now)
		if err != nil {
			return now, err
		}
		if j != nil {
			jobs = append(jobs, *j)
		} else if later.Before(wake) {
			wake = later
		}
	}
	if len(jobs) == 0 {
		return wake, nil
	}
	first := slices.MinFunc(jobs, func(a, b job) int {
		if c := a.at.Compare(b.at); c != 0 {
			return c
		}
		return strings.Compare(a.Name, b.Name)
	})
	return now, s.run(ctx, first)
}

// look notes that the clock was looked at. Where it had stood still, jumped, or gone back, what passed meanwhile was missed.
func (s *Scheduler) look(now time.Time) {
	if s.looked.IsZero() || now.Sub(s.looked) > grace || now.Before(s.looked) {
		s.awake = now
	}
	if now.Before(s.looked.Add(-time.Minute)) {
		s.Log.Warn().Time("was", s.looked).Time("is", now).Msg("the clock of this machine was set back")
	}
	s.looked = now
}

// due gives the job of a schedule, or the moment at which there may be one.
func (s *Scheduler) due(schedule Schedule, now time.Time) (*job, time.Time, error) {
	if idle := s.idle[schedule.Name]; idle.holds(now) {
		return nil, idle.to, nil
	}
	events := s.ledger.events[schedule.Name]
	after := base(events, now)
	if after.IsZero() {
		after = now
		if err := s.ledger.note(Event{At: now, Schedule: schedule.Name, What: Seen}); err != nil {
			return nil, now, err
		}
	}
	calendar := s.Calendar(schedule.Calendar)
	last, n := schedule.when.latest(after, now, s.Zone, calendar)
	if n == 0 {
		next, ever := schedule.when.next(now, s.Zone, calendar)
		if !ever {
			next.at = now.Add(time.Hour)
		}
		s.idle[schedule.Name] = span{now, next.at}
		return nil, next.at, nil
	}
	j := &job{schedule, last, n - 1}
	if what, why := s.givenUp(*j, begun(events, last.name)); what != "" {
		return nil, now, s.settle(*j, what, why)
	}
	if len(j.After) > 0 {
		if err := s.ledger.catchUp(); err != nil { // people run sources too
			return nil, now, err
		}
	}
	if later := s.heldUntil(*j, now); later.After(now) {
		return nil, later, nil
	}
	return j, now, nil
}

// givenUp says whether a job is given up, and why.
func (s *Scheduler) givenUp(j job, begun int) (what, why string) {
	switch {
	case begun >= mostTries:
		return Missed, fmt.Sprintf("its run was begun %d times and cut short each time", begun)
	case j.Missed == Skip && j.at.Before(s.awake.Add(-grace)):
		return Missed, "the time passed while nothing could be run"
	case j.Overlap == Skip && s.busy.holds(j.at):
		return Skipped, "another run was at work"
	}
	return "", ""
}

// heldUntil gives the moment up to which a job waits: the end of a window, or the next look where a source is not fresh yet.
func (s *Scheduler) heldUntil(j job, now time.Time) (until time.Time) {
	for _, w := range j.windows {
		if end, in := w.until(now, s.Zone, s.Calendar(j.Calendar)); in && end.After(until) {
			until = end
		}
	}
	for _, source := range j.After {
		if !s.fresh(source, dateOf(j.at.In(s.Zone))) && until.Before(now.Add(time.Minute)) {
			until = now.Add(time.Minute)
		}
	}
	return until
}

// fresh says whether a source has been read without fault on a local day or since.
func (s *Scheduler) fresh(source string, day date) bool {
	since := moment(day, 0, s.Zone)
	for _, events := range s.ledger.events {
		for _, e := range events {
			if e.What == Ended && !e.At.Before(since) && slices.Contains(e.Fresh, source) {
				return true
			}
		}
	}
	return false
}

// settle tells and notes what became of a slot, in this order: who is killed between the two tells it again, and nobody is told
// twice of one problem.
func (s *Scheduler) settle(j job, what, why string) error {
	e := Event{At: s.Now(), Schedule: j.Name, Slot: j.name, Due: j.at, What: what, Why: why}
	s.Tell(j.Schedule, e, Outcome{})
	s.Log.Warn().Str("schedule", j.Name).Str("slot", j.name).Str("why", why).Msg(what)
	return s.ledger.note(e)
}

// run makes a job's run. One that is cut short, because the scheduler is told to end or by somebody else, is begun again.
func (s *Scheduler) run(ctx context.Context, j job) error {
	e := Event{At: s.Now(), Schedule: j.Name, Slot: j.name, Due: j.at, What: Begun}
	if err := s.ledger.note(e); err != nil {
		return err
	}
	if j.passed > 0 {
		s.Log.Warn().Str("schedule", j.Name).Int("times", j.passed).Msg("times passed while nothing could be run; the last is made good")
	}
	s.Log.Info().Str("schedule", j.Name).Str("slot", j.name).Msg("run begins")
	limited, cancel := context.WithTimeout(ctx, j.limit)
	defer cancel()
	outcome, err := s.Run(limited, j.Schedule)
	s.busy, s.looked = span{e.At, s.Now()}, s.Now()
	if ctx.Err() != nil {
		return nil
	}
	e.At = s.Now()
	if fault.IsTransient(err) && limited.Err() == nil {
		e.Outcome, e.Why = "failed", err.Error()
		s.Tell(j.Schedule, e, outcome)
		s.Log.Warn().Str("schedule", j.Name).Str("slot", j.name).Str("why", e.Why).Msg("run was cut short")
		return nil
	}
	return s.ended(j, e, outcome, err)
}

// ended tells and notes how a run came out; see settle.
func (s *Scheduler) ended(j job, e Event, outcome Outcome, err error) error {
	e.What = Ended
	e.RunID, e.Outcome, e.Release, e.Fresh, e.Why = outcome.RunID, outcome.Outcome, outcome.Release, outcome.Fresh, outcome.Why
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		e.Outcome, e.Why = "failed", fmt.Sprintf("it took longer than its time limit of %s and was ended", j.limit)
	case err != nil:
		e.Outcome, e.Why = "failed", err.Error()
	}
	s.Tell(j.Schedule, e, outcome)
	s.Log.Info().Str("schedule", j.Name).Str("slot", j.name).Int64("run", e.RunID).Str("outcome", e.Outcome).Msg("run ends")
	return s.ledger.note(e)
}
