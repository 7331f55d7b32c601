package footprint_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"testing"

	"github.com/goldthread/goldthread/internal/footprint"
)

// TestMain lets the program of the tests be a process that holds as much memory as each line of its input says, in MiB.
func TestMain(m *testing.M) {
	if os.Getenv("FOOTPRINT_HOLD") == "" {
		os.Exit(m.Run())
	}
	var held [][]byte
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		var megabytes int
		if _, err := fmt.Sscan(lines.Text(), &megabytes); err != nil {
			os.Exit(1)
		}
		more, err := hold(megabytes << 20)
		if err != nil {
			os.Exit(1)
		}
		for i := range more {
			more[i] = 1
		}
		held = append(held, more)
		fmt.Println(len(held))
	}
}

// A hog is a process that takes memory when it is told to.
type hog struct {
	*exec.Cmd
	stdin  io.WriteCloser
	stdout *bufio.Reader
}

func startHog(t *testing.T) hog {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	h := hog{Cmd: exec.Command(program)}
	h.Env = append(os.Environ(), "FOOTPRINT_HOLD=yes")
	stdin, inErr := h.StdinPipe()
	stdout, outErr := h.StdoutPipe()
	h.stdin, h.stdout = stdin, bufio.NewReader(stdout)
	if err := errors.Join(inErr, outErr, h.Start()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = stdin.Close()
		_ = h.Wait()
	})
	return h
}

// take has the hog take memory, and gives the error with which it ended instead.
func (h hog) take(megabytes int) error {
	fmt.Fprintln(h.stdin, megabytes)
	_, err := h.stdout.ReadString('\n')
	return err
}

func TestAProcessThatStaysOverItsLimitIsFoundOut(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Logf("LEFT OUT: what a process holds is not told on %s", runtime.GOOS)
		return
	}
	h := startHog(t)
	if err := h.take(8); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, over := footprint.Watch(ctx, h.Process.Pid, 1); over {
		t.Error("a watch that has ended finds something out")
	}
	if err := h.take(64); err != nil {
		t.Fatal(err)
	}
	if held, over := footprint.Watch(t.Context(), h.Process.Pid, 64<<20); !over || held < 72<<20 || held > 512<<20 {
		t.Errorf("%d bytes, over: %v", held, over)
	}
}

func TestAProcessIsRefusedMoreThanItsLimit(t *testing.T) {
	h := startHog(t)
	if err := h.take(8); err != nil {
		t.Fatal(err)
	}
	done, err := footprint.Limit(h.Process.Pid, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	if err := h.take(16); err != nil {
		t.Errorf("within its limit: %v", err)
	}
	if err := h.take(1024); !errors.Is(err, io.EOF) {
		t.Errorf("it took more than its limit: %v", err)
	}
}

func TestAProcessThatIsGoneIsNoHog(t *testing.T) {
	h := startHog(t)
	_ = h.stdin.Close()
	_ = h.Wait()
	if _, err := footprint.Held(h.Process.Pid); err == nil {
		t.Error("it still holds memory")
	}
	if _, err := footprint.Limit(h.Process.Pid, 1<<30); err == nil {
		t.Error("it can be limited")
	}
}
