package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"github.com/goldthread/goldthread/internal/council"
	"github.com/goldthread/goldthread/schedules"
	"github.com/goldthread/goldthread/schedules/alarms"
)

// A watch tells people what becomes of runs, and a watch outside that somebody is at work here.
type watch struct {
	p    *program
	desk *alarms.Desk
	run  bound // of each run
	log  zerolog.Logger
}

func (p *program) newWatch(settings council.Settings, log zerolog.Logger) (*watch, error) {
	desk, err := alarms.NewDesk(alarms.Options{
		Council: settings.Name, Folder: p.warehouseFolder(settings), Root: p.folder, Alerts: settings.Alerts,
		Zone: settings.Location(), Now: time.Now, Getenv: p.term.getenv, Log: log,
	})
	run := bound{settings.Warehouse.ProcessLimit(), "raise warehouse.memory_limit in goldthread.yaml, where the machine has the memory"}
	return &watch{p, desk, run, log}, err
}

// tell hands on what has become of a slot. That a message could not be written stops no run.
func (w *watch) tell(s schedules.Schedule, e schedules.Event, o schedules.Outcome) {
	if e.What == schedules.Skipped {
		return
	}
	own := "the schedule " + s.Name
	n := alarms.News{By: own, At: e.At}
	for _, problem := range o.Problems {
		part := own
		if problem.Source != "" {
			part = "the source " + problem.Source
		}
		n.Problems = append(n.Problems, alarms.Problem{What: problem.What, Part: part, Owner: problem.Owner})
	}
	if len(n.Problems) == 0 && e.Outcome != "done" {
		n.Problems = append(n.Problems, alarms.Problem{Part: own, What: fmt.Sprintf("What was due at %s: %s", e.Due.Format(time.DateTime), e.Why)})
	}
	if o.RunID > 0 || e.Outcome == "done" {
		n.Parts = append(n.Parts, own)
	}
	for _, source := range o.Fresh {
		n.Parts = append(n.Parts, "the source "+source)
	}
	w.addOwed(&n, o.Owed)
	w.write(n)
}

// addOwed adds what is owed to reporting cycles. What was owed and is not any more, because it came or the next period's cut-off has
// taken the place of its own, is over.
func (w *watch) addOwed(n *alarms.News, owed []schedules.Owed) {
	if owed == nil {
		return
	}
	for _, part := range w.desk.Open() {
		if strings.HasPrefix(part, owedPrefix) {
			n.Parts = append(n.Parts, part)
		}
	}
	for _, o := range owed {
		stage := "reminded"
		if o.IsLate {
			stage = "late"
		}
		n.Problems = append(n.Problems, alarms.Problem{What: o.What, Part: o.Part, Owner: o.Owner, Stage: stage, Readers: o.Readers})
	}
}

// write hands news to the desk, with the release that readers see.
func (w *watch) write(n alarms.News) {
	releases, _, err := w.p.releases()
	if err == nil {
		n.Release, err = releases.Current()
	}
	if err == nil {
		err = w.desk.Tell(n)
	}
	if err != nil {
		w.log.Error().Err(err).Msg("an alarm could not be written")
	}
}

// hear reads what a supervisor says of other parts of the program, a JSON line each, until it ends.
func (w *watch) hear(from io.Reader) {
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		var said word
		if err := json.Unmarshal(lines.Bytes(), &said); err != nil {
			w.log.Error().Err(err).Msg("what the supervisor says cannot be read")
			continue
		}
		n := alarms.News{By: "goldthread up", At: time.Now(), Parts: []string{said.Part}}
		if said.What != "" {
			n.Problems = []alarms.Problem{{Part: said.Part, What: said.What, Readers: said.Readers}}
		}
		w.write(n)
		w.log.Info().Str("about", said.Part).Msg("the supervisor was heard")
	}
}

// pings is how often the watch outside is told that all is well.
const pings = 5 * time.Minute

// serve sends what waits until the context ends.
func (w *watch) serve(ctx context.Context) {
	for pinged := (time.Time{}); ctx.Err() == nil; sleep(ctx, 15*time.Second) {
		if err := w.desk.Deliver(ctx); err != nil {
			w.log.Error().Err(err).Msg("alarms could not be sent")
		}
		if time.Since(pinged) >= pings {
			pinged = time.Now()
			if w.well() {
				w.desk.Ping(ctx)
			}
		}
	}
}

// well says whether nothing is wrong with what runs by the clock.
func (w *watch) well() bool {
	list, calendars, settings, err := w.p.planned()
	if err != nil {
		return false
	}
	events, err := schedules.ReadLedger(w.p.warehouseFolder(settings))
	return err == nil && len(schedules.Complaints(list, events, time.Now(), settings.Location(), calendars)) == 0
}

func newTestAlerts(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "test-alerts",
		Short: "Send a message to everyone whom the settings name under alerts, and say what came of it",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			settings, err := p.settings()
			if err != nil {
				return err
			}
			w, err := p.newWatch(settings, zerolog.Nop())
			if err != nil {
				return err
			}
			results := w.desk.Try(c.Context())
			if len(results) == 0 {
				fmt.Fprintln(p.term.out, "goldthread.yaml names nobody under alerts.\n  fix: see docs/alerts.md")
				return exit{code: exitUsage}
			}
			failed := false
			for _, r := range results {
				said := "sent"
				if r.Err != nil {
					said, failed = r.Err.Error(), true
				}
				fmt.Fprintf(p.term.out, "%s: %s\n", r.Channel, said)
			}
			if failed {
				return exit{code: exitFailed}
			}
			return nil
		},
	}
}
