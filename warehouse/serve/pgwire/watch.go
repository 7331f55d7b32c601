package pgwire

import (
	"net"
	"sync"
	"time"
)

// A watchedConn can be watched while nobody reads from it, so that a client that goes away is noticed while its statement
// runs. It stands beneath TLS and never looks into what it holds.
type watchedConn struct {
	net.Conn
	mu   sync.Mutex
	held []byte // read while it was watched
	err  error  // that ended the watch, for the next read
}

// Read gives first what came in while the connection was watched.
func (c *watchedConn) Read(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.held) > 0 {
		n := copy(p, c.held)
		c.held = c.held[n:]
		return n, nil
	}
	if c.err != nil {
		return 0, c.err
	}
	return c.Conn.Read(p)
}

// heldMost is how much of what a client sends ahead is kept while it is watched.
const heldMost = 64 << 10

// watch calls gone when the client goes away before the watch is ended. The function it gives ends it and must be called
// before the next Read.
func (c *watchedConn) watch(gone func()) (end func()) {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		c.mu.Lock()
		defer c.mu.Unlock()
		buffer := make([]byte, 4<<10)
		for len(c.held) < heldMost {
			n, err := c.Conn.Read(buffer)
			c.held = append(c.held, buffer[:n]...)
			if err == nil {
				continue
			}
			if timeout, is := err.(net.Error); is && timeout.Timeout() {
				return
			}
			c.err = err
			gone()
			return
		}
	}()
	return sync.OnceFunc(func() {
		_ = c.SetReadDeadline(time.Unix(1, 0)) // wakes the read; a connection that cannot is gone
		<-ended
		_ = c.SetReadDeadline(time.Time{})
	})
}
