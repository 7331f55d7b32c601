package web

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime/debug"
	"sync"
	"time"

	"github.com/goldthread/goldthread/internal/council"
)

// headers are those of every answer: nothing but our own style and pictures is loaded, nothing is run, framed, kept or told on.
var headers = map[string]string{
	"Content-Security-Policy":      "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
	"X-Content-Type-Options":       "nosniff",
	"Referrer-Policy":              "no-referrer",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Cache-Control":                "no-store",
}

// guarded lets through what only reads, under a name that is ours, with not too many at once.
func (s *Server) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range headers {
			w.Header().Set(name, value)
		}
		if !s.open {
			w.Header().Set("Strict-Transport-Security", "max-age=31536000")
		}
		defer s.recovered(w, r)
		switch {
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			w.Header().Set("Allow", "GET, HEAD")
			s.refuse(w, r, refusal{http.StatusMethodNotAllowed, "These pages are only read", "Nothing can be sent to them."})
		case s.open && !ofThisMachine(r.Host):
			s.refuse(w, r, refusal{http.StatusMisdirectedRequest, "This page is for this machine only", "Open it as localhost, or let goldthread serve listen on the network with the council's certificate."})
		default:
			s.enter(w, r, next)
		}
	})
}

// enter answers a request where not too many are being answered.
func (s *Server) enter(w http.ResponseWriter, r *http.Request, next http.Handler) {
	select {
	case s.inside <- struct{}{}:
		defer func() { <-s.inside }()
		next.ServeHTTP(w, r)
	default:
		w.Header().Set("Retry-After", "5")
		s.refuse(w, r, refusal{http.StatusServiceUnavailable, "Too many are asking at once", "Try again in a moment."})
	}
}

// recovered keeps a fault of ours to the request that met it.
func (s *Server) recovered(w http.ResponseWriter, r *http.Request) {
	if reason := recover(); reason != nil {
		s.Log.Error().Str("path", r.URL.Path).Interface("reason", reason).Bytes("stack", debug.Stack()).Msg("a page failed")
		s.refuse(w, r, brokenPage)
	}
}

// ofThisMachine says whether a host is one by which a browser on this machine calls it, so that no page of elsewhere can have its
// own name lead here.
func ofThisMachine(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if len(host) > 2 && host[0] == '[' {
		host = host[1 : len(host)-1]
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// A reader is who asks.
type reader struct {
	Account  string // empty on this machine
	Audience string
	from     string
}

// Staff says whether the reader may see everything.
func (r reader) Staff() bool { return r.Audience == council.Staff }

var (
	errSignIn  = errors.New("the sign-in was refused")
	errNotKept = errors.New("the audit log cannot be written")
)

// reader says who asks, by their account where they come over the network.
func (s *Server) reader(r *http.Request) (reader, error) {
	if s.open {
		return reader{Audience: council.Staff}, nil
	}
	one := reader{from: r.RemoteAddr}
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		one.from = host
	}
	name, secret, given := r.BasicAuth()
	if !given {
		return one, errSignIn
	}
	audience, ok := s.Accounts.SignIn(name, one.from, secret)
	if !ok {
		err := s.note(Entry{Account: name, From: one.from, Action: "sign-in", Outcome: "refused"})
		return one, errors.Join(errSignIn, err)
	}
	one.Account, one.Audience = name, audience
	return one, s.known.once(name+" "+one.from, s.Now(), func() error {
		return s.note(Entry{Account: name, From: one.from, Audience: audience, Action: "sign-in", Outcome: "ok"})
	})
}

// note keeps an entry of the audit log.
func (s *Server) note(e Entry) error {
	e.At = s.Now()
	if err := s.Audit.Append(e); err != nil {
		s.Log.Error().Err(err).Msg("the audit log cannot be written")
		return fmt.Errorf("%w: %w", errNotKept, err)
	}
	return nil
}

// A recent remembers who came in within the hour, so that a browser, which sends its secret with every request, is not noted as
// signing in each time.
type recent struct {
	mu   sync.Mutex
	seen map[string]time.Time
}

// once notes who comes in, unless that was noted within the hour before.
func (r *recent) once(who string, now time.Time, note func() error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if since := now.Sub(r.seen[who]); since >= 0 && since < time.Hour {
		return nil
	}
	if err := note(); err != nil {
		return err
	}
	if len(r.seen) >= mostRecent || r.seen == nil { // only who has an account comes here
		r.seen = map[string]time.Time{}
	}
	r.seen[who] = now
	return nil
}

// mostRecent is how many are remembered.
const mostRecent = 1000
