package web

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/goldthread/goldthread/warehouse"
	"github.com/goldthread/goldthread/warehouse/serve/accounts"
	"github.com/goldthread/goldthread/warehouse/serve/audit"
	"github.com/goldthread/goldthread/warehouse/serve/pgwire"
)

var testTime = time.Date(2026, 4, 2, 7, 30, 0, 0, time.UTC)

// trends are what the first and the second release hold of marts.measure_trend.
var trends = []string{
	`select * from (values ('COR01', 'Sickness', 'E06000001', 'FY2024-25', '2024/25', 'days', cast(1234.567 as decimal(38, 10)), 'ok', 1000, 'amber', null),
		('COR02', 'Calls answered', 'E06000001', 'FY2024-25', '2024/25', '%', 91.0401, 'ok', 90, 'green', null),
		('COR03', 'Gone', 'E06000001', 'FY2024-25', '2024/25', '%', 7, 'ok', null, null, 'no_target'))`,
	`select * from (values ('COR01', 'Sickness', 'E06000001', 'FY2024-25', '2024/25', 'days', cast(1180.25 as decimal(38, 10)), 'ok', 1200, 'green', null),
		('COR02', 'Calls answered', 'E06000001', 'FY2024-25', '2024/25', '%', 91.0402, 'ok', 90, 'green', null),
		('COR04', 'Small', 'E06000001', 'FY2025-26', '2025/26', '%', null, 'suppressed', null, null, 'suppressed'))`,
}

const trendColumns = " as t (measure_code, measure_name, area_code, period_code, period_label, unit, value, value_status, target, rag, rag_reason)"

// releaseAll makes the two releases of a folder. The second is for members too, who may not see the figures.
func releaseAll(t *testing.T, folder string) {
	t.Helper()
	w, err := warehouse.Open(t.Context(), warehouse.Options{Folder: folder, MemoryLimit: "256MB", Threads: 1, Now: func() time.Time { return testTime }, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	public := warehouse.ReleaseTable{Schema: "marts", Name: "public"}
	for i, rows := range trends {
		make := fmt.Sprintf("create schema if not exists marts; create or replace view marts.measure_trend as %s%s; create or replace view marts.public as select %d as n", rows, trendColumns, i)
		if _, err := w.Conn().ExecContext(t.Context(), make); err != nil {
			t.Fatal(err)
		}
		plan := warehouse.ReleasePlan{RunID: int64(i + 1), Audience: "staff", Tables: []warehouse.ReleaseTable{{Schema: "marts", Name: "measure_trend"}, public}}
		if i == 1 {
			plan.Limited = []warehouse.ReleasePart{{Audience: "members", Tables: []warehouse.ReleaseTable{public}}}
		}
		if _, err := w.Release(t.Context(), plan); err != nil {
			t.Fatal(err)
		}
	}
}

// standing is how things stand after a night in which one of two sources failed.
func standing() warehouse.Standing {
	at := func(hours int) *time.Time { moment := testTime.Add(time.Duration(-hours) * time.Hour); return &moment }
	return warehouse.Standing{
		Form: 1, WrittenAt: testTime, Version: "test", Release: 2,
		Runs: []warehouse.RunStanding{
			{RunID: 3, StartedAt: *at(5), FinishedAt: at(4), Outcome: "red", Message: "waste.tonnages: the folder drops is not there", Read: 12345, Stored: 7, Quarantined: 2},
			{RunID: 2, StartedAt: *at(29), FinishedAt: at(28), Outcome: "done", Release: 2},
			{RunID: 1, StartedAt: *at(53)},
		},
		Datasets: []warehouse.DatasetStanding{
			{Source: "desk", Dataset: "requests", Owner: "Customer Services", LookedAt: at(4), Outcome: "landed", LandedAt: at(4), PublishedAt: "2026-03-31", Rows: 4321},
			{Source: "waste", Dataset: "tonnages", LookedAt: at(4), Outcome: "failed", Reason: "the folder drops is not there", Rows: 12, Stale: true, StaleSince: "2026-04-01"},
			{Source: "waste", Dataset: "rounds"},
		},
		Quarantine: []warehouse.QuarantineStanding{{Owner: "Customer Services", Source: "desk", Dataset: "requests", Rows: 2, OldestDate: "2026-04-01"}},
	}
}

// A site is a server of the fixture's folder, with an account for staff and one for members.
type site struct {
	*Server
	t        *testing.T
	address  string // with its scheme
	client   *http.Client
	secrets  map[string]string
	now      time.Time
	clock    Clock
	clockErr error
	engine   error
	asked    int // how often the engine was
}

// open serves the folder to this machine, and closed as it does over the network.
func open(t *testing.T) *site   { t.Helper(); return newSite(t, newFolder(t), false) }
func closed(t *testing.T) *site { t.Helper(); return newSite(t, newFolder(t), true) }

// newFolder is a warehouse's folder with two releases and what the last run left.
func newFolder(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	releaseAll(t, folder)
	leave(t, folder, standing())
	return folder
}

func leave(t *testing.T, folder string, s warehouse.Standing) {
	t.Helper()
	text, err := json.Marshal(s)
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, warehouse.StandingFile), text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func newSite(t *testing.T, folder string, network bool) *site {
	t.Helper()
	s := &site{t: t, now: testTime, secrets: map[string]string{}, client: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	now := func() time.Time { return s.now }
	store, err := accounts.Open(accounts.Path(folder), now)
	if err != nil {
		t.Fatal(err)
	}
	for name, audience := range map[string]string{"anna": "staff", "members-room": "members"} {
		if s.secrets[name], err = store.Add(name, audience, testTime.AddDate(0, 1, 0)); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := audit.Open(audit.Path(folder))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = kept.Close() })
	log := zerolog.Nop()
	clock := func() (Clock, error) { return s.clock, s.clockErr }
	metrics := NewMetrics(Measured{
		State: folder, Version: "test", Releases: warehouse.NewReleases(folder), Sessions: func() int { return 3 }, Running: func() int { return 1 },
		Clock: clock, Alarms: func() (int, int, error) { return 1, 2, nil }, Log: log,
	})
	config := Config{
		Council: "Saltmarsh Council", State: folder, Releases: warehouse.NewReleases(folder), Zone: time.UTC, Readers: "reports.example:5432",
		Version: "test", Clock: clock, Engine: func(context.Context) error { s.asked++; return s.engine }, Metrics: metrics, Accounts: store,
		Audit: pagesAudit{kept}, Now: now, Log: log,
	}
	if config.TLS, _, err = pgwire.TrialCertificate(t.TempDir(), time.Now(), "127.0.0.1"); err != nil {
		t.Fatal(err)
	}
	s.Server = New(config)
	s.listen(network)
	return s
}

// listen answers on this machine until the test ends, under the rules of the network where it is asked to.
func (s *site) listen(network bool) {
	s.t.Helper()
	listener, err := s.Server.Listen(s.t.Context(), "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	s.address = "http://" + listener.Addr().String()
	if s.Server.open = !network; network {
		s.address = "https://" + listener.Addr().String()
		s.client.Transport = &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}} // the certificate is not what is tested
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, listener) }()
	s.t.Cleanup(func() {
		s.client.CloseIdleConnections()
		stop()
		if err := <-served; err != nil {
			s.t.Error(err)
		}
	})
}

type pagesAudit struct{ *audit.Log }

func (k pagesAudit) Append(e Entry) error {
	return k.Log.Append(audit.Entry{At: e.At, Account: e.Account, From: e.From, Audience: e.Audience, Release: e.Release, Action: e.Action, Fingerprint: e.Page, Outcome: e.Outcome})
}

// An answer is what came back.
type answer struct {
	code   int
	header http.Header
	text   string
}

// get asks for a path, as an account where one is named.
func (s *site) get(path, account string) answer {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.address+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	if account != "" {
		request.SetBasicAuth(account, s.secrets[account])
	}
	return s.do(request)
}

func (s *site) do(request *http.Request) answer {
	s.t.Helper()
	response, err := s.client.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	text, err := io.ReadAll(response.Body)
	if err = errors.Join(err, response.Body.Close()); err != nil {
		s.t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, string(text)}
}

// wants fails where the answer has not the code or lacks words; words that begin with a ! must not be there.
func (s *site) wants(a answer, code int, words ...string) {
	s.t.Helper()
	if a.code != code {
		s.t.Errorf("answered %d, not %d", a.code, code)
	}
	for _, word := range words {
		bare, unwanted := strings.CutPrefix(word, "!")
		if strings.Contains(a.text, bare) == unwanted {
			s.t.Errorf("%q is not held in\n%s", word, a.text)
		}
	}
}
