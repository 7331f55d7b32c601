package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"github.com/goldthread/goldthread/internal/council"
	"github.com/goldthread/goldthread/internal/fault"
)

func newUp(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "up",
		Short: "Run by the clock and let BI tools read: schedule and serve, each started again when it ends",
		Long: "Starts goldthread schedule and goldthread serve as processes of their own and watches over them until it is ended. One that\n" +
			"ends unasked is started again and told under alerts. What each may use stands in goldthread.yaml: warehouse.memory_limit for a\n" +
			"run, serve.memory_limit for the server.",
		RunE: func(c *cobra.Command, _ []string) error { return p.up(c.Context()) },
	}
}

// A word is what a supervisor says of a part: what is wrong, or nothing when it is well.
type word struct {
	Part string `json:"part"`
	What string `json:"what,omitempty"`
	// Readers is what it means for those who read.
	Readers string `json:"readers,omitempty"`
}

// A supervisor starts the parts again when they end. The scheduler tells people: each one that is started is told how every
// part stands, so that nothing is forgotten with one that was killed, and is told when that changes.
type supervisor struct {
	p       *program
	log     zerolog.Logger
	lock    sync.Mutex
	stand   map[string]word
	changed chan struct{}
}

// How long a part that ends again as soon as it was started waits for its next start: readers are never without a server for long.
const (
	firstRest = 500 * time.Millisecond
	mostRest  = 3 * time.Second
	briefly   = time.Second
)

func (p *program) up(ctx context.Context) error {
	list, _, settings, err := p.planned()
	if err != nil {
		return err
	}
	writer, err := p.logWriter(p.warehouseFolder(settings))
	if err != nil {
		return err
	}
	defer writer.Close()
	s := &supervisor{p: p, log: zerolog.New(writer).With().Timestamp().Str("part", "up").Logger(), stand: map[string]word{}, changed: make(chan struct{}, 1)}
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	var all sync.WaitGroup
	for _, part := range p.parts(settings, len(list)) {
		all.Go(func() {
			if err := s.keep(ctx, part); err != nil {
				end(err)
			}
		})
	}
	all.Wait()
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// parts are those that a folder needs: the server, and the scheduler where it has schedules.
func (p *program) parts(settings council.Settings, schedules int) []*part {
	server := &part{name: "serve", readers: "Readers connect anew and are answered as before.", bound: bound{settings.ServerLimit(),
		"goldthread audit list says who asked what; raise serve.memory_limit in goldthread.yaml, where the machine has the memory"}}
	if schedules == 0 {
		fmt.Fprintln(p.term.errors, "There is no schedule in the folder schedules, so nothing is run by the clock.")
		return []*part{server}
	}
	scheduler := &part{name: "schedule", readers: "Readers go on as they are.", bound: bound{council.ScheduleLimit, lookIntoLog}}
	return []*part{server, scheduler}
}

// keep runs a part and starts it again whenever it ends, until the context does. A part that is wrongly set up ends them all.
func (s *supervisor) keep(ctx context.Context, part *part) error {
	for ctx.Err() == nil {
		began := time.Now()
		err := s.run(ctx, part)
		if ctx.Err() != nil {
			return nil
		}
		var ended *exec.ExitError
		if errors.As(err, &ended) && ended.ExitCode() == exitUsage {
			return exit{code: exitUsage} // it has said why
		}
		how, fix := howEnded(err)
		rest := part.hasEnded(began, time.Now())
		s.say(word{part.title(), fmt.Sprintf("%s has ended (%s) and is being started again.\n  fix: %s", part.title(), how, fix), part.readers})
		s.log.Error().Str("command", part.name).Str("how", how).Dur("rest", rest).Msg("a part has ended and is started again")
		sleep(ctx, rest)
	}
	return nil
}

const lookIntoLog = "look into the log if this is told again"

// howEnded says how a part has ended, and what to do about it.
func howEnded(err error) (how, fix string) {
	var tooMuch *fault.Error
	switch {
	case errors.As(err, &tooMuch):
		return tooMuch.What, tooMuch.Fix
	case err != nil:
		how = err.Error()
	default:
		how = "it ended by itself"
	}
	return how, lookIntoLog
}

// A part is one that a supervisor keeps, with what it remembers of its ends.
type part struct {
	name    string
	readers string // what its end means for those who read
	bound   bound
	rest    time.Duration
	ends    []time.Time // of the last day
}

func (p *part) title() string { return "goldthread " + p.name }

// hasEnded notes an end and says how long to wait before the next start.
func (p *part) hasEnded(began, now time.Time) time.Duration {
	p.ends = append(slices.DeleteFunc(p.ends, func(end time.Time) bool { return now.Sub(end) > 24*time.Hour }), now)
	if p.rest = min(2*p.rest, mostRest); p.rest == 0 || now.Sub(began) > briefly {
		p.rest = firstRest
	}
	return p.rest
}

// settled is how long a part must run before it counts as well: twice as long for each time it has ended in a day. Of one that
// ends again and again people are told once, and not each time that it was well for a while.
func (p *part) settled() time.Duration {
	const first, most = 20 * time.Second, time.Hour
	return min(first<<min(max(len(p.ends)-1, 0), 10), most)
}

// run starts a part and waits for its end.
func (s *supervisor) run(ctx context.Context, part *part) error {
	command, err := s.p.apart(ctx, s.log, part.bound, part.name)
	if err != nil {
		return err
	}
	command.Stdout, command.Stderr = s.p.term.out, s.p.term.errors
	if err := command.start(); err != nil {
		return err
	}
	running, stop := context.WithCancel(ctx)
	var watching sync.WaitGroup
	watching.Go(func() { s.watch(running, part, command.stdin) })
	err = command.wait()
	stop()
	watching.Wait()
	return err
}

// watch says that a part is well once it has run for a while. The scheduler it tells how all parts stand, at once and whenever that
// changes.
func (s *supervisor) watch(running context.Context, part *part, stdin io.Writer) {
	well := time.After(part.settled())
	var changed chan struct{}
	if part.name == "schedule" {
		changed = s.changed
		s.tell(stdin)
	}
	for {
		select {
		case <-running.Done():
			return
		case <-well:
			s.say(word{Part: part.title()})
		case <-changed:
			s.tell(stdin)
		}
	}
}

// say notes how a part stands.
func (s *supervisor) say(w word) {
	s.lock.Lock()
	s.stand[w.Part] = w
	s.lock.Unlock()
	select {
	case s.changed <- struct{}{}:
	default: // it is to be told of a change already
	}
}

// tell hands to a scheduler how all parts stand. One that has ended meanwhile hears nothing; the next is told all of it again.
func (s *supervisor) tell(stdin io.Writer) {
	s.lock.Lock()
	words := slices.SortedFunc(maps.Values(s.stand), func(a, b word) int { return strings.Compare(a.Part, b.Part) })
	s.lock.Unlock()
	for _, w := range words {
		if err := json.NewEncoder(stdin).Encode(w); err != nil {
			return
		}
	}
}
