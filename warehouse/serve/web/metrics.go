package web

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/rs/zerolog"

	"github.com/goldthread/goldthread/warehouse"
)

// Measured is what metrics are taken of.
type Measured struct {
	State    string // the warehouse's folder
	Version  string
	Releases *warehouse.Releases
	Sessions func() int // of BI tools
	Running  func() int // their statements
	Clock    func() (Clock, error)
	Alarms   func() (open, waiting int, err error)
	Log      zerolog.Logger
}

// Metrics are what Prometheus is given. Their labels are names that the council's folder has, and nothing of a source's rows.
type Metrics struct {
	Measured
	registry *prometheus.Registry
	asked    *prometheus.CounterVec
}

// mostDatasets bounds how many datasets have metrics of their own.
const mostDatasets = 2000

// NewMetrics gives metrics of what is measured.
func NewMetrics(m Measured) *Metrics {
	all := &Metrics{Measured: m, registry: prometheus.NewRegistry(), asked: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "goldthread_audited_total", Help: "Statements, sign-ins and pages, by what was asked and whether it was answered.",
	}, []string{"action", "outcome"})}
	all.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), all.asked, all)
	return all
}

// Count counts an entry of the audit log.
func (m *Metrics) Count(action, outcome string) {
	if outcome != "ok" {
		outcome = "refused"
	}
	m.asked.WithLabelValues(action, outcome).Inc()
}

// ServeHTTP answers a scrape.
func (m *Metrics) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}).ServeHTTP(w, r)
}

// A gauge is a metric whose value is read when it is asked for.
type gauge struct{ *prometheus.Desc }

func newGauge(name, help string, labels ...string) gauge {
	return gauge{prometheus.NewDesc("goldthread_"+name, help, labels, nil)}
}

var (
	buildInfo   = newGauge("build_info", "Always 1; the label is the program's version.", "version")
	readable    = newGauge("status_readable", "1 where what the last run left could be read, else 0.")
	runNumber   = newGauge("last_run_number", "Number of the last run.")
	runStarted  = newGauge("last_run_started_timestamp_seconds", "When the last run began.")
	runFinished = newGauge("last_run_finished_timestamp_seconds", "When the last run ended; absent while it has not.")
	runOutcome  = newGauge("last_run_outcome", "1 for how the last run came out: done, red, failed or not_ended.", "outcome")
	looked      = newGauge("dataset_looked_at_timestamp_seconds", "When a dataset was last looked at.", "source", "dataset")
	landed      = newGauge("dataset_landed_timestamp_seconds", "When rows of a dataset were last taken.", "source", "dataset")
	stale       = newGauge("dataset_stale", "1 where the last look at a dataset failed or was refused.", "source", "dataset")
	rowCount    = newGauge("dataset_rows", "Present rows of a dataset.", "source", "dataset")
	aside       = newGauge("dataset_quarantined_rows", "Rows of a dataset that are set aside.", "source", "dataset")
	release     = newGauge("release_number", "Release that readers see; 0 where there is none.")
	releasedAt  = newGauge("release_timestamp_seconds", "When the release that readers see was made.")
	kept        = newGauge("releases_kept", "Releases that are kept.")
	sessions    = newGauge("sessions", "BI tools that are signed in.")
	running     = newGauge("statements_running", "Statements of BI tools that run now.")
	complaints  = newGauge("complaints", "What goldthread status --check complains of.")
	alarmsOpen  = newGauge("alarms_open", "Problems that people were told of and that are not over.")
	alarmsWait  = newGauge("alarms_waiting", "Messages that wait to be sent.")
)

var gauges = []gauge{
	buildInfo, readable, runNumber, runStarted, runFinished, runOutcome, looked, landed, stale, rowCount, aside, release, releasedAt,
	kept, sessions, running, complaints, alarmsOpen, alarmsWait,
}

// Describe names every metric.
func (m *Metrics) Describe(out chan<- *prometheus.Desc) {
	for _, g := range gauges {
		out <- g.Desc
	}
}

// Collect reads every metric. What cannot be read is left out and told in the log.
func (m *Metrics) Collect(out chan<- prometheus.Metric) {
	c := collected{out}
	c.set(buildInfo, 1, m.Version)
	c.set(sessions, float64(m.Sessions()))
	c.set(running, float64(m.Running()))
	for what, collect := range map[string]func(collected) error{"status": m.standing, "releases": m.released, "schedules": m.clock, "alarms": m.alarms} {
		if err := collect(c); err != nil {
			m.Log.Warn().Err(err).Str("of", what).Msg("metrics could not be read")
		}
	}
}

// A collected passes metrics on.
type collected struct{ out chan<- prometheus.Metric }

func (c collected) set(g gauge, value float64, labels ...string) {
	c.out <- prometheus.MustNewConstMetric(g.Desc, prometheus.GaugeValue, value, labels...)
}

func (c collected) moment(g gauge, at *time.Time, labels ...string) {
	if at != nil && !at.IsZero() {
		c.set(g, float64(at.UnixMilli())/1000, labels...)
	}
}

func (m *Metrics) standing(c collected) error {
	s, err := warehouse.ReadStanding(m.State)
	if err != nil {
		c.set(readable, 0)
		return err
	}
	c.set(readable, 1)
	if s == nil {
		return nil
	}
	if len(s.Runs) > 0 {
		c.lastRun(s.Runs[0])
	}
	setAside := map[string]int64{}
	for _, q := range s.Quarantine {
		setAside[q.Source+"."+q.Dataset] += q.Rows
	}
	for _, d := range s.Datasets[:min(len(s.Datasets), mostDatasets)] {
		c.dataset(d, setAside[d.Source+"."+d.Dataset])
	}
	return nil
}

func (c collected) lastRun(r warehouse.RunStanding) {
	c.set(runNumber, float64(r.RunID))
	c.moment(runStarted, &r.StartedAt)
	c.moment(runFinished, r.FinishedAt)
	for _, outcome := range []string{"done", "red", "failed", "not_ended"} {
		is := 0.0
		if outcome == r.Outcome || outcome == "not_ended" && r.Outcome == "" {
			is = 1
		}
		c.set(runOutcome, is, outcome)
	}
}

func (c collected) dataset(d warehouse.DatasetStanding, setAside int64) {
	c.moment(looked, d.LookedAt, d.Source, d.Dataset)
	c.moment(landed, d.LandedAt, d.Source, d.Dataset)
	is := 0.0
	if d.Stale {
		is = 1
	}
	c.set(stale, is, d.Source, d.Dataset)
	c.set(rowCount, float64(d.Rows), d.Source, d.Dataset)
	c.set(aside, float64(setAside), d.Source, d.Dataset)
}

func (m *Metrics) released(c collected) error {
	numbers, err := m.Releases.Numbers()
	if err != nil {
		return err
	}
	c.set(kept, float64(len(numbers)))
	if len(numbers) == 0 {
		c.set(release, 0)
		return nil
	}
	current, err := m.Releases.Manifest(0)
	if err != nil {
		return err
	}
	c.set(release, float64(current.Release))
	c.moment(releasedAt, &current.ReleasedAt)
	return nil
}

func (m *Metrics) clock(c collected) error {
	clock, err := m.Clock()
	if err != nil {
		return err
	}
	c.set(complaints, float64(len(clock.Complaints)))
	return nil
}

func (m *Metrics) alarms(c collected) error {
	open, waiting, err := m.Alarms()
	if err != nil {
		return err
	}
	c.set(alarmsOpen, float64(open))
	c.set(alarmsWait, float64(waiting))
	return nil
}
