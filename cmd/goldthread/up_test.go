package main

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestWhatIsKilledUnderUpIsStartedAgain kills server and scheduler in turn while readers read and a run may be at work, and then
// the supervisor itself, and wants nobody left behind.
func TestWhatIsKilledUnderUpIsStartedAgain(t *testing.T) {
	t.Parallel()
	program, folder := buildProgram(t), tinyCouncil(t)
	mustRun(t, program, folder)
	address := freeAddress(t)
	addLine(t, filepath.Join(folder, "goldthread.yaml"), "serve: {listen: \""+address+"\"}\nalerts: {file: alarms.txt}")
	if err := os.Mkdir(filepath.Join(folder, "schedules"), 0o755); err != nil {
		t.Fatal(err)
	}
	writeText(t, filepath.Join(folder, "schedules", "often.yaml"), "schedule: often\nwhen: every 1 minutes\n")
	guest := newGuest(t, folder, address)
	read := func() error { return guest.ask(t.Context(), smallQuestion) }

	up := startUp(t, program, folder)
	up.until("serving")
	const kills = 3
	for range kills {
		if err := errors.Join(read(), syscall.Kill(up.process("serve"), syscall.SIGKILL)); err != nil {
			t.Fatal(err)
		}
		up.until("serving")
	}
	if err := read(); err != nil {
		t.Errorf("after %d kills: %v", kills, err)
	}
	up.heard("the supervisor was heard")
	killed := up.process("schedule")
	if err := syscall.Kill(killed, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for up.process("schedule") == killed {
		up.until("a part was started")
	}
	up.heard("an alarm was sent")
	out, err := exec.Command(program, "schedule", "--once", "-C", folder).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "another goldthread schedule is at work") {
		t.Errorf("a second scheduler: %v\n%s", err, out)
	}
	if err := up.kill(); !wasKilled(err) { // the supervisor itself: its parts see that it is gone
		t.Errorf("it ended with %v", err)
	}
	if err := read(); err == nil {
		t.Error("somebody still answers")
	}
	out, err = exec.Command(program, "status", "--check", "-C", folder).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "no scheduler is at work") {
		t.Errorf("a monitor is told: %v\n%s", err, out)
	}
	text, err := os.ReadFile(filepath.Join(folder, "alarms.txt"))
	if err != nil || strings.Count(string(text), "goldthread serve needs attention") != 1 || !strings.Contains(string(text), "Readers connect anew") {
		t.Errorf("%v\n%s", err, text)
	}
}

func TestUpEndsWhenItIsAskedAndWhenItsSettingsAreWrong(t *testing.T) {
	t.Parallel()
	program, folder := buildProgram(t), tinyCouncil(t)
	mustRun(t, program, folder)
	addLine(t, filepath.Join(folder, "goldthread.yaml"), "serve: {listen: \""+freeAddress(t)+"\"}")
	up := startUp(t, program, folder)
	up.until("serving")
	if err := up.stop(); err != nil {
		t.Errorf("it ended with %v", err)
	}
	addLine(t, filepath.Join(folder, "goldthread.yaml"), "nonsense: 1")
	out, err := exec.Command(program, "up", "-C", folder).CombinedOutput()
	var ended *exec.ExitError
	if !errors.As(err, &ended) || ended.ExitCode() != exitUsage || !strings.Contains(string(out), "nonsense") {
		t.Errorf("%v\n%s", err, out)
	}
}

// freeAddress is one on which nobody listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

func writeText(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
