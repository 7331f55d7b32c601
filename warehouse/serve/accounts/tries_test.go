package accounts

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// guess signs in as a client of the server does: the verifier first, the answer at the end.
func guess(t *testing.T, s *Store, name, from, secret string) bool {
	t.Helper()
	return s.Answer(name, from, fits(t, s.Verifier(name), secret))
}

func TestOfAThousandGuessesAtOnceTenAreAnswered(t *testing.T) {
	for _, addresses := range []int{1, 50} {
		s, c := open(t)
		secret := add(t, s, "powerbi", summer)
		right := fits(t, s.Verifier("powerbi"), secret)
		var all sync.WaitGroup
		var yes atomic.Int32
		// All hold the verifier before the first is answered. Ten bring a wrong secret, and all after them the right one.
		for i := range 1000 {
			if i == triesOfAnAccount {
				all.Wait()
			}
			all.Go(func() {
				if s.Answer("powerbi", fmt.Sprintf("10.0.0.%d:%d", i%addresses, 1000+i), right && i >= triesOfAnAccount) {
					yes.Add(1)
				}
			})
		}
		all.Wait()
		if yes.Load() > 0 {
			t.Errorf("%d guesses after the tenth were answered, from %d addresses", yes.Load(), addresses)
		}
		c.Time = c.Add(window)
		if !guess(t, s, "powerbi", "10.0.0.1:9", secret) {
			t.Error("the account is shut for longer than the window")
		}
	}
}

func TestGuessesThatAreNotAnsweredDoNotKeepAnAccountShut(t *testing.T) {
	s, c := open(t)
	secret := add(t, s, "powerbi", summer)
	for range 100 {
		s.Tried("powerbi", "10.0.0.1:1", false)
		c.Time = c.Add(time.Second)
	}
	c.Time = c.Add(window - 90*time.Second)
	if !guess(t, s, "powerbi", "10.0.0.1:1", secret) {
		t.Error("the first ten guesses are past, and the account is still shut")
	}
}

func TestASignInThatSucceedsDoesNotForgetTheFailures(t *testing.T) {
	s, _ := open(t)
	secret := add(t, s, "powerbi", summer)
	for i := range triesOfAnAccount {
		if !guess(t, s, "powerbi", "10.0.0.1:1", secret) {
			t.Fatal("shut after", i)
		}
		s.Tried("powerbi", "10.0.0.2:1", false)
	}
	if guess(t, s, "powerbi", "10.0.0.1:1", secret) || fits(t, s.Verifier("powerbi"), secret) {
		t.Error("an eleventh guess would have been answered")
	}
}

func TestAnAddressThatTriesManyNamesIsShutOut(t *testing.T) {
	s, _ := open(t)
	secret := add(t, s, "powerbi", summer)
	for i := range triesOfAnAddress {
		s.Tried(fmt.Sprintf("name-%d", i), "10.0.0.1:1", false)
	}
	if guess(t, s, "powerbi", "10.0.0.1:2", secret) {
		t.Error("the address may go on")
	}
	if !guess(t, s, "powerbi", "10.0.0.2:2", secret) {
		t.Error("another address may not begin")
	}
}

func TestWhatIsRememberedOfGuessesIsBounded(t *testing.T) {
	s, _ := open(t)
	add(t, s, "powerbi", summer)
	for i := range addressesTogether * 2 {
		s.Tried(fmt.Sprintf("nobody-%d", i), fmt.Sprintf("host-%d", i), false)
	}
	if len(s.tries) > addressesTogether {
		t.Error(len(s.tries), "are remembered")
	}
}
