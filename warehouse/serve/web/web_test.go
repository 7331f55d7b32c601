package web

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/warehouse"
	"github.com/goldthread/goldthread/warehouse/serve/audit"
)

func TestTheStatusPageSaysHowThingsStand(t *testing.T) {
	s := open(t)
	s.clock = Clock{
		Schedules:  []Schedule{{Name: "nightly", When: "daily at 02:00", Next: testTime.Add(18 * time.Hour), Last: testTime.Add(-5 * time.Hour), Outcome: "red"}},
		Complaints: []string{"nightly of 2026-04-02 02:00: red", "no scheduler is at work on this folder"},
	}
	s.wants(s.get("/", ""), http.StatusOK,
		"Saltmarsh Council", "4 things need attention", "The schedule nightly of 2026-04-02 02:00: red", "No scheduler is at work", "Run 3, the last one, is red",
		"1 dataset is stale", "Release 2", "1 of 3", "Stale</strong>", "since 1 Apr 2026", `<time datetime="2026-04-02T02:30:00Z">Thu 2 Apr 2026, 02:30</time>`,
		"could not be read: the folder drops is not there", "Not looked at yet", "edition of 31 Mar 2026", "4,321", "Customer Services", "Cut short",
		"12,345", "daily at 02:00", "/releases/2?against=1", "reports.example", "5432", "sslmode=require")
	s.clock, s.now = Clock{}, testTime.Add(time.Minute)
	healthy := standing()
	healthy.Runs, healthy.Datasets = healthy.Runs[1:2], healthy.Datasets[:1]
	leave(t, s.State, healthy)
	s.wants(s.get("/", ""), http.StatusOK, "All is well", "none is stale", "there is no schedule", "!need attention")
}

func TestWhatCannotBeReadIsToldOnThePage(t *testing.T) {
	s := open(t)
	path := filepath.Join(s.State, warehouse.StandingFile)
	for text, want := range map[string]string{`{"form": 1, "runs": [`: "the file is damaged", `{"form": 9}`: "a newer goldthread wrote"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		s.wants(s.get("/", ""), http.StatusOK, want, "Releases that are kept", "!"+s.State)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	s.clockErr = &fault.Error{Where: "/srv/council/schedules/nightly.yaml:3", What: `there is no time "25:00"`}
	s.wants(s.get("/", ""), http.StatusOK, "No run has told yet", "The schedules cannot be read: there is no time &#34;25:00&#34;", "!/srv/council")
}

func TestAFolderWithoutAReleaseHasAPage(t *testing.T) {
	s := newSite(t, t.TempDir(), false)
	s.wants(s.get("/", ""), http.StatusOK, "Nothing yet", "One thing needs", "No run has told yet", "Nothing has been released yet", "!All is well")
	s.wants(s.get("/releases/1", ""), http.StatusNotFound, "There is no such release")
}

func TestAReleaseSaysWhatMoved(t *testing.T) {
	s := open(t)
	if err := s.Releases.Name(warehouse.Naming{At: testTime, By: "anna", Name: "cabinet-2026-q1", Release: 2}); err != nil {
		t.Fatal(err)
	}
	s.wants(s.get("/releases/2?against=1", ""), http.StatusOK,
		"named cabinet-2026-q1", "1,234.57 days", "1,180.25 days", "2024/25", `<span class="rag amber">amber</span>`, "target 1,000", "target 1,200",
		"91.0401 %", "91.0402 %", "COR03", "no target", "COR04", "suppressed", "not there", "Rows differ", "staff", "members")
	s.wants(s.get("/releases/1?against=2", ""), http.StatusOK, "Figures that differ from release 2", "1,180.25 days")
	s.wants(s.get("/", ""), http.StatusOK, "named cabinet-2026-q1", "kept for good")
	s.wants(s.get("/releases/1", ""), http.StatusOK, "Release 1", "!Figures that differ")
	for _, path := range []string{"/releases/3", "/releases/0", "/releases/x", "/releases/2?against=7", "/releases/2?against=2", "/releases/", "/nothing"} {
		s.wants(s.get(path, ""), http.StatusNotFound, "There is no such")
	}
}

func TestEveryAnswerIsGuarded(t *testing.T) {
	s, far := open(t), closed(t)
	want := map[string]string{
		"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
		"Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
	}
	for _, path := range []string{"/", "/releases/2", "/assets/style.css", "/assets/icon.svg", "/health", "/metrics", "/nothing"} {
		for _, a := range []answer{s.get(path, ""), far.get(path, ""), far.get(path, "anna")} {
			got := map[string]string{}
			for name := range want {
				got[name] = a.header.Get(name)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %v", path, got)
			}
		}
		if s.get(path, "").header.Get("Strict-Transport-Security") != "" || far.get(path, "anna").header.Get("Strict-Transport-Security") != "max-age=31536000" {
			t.Errorf("%s: a browser is told to keep to TLS where there is none, or not told where there is", path)
		}
	}
}

func TestNoFileButOurOwnIsGiven(t *testing.T) {
	s := open(t)
	for _, path := range []string{
		"/assets/", "/assets", "/assets/../status.json", "/assets/..%2fstatus.json", "/assets/%2e%2e/web.go", "/assets/..%5cweb.go", "/assets//etc/passwd",
		"/assets/%2fetc%2fpasswd", "/assets/style.css/..", "/assets/style.css%00", "/assets/....//web.go", "/templates/frame.html", "/assets/..%2ftemplates%2fframe.html",
		"/status.json", "/../status.json", "/%2e%2e/%2e%2e/etc/passwd", "/accounts", "/releases/2/staff.duckdb", "/releases/..%2faccounts", "/releases/2%2f..%2f..", "/.goldthread/accounts",
	} {
		if a := s.get(path, ""); a.code == http.StatusOK || strings.Contains(a.text, "root:") || strings.Contains(a.text, "pepper") {
			t.Errorf("%s: %d\n%s", path, a.code, a.text)
		}
	}
}

func TestOnlyReadingIsAnswered(t *testing.T) {
	s := open(t)
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"} {
		request, err := http.NewRequestWithContext(t.Context(), method, s.address+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		a := s.do(request)
		if s.wants(a, http.StatusMethodNotAllowed); a.header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: %v", method, a.header)
		}
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodHead, s.address+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	if a := s.do(request); a.code != http.StatusOK || a.text != "" {
		t.Errorf("HEAD: %+v", a)
	}
}

// TestOnThisMachineOnlyItsOwnNamesAreAnswered: else a page of elsewhere could have its own name lead here, and read along.
func TestOnThisMachineOnlyItsOwnNamesAreAnswered(t *testing.T) {
	s := open(t)
	for host, code := range map[string]int{
		"localhost": 200, "localhost:8430": 200, "127.0.0.1": 200, "127.0.0.9:80": 200, "[::1]:8430": 200, "[::1]": 200,
		"evil.example": 421, "evil.example:8430": 421, "localhost.evil.example": 421, "10.0.0.1": 421, "[::2]": 421, "0.0.0.0:8430": 421,
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.address+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Host = host
		if a := s.do(request); a.code != code {
			t.Errorf("%s: %d", host, a.code)
		}
	}
}

func TestOverTheNetworkAnAccountSeesWhatItsAudienceMay(t *testing.T) {
	s := closed(t)
	s.clock.Complaints = []string{"nightly was due"}
	a := s.get("/", "")
	if s.wants(a, http.StatusUnauthorized, "Sign in", "!Saltmarsh"); a.header.Get("WWW-Authenticate") == "" {
		t.Errorf("no browser would ask for the account: %v", a.header)
	}
	s.wants(s.get("/", "anna"), http.StatusOK, "Signed in as anna", "tonnages", "Nightly was due", "Release 1", "anna, or another account")
	s.wants(s.get("/", "members-room"), http.StatusOK, "Signed in as members-room", "Release 2", "!Release 1", "!tonnages", "!Runs", "!set aside", "!ightly", "!Customer Services")
	s.wants(s.get("/releases/2", "members-room"), http.StatusOK, "members", "!measure_trend", "!<th scope=\"row\" role=\"rowheader\">staff")
	s.wants(s.get("/releases/1", "members-room"), http.StatusNotFound)
	s.wants(s.get("/releases/2?against=1", "members-room"), http.StatusNotFound)
	s.wants(s.get("/metrics", "members-room"), http.StatusForbidden)
	s.wants(s.get("/metrics", ""), http.StatusUnauthorized, "!goldthread_")
	s.wants(s.get("/metrics", "anna"), http.StatusOK, "goldthread_release_number 2")
	s.wants(s.get("/health", ""), http.StatusServiceUnavailable, `"runs":"red"`, "!nightly")
	s.wants(s.get("/assets/style.css", ""), http.StatusOK, ":root")
}

func TestGuessesAreCountedAndNoted(t *testing.T) {
	s := closed(t)
	right := s.secrets["anna"]
	s.secrets["anna"], s.secrets["nobody"] = "wrong", "wrong"
	said := s.get("/", "anna").text
	if other := s.get("/", "nobody").text; other != said {
		t.Errorf("an unknown account is told otherwise:\n%s", other)
	}
	for range 9 {
		s.get("/metrics", "anna")
	}
	s.secrets["anna"] = right
	s.wants(s.get("/", "anna"), http.StatusUnauthorized)
	s.now = s.now.Add(5 * time.Minute)
	for range 3 {
		s.wants(s.get("/", "anna"), http.StatusOK)
	}
	s.get("/releases/2", "anna")
	counts := map[string]int{}
	for line, err := range audit.Read(audit.Path(s.State), time.Time{}) {
		if err != nil {
			t.Fatal(err)
		}
		counts[strings.Join([]string{line.Account, line.From, line.Audience, line.Action, line.Fingerprint, strconv.FormatInt(line.Release, 10), line.Outcome}, " ")]++
	}
	want := map[string]int{
		"nobody 127.0.0.1  sign-in  0 refused": 1, "anna 127.0.0.1  sign-in  0 refused": 11,
		"anna 127.0.0.1 staff sign-in  0 ok": 1, "anna 127.0.0.1 staff page status 0 ok": 3, "anna 127.0.0.1 staff page release 2 ok": 1,
	}
	if !reflect.DeepEqual(counts, want) {
		t.Errorf("noted %v", counts)
	}
}

func TestNobodyIsLetInWhileTheAuditCannotBeWritten(t *testing.T) {
	s := closed(t)
	if err := s.Audit.(pagesAudit).Close(); err != nil {
		t.Fatal(err)
	}
	s.wants(s.get("/", "anna"), http.StatusServiceUnavailable, "Nobody is let in now", "!tonnages")
}

func TestOldWaysToEncryptAreRefused(t *testing.T) {
	s := closed(t)
	address := strings.TrimPrefix(s.address, "https://")
	for name, config := range map[string]*tls.Config{
		"TLS 1.1":           {MaxVersion: tls.VersionTLS11},
		"CBC":               {MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256}},
		"static key":        {MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_RSA_WITH_AES_128_GCM_SHA256}},
		"RC4":               {MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_RC4_128_SHA}},
		"TLS 1.2, let in":   {MaxVersion: tls.VersionTLS12},
		"TLS 1.3, let in":   {MinVersion: tls.VersionTLS13},
		"TLS 1.2 with AES-": {MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA}},
	} {
		config.InsecureSkipVerify = true // what is tested is the other side
		conn, err := tls.Dial("tcp", address, config)
		if err == nil {
			err = conn.Close()
		}
		if (err == nil) != strings.HasSuffix(name, "let in") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWithoutACertificateOnlyThisMachineIsListenedTo(t *testing.T) {
	var told *fault.Error
	if _, err := New(Config{}).Listen(t.Context(), "0.0.0.0:0"); !errors.As(err, &told) || !strings.Contains(told.What, "for this machine only") {
		t.Errorf("got %v", err)
	}
	s := open(t)
	if _, err := New(Config{}).Listen(t.Context(), strings.TrimPrefix(s.address, "http://")); !errors.As(err, &told) || !strings.Contains(told.What, "another program listens here") {
		t.Errorf("got %v", err)
	}
}

func TestHealthIsRedWhileSomethingIsAmiss(t *testing.T) {
	s := open(t)
	check := func(code int, words ...string) {
		t.Helper()
		s.now = s.now.Add(stands)
		s.wants(s.get("/health", ""), code, words...)
	}
	check(http.StatusOK, `{"status":"ok","runs":"ok","engine":"ok"}`)
	s.engine = errors.New("the database has been invalidated")
	check(http.StatusServiceUnavailable, `"status":"red"`, `"runs":"ok"`, `"engine":"red"`, "the open release answers no query", "!invalidated")
	s.wants(s.get("/", ""), http.StatusOK, "BI tools cannot read it", "!invalidated")
	s.engine, s.clock.Complaints = nil, []string{"nightly was due at 02:00 and has not come to an end"}
	check(http.StatusServiceUnavailable, `"status":"red"`, `"runs":"red"`, `"engine":"ok"`, "nightly was due at 02:00")
	s.clock.Complaints, s.clockErr = nil, errors.New("schedules/nightly.yaml: wrong")
	check(http.StatusServiceUnavailable, `"runs":"red"`)
	s.clockErr = nil
	check(http.StatusOK)
	asked := s.asked
	for range 20 {
		s.get("/health", "")
	}
	if s.asked != asked {
		t.Errorf("the engine was asked %d times within seconds", s.asked-asked)
	}
}

func TestAnEngineThatHangsIsRedAndAskedOnce(t *testing.T) {
	s := open(t)
	hung, asked := make(chan struct{}), make(chan struct{}, 10)
	s.patience, s.Engine = 10*time.Millisecond, func(context.Context) error { asked <- struct{}{}; <-hung; return nil }
	for range 3 {
		s.now = s.now.Add(stands)
		s.wants(s.get("/health", ""), http.StatusServiceUnavailable, `"engine":"red"`)
	}
	close(hung)
	s.patience, s.now = usualPatience, s.now.Add(stands)
	s.wants(s.get("/health", ""), http.StatusOK)
	if len(asked) != 1 {
		t.Errorf("it was asked %d times", len(asked))
	}
}
