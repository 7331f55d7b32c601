package pgwire

import (
	"context"
	"time"
)

// A work is what the server does for one statement: it ends when it takes too long, is cancelled, or its client goes away.
// Only what the engine computes counts as time, not how long the client takes to read.
type work struct {
	session *session
	ctx     context.Context
	halt    context.CancelCauseFunc
	left    time.Duration
	within  bool
}

// newWork begins the work for a statement, which must be ended.
func (s *session) newWork(ctx context.Context) *work {
	w := &work{session: s, left: s.server.Limits.Statement}
	if own := s.settings.statementTimeout(); own > 0 {
		w.left = min(w.left, own)
	}
	w.ctx, w.halt = context.WithCancelCause(ctx)
	return w
}

func (w *work) end() { w.halt(nil) }

// enter lets the work be cancelled, and watches that its client is there, until the function that it gives is called. In
// between nothing may be read from the client.
func (w *work) enter() (leave func()) {
	if w.within {
		return func() {}
	}
	w.within = true
	s := w.session
	s.mu.Lock()
	s.halt = w.halt
	s.mu.Unlock()
	unwatch := s.wire.watched.watch(func() { w.halt(errGone) })
	return func() {
		unwatch()
		s.mu.Lock()
		s.halt = nil
		s.mu.Unlock()
		w.within = false
	}
}

// compute does a part of the work when its turn comes, in the time that is left. Many wait while a few are at work, so that
// one reader's heavy statement does not hold up all others.
func (w *work) compute(part func() error) error {
	begun := time.Now()
	timer := time.AfterFunc(w.left, func() { w.halt(errTimeout) })
	defer func() {
		timer.Stop()
		w.left = max(0, w.left-time.Since(begun))
	}()
	leave, err := w.session.server.queue.turn(w.ctx, w.session.account)
	if err != nil {
		return err
	}
	defer leave()
	defer w.guard(leave)()
	return part()
}

// guard watches that the engine stops when it is told to. Where it does not, others get the statement's turn and a new
// engine, and its client is let go.
func (w *work) guard(leave func()) (ended func()) {
	over := make(chan struct{})
	stop := context.AfterFunc(w.ctx, func() {
		timer := time.NewTimer(w.session.server.Limits.Overrun)
		defer timer.Stop()
		select {
		case <-over:
		case <-timer.C:
			w.session.overrun()
			leave()
		}
	})
	return func() {
		close(over)
		stop()
	}
}

// overrun parts the session, whose statement does not end, from all others.
func (s *session) overrun() {
	s.server.instances.abandon(s.instance)
	s.server.Log.Error().Str("account", s.account).Int64("release", s.instance.key.release).Msg("statement does not stop; its engine is replaced")
	_ = s.wire.watched.Close() // so that the client is not left waiting
}
