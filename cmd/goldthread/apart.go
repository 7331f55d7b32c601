package main

import (
	"context"
	"io"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"

	"github.com/spf13/cobra"
)

// mostLeave is how long a part that is asked to end may take before it is ended.
const mostLeave = 30 * time.Second

// itself is this program once more, as a process of its own on the same folder and with the same log. It ends with this one,
// however that comes about: its standard input does then.
func (p *program) itself(ctx context.Context, args ...string) (*exec.Cmd, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	args = append(args, "-C", p.folder, "--supervised")
	if p.log != "" {
		args = append(args, "--log", p.log)
	}
	command := exec.CommandContext(ctx, program, args...)
	command.Cancel, command.WaitDelay = func() error { return end(command.Process) }, mostLeave
	return command, nil
}

// end asks a process to end, where the system has a way to ask.
func end(process *os.Process) error {
	if runtime.GOOS == "windows" {
		return process.Kill()
	}
	return process.Signal(syscall.SIGTERM)
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
