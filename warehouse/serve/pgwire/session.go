package pgwire

import (
	"context"
	"database/sql"
	"errors"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"
)

// A session is one client that was let in. It reads one release from beginning to end.
type session struct {
	server   *Server
	wire     *wire
	conn     *sql.Conn
	instance *instance
	account  string
	audience string
	zone     *time.Location
	settings settings
	begun    time.Time
	id       uint32
	key      []byte

	transaction byte // 'I' none, 'T' one, 'E' one that failed
	skipping    bool // to the next Sync, after an error
	statements  map[string]*prepared
	free        []*sql.Conn // to the engine, for rows that come in parts
	portals     map[string]*portal

	mu   sync.Mutex
	halt context.CancelCauseFunc // of the statement that runs
}

// welcome tells the client that it is in.
func (s *session) welcome() {
	s.transaction = 'I'
	for _, name := range reported {
		s.report(name)
	}
	s.wire.send(&pgproto3.ParameterStatus{Name: "goldthread.release", Value: strconv.FormatInt(s.instance.key.release, 10)})
	s.wire.send(&pgproto3.BackendKeyData{ProcessID: s.id, SecretKey: s.key})
	s.ready()
}

func (s *session) ready() {
	s.wire.send(&pgproto3.ReadyForQuery{TxStatus: s.transaction})
	_ = s.wire.flush() // the next read tells
}

// run answers messages until the client leaves or breaks the protocol, or ctx ends; what a message asks is done under a
// context of its own, so that a server that stops lets it come to its end.
func (s *session) run(ctx, running context.Context) {
	for {
		message, err := s.receive(ctx)
		if err != nil {
			s.leave(ctx, err)
			return
		}
		if _, bye := message.(*pgproto3.Terminate); bye {
			return
		}
		if err := s.answer(running, message); err != nil {
			s.leave(ctx, err)
			return
		}
		if s.wire.err != nil {
			return
		}
	}
}

func (s *session) receive(ctx context.Context) (pgproto3.FrontendMessage, error) {
	limits, now := s.server.Limits, s.server.Now()
	until := now.Add(limits.Idle)
	if end := s.begun.Add(limits.Session); end.Before(until) {
		until = end
	}
	if err := s.wire.SetReadDeadline(until); err != nil {
		return nil, err
	}
	// Only now: a server that stops wakes who waits by a deadline, which the line above may just have put off.
	if ctx.Err() != nil {
		return nil, errShutDown
	}
	return s.wire.backend.Receive()
}

// leave tells the client why its session ends, where it is still there.
func (s *session) leave(ctx context.Context, err error) {
	var refusal *Refusal
	var network net.Error
	var tooLong *pgproto3.ExceededMaxBodyLenErr
	switch {
	case ctx.Err() != nil:
		refusal = errShutDown
	case errors.As(err, &refusal):
	case errors.As(err, &network) && network.Timeout():
		refusal = refuse(codeIdle, "the session ends: it was silent or open for too long")
	case errors.As(err, &tooLong):
		refusal = refuse(codeTooBig, "a message is longer than %d bytes", s.server.Limits.Message)
	case errors.As(err, &network), isEnd(err):
		return
	default:
		refusal = refuse(codeProtocol, "the message cannot be read")
	}
	s.wire.fatal(refusal)
}

// answer does what one message asks. Its error ends the session; what is wrong with a statement is told to the client.
func (s *session) answer(ctx context.Context, message pgproto3.FrontendMessage) error {
	if s.skipping {
		if _, isSync := message.(*pgproto3.Sync); !isSync {
			return nil
		}
	}
	switch m := message.(type) {
	case *pgproto3.Query:
		s.simple(ctx, m.String)
		return nil
	case *pgproto3.Sync:
		s.skipping = false
		if s.transaction == 'I' {
			s.closePortals()
		}
		s.ready()
		return nil
	case *pgproto3.Flush:
		return s.wire.flush()
	case *pgproto3.CopyData, *pgproto3.CopyDone, *pgproto3.CopyFail:
		return nil // what a client sends on after a copy that was refused
	case *pgproto3.FunctionCall:
		s.fail(refuse(codeNotSupported, "functions cannot be called by message"))
		s.ready()
		return nil
	}
	if err := s.extended(ctx, message); err != nil {
		var refusal *Refusal
		if errors.As(err, &refusal) && refusal.SQLState == codeProtocol {
			return err
		}
		s.fail(err)
		s.skipping = true
	}
	return nil
}

// fail tells the client what is wrong. In a transaction all fails until it ends.
func (s *session) fail(err error) {
	refusal := refusalOf(context.Background(), err)
	if s.transaction == 'T' {
		s.transaction = 'E'
	}
	s.wire.send(refusal.message(severityError))
}

// stop ends the statement that runs, if any.
func (s *session) stop(why *Refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.halt != nil {
		s.halt(why)
	}
}

// closePortals closes what ends with its transaction.
func (s *session) closePortals() {
	for name, p := range s.portals {
		if !p.hold {
			p.close()
			delete(s.portals, name)
		}
	}
}

func (s *session) closeAll() {
	for _, p := range s.portals {
		p.close()
	}
	clear(s.portals)
}

// close gives back what the session holds. Its connection to the engine is closed, so that nothing of it is left.
func (s *session) close() error {
	s.closeAll()
	err := s.conn.Close()
	for _, conn := range s.free {
		err = errors.Join(err, conn.Close())
	}
	return err
}

// audit notes a statement. One that cannot be noted is not answered.
func (s *session) audit(e Entry) error {
	e.Account, e.From, e.Application = s.account, addressOf(s.wire), s.settings["application_name"]
	e.Audience, e.Release, e.Action = s.audience, s.instance.key.release, "statement"
	return s.server.Audit.Append(e)
}
