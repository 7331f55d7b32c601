package pgwire

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// writeCertificate writes a new certificate and its key, last changed at a moment, and gives the certificate.
func writeCertificate(t *testing.T, cert, key string, changed time.Time) []byte {
	t.Helper()
	config, err := SelfSigned(changed, "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	pair, err := config.GetCertificate(nil)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: pair.Certificate[0]}, key: {Type: "PRIVATE KEY", Bytes: der}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, changed, changed); err != nil {
			t.Fatal(err)
		}
	}
	return pair.Certificate[0]
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
