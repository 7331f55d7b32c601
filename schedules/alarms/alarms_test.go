package alarms

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"mime/quotedprintable"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/rs/zerolog"

	"github.com/goldthread/goldthread/internal/council"
	"github.com/goldthread/goldthread/internal/strictyaml"
)

// A post is a mail server that keeps what it is given.
type post struct {
	lock sync.Mutex
	mail []string // recipients, a line, and the text
}

func (p *post) NewSession(*smtp.Conn) (smtp.Session, error) { return &session{post: p}, nil }

type session struct {
	post   *post
	signed bool
	to     []string
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if s.signed = user == "goldthread" && password == "mail-secret"; !s.signed {
			return fmt.Errorf("wrong password %s in %s", password, base64.StdEncoding.EncodeToString([]byte("\x00"+user+"\x00"+password)))
		}
		return nil
	}), nil
}

func (s *session) Mail(string, *smtp.MailOptions) error {
	if !s.signed {
		return smtp.ErrAuthRequired
	}
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = append(s.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	text, err := io.ReadAll(quotedprintable.NewReader(r))
	s.post.lock.Lock()
	defer s.post.lock.Unlock()
	s.post.mail = append(s.post.mail, strings.Join(s.to, " ")+"\n"+string(text))
	return err
}

func (s *session) Reset()        { s.to = nil }
func (s *session) Logout() error { return nil }

func (p *post) got() []string {
	p.lock.Lock()
	defer p.lock.Unlock()
	return slices.Clone(p.mail)
}

// startPost starts a mail server whose certificate holds until a day.
func startPost(t *testing.T, until time.Time) (p *post, address, authority string) {
	t.Helper()
	certificate, text := certify(t, until)
	authority = filepath.Join(t.TempDir(), "authority.pem")
	if err := os.WriteFile(authority, text, 0o600); err != nil {
		t.Fatal(err)
	}
	p = &post{}
	server := smtp.NewServer(p)
	server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}}
	server.ErrorLog = quiet{}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	t.Cleanup(func() {
		server.Close()
		<-ended
	})
	return p, listener.Addr().String(), authority
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

func certify(t *testing.T, until time.Time) (tls.Certificate, []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mail"}, NotBefore: until.AddDate(-1, 0, 0), NotAfter: until,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key}, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw})
}

// A world is a desk with a clock of its own.
type world struct {
	*Desk
	t   *testing.T
	now time.Time
	log bytes.Buffer
	env map[string]string
}

func newWorld(t *testing.T, alerts council.Alerts) *world {
	t.Helper()
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	w := &world{t: t, now: time.Date(2026, 6, 2, 9, 0, 0, 0, zone), env: map[string]string{"MAIL_PASSWORD": "mail-secret"}}
	w.Desk = &Desk{Options: Options{
		Council: "Saltmarsh Council", Folder: folder, Root: folder, Alerts: alerts, Zone: zone,
		Now: func() time.Time { return w.now }, Getenv: func(name string) string { return w.env[name] }, Log: zerolog.New(&w.log),
	}}
	w.restart()
	return w
}

// restart opens the desk as a new process would.
func (w *world) restart() {
	w.t.Helper()
	desk, err := NewDesk(w.Options)
	if err != nil {
		w.t.Fatal(err)
	}
	w.Desk = desk
}

func (w *world) tell(parts []string, problems ...Problem) {
	w.t.Helper()
	if err := w.Tell(News{By: "the schedule nightly", At: w.now, Release: 12, Parts: parts, Problems: problems}); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) deliver() {
	w.t.Helper()
	if err := w.Deliver(context.Background()); err != nil {
		w.t.Fatal(err)
	}
}

var (
	housing = Problem{What: "housing.repairs: the server did not answer", Part: "the source housing", Owner: "Housing systems"}
	care    = Problem{What: "care.packages: the table is gone", Part: "the source care", Owner: "Social care"}
	both    = []string{"the source housing", "the source care"}
)

func TestAProblemIsToldOnceToItsOwnerAndThenThatItIsOver(t *testing.T) {
	p, address, authority := startPost(t, time.Now().AddDate(1, 0, 0))
	w := newWorld(t, council.Alerts{
		To:     strictyaml.Texts{"performance@saltmarsh.example"},
		Owners: strictyaml.Map[strictyaml.Texts]{{Key: "Housing systems", Value: strictyaml.Texts{"housing@saltmarsh.example"}}},
		Mail:   council.Mail{Server: address, From: "goldthread@saltmarsh.example", User: "goldthread", PasswordEnv: "MAIL_PASSWORD", CAFile: authority},
	})
	for night := range 4 {
		w.now = w.now.AddDate(0, 0, 1)
		switch night {
		case 0, 1:
			w.tell(both, housing, care, housing)
		case 2:
			w.tell(both, care)
		case 3:
			w.tell([]string{"the source care"}, care)
		}
		w.deliver()
		w.restart()
	}
	got := p.got()
	wants := [][]string{
		{"<housing@saltmarsh.example>, <performance@saltmarsh.example>", "Subject: Saltmarsh Council: the source housing needs attention", housing.What,
			"Wednesday 3 June 2026 09:00, by the schedule nightly", "Readers go on seeing release 12"},
		{"<performance@saltmarsh.example>", "the source care needs attention", care.What},
		{"<housing@saltmarsh.example>, <performance@saltmarsh.example>", "the source housing is well again", "since Wednesday 3 June 2026 09:00 is over", housing.What},
	}
	if len(got) != len(wants) {
		t.Fatalf("%d messages: %s\n%s", len(got), got, w.log.String())
	}
	for i, want := range wants {
		for _, words := range want {
			if !strings.Contains(strings.ReplaceAll(got[i], "\r\n ", " "), words) {
				t.Errorf("message %d does not say %q:\n%s", i, words, got[i])
			}
		}
	}
}

func TestAMailServerThatHangsHoldsNothingUp(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") // takes connections and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	w := newWorld(t, council.Alerts{To: strictyaml.Texts{"performance@saltmarsh.example"}, File: "alarms.txt",
		Mail: council.Mail{Server: listener.Addr().String(), From: "goldthread@saltmarsh.example", TLS: "off"}})
	w.patience = 50 * time.Millisecond
	w.tell(both, housing)
	w.deliver()
	if text, err := os.ReadFile(filepath.Join(w.Root, "alarms.txt")); err != nil || strings.Count(string(text), housing.What) != 1 {
		t.Errorf("%q, %v", text, err)
	}
	if len(w.state.Letters) != 1 || w.state.Letters[0].Attempts != 1 {
		t.Errorf("%+v", w.state.Letters)
	}
}

// A mail server may repeat in its refusal what it was sent.
func TestTheMailServersWordsAreToldWithoutThePassword(t *testing.T) {
	_, address, authority := startPost(t, time.Now().AddDate(0, 0, 1))
	w := newWorld(t, council.Alerts{To: strictyaml.Texts{"performance@saltmarsh.example"},
		Mail: council.Mail{Server: address, From: "goldthread@saltmarsh.example", User: "goldthread", PasswordEnv: "MAIL_PASSWORD", CAFile: authority}})
	const canary = "canary mail/41tH"
	w.env["MAIL_PASSWORD"] = canary
	w.tell(both, housing)
	w.deliver()
	said := w.log.String() + fmt.Sprint(w.Try(t.Context()))
	packed := base64.StdEncoding.EncodeToString([]byte("\x00goldthread\x00" + canary))
	if !strings.Contains(said, "wrong password ***") || strings.Contains(said, "canary") || strings.Contains(said, packed[len(packed)-12:]) {
		t.Error(said)
	}
}

// A webhook's address is a secret, which its server or one before it may repeat.
func TestAWebhooksServerDoesNotTellItsAddress(t *testing.T) {
	for name, test := range map[string]struct{ answer, want string }{
		"in its status":  {"HTTP/1.1 404 no PATH\r\nContent-Length: 0\r\n\r\n", "answers 404 Not Found"},
		"in a redirect":  {"HTTP/1.1 302 Found\r\nLocation: http://[PATH\r\nContent-Length: 0\r\n\r\n", "its answer cannot be read"},
		"as no answer":   {"no PATH here\r\n\r\n", "its answer cannot be read"},
		"in a header":    {"HTTP/1.1 200 OK\r\nPATH\r\n\r\n", "its answer cannot be read"},
		"by saying none": {"", "its answer cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			hook := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body) // what is left unread would have the connection reset
				conn, _, err := http.NewResponseController(rw).Hijack()
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = io.WriteString(conn, strings.ReplaceAll(test.answer, "PATH", r.URL.RequestURI()))
				conn.Close()
			}))
			defer hook.Close()
			w := newWorld(t, council.Alerts{Webhooks: []council.Webhook{{URLEnv: "TEAMS_URL", Form: "teams"}}, PingEnv: "TEAMS_URL"})
			w.env["TEAMS_URL"] = hook.URL + "/hook/canary-token?sig=canary-sig"
			w.tell(both, housing)
			w.deliver()
			w.Ping(t.Context())
			if said := w.log.String() + fmt.Sprint(w.Try(t.Context())); !strings.Contains(said, test.want) || strings.Contains(said, "canary") {
				t.Error(said)
			}
		})
	}
}

func TestACertificateThatHasExpiredIsRefusedAndSaid(t *testing.T) {
	p, address, authority := startPost(t, time.Now().AddDate(0, 0, -1))
	w := newWorld(t, council.Alerts{To: strictyaml.Texts{"performance@saltmarsh.example"},
		Mail: council.Mail{Server: address, From: "goldthread@saltmarsh.example", User: "goldthread", PasswordEnv: "MAIL_PASSWORD", CAFile: authority}})
	w.tell(both, housing)
	w.deliver()
	if len(p.got()) != 0 || !strings.Contains(w.log.String(), "certificate has expired") {
		t.Errorf("%v\n%s", p.got(), w.log.String())
	}
}

func TestAWebhookThatFailsForAWeekIsGivenUp(t *testing.T) {
	asked := 0
	hook := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		asked++
		rw.WriteHeader(http.StatusBadGateway)
	}))
	defer hook.Close()
	w := newWorld(t, council.Alerts{Webhooks: []council.Webhook{{URLEnv: "TEAMS_URL", Form: "teams"}}})
	w.env["TEAMS_URL"] = hook.URL + "/hook/very-secret-token"
	w.tell(both, housing)
	for range 8 * 24 * 4 {
		w.deliver()
		w.now = w.now.Add(15 * time.Minute)
	}
	if len(w.state.Letters) != 0 || asked < 24 || asked > 200 {
		t.Errorf("asked %d times, %d wait", asked, len(w.state.Letters))
	}
	if said := w.log.String(); !strings.Contains(said, "given up") || strings.Contains(said, "very-secret") {
		t.Error(said)
	}
}

func TestAWebhookIsGivenWhatItsFormSays(t *testing.T) {
	var bodies []string
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		bodies = append(bodies, r.URL.Path+" "+string(body))
	}))
	defer hook.Close()
	w := newWorld(t, council.Alerts{Webhooks: []council.Webhook{{URLEnv: "TEAMS_URL", Form: "teams"}, {URLEnv: "OTHER_URL", Form: "json"}}, PingEnv: "PING_URL"})
	for _, name := range []string{"TEAMS", "OTHER", "PING"} {
		w.env[name+"_URL"] = hook.URL + "/" + name
	}
	w.tell(both, housing)
	w.deliver()
	w.Ping(context.Background())
	if len(bodies) != 3 || !strings.Contains(bodies[0], `/TEAMS {"attachments":[{"content":{"$schema"`) ||
		!strings.Contains(bodies[1], `","council":"Saltmarsh Council","subject":"Saltmarsh Council: the source housing needs attention"`) || bodies[2] != "/PING " {
		t.Errorf("%q", bodies)
	}
}

// TestAMessageThatWasSentJustBeforeAKillIsKnownAgain brings back what was to be sent, as it stands when the program is killed before
// it has noted that it sent it.
func TestAMessageThatWasSentJustBeforeAKillIsKnownAgain(t *testing.T) {
	ids := map[string]int{}
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var body struct{ ID string }
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			t.Error(err)
		}
		ids[body.ID]++
	}))
	defer hook.Close()
	w := newWorld(t, council.Alerts{Webhooks: []council.Webhook{{URLEnv: "OTHER_URL", Form: "json"}}, File: "alarms.txt"})
	w.env["OTHER_URL"] = hook.URL
	w.tell(both, housing, care)
	before, err := os.ReadFile(w.path())
	if err != nil {
		t.Fatal(err)
	}
	w.deliver()
	if err := os.WriteFile(w.path(), before, 0o600); err != nil {
		t.Fatal(err)
	}
	w.restart()
	w.state.Letters = w.state.Letters[2:] // those about the first had been noted
	w.deliver()
	text, err := os.ReadFile(filepath.Join(w.Folder, "alarms.txt"))
	if err != nil || strings.Count(string(text), "\n") != 2 {
		t.Errorf("%v\n%s", err, text)
	}
	if len(ids) != 2 {
		t.Errorf("a message that is sent again has another id: %v", ids)
	}
}

func TestAnAddressThatIsNoneIsNotAsked(t *testing.T) {
	w := newWorld(t, council.Alerts{Webhooks: []council.Webhook{{URLEnv: "TEAMS_URL", Form: "teams"}}})
	for _, address := range []string{"", "http://198.51.100.7/secret", "ftp://x/secret", "://secret", "https:///secret"} {
		w.env["TEAMS_URL"] = address
		results := w.Try(context.Background())
		if len(results) != 1 || results[0].Err == nil || strings.Contains(results[0].Err.Error(), "secret") {
			t.Errorf("%q: %v", address, results)
		}
	}
}

func TestNobodyIsWokenInTheQuietHours(t *testing.T) {
	asked := 0
	hook := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	defer hook.Close()
	w := newWorld(t, council.Alerts{Webhooks: []council.Webhook{{URLEnv: "HOOK", Form: "json"}}, Quiet: "19:00-07:00", File: "alarms.txt"})
	w.env["HOOK"] = hook.URL
	w.now = time.Date(2026, 6, 3, 2, 10, 0, 0, w.Zone)
	w.tell(both, housing)
	for _, step := range []struct {
		hour, minute, asked int
	}{{2, 11, 0}, {6, 59, 0}, {7, 0, 1}, {12, 0, 1}} {
		w.now = time.Date(2026, 6, 3, step.hour, step.minute, 0, 0, w.Zone)
		if w.deliver(); asked != step.asked {
			t.Errorf("at %02d:%02d it was asked %d times", step.hour, step.minute, asked)
		}
	}
	if text, err := os.ReadFile(filepath.Join(w.Root, "alarms.txt")); err != nil || !strings.Contains(string(text), "2026-06-03T02:10:00+01:00") {
		t.Errorf("%q, %v", text, err)
	}
}

func TestADamagedFileBeginsAnew(t *testing.T) {
	w := newWorld(t, council.Alerts{File: "alarms.txt"})
	if err := os.WriteFile(filepath.Join(w.Folder, File), []byte(`{"open":`), 0o600); err != nil {
		t.Fatal(err)
	}
	w.restart()
	w.tell(both, housing)
	if _, err := os.Stat(filepath.Join(w.Folder, File+".damaged")); err != nil || len(w.state.Letters) != 1 {
		t.Errorf("%v, %+v", err, w.state)
	}
}

// TestAProblemThatGetsWorseIsToldAgain: what was a reminder is late now, and both are over at once.
func TestAProblemThatGetsWorseIsToldAgain(t *testing.T) {
	w := newWorld(t, council.Alerts{File: "alarms.txt"})
	owed := Problem{Part: "what is owed", What: "It is due on Friday.", Stage: "reminded", Readers: "Readers see the quarter before."}
	for night := range 5 {
		w.now = w.now.AddDate(0, 0, 1)
		switch night {
		case 2, 3:
			owed.What, owed.Stage = "It is late.", "late"
			fallthrough
		case 0, 1:
			w.tell([]string{owed.Part}, owed)
		case 4:
			w.tell([]string{owed.Part})
		}
		w.deliver()
		w.restart()
	}
	text, err := os.ReadFile(filepath.Join(w.Root, "alarms.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for words, times := range map[string]int{
		"It is due on Friday.": 1, "It is late.": 2, "Readers see the quarter before.": 2, "well again": 1, "since Wednesday 3 June 2026 09:00 is over": 1,
	} {
		if n := strings.Count(string(text), words); n != times {
			t.Errorf("%q is said %d times, not %d:\n%s", words, n, times, text)
		}
	}
	if open := w.Open(); len(open) > 0 {
		t.Errorf("still open: %v", open)
	}
}
