package pgwire

import (
	"crypto/tls"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// writeCertificate writes a new certificate and its key, last changed at a moment, and gives the certificate.
func writeCertificate(t *testing.T, cert, key string, changed time.Time) []byte {
	t.Helper()
	if err := writeSelfSigned(cert, key, changed, []string{"127.0.0.1"}); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{cert, key} {
		if err := os.Chtimes(path, changed, changed); err != nil {
			t.Fatal(err)
		}
	}
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	return pair.Certificate[0]
}

// TestATrialsCertificateStaysUntilItRunsOut: a client that was told to trust it need not be told again at each start.
func TestATrialsCertificateStaysUntilItRunsOut(t *testing.T) {
	folder := t.TempDir()
	made := func(now time.Time, names ...string) string {
		t.Helper()
		config, _, err := TrialCertificate(folder, now, names...)
		if err != nil {
			t.Fatal(err)
		}
		pair, err := config.GetCertificate(nil)
		if err != nil {
			t.Fatal(err)
		}
		return string(pair.Certificate[0])
	}
	now := time.Now()
	first := made(now, "localhost", "127.0.0.1")
	if made(now.AddDate(0, 0, TrialDays-2), "127.0.0.1") != first {
		t.Error("it was made again before it ran out")
	}
	if made(now, "127.0.0.1", "council.example") == first {
		t.Error("it was not made again for a new name")
	}
	second := made(now, "127.0.0.1", "council.example")
	if made(now.AddDate(0, 0, TrialDays), "127.0.0.1", "council.example") == second {
		t.Error("it was not made again when it had run out")
	}
}

func TestACertificateIsReadAgainOnceItChanges(t *testing.T) {
	cert, key := filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	begun := time.Now().Truncate(time.Second)
	first := writeCertificate(t, cert, key, begun)
	config, err := CertificateFiles(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	shows := func(want []byte, when string) {
		t.Helper()
		pair, err := config.GetCertificate(&tls.ClientHelloInfo{})
		if err != nil || string(pair.Certificate[0]) != string(want) {
			t.Errorf("%s another certificate is shown, %v", when, err)
		}
	}
	shows(first, "at first")
	second := writeCertificate(t, cert, key, begun.Add(time.Minute))
	shows(second, "after the change")
	if err := os.WriteFile(cert, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	shows(second, "while the file is half written")
	if _, err := CertificateFiles(cert, key); err == nil || !strings.Contains(err.Error(), "fix: ") {
		t.Errorf("a start with a broken certificate: %v", err)
	}
}

func TestWithoutACertificateOnlyThisMachineIsListenedTo(t *testing.T) {
	listener, err := serve(t, nil).Listen(t.Context(), "0.0.0.0:0")
	if err == nil {
		listener.Close()
		t.Fatal("any machine may connect in clear")
	}
	if !strings.Contains(err.Error(), "name the council's certificate") {
		t.Error(err)
	}
}

// TestTheAuditTellsWhatWasAsked reads what is noted of a sign-in, of a statement and of one that was refused.
func TestTheAuditTellsWhatWasAsked(t *testing.T) {
	s := serve(t, nil)
	if got := s.psql("-c", "select * from marts.scorecard", "-c", "drop table marts.scorecard"); !strings.Contains(got, "read-only") {
		t.Fatal(got)
	}
	type note struct {
		action, outcome string
		rows, release   int64
	}
	var got []note
	s.audit.mu.Lock()
	defer s.audit.mu.Unlock()
	for _, e := range s.audit.entries {
		if e.Account != "reader" || e.From != "127.0.0.1" || e.Audience != "staff" {
			t.Errorf("%+v", e)
		}
		got = append(got, note{e.Action, e.Outcome, e.Rows, e.Release})
	}
	want := []note{{"sign-in", "ok", 0, 0}, {"statement", "ok", 3, 1}, {"statement", codeReadOnly, 0, 1}}
	if len(got) != len(want) {
		t.Fatalf("%+v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%+v, wanted %+v", got[i], want[i])
		}
	}
}
