package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/goldthread/goldthread/internal/fault"
)

// A misbehaviour is one way for a service to misbehave, and what must come of it.
type misbehaviour struct {
	answer func(n int, w http.ResponseWriter, r *http.Request) // to the n-th request, from 1
	want   string                                              // what the person reads holds this; empty where the answer is good
	passes bool                                                // marked as transient
	tries  int                                                 // requests that are made
	gaps   []time.Duration                                     // waited between them
	limits Limits                                              // where those of testClient would take too long
}

const good = `{"area-array":[]}`

func say(status int, kind, body string) func(int, http.ResponseWriter, *http.Request) {
	return func(_ int, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}
}

// busy answers 429 until the given try.
func busy(after string, until int) func(int, http.ResponseWriter, *http.Request) {
	return func(n int, w http.ResponseWriter, r *http.Request) {
		if n >= until {
			say(200, "application/json", good)(n, w, r)
			return
		}
		if after != "" {
			w.Header().Set("Retry-After", after)
		}
		w.WriteHeader(429)
	}
}

func then(first, rest func(int, http.ResponseWriter, *http.Request)) func(int, http.ResponseWriter, *http.Request) {
	return func(n int, w http.ResponseWriter, r *http.Request) {
		if n == 1 {
			first(n, w, r)
			return
		}
		rest(n, w, r)
	}
}

func cut(length string) func(int, http.ResponseWriter, *http.Request) {
	return func(_ int, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if length != "" {
			w.Header().Set("Content-Length", length)
		}
		fmt.Fprint(w, `{"area-array":[`)
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}

// drip sends a byte whenever the clock ticks, or none after the head of the answer.
func drip(w http.ResponseWriter, r *http.Request, tick time.Duration) {
	w.Header().Set("Content-Type", "application/json")
	_ = http.NewResponseController(w).Flush()
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for {
		select {
		case <-r.Context().Done():
			return
		case <-ticker.C:
			fmt.Fprint(w, " ")
			_ = http.NewResponseController(w).Flush()
		}
	}
}

func bomb(_ int, w http.ResponseWriter, _ *http.Request) {
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	block := bytes.Repeat([]byte(" "), 1<<20)
	for range 8 {
		zip.Write(block)
	}
	zip.Close()
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Encoding", "gzip")
	w.Write(packed.Bytes())
}

var (
	noon  = time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	fine  = say(200, "application/json; charset=utf-8", good)
	steps = []time.Duration{time.Second, 2 * time.Second, 4 * time.Second}
)

var misbehaviours = map[string]misbehaviour{
	"nothing wrong":             {answer: fine, tries: 1},
	"429 with seconds":          {answer: busy("7", 2), tries: 2, gaps: []time.Duration{7 * time.Second}},
	"429 with a date":           {answer: busy(noon.Add(90*time.Second).Format(http.TimeFormat), 2), tries: 2, gaps: []time.Duration{90 * time.Second}},
	"429 with a date gone by":   {answer: busy(noon.Add(-time.Hour).Format(http.TimeFormat), 2), tries: 2, gaps: []time.Duration{0}},
	"429 with 10^9 seconds":     {answer: busy("1000000000", 9), want: "to be left alone for longer than the 5m0s", passes: true, tries: 1},
	"429 with 10^13 seconds":    {answer: busy("10000000000000", 9), want: "to be left alone for longer than the 5m0s", passes: true, tries: 1},
	"429 with 10^30 seconds":    {answer: busy("1"+strings.Repeat("0", 30), 9), want: "to be left alone", passes: true, tries: 1},
	"429 with words":            {answer: busy("soon", 2), tries: 2, gaps: steps[:1]},
	"429 without":               {answer: busy("", 9), want: "has been asked too often (429); it was tried 4 times", passes: true, tries: 4, gaps: steps},
	"500":                       {answer: say(500, "text/plain", "oh"), want: "out of order (500)", passes: true, tries: 4, gaps: steps},
	"501":                       {answer: say(501, "text/plain", "oh"), want: "out of order (501)", tries: 1},
	"502 with HTML":             {answer: say(502, "text/html", "<html>Bad Gateway"), want: "out of order (502)", passes: true, tries: 4, gaps: steps},
	"503 then fine":             {answer: then(say(503, "text/plain", ""), fine), tries: 2, gaps: steps[:1]},
	"401 half-way":              {answer: then(say(503, "text/plain", ""), say(401, "application/json", `{"errors":[]}`)), want: "does not know the key", tries: 2, gaps: steps[:1]},
	"403":                       {answer: say(403, "text/plain", ""), want: "refuses what was asked", tries: 1},
	"404":                       {answer: say(404, "text/plain", ""), want: "nothing under this address (404)", tries: 1},
	"204":                       {answer: say(204, "application/json", ""), want: "status 204", tries: 1},
	"shorter than it says":      {answer: cut("5000"), want: "cut short", passes: true, tries: 4, gaps: steps},
	"chunks cut":                {answer: cut(""), want: "cut short", passes: true, tries: 4, gaps: steps},
	"cut, then fine":            {answer: then(cut(""), fine), tries: 2, gaps: steps[:1]},
	"silence after the head":    {answer: func(_ int, w http.ResponseWriter, r *http.Request) { drip(w, r, time.Hour) }, want: "fell silent", passes: true, tries: 4, gaps: steps, limits: Limits{Quiet: 100 * time.Millisecond}},
	"a byte now and then":       {answer: func(_ int, w http.ResponseWriter, r *http.Request) { drip(w, r, 20*time.Millisecond) }, want: "too slowly", passes: true, tries: 4, gaps: steps, limits: Limits{Try: 200 * time.Millisecond}},
	"wrong kind":                {answer: say(200, "image/png", good), want: `of kind "image/png" where JSON was asked for`, tries: 1},
	"login page":                {answer: say(200, "text/html; charset=utf-8", "<html><form>"), want: "it may be a sign-in page", tries: 1},
	"login page that says JSON": {answer: say(200, "application/json", " \r\n<!DOCTYPE html>"), want: "it may be a sign-in page", tries: 1},
	"empty":                     {answer: say(200, "application/json", ""), want: "the answer is empty", tries: 1},
	"gzip bomb":                 {answer: bomb, want: "larger than the 1 MB", tries: 1},
	"too long":                  {answer: say(200, "application/json", "["+strings.Repeat(" ", 2<<20)+"]"), want: "larger than the 1 MB", tries: 1},
	"packed and damaged": {answer: func(_ int, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		fmt.Fprint(w, "not gzip at all")
	}, want: "cannot be unpacked", tries: 1},
	"charset of another age":     {answer: say(200, "application/json; charset=iso-8859-1", good), want: `text in "iso-8859-1"`, tries: 1},
	"says UTF-8 and is not":      {answer: say(200, "application/json; charset=utf-8", "{\"label\":\"Ynys M\xf4n\"}"), want: "not text in UTF-8", tries: 1},
	"redirect to another host":   {answer: redirect("https://example.org/steal"), want: "another host (example.org)", tries: 1},
	"redirect to plain metadata": {answer: redirect("http://169.254.169.254/latest"), want: "another host (169.254.169.254)", tries: 1},
	"redirect to a file":         {answer: redirect("file:///etc/passwd"), want: "another host", tries: 1},
	"redirect in a circle":       {answer: redirect("/again"), want: "without end", tries: 6},
}

func redirect(to string) func(int, http.ResponseWriter, *http.Request) {
	return func(_ int, w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) }
}

// secrets stand where keys stand in real requests.
var secrets = []string{"canary-key", "canary-signature", "canary-user", "canary-password"}

func TestEachFaultEndsWithItsClassAndASentence(t *testing.T) {
	for name, m := range misbehaviours {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			served := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				served++
				m.answer(served, w, r)
			}))
			defer server.Close()
			client, gaps := testClient(t, m.limits)
			answer, err := client.GetJSON(t.Context(), withSecrets(server.URL))
			m.check(t, answer, err)
			if served != m.tries {
				t.Errorf("%d requests were made, not %d", served, m.tries)
			}
			if fmt.Sprint(*gaps) != fmt.Sprint(m.gaps) {
				t.Errorf("waited %v, not %v", *gaps, m.gaps)
			}
			left, _ := os.ReadDir(client.folder)
			if len(left) != 0 {
				t.Errorf("files are left: %v", left)
			}
		})
	}
}

func (m misbehaviour) check(t *testing.T, answer *Answer, err error) {
	t.Helper()
	if m.want == "" {
		if err != nil {
			t.Fatal(err)
		}
		if body, _ := os.ReadFile(answer.Path); string(body) != good {
			t.Errorf("the file holds %q", body)
		}
		if err := answer.Close(); err != nil {
			t.Error(err)
		}
		keepsSecrets(t, strings.Join(answer.Retried, " "))
		return
	}
	var told *fault.Error
	if !errors.As(err, &told) || !strings.Contains(err.Error(), m.want) {
		t.Fatalf("the error is %v", err)
	}
	if fault.IsTransient(err) != m.passes {
		t.Errorf("transient is %t: %v", !m.passes, err)
	}
	keepsSecrets(t, fmt.Sprintf("%v %+v %s", err, err, told.Where))
}

func keepsSecrets(t *testing.T, text string) {
	t.Helper()
	for _, secret := range secrets {
		if strings.Contains(text, secret) {
			t.Errorf("%s is told: %s", secret, text)
		}
	}
}

func withSecrets(address string) string {
	u, _ := url.Parse(address)
	u.User = url.UserPassword("canary-user", "canary-password")
	u.Path, u.RawQuery = "/data.table", "ApplicationKey=canary-key&Signature=canary-signature"
	return u.String()
}

// testClient waits for nothing and notes what it would have waited.
func testClient(t *testing.T, limits Limits) (*Client, *[]time.Duration) {
	limits.Tries, limits.Bytes = 4, 1<<20
	client := New(Options{Folder: t.TempDir(), Loopback: true, Limits: limits})
	gaps := &[]time.Duration{}
	client.now = func() time.Time { return noon }
	client.pause = func(_ context.Context, gap time.Duration) error { *gaps = append(*gaps, gap); return nil }
	return client, gaps
}

func TestNoWaitGoesPastTheDeadline(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { busy("240", 9)(1, w, r) }))
	defer server.Close()
	client, gaps := testClient(t, Limits{})
	client.now = time.Now
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err := client.GetJSON(ctx, server.URL)
	if err == nil || !strings.Contains(err.Error(), "the time of this run ends before the service may be asked again, in 4m0s") || !fault.IsTransient(err) {
		t.Errorf("the error is %v", err)
	}
	if len(*gaps) > 0 {
		t.Errorf("it waited %v", *gaps)
	}
}

func TestAWaitEndsWithTheContext(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { busy("240", 9)(1, w, r) }))
	defer server.Close()
	client := New(Options{Folder: t.TempDir(), Loopback: true})
	ctx, cancel := context.WithCancel(t.Context())
	client.pause = func(ctx context.Context, gap time.Duration) error { cancel(); return wait(ctx, gap) }
	if _, err := client.GetJSON(ctx, server.URL); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
}

func TestACertificateThatIsNotTrustedIsRefused(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fine(1, w, r) }))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // it would tell what this test is about
	server.StartTLS()
	defer server.Close()
	client, _ := testClient(t, Limits{})
	_, err := client.GetJSON(t.Context(), withSecrets(server.URL))
	misbehaviour{want: "the certificate of 127.0.0.1 is not to be trusted"}.check(t, nil, err)
}

func TestPrivateAddressesAreRefused(t *testing.T) {
	for address, want := range map[string]string{
		"http://127.0.0.1:9/":                           "a private network",
		"http://[::1]:9/":                               "a private network",
		"http://[::ffff:127.0.0.1]:9/":                  "a private network",
		"http://10.0.0.1/":                              "a private network",
		"http://192.168.1.1/":                           "a private network",
		"http://100.64.0.1/":                            "a private network",
		"http://169.254.169.254/meta":                   "a private network",
		"http://[fd00::1]/":                             "a private network",
		"http://0.0.0.0:9/":                             "a private network",
		"ftp://example.org/":                            "the connection to the service broke",
		"http://localhost:9/?ApplicationKey=canary-key": "a private network",
	} {
		client := New(Options{Folder: t.TempDir(), Limits: Limits{Tries: 1}})
		_, err := client.GetJSON(t.Context(), address)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", address, err)
			continue
		}
		keepsSecrets(t, err.Error())
	}
}

func TestLoopbackMayBeAllowedAndNoOtherPrivateAddress(t *testing.T) {
	allowed := guard(true)
	if err := allowed("tcp4", "127.0.0.1:80", nil); err != nil {
		t.Error(err)
	}
	if err := allowed("tcp4", "10.0.0.1:80", nil); !errors.Is(err, errPrivate) {
		t.Errorf("10.0.0.1: %v", err)
	}
}

func TestNothingAnswersAtThePort(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	address := server.URL
	server.Close()
	client, gaps := testClient(t, Limits{})
	_, err := client.GetJSON(t.Context(), withSecrets(address))
	misbehaviour{want: "nothing answers at the host's port", passes: true}.check(t, nil, err)
	if len(*gaps) != 3 {
		t.Errorf("waited %v", *gaps)
	}
}

func TestATrailOfPagesComesToAnEnd(t *testing.T) {
	const first = "https://example.org/areas?page=1"
	var trail Trail
	second, err := trail.Follow(first, "?page=2")
	if err != nil || second != "https://example.org/areas?page=2" {
		t.Fatal(second, err)
	}
	for link, want := range map[string]string{
		"?page=1":                     "in a circle",
		"https://evil.example/areas":  "another host",
		"http://example.org/areas":    "another host",
		"https://example.org/%zz?a=b": "cannot be read",
	} {
		if _, err := trail.Follow(second, link); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", link, err)
		}
	}
	if err := errors.Join(trail.Page(1, "aa"), trail.Page(2, "bb")); err != nil {
		t.Error(err)
	}
	if err := trail.Page(3, "aa"); err == nil || !strings.Contains(err.Error(), "page 3 of the list is the same as page 1") {
		t.Errorf("a page that came before: %v", err)
	}
}
