package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"github.com/goldthread/goldthread/connectors/all"
	"github.com/goldthread/goldthread/internal/council"
	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/schedules"
	"github.com/goldthread/goldthread/schedules/pipeline"
	"github.com/goldthread/goldthread/warehouse/backup"
)

func newSchedule(p *program) *cobra.Command {
	var once, supervised bool
	command := &cobra.Command{
		Use:   "schedule",
		Short: "Run what the folder's schedules say, in local time, until it is ended",
		Long: "Starts a run as a process of its own whenever a file of the folder schedules says so. What became of every time is kept in\n" +
			schedules.LedgerFile + " of the warehouse's folder, so that nothing is run twice and nothing is forgotten, whatever clocks do.\n" +
			"Schedules are read when it starts; start it anew after changing one.",
		RunE: func(c *cobra.Command, _ []string) error { return p.schedule(c.Context(), once, supervised) },
	}
	superviseFlag(command, &supervised)
	command.Flags().BoolVar(&once, "once", false, "run what is due now, and end")
	command.AddCommand(newTestAlerts(p), &cobra.Command{
		Use:   "list",
		Short: "The schedules, when each is next due, and how its last run came out",
		Args:  cobra.NoArgs,
		RunE:  func(*cobra.Command, []string) error { return p.listSchedules() },
	})
	return command
}

// planned reads the schedules of the council's folder and the calendars that they go by.
func (p *program) planned() ([]schedules.Schedule, schedules.Calendars, council.Settings, error) {
	settings, err := p.settings()
	if err != nil {
		return nil, nil, settings, err
	}
	list, calendars, err := readSchedules(p.folder)
	if err != nil {
		return nil, nil, settings, exit{exitUsage, err}
	}
	return list, calendars, settings, nil
}

func readSchedules(folder string) ([]schedules.Schedule, schedules.Calendars, error) {
	root := os.DirFS(folder)
	files, err := all.Kinds.ReadFolder(root)
	var sources []string
	for _, file := range files {
		sources = append(sources, file.Source)
	}
	list, scheduleFaults := schedules.Read(root, sources)
	calendars, calendarFault := schedules.ReadCalendars(root)
	return list, calendars, fault.Join(err, scheduleFaults, calendarFault, calendars.Check(list))
}

func (p *program) schedule(ctx context.Context, once, supervised bool) (err error) {
	list, calendars, settings, err := p.planned()
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return exit{exitUsage, &fault.Error{Where: filepath.Join(p.folder, "schedules"), What: "there is no schedule", Fix: "write one; docs/schedules.md has four to begin with"}}
	}
	state := p.warehouseFolder(settings)
	lock, err := onlyScheduler(state)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	ledger, err := schedules.OpenLedger(state)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ledger.Close()) }()
	writer, err := p.logWriter(state)
	if err != nil {
		return err
	}
	defer writer.Close()
	log := zerolog.New(writer).With().Timestamp().Str("part", "schedule").Logger()
	w, err := p.newWatch(settings, log)
	if err != nil {
		return err
	}
	s := schedules.New(list, ledger, schedules.Options{
		Zone: settings.Location(), Calendar: calendars.Of, Now: time.Now, Sleep: sleep, Run: w.runApart, Tell: w.tell, Log: log,
	})
	if once {
		return errors.Join(p.runDue(ctx, s), w.desk.Deliver(ctx))
	}
	ctx, end := context.WithCancel(ctx)
	if supervised {
		go func() {
			w.hear(os.Stdin)
			end()
			leaveAtLast()
		}()
	}
	delivered := make(chan struct{})
	go func() {
		defer close(delivered)
		w.serve(ctx)
	}()
	defer func() {
		end()
		<-delivered
	}()
	fmt.Fprintf(p.term.errors, "%s: %s; ended by Ctrl-C.\n", settings.Name, count(len(list), "schedule"))
	log.Info().Int("schedules", len(list)).Int("goroutines", runtime.NumGoroutine()).Msg("scheduling")
	err = s.Serve(ctx)
	log.Info().Int("goroutines", runtime.NumGoroutine()).Msg("scheduling ended")
	return err
}

// runDue makes one run after the other until nothing is due.
func (p *program) runDue(ctx context.Context, s *schedules.Scheduler) error {
	for ctx.Err() == nil {
		wake, err := s.Step(ctx)
		if err != nil || wake.After(time.Now()) {
			return err
		}
	}
	return nil
}

// onlyScheduler holds the council's folder for one scheduler.
func onlyScheduler(state string) (*flock.Flock, error) {
	return onlyOne(filepath.Join(state, "schedule.lock"), "another goldthread schedule is at work on this folder", "let that one do the work, or end it")
}

// moment is how long a lock may be held by who only looks whether it is free.
const moment = 200 * time.Millisecond

// onlyOne takes a lock that one process can have. The operating system lets go of it when its owner ends, however that comes about.
func onlyOne(path, what, fix string) (*flock.Flock, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	lock := flock.New(path)
	waiting, end := context.WithTimeout(context.Background(), moment)
	defer end()
	taken, err := lock.TryLockContext(waiting, moment/10)
	if errors.Is(err, context.DeadlineExceeded) {
		taken, err = false, nil
	}
	if err == nil && !taken {
		err = &fault.Error{Where: path, What: what, Fix: fix}
	}
	if err != nil {
		return nil, err
	}
	return lock, nil
}

// checkSchedules says what is wrong with what runs by the clock; the exit tells whether anything is.
func (p *program) checkSchedules() error {
	list, calendars, settings, err := p.planned()
	if err != nil {
		return err
	}
	events, err := schedules.ReadLedger(p.warehouseFolder(settings))
	if err != nil {
		return err
	}
	complaints, err := p.complaints(list, events, settings, calendars)
	if err != nil {
		return err
	}
	if len(complaints) == 0 {
		fmt.Fprintf(p.term.out, "%s: what is due has been run.\n", settings.Name)
		return nil
	}
	fmt.Fprintln(p.term.out, strings.Join(complaints, "\n"))
	return exit{code: exitFailed}
}

// complaints says what is wrong with what runs by the clock, a scheduler that is not at work among it.
func (p *program) complaints(list []schedules.Schedule, events map[string][]schedules.Event, settings council.Settings, calendars schedules.Calendars) ([]string, error) {
	complaints := schedules.Complaints(list, events, time.Now(), settings.Location(), calendars)
	lock, err := onlyScheduler(p.warehouseFolder(settings))
	if err != nil {
		return complaints, nil // one is at work
	}
	return append([]string{"no scheduler is at work on this folder, so nothing is run by the clock"}, complaints...), lock.Close()
}

func sleep(ctx context.Context, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// runApart makes a run, or the backup that a schedule asks for, as a process of its own, so that it has memory of its own, and a
// fault in it ends nothing else. It ends with the scheduler, however that one ends: whoever is next has the warehouse to itself.
func (w *watch) runApart(ctx context.Context, s schedules.Schedule) (schedules.Outcome, error) {
	if s.Backup != nil {
		return w.backupApart(ctx, s)
	}
	var result pipeline.Result
	if err := w.apart(ctx, &result, s.Name, runArguments(s)...); err != nil {
		return schedules.Outcome{}, err
	}
	outcome := outcomeOfRun(result, w.p.sourcesOr(s.Sources))
	fmt.Fprintf(w.p.term.errors, "%s %s: run %d %s\n", time.Now().Format(time.DateTime), s.Name, outcome.RunID, strings.TrimSpace(outcome.Outcome+" "+outcome.Why))
	return outcome, ctx.Err()
}

func runArguments(s schedules.Schedule) []string {
	args := []string{"run", "--wait", s.Limit().String()}
	if len(s.Sources) > 0 {
		args = append(args, "--select", strings.Join(s.Sources, ","))
	}
	if s.Full {
		args = append(args, "--full")
	}
	return args
}

func (w *watch) backupApart(ctx context.Context, s schedules.Schedule) (schedules.Outcome, error) {
	args := []string{"backup", "--wait", s.Limit().String(), "--to", within(w.p.folder, s.Backup.To), "--keep", s.Backup.Keep}
	if s.Backup.Verify {
		args = append(args, "--verify")
	}
	var made backup.Made
	if err := w.apart(ctx, &made, s.Name, args...); err != nil {
		return schedules.Outcome{}, err
	}
	fmt.Fprintf(w.p.term.errors, "%s %s: backed up to %s\n", time.Now().Format(time.DateTime), s.Name, made.Folder)
	return schedules.Outcome{Outcome: pipeline.Done, Release: made.Release}, ctx.Err()
}

// apart starts a command of this program as a process and reads the document that it prints. Where it prints none, what it
// complained of is the error, which may pass if it was ended from outside.
func (w *watch) apart(ctx context.Context, document any, schedule string, args ...string) error {
	command, err := w.p.apart(ctx, w.log.With().Str("schedule", schedule).Logger(), w.run, append(args, "--json")...)
	if err != nil {
		return err
	}
	var said, complained bytes.Buffer
	command.Stdout, command.Stderr = &said, &complained
	if err := command.start(); err != nil {
		return err
	}
	err = command.wait()
	var tooMuch *fault.Error
	switch {
	case json.Unmarshal(said.Bytes(), document) == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &tooMuch):
		return tooMuch
	case wasCutShort(command.ProcessState):
		return fault.Transient(fmt.Errorf("the %s was ended from outside (%w) before it was done, and is begun again", args[0], err))
	default:
		return fmt.Errorf("the %s said: %s (%w)", args[0], strings.TrimSpace(complained.String()), err)
	}
}

// sourcesOr are the sources that were named, or all of the folder.
func (p *program) sourcesOr(named []string) []string {
	if len(named) > 0 {
		return named
	}
	var names []string
	files, _ := all.Kinds.ReadFolder(os.DirFS(p.folder)) // it went well when the schedules were read
	for _, file := range files {
		names = append(names, file.Source)
	}
	return names
}

// outcomeOfRun is what the ledger of schedules keeps of a run.
func outcomeOfRun(r pipeline.Result, sources []string) schedules.Outcome {
	o := schedules.Outcome{RunID: r.RunID, Outcome: r.Outcome, Release: r.Release, Owed: owedByOwner(r.Owed)}
	for _, source := range sources {
		if !slices.ContainsFunc(r.Problems, func(p pipeline.Problem) bool { return p.Source == source }) {
			o.Fresh = append(o.Fresh, source)
		}
	}
	var why []string
	for _, problem := range r.Problems {
		why = append(why, problem.String())
		o.Problems = append(o.Problems, schedules.Problem{Source: problem.Source, Owner: problem.Owner, What: problem.String()})
	}
	o.Why = fault.Few(why, 5)
	return o
}

func (p *program) listSchedules() error {
	list, calendars, settings, err := p.planned()
	if err != nil {
		return err
	}
	events, err := schedules.ReadLedger(p.warehouseFolder(settings))
	if err != nil {
		return err
	}
	standings := schedules.Standings(list, events, time.Now(), settings.Location(), calendars)
	if p.json {
		return p.printJSON(standings)
	}
	t := p.newTable("schedule", "when", "next", "last", "outcome")
	for _, s := range standings {
		last, next := "", ""
		if s.Last != nil {
			last = s.Last.At.In(settings.Location()).Format("Mon 2 Jan 15:04")
		}
		if !s.Next.IsZero() {
			next = s.Next.Format("Mon 2 Jan 2006 15:04")
		}
		t.AppendRow(table.Row{s.Schedule, s.When, next, last, s.Said()})
	}
	t.Render()
	return nil
}
