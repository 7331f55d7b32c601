// Command goldthread gives a council its one version of the truth about performance; see README.md.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	_ "time/tzdata" // London time must be known on a Windows server too

	"github.com/goldthread/goldthread/internal/failpoint"
	"github.com/goldthread/goldthread/internal/fault"
)

// Exit codes, the same for every command.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2 // wrong use or configuration
	exitRed    = 3 // done, but a source failed or a check stopped the release
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// The engine's memory is the one that counts; ours is batches that are soon done with.
	debug.SetGCPercent(50)
	os.Exit(run(ctx, os.Args, os.Stdout, os.Stderr, os.Getenv))
}

// An exit is an error that ends the program with a code of its own. What there was to say has been said where err is nil.
type exit struct {
	code int
	err  error
}

func (e exit) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e exit) Unwrap() error { return e.err }

// run is the program: it gives the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer, getenv func(string) string) int {
	if err := failpoint.Arm(getenv("GOLDTHREAD_FAILPOINT"), killOurselves); err != nil {
		fmt.Fprintln(stderr, err)
		return exitUsage
	}
	root := newRoot(calledAs(args[0]), &terminal{out: stdout, errors: stderr, getenv: getenv})
	root.SetArgs(args[1:])
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitDone
	}
	code := exitFailed
	var e exit
	if errors.As(err, &e) {
		if code = e.code; e.err == nil {
			return code
		}
		err = e.err
	}
	for _, one := range fault.List(err) {
		fmt.Fprintln(stderr, one)
	}
	return code
}

// calledAs is how a person calls the program: as it was called, but by its name alone where that is the path of a build that
// will be gone.
func calledAs(path string) string {
	if strings.HasPrefix(path, os.TempDir()) || strings.Contains(path, "go-build") {
		return "goldthread"
	}
	return path
}

// killOurselves ends the program as a power cut would: nothing is flushed, closed or rolled back.
func killOurselves() {
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = self.Kill()
	}
	if err != nil {
		panic(err)
	}
	select {} // the signal is on its way
}
