package pgwire

import (
	"net"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"
)

const (
	flushSize  = 32 << 10         // so much is gathered before it is sent: a message a write would be a TLS record each
	writeLimit = 10 * time.Minute // a reader that takes nothing for so long is gone
)

// A wire is the connection to one client: it reads messages and gathers answers.
type wire struct {
	net.Conn
	watched *watchedConn // beneath TLS
	binding []byte       // what a sign-in is bound to, by the certificate that was shown
	backend *pgproto3.Backend
	out     []byte
	err     error // of the first write that failed
}

func newWire(conn *watchedConn) *wire {
	w := &wire{Conn: conn, watched: conn}
	w.backend = pgproto3.NewBackend(w, nil)
	return w
}

// Read lets the message reader follow the connection when TLS is laid over it.
func (w *wire) Read(p []byte) (int, error) { return w.Conn.Read(p) }

// send gathers a message.
func (w *wire) send(m pgproto3.BackendMessage) {
	out, err := m.Encode(w.out)
	if err != nil {
		w.err = err
		return
	}
	w.out = out
	w.flushLarge()
}

func (w *wire) flushLarge() {
	if len(w.out) >= flushSize {
		_ = w.flush() // kept in err
	}
}

// flush sends what was gathered.
func (w *wire) flush() error {
	if w.err == nil && len(w.out) > 0 {
		w.err = w.SetWriteDeadline(time.Now().Add(writeLimit))
	}
	if w.err == nil && len(w.out) > 0 {
		_, w.err = w.Write(w.out)
	}
	w.out = w.out[:0]
	return w.err
}

// fatal tells the client why its connection ends.
func (w *wire) fatal(r *Refusal) {
	w.send(r.message(severityFatal))
	_ = w.flush() // there is nobody to tell
}
