package accounts

import (
	"net"
	"slices"
	"time"
)

// Within the window an account's secret may be guessed at ten times, and one address may guess at a hundred: one machine,
// a gateway say, signs in for many tools, and one of them with an old secret must not shut the others out.
const (
	window            = 5 * time.Minute
	triesOfAnAccount  = 10
	triesOfAnAddress  = 100
	addressesTogether = 10_000 // of which failures are remembered at once
)

// A tried is whose failures are counted.
type tried struct {
	what string
	most int
}

func ofAccount(name string) tried { return tried{"account " + name, triesOfAnAccount} }

func ofAddress(from string) tried {
	if host, _, err := net.SplitHostPort(from); err == nil {
		from = host
	}
	return tried{"address " + from, triesOfAnAddress}
}

// The tries are the moments of the failures within the window.
type tries map[tried][]time.Time

func (t tries) spent(who tried, now time.Time) bool {
	t.forget(who, now)
	return len(t[who]) >= who.most
}

func (t tries) failed(who tried, now time.Time) {
	if len(t) >= addressesTogether {
		t.forgetAll(now)
	}
	t[who] = append(t[who], now)
}

func (t tries) forget(who tried, now time.Time) {
	kept := slices.DeleteFunc(t[who], func(at time.Time) bool { return now.Sub(at) >= window })
	if t[who] = kept; len(kept) == 0 {
		delete(t, who)
	}
}

// forgetAll makes room: first of what is past, and where that is not enough, of half the addresses. Those of accounts stay,
// which are as few as the accounts.
func (t tries) forgetAll(now time.Time) {
	for who := range t {
		t.forget(who, now)
	}
	for who := range t {
		if len(t) > addressesTogether/2 && who.most == triesOfAnAddress {
			delete(t, who)
		}
	}
}
