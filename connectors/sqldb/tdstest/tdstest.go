// Package tdstest is a stand-in for SQL Server, for tests: it speaks version 7.4 of the Tabular Data Stream over loopback to
// the driver that the program uses, and answers with what a test has written down.
//
// Its messages follow Microsoft's published specification of the protocol, [MS-TDS]: pre-login, TLS inside of pre-login
// packets, LOGIN7, batches, remote calls of sp_executesql, transaction manager requests, attention, and the tokens of an
// answer. It parses no SQL. Which rows a statement gives, which errors a server raises and with what words, and that a
// deadlock or a snapshot conflict ends the transaction, is what tests say of it, after Microsoft's documentation; nothing
// here was compared with a server that runs.
package tdstest

import (
	"crypto/tls"
	"encoding/pem"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// The account that may sign in.
const (
	User   = "goldthread_reader"
	Secret = "canaryTDScanary!"
)

// An Encryption is what a server says of TLS before anyone signs in.
type Encryption byte

const (
	Plain    Encryption = 2 // it has none
	Required Encryption = 3 // nothing goes without
)

// A Server is a stand-in. All its methods may be called at any time.
type Server struct {
	Host string
	Port int
	// CAFile is the certificate that a client has to trust; there is none where the server is plain.
	CAFile string

	t          *testing.T
	encryption Encryption
	tls        *tls.Config
	listener   net.Listener
	serving    sync.WaitGroup

	mu         sync.Mutex
	closed     bool
	silent     bool
	open       map[*conn]struct{}
	requests   []Request
	logins     []Login
	attentions int
	answers    []scripted
	copyHost   string // where logins are sent on to; empty where they stay
	copyPort   int
}

// A scripted answer is one that waits for its statement.
type scripted struct {
	contains string
	answer   func(Request) Answer
}

// Start begins a stand-in that ends with the test.
func Start(t *testing.T, encryption Encryption) *Server {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().(*net.TCPAddr)
	s := &Server{
		Host: address.IP.String(), Port: address.Port,
		t: t, encryption: encryption, listener: listener, open: map[*conn]struct{}{},
	}
	if encryption != Plain {
		s.certify(t)
	}
	s.serving.Go(s.accept)
	t.Cleanup(s.stop)
	return s
}

// StartSilent begins a server that takes connections and then says nothing.
func StartSilent(t *testing.T) *Server {
	t.Helper()
	s := Start(t, Plain)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.silent = true
	return s
}

// certify borrows the certificate that the standard library has for its own tests; it is good for 127.0.0.1. TLS inside of
// pre-login packets ends with version 1.2: a session ticket of 1.3 would come when the packets are off already.
func (s *Server) certify(t *testing.T) {
	t.Helper()
	lender := httptest.NewTLSServer(nil)
	defer lender.Close()
	s.tls = &tls.Config{Certificates: lender.TLS.Certificates, MaxVersion: tls.VersionTLS12}
	s.CAFile = filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: lender.Certificate().Raw})
	if err := os.WriteFile(s.CAFile, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

func (s *Server) accept() {
	for number := 1; ; number++ {
		tcp, err := s.listener.Accept()
		if err != nil {
			return
		}
		c := &conn{server: s, number: number, tcp: tcp.(*net.TCPConn), stream: tcp}
		if !s.enter(c) {
			tcp.Close()
			return
		}
		s.serving.Go(func() {
			defer s.leave(c)
			c.serve()
		})
	}
}

func (s *Server) enter(c *conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.silent = s.silent
	if !s.closed {
		s.open[c] = struct{}{}
	}
	return !s.closed
}

func (s *Server) leave(c *conn) {
	c.tcp.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, c)
}

func (s *Server) stop() {
	s.listener.Close()
	s.mu.Lock()
	s.closed = true
	for c := range s.open {
		c.tcp.Close()
	}
	s.mu.Unlock()
	s.serving.Wait()
}

// Route makes the server the listener of an availability group, which sends whoever signs in on to a copy under some name.
func (s *Server) Route(host string, to *Server) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.copyHost, s.copyPort = host, to.Port
}

// On gives the answers to statements that contain a text, in turn; the last one stays. A later On goes before an earlier.
func (s *Server) On(contains string, answers ...Answer) {
	next := 0
	s.Handle(contains, func(Request) Answer {
		answer := answers[next]
		next = min(next+1, len(answers)-1)
		return answer
	})
}

// Handle answers statements that contain a text by a function, of which one runs at a time.
func (s *Server) Handle(contains string, answer func(Request) Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers = append([]scripted{{contains, answer}}, s.answers...)
}

// Requests gives what was asked so far, in order.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.requests...)
}

// Logins gives who signed in so far or tried to.
func (s *Server) Logins() []Login {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Login(nil), s.logins...)
}

// Attentions counts how often a client broke off what it had asked for.
func (s *Server) Attentions() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.attentions
}

// answerTo notes a request and finds its answer. A statement that only sets something needs none.
func (s *Server) answerTo(r Request) Answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, r)
	for _, a := range s.answers {
		if strings.Contains(r.SQL, a.contains) {
			return a.answer(r)
		}
	}
	if r.Kind != Statement || strings.HasPrefix(strings.TrimSpace(r.SQL), "set ") {
		return Answer{}
	}
	return Answer{Error: &Error{Number: 50000, Class: 16, Message: "the stand-in has no answer to: " + r.SQL}}
}
