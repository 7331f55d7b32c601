package web

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/goldthread/goldthread/warehouse"
)

func TestMetricsSayHowThingsStand(t *testing.T) {
	s := open(t)
	m := s.Metrics.(*Metrics)
	m.Count("statement", "ok")
	m.Count("statement", "57014")
	m.Count("sign-in", "refused")
	s.clock.Complaints = []string{"nightly was due"}
	s.wants(s.get("/metrics", ""), http.StatusOK,
		`goldthread_dataset_stale{dataset="tonnages",source="waste"} 1`, `goldthread_dataset_stale{dataset="requests",source="desk"} 0`,
		`goldthread_dataset_looked_at_timestamp_seconds{dataset="requests",source="desk"} 1.7751006e+09`, `!looked_at_timestamp_seconds{dataset="rounds"`,
		`goldthread_dataset_quarantined_rows{dataset="requests",source="desk"} 2`, `goldthread_dataset_rows{dataset="requests",source="desk"} 4321`,
		`goldthread_last_run_outcome{outcome="red"} 1`, `goldthread_last_run_outcome{outcome="done"} 0`, `goldthread_last_run_number 3`,
		"goldthread_release_number 2", "goldthread_releases_kept 2", "goldthread_sessions 3", "goldthread_statements_running 1", "goldthread_complaints 1",
		"goldthread_alarms_open 1", "goldthread_alarms_waiting 2", `goldthread_audited_total{action="statement",outcome="refused"} 1`,
		"goldthread_status_readable 1", "process_resident_memory_bytes", "go_goroutines", "!Customer Services", "!drops", "!nightly")
	if problems, err := testutil.GatherAndLint(m.registry); err != nil || len(problems) > 0 {
		t.Errorf("%v: %v", err, problems)
	}
}

func TestMetricsThatCannotBeReadAreLeftOut(t *testing.T) {
	s := open(t)
	if err := os.WriteFile(filepath.Join(s.State, warehouse.StandingFile), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.wants(s.get("/metrics", ""), http.StatusOK, "goldthread_status_readable 0", "goldthread_release_number 2", "!goldthread_dataset")
}

// TestTheLabelsOfMetricsAreBounded: a council of very many datasets, or a label that is no name, must not take the monitor's memory.
func TestTheLabelsOfMetricsAreBounded(t *testing.T) {
	s := open(t)
	many := standing()
	many.Datasets = nil
	for i := range mostDatasets + 10 {
		many.Datasets = append(many.Datasets, warehouse.DatasetStanding{Source: strings.Repeat("s", i%7+1), Dataset: strings.Repeat("d", i/7+1)})
	}
	leave(t, s.State, many)
	if n := strings.Count(s.get("/metrics", "").text, "goldthread_dataset_rows{"); n != mostDatasets {
		t.Errorf("%d datasets have metrics", n)
	}
}
