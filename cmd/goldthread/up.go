package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"
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

// superviseFlag adds the flag with which up starts its parts.
func superviseFlag(c *cobra.Command, supervised *bool) {
	c.Flags().BoolVar(supervised, "supervised", false, "end when standard input does")
	_ = c.Flags().MarkHidden("supervised")
}

// untilLeft gives a context that ends with its parent and, under a supervisor, with standard input: so no part outlives one
// that was killed, on whatever system.
func untilLeft(parent context.Context, supervised bool) (context.Context, context.CancelFunc) {
	ctx, end := context.WithCancel(parent)
	if supervised {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin)
			end()
		}()
	}
	return ctx, end
}

// A word is what a supervisor says of a part: what is wrong, or nothing when it is well.
type word struct {
	Part string `json:"part"`
	What string `json:"what,omitempty"`
}

// A supervisor starts the parts again when they end.
type supervisor struct {
	p     *program
	log   zerolog.Logger
	words chan word // to the scheduler, who tells people
}

// How long a part that ends at once waits to be started again, and how long it must run to count as well.
const (
	firstRest = 500 * time.Millisecond
	mostRest  = 30 * time.Second
	settled   = time.Minute
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
	s := &supervisor{p: p, log: zerolog.New(writer).With().Timestamp().Str("part", "up").Logger(), words: make(chan word, 100)}
	parts := []string{"serve"}
	if len(list) > 0 {
		parts = append(parts, "schedule")
	} else {
		fmt.Fprintln(p.term.errors, "There is no schedule in the folder schedules, so nothing is run by the clock.")
	}
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	var all sync.WaitGroup
	for _, part := range parts {
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

// keep runs a part and starts it again whenever it ends, until the context does. A part that is wrongly set up ends them all.
func (s *supervisor) keep(ctx context.Context, part string) error {
	for rest := firstRest; ctx.Err() == nil; rest = min(2*rest, mostRest) {
		began := time.Now()
		err := s.run(ctx, part)
		if ctx.Err() != nil {
			return nil
		}
		var ended *exec.ExitError
		if errors.As(err, &ended) && ended.ExitCode() == exitUsage {
			return exit{code: exitUsage} // it has said why
		}
		if time.Since(began) > settled {
			rest = firstRest
		}
		how := "it ended by itself"
		if err != nil {
			how = err.Error()
		}
		s.log.Error().Str("command", part).Str("how", how).Dur("rest", rest).Msg("a part has ended and is started again")
		s.say(word{"goldthread " + part, fmt.Sprintf("goldthread %s has ended (%s) and is being started again.\n  fix: look into the log if this is told again", part, how)})
		sleep(ctx, rest)
	}
	return nil
}

// run starts a part and waits for its end.
func (s *supervisor) run(ctx context.Context, part string) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	args := []string{part, "-C", s.p.folder, "--supervised"}
	if s.p.log != "" {
		args = append(args, "--log", s.p.log)
	}
	command := exec.CommandContext(ctx, program, args...)
	command.Stdout, command.Stderr = s.p.term.out, s.p.term.errors
	stdin, err := command.StdinPipe()
	if err != nil {
		return err
	}
	// The end of its standard input asks a part to end in order, on every system; Windows has no signal for it.
	command.Cancel, command.WaitDelay = stdin.Close, 40*time.Second
	if err := command.Start(); err != nil {
		return err
	}
	s.log.Info().Str("command", part).Int("process", command.Process.Pid).Msg("a part was started")
	running, stop := context.WithCancel(ctx)
	var watching sync.WaitGroup
	watching.Go(func() { s.watch(running, part, stdin) })
	err = command.Wait()
	stop()
	watching.Wait()
	return err
}

// watch says that a part is well once it has run for a while, and hands to the scheduler what is to be told.
func (s *supervisor) watch(running context.Context, part string, stdin io.Writer) {
	well := time.After(settled)
	words := s.words
	if part != "schedule" {
		words = nil
	}
	for {
		select {
		case <-running.Done():
			return
		case <-well:
			s.say(word{Part: "goldthread " + part})
		case w := <-words:
			if err := json.NewEncoder(stdin).Encode(w); err != nil {
				s.say(w) // to the next one
				return
			}
		}
	}
}

// say keeps a word for the scheduler; where there is none to hear it, the log has it.
func (s *supervisor) say(w word) {
	select {
	case s.words <- w:
	default:
	}
}
