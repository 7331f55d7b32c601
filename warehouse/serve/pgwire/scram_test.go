package pgwire

import (
	"encoding/base64"
	"testing"

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
