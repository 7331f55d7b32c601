package sqldb

import (
	"context"
	"net"
	"sync"
	"time"
)

// A wire opens the connection for a driver and keeps hold of it, so that it can be ended without a word to the server. Until
// the session stands it bears a deadline, as drivers wait for some answers without an eye on the context.
type wire struct {
	dial  dialFunc
	host  string
	until time.Time
	mu    sync.Mutex
	conn  net.Conn
}

// DialContext opens a connection; the one before, if the server sent us on to another one, is forgotten.
func (w *wire) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := w.dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.conn = conn
	return conn, conn.SetDeadline(w.until)
}

// HostName says to a driver that names are looked up here, under the context.
func (w *wire) HostName() string { return w.host }

// established takes the deadline off.
func (w *wire) established() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.conn == nil {
		return nil
	}
	return w.conn.SetDeadline(time.Time{})
}

func (w *wire) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.conn != nil {
		w.conn.Close()
	}
}
