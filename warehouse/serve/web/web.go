// Package web shows people in a browser what the pipeline knows of itself, and tells a monitor whether all is well. It reads what
// runs leave in files and the releases, never the warehouse, and changes nothing.
//
// A page is a template of the folder templates, and one function in the table of pages.
package web

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"html/template"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/net/netutil"

	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/internal/neterr"
	"github.com/goldthread/goldthread/warehouse"
)

// Accounts are who may read over the network.
type Accounts interface {
	// SignIn says whether a secret is the account's, and as which audience it reads.
	SignIn(name, from, secret string) (audience string, ok bool)
}

// An Entry is one attempt to come in, or one page that was shown, for the audit log.
type Entry struct {
	At       time.Time
	Account  string
	From     string
	Audience string
	Release  int64
	Action   string // sign-in or page
	Page     string // its name
	Outcome  string // ok, or refused
}

// An Audit keeps entries for good. What cannot be kept is not answered.
type Audit interface {
	Append(Entry) error
}

// A Schedule is one of those that start runs.
type Schedule struct {
	Name, When string
	Next, Last time.Time // zero where there is none
	Outcome    string    // of the last time, in words
}

// A Clock is how what runs by the clock stands.
type Clock struct {
	Schedules  []Schedule
	Complaints []string // as goldthread status --check has them
}

// Config is what a server needs.
type Config struct {
	Council  string // its name
	State    string // the warehouse's folder
	Releases *warehouse.Releases
	Zone     *time.Location
	Readers  string // host:port at which BI tools connect
	Version  string
	Clock    func() (Clock, error)
	Engine   func(context.Context) error // asks the open release a question
	Metrics  http.Handler
	Accounts Accounts
	Audit    Audit
	TLS      *tls.Config // none: readers on this machine only
	Now      func() time.Time
	Log      zerolog.Logger
}

// A Server answers browsers and monitors until it is stopped.
type Server struct {
	Config
	templates map[string]*template.Template
	open      bool // to this machine alone, and without sign-in
	known     recent
	health    latest
	patience  time.Duration // with the engine
	compared  chan struct{} // one comparison at a time
	inside    chan struct{} // one for each request that is being answered
}

// Bounds on what clients may use.
const (
	mostConnections = 200
	mostInside      = 32
	mostHeader      = 16 << 10
	headerTime      = 5 * time.Second
	answerTime      = time.Minute
	stopTime        = 5 * time.Second
)

// New gives a server. Serve starts it.
func New(config Config) *Server {
	s := &Server{Config: config, compared: make(chan struct{}, 1), inside: make(chan struct{}, mostInside), patience: usualPatience}
	s.templates = templates(s.words())
	return s
}

// Listen opens the address that browsers connect to. Without TLS that must be one of this machine alone.
func (s *Server) Listen(ctx context.Context, address string) (net.Listener, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if neterr.InUse(err) {
		return nil, &fault.Error{Where: address, What: "another program listens here already", Fix: "name a free port under serve.web.listen, or write off there for no status page", Err: err}
	}
	if err != nil {
		return nil, &fault.Error{Where: address, What: fmt.Sprintf("browsers cannot be listened for here (%v)", err), Fix: "name a free address of this machine under serve.web.listen, such as 127.0.0.1:8431", Err: err}
	}
	at, isTCP := listener.Addr().(*net.TCPAddr)
	if s.open = isTCP && at.IP.IsLoopback(); !s.open && s.TLS == nil {
		return nil, errors.Join(&fault.Error{Where: address, What: "without a certificate of the council's the status page is for this machine only",
			Fix: "name certificate and key under serve, or listen on 127.0.0.1"}, listener.Close())
	}
	return netutil.LimitListener(listener, mostConnections), nil
}

// Serve answers until the context ends, and gives answers that are being made a moment to be sent.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	server := &http.Server{
		Handler: s.Handler(), ReadHeaderTimeout: headerTime, ReadTimeout: headerTime, WriteTimeout: answerTime, IdleTimeout: answerTime,
		MaxHeaderBytes: mostHeader, TLSConfig: s.encryption(), BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
		ErrorLog: log.New(s.Log, "", 0),
	}
	stopped := make(chan error, 1)
	defer context.AfterFunc(ctx, func() {
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
		defer cancel()
		stopped <- errors.Join(server.Shutdown(ending), server.Close())
	})()
	var err error
	if s.open {
		err = server.Serve(listener)
	} else {
		err = server.ServeTLS(listener, "", "")
	}
	if errors.Is(err, http.ErrServerClosed) {
		<-stopped // that some browser had to be cut off is no fault
		return nil
	}
	return err
}

// encryption is TLS as for other readers, without the ciphers that browsers have given up.
func (s *Server) encryption() *tls.Config {
	if s.open {
		return nil
	}
	config := s.TLS.Clone()
	config.CipherSuites = []uint16{
		tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
		tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
		tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
	}
	return config
}
