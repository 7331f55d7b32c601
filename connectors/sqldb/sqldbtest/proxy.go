package sqldbtest

import (
	"io"
	"net"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
)

// A Cut is how a connection ends before its time.
type Cut string

// The ways in which networks end connections.
const (
	None    Cut = ""
	Reset   Cut = "RST"
	Finish  Cut = "FIN"
	Silence Cut = "silence" // nothing comes any more, and nothing says so
)

// A Proxy lies between a test and a server, on a port of this machine, and ends connections as it is told.
type Proxy struct {
	*Server
	Port   int
	listen net.Listener
	mu     sync.Mutex
	cut    Cut
	after  int64 // bytes from the server in one connection
	times  int   // connections that are still to be cut; all where it is below 0
	passed int64 // from the server, in the connection that ended last
	open   map[net.Conn]bool
	wait   sync.WaitGroup
	active int // connections
	idle   *sync.Cond
}

// Behind puts a proxy before a server.
func Behind(tb testing.TB, s *Server) *Proxy {
	tb.Helper()
	listen, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	p := &Proxy{Server: s, Port: listen.Addr().(*net.TCPAddr).Port, listen: listen, open: map[net.Conn]bool{}}
	p.idle = sync.NewCond(&p.mu)
	p.wait.Go(p.serve)
	tb.Cleanup(func() {
		listen.Close()
		p.mu.Lock()
		for conn := range p.open {
			conn.Close()
		}
		p.mu.Unlock()
		p.wait.Wait()
		p.Passed()
	})
	return p
}

// Cut has the next connections, so many of them, end in a way after so many bytes from the server.
func (p *Proxy) Cut(how Cut, after int64, times int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut, p.after, p.times = how, after, times
}

// Passed is how many bytes came from the server in the last connection, once all have ended.
func (p *Proxy) Passed() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.active > 0 {
		p.idle.Wait()
	}
	return p.passed
}

func (p *Proxy) serve() {
	for {
		conn, err := p.listen.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		p.active++
		p.mu.Unlock()
		go p.pass(conn.(*net.TCPConn))
	}
}

// keep notes a connection so that it is closed with the proxy.
func (p *Proxy) keep(conn net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open[conn] = true
}

// next says how the connection that begins is to end.
func (p *Proxy) next() (how Cut, after int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cut == None || p.times == 0 {
		return None, 0
	}
	return p.cut, p.after
}

// ended notes that a connection is over.
func (p *Proxy) ended() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.active--
	p.idle.Broadcast()
}

// moved notes how much came from the server. A connection of another kind, as to break off a query, brings nothing.
func (p *Proxy) moved(n int64, how Cut, after int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n > 0 {
		p.passed = n
	}
	if how != None && n == after {
		p.times--
	}
}

func (p *Proxy) pass(client *net.TCPConn) {
	defer p.ended()
	defer client.Close()
	p.keep(client)
	socket := p.Host
	if p.Engine == "postgresql" {
		socket = filepath.Join(p.Host, ".s.PGSQL."+strconv.Itoa(p.Server.Port))
	}
	server, err := net.Dial("unix", socket)
	if err != nil {
		return
	}
	defer server.Close()
	p.keep(server)
	asked := make(chan struct{})
	go func() {
		defer close(asked)
		_, _ = io.Copy(server, client)
		server.Close()
	}()
	how, after := p.next()
	var n int64
	if how == None {
		n, _ = io.Copy(client, server)
	} else {
		n, _ = io.CopyN(client, server, after)
	}
	p.moved(n, how, after)
	switch how {
	case Reset:
		_ = client.SetLinger(0)
	case Silence:
		<-asked // until the client gives up
		return
	}
	client.Close()
	<-asked
}
