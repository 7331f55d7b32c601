package sqldb

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/internal/fault"
)

type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// A line is what lies between us and a server. It remembers that the server fell silent, as not every driver tells.
type line struct{ silent atomic.Bool }

// dialer opens connections that give up on a server from which nothing comes for as long as silence, though it was asked.
func (l *line) dialer(silence time.Duration) dialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := (&net.Dialer{KeepAlive: 30 * time.Second}).DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &attentive{Conn: conn, line: l, silence: silence}, nil
	}
}

// attentive is a connection that is read from only for so long at a time. A deadline that its driver sets, perhaps while a
// reading waits, is kept where it is the earlier one.
type attentive struct {
	net.Conn
	line     *line
	silence  time.Duration
	mu       sync.Mutex
	deadline time.Time
}

func (a *attentive) Read(b []byte) (int, error) {
	if err := a.await(); err != nil {
		return 0, err
	}
	n, err := a.Conn.Read(b)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		a.line.silent.Store(true)
	}
	return n, err
}

func (a *attentive) await() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	until := time.Now().Add(a.silence)
	if !a.deadline.IsZero() && a.deadline.Before(until) {
		until = a.deadline
	}
	return a.Conn.SetReadDeadline(until)
}

func (a *attentive) SetReadDeadline(t time.Time) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.deadline = t
	return a.Conn.SetReadDeadline(t)
}

func (a *attentive) SetDeadline(t time.Time) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.deadline = t
	return a.Conn.SetDeadline(t)
}

// tlsTerms say whether and whom to trust.
type tlsTerms struct {
	off          bool
	host, caFile string
}

// config is nil where the connection is not to be encrypted.
func (t tlsTerms) config() (*tls.Config, error) {
	if t.off {
		return nil, nil
	}
	c := &tls.Config{ServerName: t.host, MinVersion: tls.VersionTLS12}
	if t.caFile == "" {
		return c, nil
	}
	text, err := os.ReadFile(t.caFile)
	if err != nil {
		return nil, &fault.Error{Where: t.caFile, What: "the certificates to trust cannot be read: " + connectors.Plainly(err), Fix: "put them there, or correct ca_file", Err: err}
	}
	c.RootCAs = x509.NewCertPool()
	if !c.RootCAs.AppendCertsFromPEM(text) {
		return nil, &fault.Error{Where: t.caFile, What: "the file of certificates to trust holds none", Fix: "put certificates in PEM form there"}
	}
	return c, nil
}
