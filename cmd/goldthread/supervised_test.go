package main

import (
	"bufio"
	"encoding/json"
	"io"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// A logLine is what these tests look for in the log.
type logLine struct {
	Part, Command, Schedule, Slot, Outcome, About, Message string
	Process, Goroutines                                    int
	text                                                   string
}

// A supervised program is one under goldthread up, with its log. It is safe for concurrent use.
type supervised struct {
	t       *testing.T
	command *exec.Cmd
	ended   chan struct{} // closed when nobody writes to the log any more: the program and its parts are gone

	lock  sync.Mutex
	lines []logLine
	more  chan struct{} // closed and made anew with each line
	seen  int           // by until
}

// startUp starts goldthread up on a council's folder.
func startUp(t *testing.T, program, folder string) *supervised {
	t.Helper()
	s := &supervised{t: t, command: exec.Command(program, "up", "-C", folder, "--log", "-"), ended: make(chan struct{}), more: make(chan struct{})}
	out, err := s.command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.command.Start(); err != nil {
		t.Fatal(err)
	}
	go s.read(out)
	t.Cleanup(func() {
		if s.command.ProcessState == nil {
			_ = s.kill()
		}
	})
	return s
}

func (s *supervised) read(log io.Reader) {
	defer close(s.ended)
	for lines := bufio.NewScanner(log); lines.Scan(); {
		line := logLine{text: lines.Text()}
		_ = json.Unmarshal(lines.Bytes(), &line) // what is no JSON was meant for people
		s.lock.Lock()
		s.lines = append(s.lines, line)
		close(s.more)
		s.more = make(chan struct{})
		s.lock.Unlock()
	}
}

// mark is where the log stands.
func (s *supervised) mark() int {
	s.lock.Lock()
	defer s.lock.Unlock()
	return len(s.lines)
}

func started(command string) func(logLine) bool {
	return func(l logLine) bool { return l.Message == "a part was started" && l.Command == command }
}

func said(message string) func(logLine) bool {
	return func(l logLine) bool { return l.Message == message }
}

// patience is how long a test waits for a line of the log, on the slowest machine.
const patience = 2 * time.Minute

// after waits for a line, at or after a mark, of which something holds, and gives it with the mark behind it.
func (s *supervised) after(mark int, what string, holds func(logLine) bool) (logLine, int) {
	s.t.Helper()
	late := time.After(patience)
	for {
		s.lock.Lock()
		lines, more := s.lines, s.more
		s.lock.Unlock()
		for ; mark < len(lines); mark++ {
			if holds(lines[mark]) {
				return lines[mark], mark + 1
			}
		}
		select {
		case <-more:
		case <-late:
			s.t.Fatalf("the log does not say %s:\n%s", what, s.text())
		case <-s.ended:
			if s.mark() == mark {
				s.t.Fatalf("the log ends without %s:\n%s", what, s.text())
			}
		}
	}
}

// all is what the log says so far.
func (s *supervised) all() []logLine {
	s.lock.Lock()
	defer s.lock.Unlock()
	return slices.Clone(s.lines)
}

func (s *supervised) text() string {
	var b strings.Builder
	for _, line := range s.all() {
		b.WriteString(line.text + "\n")
	}
	return b.String()
}

// until waits until the log says something that it had not said when until was last called.
func (s *supervised) until(message string) {
	s.t.Helper()
	_, s.seen = s.after(s.seen, message, said(message))
}

// heard waits until the log says something, if it has not said so already.
func (s *supervised) heard(message string) {
	s.t.Helper()
	s.after(0, message, said(message))
}

// process is the one that was started last of a command; it waits for the first.
func (s *supervised) process(command string) (process int) {
	s.t.Helper()
	started := started(command)
	s.after(0, "that "+command+" was started", started)
	for _, line := range s.all() {
		if started(line) {
			process = line.Process
		}
	}
	return process
}

// kill ends the supervisor as a power cut would, and waits until its parts have ended too.
func (s *supervised) kill() error {
	_ = s.command.Process.Kill()
	<-s.ended
	return s.command.Wait()
}

// stop ends it as a service manager does.
func (s *supervised) stop() error {
	if err := s.command.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	<-s.ended
	return s.command.Wait()
}
