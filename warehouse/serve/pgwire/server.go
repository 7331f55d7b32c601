package pgwire

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"runtime/debug"
	"sync"
	"time"

	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/internal/neterr"
)

// A Server answers clients until it is stopped.
type Server struct {
	Config
	instances *instances
	arriving  chan struct{} // one for each client that is not in yet
	places    chan struct{} // one for each session that is let in
	queue     *queue        // of statements

	mu       sync.Mutex
	sessions map[uint32]*session
	waiting  sync.WaitGroup
}

// mostArriving is how many clients may be signing in at once; who comes on top is turned away unheard.
const mostArriving = 100

// New gives a server. Serve starts it.
func New(config Config) *Server {
	return &Server{
		Config:    config,
		instances: newInstances(config.Releases, config.Engine),
		arriving:  make(chan struct{}, mostArriving),
		places:    make(chan struct{}, config.Limits.Connections),
		queue:     newQueue(config.Limits.Running),
		sessions:  map[uint32]*session{},
	}
}

// keepAlive finds clients whose machine is gone without a word within about half a minute.
var keepAlive = net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3}

// Listen opens the address that clients connect to. Without TLS that must be one of this machine alone.
func (s *Server) Listen(ctx context.Context, address string) (net.Listener, error) {
	config := net.ListenConfig{KeepAliveConfig: keepAlive}
	listener, err := config.Listen(ctx, "tcp", address)
	if neterr.InUse(err) {
		return nil, &fault.Error{Where: address, What: "another program listens here already",
			Fix: "end it if it is an older goldthread serve; or name a free port: --listen 127.0.0.1:5433", Err: err}
	}
	if err != nil {
		return nil, &fault.Error{Where: address, What: fmt.Sprintf("clients cannot be listened for here (%v)", err),
			Fix: "name a free address of this machine, such as 127.0.0.1:5433", Err: err}
	}
	if at, isTCP := listener.Addr().(*net.TCPAddr); s.TLS == nil && !(isTCP && at.IP.IsLoopback()) {
		return nil, errors.Join(&fault.Error{Where: address, What: "without a certificate only this machine is listened to",
			Fix: "name the council's certificate and key, or listen on 127.0.0.1"}, listener.Close())
	}
	return listener, nil
}

// Serve answers clients until the context ends. Then it listens no more, ends the sessions that wait for their client, gives
// running statements the time that the limits grant, and stops the rest.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	running, halt := context.WithCancelCause(context.WithoutCancel(ctx))
	defer halt(errShutDown)
	ctx, end := context.WithCancel(ctx)
	defer end()
	defer context.AfterFunc(ctx, func() { _ = listener.Close() })() // which Accept tells
	s.waiting.Go(func() { s.follow(ctx) })
	var err error
	for {
		conn, acceptErr := listener.Accept()
		if acceptErr != nil {
			if ctx.Err() == nil {
				err = acceptErr
			}
			break
		}
		s.waiting.Go(func() { s.handle(ctx, running, conn) })
	}
	end()
	defer time.AfterFunc(s.Limits.Stop, func() { halt(errShutDown) }).Stop()
	return errors.Join(err, s.wait())
}

// errEndless says that the engine did not stop a statement; the process that holds it must end.
var errEndless = errors.New("a statement did not stop when the server was stopped")

// wait lets the sessions end, and then the engines. It does not wait for a statement that cannot be stopped.
func (s *Server) wait() error {
	ended := make(chan struct{})
	go func() { s.waiting.Wait(); close(ended) }()
	timer := time.NewTimer(s.Limits.Stop + s.Limits.Overrun)
	defer timer.Stop()
	select {
	case <-ended:
		return s.instances.close()
	case <-timer.C:
		return errEndless
	}
}

// handle serves one connection until ctx ends; its statements run under a context of their own. A fault of ours ends that
// connection and no other.
func (s *Server) handle(ctx, running context.Context, conn net.Conn) {
	log := s.Log.With().Str("from", conn.RemoteAddr().String()).Logger()
	defer func() {
		if reason := recover(); reason != nil {
			log.Error().Interface("reason", reason).Bytes("stack", debug.Stack()).Msg("session failed")
		}
	}()
	watched := &watchedConn{Conn: conn}
	w := newWire(watched)
	defer w.Close()
	// A server that stops wakes every session that waits for its client.
	defer context.AfterFunc(ctx, func() { _ = conn.SetReadDeadline(time.Unix(1, 0)) })()
	// One whose time is up may wait for a client that takes nothing.
	defer context.AfterFunc(running, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })()
	one, err := s.arrive(ctx, w)
	if err != nil {
		log.Info().Str("outcome", refusalOf(ctx, err).SQLState).Msg("connection refused")
		return
	}
	if one == nil {
		return // a cancel request
	}
	defer s.end(one)
	one.run(ctx, running)
}

// arrive lets a client begin a session where not too many do so already.
func (s *Server) arrive(ctx context.Context, w *wire) (*session, error) {
	select {
	case s.arriving <- struct{}{}:
		defer func() { <-s.arriving }()
		return s.begin(ctx, w)
	default:
		return nil, refuse(codeTooMany, "too many clients are signing in")
	}
}

// register gives a session the number and the key by which its statement can be cancelled.
func (s *Server) register(one *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		var b [8]byte
		_, _ = rand.Read(b[:]) // never fails
		id := binary.BigEndian.Uint32(b[:4]) & 0x7fffffff
		if _, taken := s.sessions[id]; !taken && id != 0 {
			one.id, one.key = id, b[4:]
			s.sessions[id] = one
			return
		}
	}
}

// cancel stops the statement of the session whose number and key are given. Nobody is told whether there was one.
func (s *Server) cancel(id uint32, key []byte) {
	s.mu.Lock()
	one := s.sessions[id]
	s.mu.Unlock()
	if one != nil && subtle.ConstantTimeCompare(one.key, key) == 1 {
		one.stop(errCancelled)
	}
}

func (s *Server) end(one *session) {
	s.mu.Lock()
	delete(s.sessions, one.id)
	s.mu.Unlock()
	if err := errors.Join(one.close(), s.instances.giveBack(one.instance)); err != nil {
		s.Log.Error().Err(err).Msg("closing a session failed")
	}
	<-s.places
}
