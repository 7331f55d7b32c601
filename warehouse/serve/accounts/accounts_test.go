package accounts

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/goldthread/goldthread/internal/fault"
)

// A clock is set by its test.
type clock struct{ time.Time }

func (c *clock) now() time.Time { return c.Time }

func open(t *testing.T) (*Store, *clock) {
	t.Helper()
	c := &clock{time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC)}
	s, err := Open(Path(t.TempDir()), c.now)
	if err != nil {
		t.Fatal(err)
	}
	return s, c
}

func add(t *testing.T, s *Store, name string, expires time.Time) string {
	t.Helper()
	secret, err := s.Add(name, "staff", expires)
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

func fits(t *testing.T, v Verifier, secret string) bool {
	t.Helper()
	got, err := keysOf(secret, v.Salt, v.Iterations)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range v.Keys {
		if k == got {
			return true
		}
	}
	return false
}

var summer = time.Date(2026, 6, 30, 0, 0, 0, 0, time.UTC)

func TestKeysAreThoseOfTheStandardsExample(t *testing.T) {
	salt, err := base64.StdEncoding.DecodeString("W22ZaJ0SNY7soEsUEjb6gQ==")
	if err != nil {
		t.Fatal(err)
	}
	keys, err := keysOf("pencil", salt, 4096)
	if err != nil {
		t.Fatal(err)
	}
	exchange := "n=user,r=rOprNGfwEbeRWgbNEkqO,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096," +
		"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
	signature := base64.StdEncoding.EncodeToString(mac(keys.Server[:], exchange))
	if signature != "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=" {
		t.Errorf("the server would sign %s", signature)
	}
	proof, err := base64.StdEncoding.DecodeString("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")
	if err != nil {
		t.Fatal(err)
	}
	clientKey := make([]byte, len(proof))
	subtle.XORBytes(clientKey, proof, mac(keys.Stored[:], exchange))
	if sha256.Sum256(clientKey) != keys.Stored {
		t.Error("the example's client would be refused")
	}
}

func TestASecretFitsItsAccountAlone(t *testing.T) {
	s, _ := open(t)
	one, other := add(t, s, "powerbi", summer), add(t, s, "tableau", summer)
	v := s.Verifier("powerbi")
	if !fits(t, v, one) || fits(t, v, other) || fits(t, v, "") || v.Audience != "staff" {
		t.Errorf("powerbi is checked against %+v", v)
	}
	if len(one) < 43 || one == other {
		t.Errorf("secrets %q and %q", one, other)
	}
}

func TestTheFileHoldsNoSecret(t *testing.T) {
	s, _ := open(t)
	secret := add(t, s, "powerbi", summer)
	text, err := os.ReadFile(s.path)
	if err != nil || strings.Contains(string(text), secret) {
		t.Error("the secret is in the file", err)
	}
	if info, err := os.Stat(s.path); err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info.Mode(), err)
	}
}

func TestAnUnknownNameIsCheckedAgainstTheSameMadeUpThingEachTime(t *testing.T) {
	s, c := open(t)
	add(t, s, "powerbi", summer)
	again, err := Open(s.path, c.now)
	if err != nil {
		t.Fatal(err)
	}
	first, known := s.Verifier("nobody"), s.Verifier("powerbi")
	if !reflect.DeepEqual(first, again.Verifier("nobody")) || reflect.DeepEqual(first, s.Verifier("nobody2")) {
		t.Error("what is made up for a name must be its own, and last")
	}
	if len(first.Salt) != len(known.Salt) || first.Iterations != known.Iterations || len(first.Keys) != 1 || first.Audience != "" {
		t.Errorf("%+v can be told from %+v", first, known)
	}
}

func TestAnAccountWorksThroughItsLastDay(t *testing.T) {
	s, c := open(t)
	secret := add(t, s, "powerbi", summer)
	c.Time = time.Date(2026, 6, 30, 23, 59, 59, 0, time.UTC)
	if !fits(t, s.Verifier("powerbi"), secret) {
		t.Error("refused on its last day")
	}
	c.Time = c.Add(time.Second)
	if fits(t, s.Verifier("powerbi"), secret) || !s.List()[0].Expired {
		t.Error("still works on the day after its last")
	}
}

func TestTheOldSecretWorksBesideTheNewOneUntilItsEnd(t *testing.T) {
	s, c := open(t)
	first := add(t, s, "powerbi", summer)
	end := c.AddDate(0, 0, 14)
	second, err := s.Renew("powerbi", Renewal{summer, end})
	if err != nil {
		t.Fatal(err)
	}
	if v := s.Verifier("powerbi"); !fits(t, v, first) || !fits(t, v, second) || len(v.Keys) != 2 {
		t.Error("both must work at first")
	}
	third, err := s.Renew("powerbi", Renewal{summer, end.AddDate(0, 0, -7)})
	if err != nil {
		t.Fatal(err)
	}
	if v := s.Verifier("powerbi"); fits(t, v, first) || !fits(t, v, second) || !fits(t, v, third) {
		t.Error("of three secrets the oldest must have ended")
	}
	c.Time = end.AddDate(0, 0, -7)
	if v := s.Verifier("powerbi"); fits(t, v, second) || !fits(t, v, third) {
		t.Error("the old secret must end when it was said to")
	}
	fourth, err := s.Renew("powerbi", Renewal{summer, c.Time})
	if err != nil {
		t.Fatal(err)
	}
	if v := s.Verifier("powerbi"); fits(t, v, third) || !fits(t, v, fourth) {
		t.Error("an old secret that is to end now must end")
	}
}

func TestAnotherProcessesChangesCountAtOnce(t *testing.T) {
	s, c := open(t)
	serving, err := Open(s.path, c.now)
	if err != nil {
		t.Fatal(err)
	}
	secret := add(t, s, "powerbi", summer)
	if !fits(t, serving.Verifier("powerbi"), secret) {
		t.Error("the server does not know the new account")
	}
	if err := s.Remove("powerbi"); err != nil {
		t.Fatal(err)
	}
	if fits(t, serving.Verifier("powerbi"), secret) {
		t.Error("a removed account still works")
	}
}

func TestNoneOfManyAccountsMadeAtOnceIsLost(t *testing.T) {
	s, c := open(t)
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			one, err := Open(s.path, c.now)
			if err == nil {
				_, err = one.Add(fmt.Sprintf("tool-%d", i), "staff", summer)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if err := s.Reload(); err != nil || len(s.List()) != 20 {
		t.Error(len(s.List()), "accounts", err)
	}
}

func TestADamagedFileLetsNobodyInAndSaysSo(t *testing.T) {
	s, _ := open(t)
	add(t, s, "powerbi", summer)
	whole, err := os.ReadFile(s.path)
	if err != nil {
		t.Fatal(err)
	}
	damaged := map[string][]byte{"empty": {}, "cut": whole[:len(whole)/2], "longer": append(whole[:len(whole):len(whole)], '\n')}
	for i := 0; i < len(whole); i += 7 {
		flipped := []byte(string(whole))
		flipped[i] ^= 1
		damaged[fmt.Sprintf("flipped at %d", i)] = flipped
	}
	for name, text := range damaged {
		if err := os.WriteFile(s.path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		var told *fault.Error
		if err := s.Reload(); !errors.As(err, &told) || told.Where != s.path || told.Fix == "" {
			t.Errorf("%s: %v", name, err)
		}
		if s.Verifier("powerbi").Audience != "" {
			t.Errorf("%s: the account works", name)
		}
		if _, err := s.Add("tableau", "staff", summer); err == nil {
			t.Errorf("%s: the file was replaced, and its accounts lost", name)
		}
	}
}

func TestAFileThatOthersMayReadIsRefused(t *testing.T) {
	s, c := open(t)
	add(t, s, "powerbi", summer)
	if err := os.Chmod(s.path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(s.path, c.now); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Error(err)
	}
}

func TestWhatCannotBeChangedIsRefusedInWords(t *testing.T) {
	s, c := open(t)
	add(t, s, "powerbi", summer)
	for want, act := range map[string]func() error{
		"this is no name of an account":    func() error { _, err := s.Add("Power BI", "staff", summer); return err },
		"there is an account of this name": func() error { _, err := s.Add("powerbi", "staff", summer); return err },
		"would have expired on 2026-03-31": func() error { _, err := s.Add("tableau", "staff", c.AddDate(0, 0, -1)); return err },
		`did you mean "powerbi"?`:          func() error { return s.Remove("powrbi") },
		"there is no account of this name": func() error { _, err := s.Renew("excel", Renewal{summer, summer}); return err },
		"would have expired on 2026-01-01": func() error {
			_, err := s.Renew("powerbi", Renewal{time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), summer})
			return err
		},
	} {
		if err := act(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if list := s.List(); len(list) != 1 || list[0].Expires != "2026-06-30" || list[0].Secrets != 1 {
		t.Errorf("a refused change changed %+v", list)
	}
}

func TestAKilledChangeLeavesNothingInTheWay(t *testing.T) {
	s, _ := open(t)
	secret := add(t, s, "powerbi", summer)
	if err := os.WriteFile(s.path+".new", []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	add(t, s, "tableau", summer)
	left, err := filepath.Glob(s.path + ".new")
	if !fits(t, s.Verifier("powerbi"), secret) || len(left) != 0 || err != nil {
		t.Error(left, err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("{}"))
	f.Add([]byte(`{"pepper":"00","accounts":[{"name":"a","salt":"","secrets":[]}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		c, err := parse([]byte(header + sumOf(body) + "\n" + string(body)))
		for _, r := range c.Accounts {
			if err == nil && (len(r.Secrets) == 0 || r.Iterations < iterations) {
				t.Error("an account without secret was read")
			}
		}
	})
}
