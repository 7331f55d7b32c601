package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/internal/footprint"
)

// mostLeave is how long a part that is asked to end may take before it is ended.
const mostLeave = 30 * time.Second

// A bound is how much memory a part may hold, and what to do where that is too little.
type bound struct {
	bytes int64
	fix   string
}

// An apart is this program once more, as a process of its own on the same folder, with the same log, and within its memory. It ends
// with this one, however that comes about: its standard input does then.
type apart struct {
	*exec.Cmd
	stdin io.WriteCloser
	bound bound
	log   zerolog.Logger
	done  func()
}

func (p *program) apart(ctx context.Context, log zerolog.Logger, bound bound, args ...string) (*apart, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	log = log.With().Str("command", args[0]).Logger()
	args = append(args, "-C", p.folder, "--supervised")
	if p.log != "" {
		args = append(args, "--log", p.log)
	}
	a := &apart{Cmd: exec.CommandContext(ctx, program, args...), bound: bound, log: log, done: func() {}}
	a.Env = append(os.Environ(), fmt.Sprintf("GOMEMLIMIT=%d", bound.bytes/2)) // our own part of it; the engine's is not Go's
	a.stdin, err = a.StdinPipe()
	// The end of its standard input asks a part to end in order, on every system; Windows has no signal for it.
	a.Cancel, a.WaitDelay = func() error { return a.stdin.Close() }, mostLeave+10*time.Second
	return a, err
}

// start starts it. The system is to refuse it more than half as much again as it may hold: so a statement that asks for too much
// at once fails, and what has too much for long is ended by wait.
func (a *apart) start() error {
	if err := a.Start(); err != nil {
		return err
	}
	a.log.Info().Int("process", a.Process.Pid).Msg("a part was started")
	done, err := footprint.Limit(a.Process.Pid, a.bound.bytes+a.bound.bytes/2)
	if err != nil {
		a.log.Warn().Err(err).Msg("the system sets no limit of memory")
		return nil
	}
	a.done = done
	return nil
}

// wait waits for its end, which comes from here where it holds too much memory for some seconds.
func (a *apart) wait() error {
	watched, stop := context.WithCancel(context.Background())
	tooMuch := make(chan error, 1)
	go func() { tooMuch <- a.watch(watched) }()
	err := a.Wait()
	a.done()
	stop()
	if over := <-tooMuch; over != nil && err != nil {
		return over
	}
	return err
}

func (a *apart) watch(ctx context.Context) error {
	held, over := footprint.Watch(ctx, a.Process.Pid, a.bound.bytes)
	if !over {
		return nil
	}
	a.log.Error().Int64("bytes", held).Int64("limit", a.bound.bytes).Msg("a part holds too much memory and is ended")
	return errors.Join(&fault.Error{
		What: fmt.Sprintf("it held %s of memory for some seconds, more than the %s that it may, and was ended", size(held), size(a.bound.bytes)),
		Fix:  a.bound.fix,
	}, a.Process.Kill())
}

// wasCutShort says whether a process was ended from outside, as the system ends one that takes too much memory. Windows does not
// tell such an end from another.
func wasCutShort(state *os.ProcessState) bool { return state != nil && !state.Exited() }

// superviseFlag adds the flag with which this program starts itself once more.
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
			leaveAtLast()
		}()
	}
	return ctx, end
}

// leaveAtLast ends the program if it is still there a while after it was to end: what hangs would keep the next one from its
// locks and its port.
func leaveAtLast() {
	time.Sleep(mostLeave)
	os.Exit(exitFailed)
}
