package pgwire

import (
	"encoding/base64"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/goldthread/goldthread/warehouse/serve/accounts"
)

// TestScramFollowsTheRFC plays the exchange that RFC 7677 prints, with the secret as the second of two.
func TestScramFollowsTheRFC(t *testing.T) {
	salt, err := base64.StdEncoding.DecodeString("W22ZaJ0SNY7soEsUEjb6gQ==")
	if err != nil {
		t.Fatal(err)
	}
	s := scram{verifier: accounts.Verifier{Salt: salt, Iterations: 4096, Keys: []accounts.Keys{keysOf(t, "other", salt, 4096), keysOf(t, "pencil", salt, 4096)}}}
	first, err := s.first("n,,n=user,r=rOprNGfwEbeRWgbNEkqO", "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0")
	if want := "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"; err != nil || first != want {
		t.Fatalf("%q, %v", first, err)
	}
	last, err := s.final("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")
	if want := "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="; err != nil || last != want {
		t.Errorf("%q, %v", last, err)
	}
}

// TestASignInIsBoundToTheCertificate signs in by psql as it must with channel_binding=require, and tries what one who stands
// between client and server could.
func TestASignInIsBoundToTheCertificate(t *testing.T) {
	config, _, err := TrialCertificate(t.TempDir(), time.Now(), "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	s := serve(t, func(c *Config) { c.TLS = config })
	for _, want := range []string{"require", "prefer", "disable"} {
		url := strings.Replace(s.url("&channel_binding="+want), "sslmode=disable", "sslmode=require", 1)
		if out, err := exec.CommandContext(t.Context(), "psql", "-X", "-A", "-t", url, "-c", "select 1").CombinedOutput(); err != nil || string(out) != "1\n" {
			t.Errorf("channel_binding=%s: %s%v", want, out, err)
		}
	}
	for name, one := range map[string]struct {
		plus        bool
		binding     []byte
		first, last string
	}{
		"binding unheard of":     {false, []byte("hash"), "y,,n=,r=abc", ""},
		"binding without plus":   {false, []byte("hash"), bindingBy + ",,n=,r=abc", ""},
		"plus without binding":   {true, []byte("hash"), "n,,n=,r=abc", ""},
		"plus where there is no": {true, nil, bindingBy + ",,n=,r=abc", ""},
		"another certificate": {true, []byte("hash"), bindingBy + ",,n=,r=abc",
			"c=" + base64.StdEncoding.EncodeToString([]byte(bindingBy+",,other")) + ",r=abcserver,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="},
	} {
		exchange := scram{plus: one.plus, binding: one.binding}
		_, err := exchange.first(one.first, "server")
		if one.last != "" && err == nil {
			_, err = exchange.final(one.last)
		}
		if err != errScramForm {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestScramRefusesWhatIsMalformed(t *testing.T) {
	for name, message := range map[string]string{
		"empty": "", "channel binding": "p=tls-unique,,n=,r=abc", "another's name": "n,a=admin,n=,r=abc", "no nonce": "n,,n=user", "empty nonce": "n,,n=user,r=",
	} {
		if _, err := (&scram{}).first(message, "server"); err != errScramForm {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzScram(f *testing.F) {
	f.Add("n,,n=user,r=abc", "c=biws,r=abcserver,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")
	f.Fuzz(func(t *testing.T, first, final string) {
		s := scram{verifier: accounts.Verifier{Salt: []byte("salt"), Iterations: 1, Keys: []accounts.Keys{{}}}}
		if _, err := s.first(first, "server"); err != nil {
			return
		}
		if _, err := s.final(final); err == nil {
			t.Errorf("%q fits keys that nobody has", final)
		}
	})
}
