package pgwire

import (
	"context"
	"errors"
	"strconv"

	"github.com/jackc/pgx/v5/pgproto3"
)

// simple answers a message of statements in text; the first that fails ends it.
func (s *session) simple(ctx context.Context, text string) {
	statements := split(text)
	if len(statements) == 0 {
		s.wire.send(&pgproto3.EmptyQueryResponse{})
	}
	for _, one := range statements {
		if err := s.simpleOne(ctx, one); err != nil {
			s.fail(err)
			break
		}
		if s.wire.err != nil {
			return
		}
	}
	if s.transaction == 'I' {
		s.closePortals()
	}
	s.ready()
}

func (s *session) simpleOne(ctx context.Context, text string) error {
	p, err := s.prepare(ctx, text, nil)
	if err != nil {
		return s.refusedStatement(err)
	}
	if err := s.may(p); err != nil {
		return err
	}
	if len(p.order) > 0 {
		return refuse("42P02", "there is no parameter $1")
	}
	if p.command != nil {
		if len(p.columns) > 0 {
			s.wire.send(describeRow(p.columns, nil))
		}
		return s.doCommand(ctx, p.command, nil, nil)
	}
	a, err := s.query(ctx, p, nil, nil)
	if err != nil {
		return err
	}
	s.wire.send(describeRow(p.columns, nil))
	if err := s.finish(a, s.sendRows(a, 0)); err != nil {
		return err
	}
	s.complete(a)
	return nil
}

// finish closes an answer that came to its end, or to an error, and says what a client is to be told of it.
func (s *session) finish(a *answer, err error) error {
	if err == nil {
		return a.close("ok")
	}
	refusal := refusalOf(a.work.ctx, err)
	return errors.Join(refusal, a.close(refusal.SQLState))
}

// refusedStatement notes a statement that was not run: what is tried is worth as much to who reads the log as what is done.
func (s *session) refusedStatement(err error) error {
	refusal := refusalOf(context.Background(), err)
	return errors.Join(refusal, s.audit(Entry{At: s.server.Now(), Outcome: refusal.SQLState}))
}

func (s *session) complete(a *answer) {
	s.wire.send(&pgproto3.CommandComplete{CommandTag: []byte("SELECT " + strconv.FormatInt(a.sent, 10))})
}

// errSuspended says that there are rows left beyond those that were asked for.
var errSuspended = errors.New("suspended")

// sendRows sends rows, no more than most where that is above 0.
func (s *session) sendRows(a *answer, most uint32) error {
	defer a.work.enter()()
	for sent := uint32(0); most == 0 || sent < most; sent++ {
		more, err := a.next()
		if err != nil || !more {
			return err
		}
		s.wire.out = a.appendRow(s.wire.out)
		s.wire.flushLarge()
		if s.wire.err != nil {
			return errGone
		}
	}
	return errSuspended
}

// describeRow announces columns. Without formats all come as text.
func describeRow(columns []column, formats []int16) *pgproto3.RowDescription {
	a := answer{formats: formats}
	d := &pgproto3.RowDescription{Fields: make([]pgproto3.FieldDescription, len(columns))}
	for i, c := range columns {
		d.Fields[i] = pgproto3.FieldDescription{
			Name: []byte(c.name), DataTypeOID: c.oid, DataTypeSize: c.size, TypeModifier: c.modifier, Format: a.format(i),
		}
	}
	return d
}
