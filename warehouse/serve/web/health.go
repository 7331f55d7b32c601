package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"time"
)

// A judgement is what a monitor is told. It names no schedule, source or place, because anybody may ask.
type judgement struct {
	Status string `json:"status"` // ok or red
	Runs   string `json:"runs"`   // ok, or red where goldthread status --check complains
	Engine string `json:"engine"` // ok, or red where the open release answers no query
	// What is wrong, in words; only for who asks from this machine.
	What []string `json:"what,omitempty"`
}

const (
	healthy = "ok"
	red     = "red"
)

// Within how long the engine must answer, and how long an answer stands, so that nobody keeps it busy by asking.
const (
	usualPatience = 5 * time.Second
	stands        = 5 * time.Second
)

// A latest is the last judgement and when it was made.
type latest struct {
	mu      sync.Mutex
	at      time.Time
	said    judgement
	pending chan error // of a question to the engine that is not answered yet
}

// judge says how runs and engine stand, asking them anew where the last answer is some seconds old.
func (s *Server) judge(ctx context.Context) judgement {
	s.health.mu.Lock()
	defer s.health.mu.Unlock()
	if age := s.Now().Sub(s.health.at); age >= 0 && age < stands {
		return s.health.said
	}
	h := judgement{healthy, healthy, healthy, nil}
	clock, err := s.Clock()
	if err != nil {
		h.Runs, h.What = red, append(h.What, "the schedules cannot be read: "+s.inWords(err))
	}
	if len(clock.Complaints) > 0 {
		h.Runs, h.What = red, append(h.What, clock.Complaints...)
	}
	if err := s.answers(ctx); err != nil {
		s.Log.Error().Err(err).Msg("the open release answers no query")
		h.Engine, h.What = red, append(h.What, "the open release answers no query")
	}
	if h.Runs == red || h.Engine == red {
		h.Status = red
	}
	s.health.at, s.health.said = s.Now(), h
	return h
}

// errSilent says that the engine takes too long.
var errSilent = errors.New("the engine has not answered yet")

// answers asks the engine a question. One that hangs is red, and is not asked again while it does.
func (s *Server) answers(ctx context.Context) error {
	if s.health.pending == nil {
		pending, ask := make(chan error, 1), s.Engine
		s.health.pending = pending
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.patience)
		go func() {
			defer cancel()
			pending <- ask(ctx)
		}()
	}
	timer := time.NewTimer(s.patience)
	defer timer.Stop()
	select {
	case err := <-s.health.pending:
		s.health.pending = nil
		return err
	case <-timer.C:
		return errSilent
	}
}

func (s *Server) answerHealth(w http.ResponseWriter, r *http.Request) {
	h := s.judge(r.Context())
	if !s.open {
		h.What = nil
	}
	w.Header().Set("Content-Type", "application/json")
	if h.Status != healthy {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(h) // a monitor that has gone needs no answer
}
