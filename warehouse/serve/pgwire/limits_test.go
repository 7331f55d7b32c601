package pgwire

import (
	"context"
	"database/sql"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/goldthread/goldthread/warehouse/serve/accounts"
)

// TestAStatementThatCannotBeStoppedIsParted: its turn goes on to others, who get a new engine.
func TestAStatementThatCannotBeStoppedIsParted(t *testing.T) {
	stuck := make(chan struct{})
	var first atomic.Bool
	s := serve(t, func(c *Config) {
		c.Limits.Running, c.Limits.Overrun = 1, 10*time.Millisecond
		c.Gate = func(context.Context, *sql.Conn, string) (Checked, error) {
			if first.CompareAndSwap(false, true) {
				<-stuck
			}
			return Checked{}, nil
		}
	})
	before := s.connect("&statement_timeout=50")
	if _, err := before.Exec(t.Context(), "select 1"); err == nil || state(err) == codeCancelled {
		t.Errorf("the client of a stuck statement is told %v", err)
	}
	after := s.connect("")
	if _, err := after.Exec(t.Context(), "select 1"); err != nil {
		t.Errorf("another session: %v", err)
	}
	if n := s.openInstances(); n != 1 {
		t.Errorf("%d engines for new sessions", n)
	}
	close(stuck)
}

func (s *testServer) openInstances() int {
	s.instances.mu.Lock()
	defer s.instances.mu.Unlock()
	return len(s.instances.open)
}

// TestOneAccountDoesNotTakeAllTurns fills an account's turns with endless statements and asks with another.
func TestOneAccountDoesNotTakeAllTurns(t *testing.T) {
	s := serve(t, func(c *Config) {
		c.Limits.Running = 2
		c.Accounts = anyAccount{c.Accounts}
	})
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan struct{}, 3)
	for range cap(ended) {
		conn := s.connect("")
		go func() { _, _ = conn.Exec(ctx, endless); ended <- struct{}{} }()
	}
	for len(s.queue.turns) == 0 { // until the first has its turn
		if _, err := s.connect("").Exec(t.Context(), "show timezone"); err != nil {
			t.Fatal(err)
		}
	}
	other := s.connectTo(strings.Replace(s.url(""), "reader:", "other:", 1))
	if _, err := other.Exec(t.Context(), "select 1"); err != nil {
		t.Error(err)
	}
	stop()
	for range cap(ended) {
		<-ended
	}
}

// anyAccount lets every name in with the secret of the test's account.
type anyAccount struct{ Accounts }

func (a anyAccount) Verifier(string) accounts.Verifier { return a.Accounts.Verifier("reader") }

func TestASilentSessionEnds(t *testing.T) {
	conn := serve(t, func(c *Config) { c.Limits.Idle = 50 * time.Millisecond }).connect("")
	if _, err := conn.PgConn().ReceiveMessage(t.Context()); state(err) != codeIdle {
		t.Error(err)
	}
}

func TestASessionEndsWhenItsTimeIsUp(t *testing.T) {
	conn := serve(t, func(c *Config) { c.Limits.Session = 50 * time.Millisecond }).connect("")
	if _, err := conn.PgConn().ReceiveMessage(t.Context()); state(err) != codeIdle {
		t.Error(err)
	}
}
