package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// A Standing says what is measured of the program while little happens.
type Standing struct {
	Program   string        // goldthread
	Idle      time.Duration // how long the scheduler is watched while nothing is due
	Gigabytes float64       // of the release that the server is started on
}

// rowsInAGigabyte are those of serve.sql in the file of a release.
const rowsInAGigabyte = 32_000_000

// Stand measures the scheduler while nothing is due, and the start of the server until its first answer.
func Stand(ctx context.Context, o Options, s Standing) ([]Figure, error) {
	idle := &measurement{figure: Figure{Name: "operations.schedule_idle_cpu", Floor: fmt.Sprintf("a thousandth of a core for %s", s.Idle)}}
	begin := starting{
		took: &measurement{figure: Figure{Name: "operations.serve_start", Floor: "a start of the program that does nothing"}},
		cpu:  &measurement{figure: Figure{Name: "operations.serve_start.cpu", Floor: "processor time of that"}},
	}
	o.progress("watching the scheduler for %s", s.Idle)
	err := withTemp(func(folder string) error { return s.idle(ctx, folder, idle) })
	if err != nil {
		return nil, err
	}
	o.Rows = max(1, int(s.Gigabytes*rowsInAGigabyte))
	err = withTemp(func(folder string) error {
		o.progress("making a release of %d rows", o.Rows)
		if err := o.releaseBench(ctx, folder); err != nil {
			return err
		}
		for i := range o.Repeat {
			o.progress("starting the server, %d of %d", i+1, o.Repeat)
			if err := s.start(ctx, folder, fmt.Sprintf("bench%d", i), begin); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	begin.took.figure.Rows, begin.cpu.figure.Rows = int64(o.Rows), int64(o.Rows)
	return results(idle, begin.took, begin.cpu), nil
}

// idle starts a scheduler with a time that is long to come, and counts what it takes once it has begun.
func (s Standing) idle(ctx context.Context, folder string, m *measurement) (err error) {
	for name, text := range map[string]string{
		"goldthread.yaml":        "name: Bench\norganisation: E08000009\n",
		"schedules/nightly.yaml": "schedule: yearly\nwhen: day 1 of january at 00:00\n",
	} {
		path := filepath.Join(folder, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			return err
		}
	}
	scheduler := exec.CommandContext(ctx, s.Program, "schedule", "-C", folder)
	if err := scheduler.Start(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, scheduler.Process.Signal(os.Interrupt), scheduler.Wait()) }()
	if !wait(ctx, time.Second) {
		return ctx.Err()
	}
	before := processorSeconds(scheduler.Process.Pid)
	if !wait(ctx, s.Idle) {
		return ctx.Err()
	}
	took := processorSeconds(scheduler.Process.Pid) - before
	m.took(0, max(took, 1.0/ticksASecond), peakMiBOf(scheduler.Process.Pid))
	m.floorTook(s.Idle.Seconds() / 1000)
	return nil
}

func wait(ctx context.Context, long time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(long):
		return true
	}
}

// A starting is what starts of the server take: time, and processor time, which a busy machine changes less.
type starting struct{ took, cpu *measurement }

// start starts the server, with an account of its own each time, until it has answered.
func (s Standing) start(ctx context.Context, folder, account string, m starting) error {
	nothing := exec.CommandContext(ctx, s.Program, "--version")
	if err := m.took.timeFloor(nothing.Run); err != nil {
		return err
	}
	m.cpu.floorTook((nothing.ProcessState.UserTime() + nothing.ProcessState.SystemTime()).Seconds())
	secret, err := addAccount(ctx, s.Program, folder, account)
	if err != nil {
		return err
	}
	began := time.Now()
	r, err := serveFolder(ctx, s.Program, folder, account+":"+secret)
	if err != nil {
		return err
	}
	_, err = r.ask(ctx, request{statements: []string{"select count(*) from TABLE"}})
	m.took.took(0, time.Since(began).Seconds(), peakMiBOf(r.process))
	m.cpu.took(0, processorSeconds(r.process), 0)
	return errors.Join(err, r.stop())
}
