package pgwire

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5/pgproto3"
)

// A portal is a prepared statement with its arguments, and its rows once it runs.
type portal struct {
	*prepared
	arguments []*string
	formats   []int16
	answer    *answer
	finished  bool
	hold      bool // stays when its transaction ends
}

func (p *portal) close() {
	if p.answer != nil {
		_ = p.answer.close("left") // the client has what it wanted; the log tells if it cannot be noted
		p.answer = nil
	}
}

// extended does one message of the extended protocol.
func (s *session) extended(ctx context.Context, message pgproto3.FrontendMessage) error {
	switch m := message.(type) {
	case *pgproto3.Parse:
		return s.parse(ctx, m)
	case *pgproto3.Bind:
		return s.bind(m)
	case *pgproto3.Describe:
		return s.describe(m)
	case *pgproto3.Execute:
		return s.execute(ctx, m)
	case *pgproto3.Close:
		return s.closeOne(m)
	}
	return refuse(codeProtocol, "a message of this kind is not awaited here")
}

// mostText is how many bytes of prepared statements a session may keep.
const mostText = 16 << 20

func (s *session) parse(ctx context.Context, m *pgproto3.Parse) error {
	if _, taken := s.statements[m.Name]; taken && m.Name != "" {
		return refuse(codeTaken, "prepared statement %.60q already exists", m.Name)
	}
	if len(s.statements) >= s.server.Limits.Prepared {
		return refuse(codeTooBig, "the session keeps %d prepared statements, which is the most", len(s.statements))
	}
	held := len(m.Query)
	for _, p := range s.statements {
		held += len(p.text)
	}
	if held > mostText {
		return refuse(codeTooBig, "the session keeps prepared statements of %d bytes in all, which is the most", mostText)
	}
	statements := split(m.Query)
	if len(statements) > 1 {
		return refuse(codeSyntax, "cannot insert multiple commands into a prepared statement")
	}
	text := ""
	if len(statements) == 1 {
		text = statements[0]
	}
	p, err := s.prepare(ctx, text, m.ParameterOIDs)
	if err != nil {
		return s.refusedStatement(err)
	}
	s.statements[m.Name] = p
	s.wire.send(&pgproto3.ParseComplete{})
	return nil
}

func (s *session) bind(m *pgproto3.Bind) error {
	p, there := s.statements[m.PreparedStatement]
	if !there {
		return refuse(codeNoStatement, "prepared statement %.60q does not exist", m.PreparedStatement)
	}
	if err := s.may(p); err != nil {
		return err
	}
	if _, taken := s.portals[m.DestinationPortal]; taken && m.DestinationPortal != "" {
		return refuse("42P03", "portal %.60q already exists", m.DestinationPortal)
	}
	if err := s.roomForPortal(); err != nil {
		return err
	}
	if n := len(m.ResultFormatCodes); n > 1 && n != len(p.columns) {
		return refuse(codeProtocol, "bind message has %d result formats but query has %d columns", n, len(p.columns))
	}
	arguments, err := readArguments(m, p.parameters)
	if err != nil {
		return err
	}
	for _, f := range m.ResultFormatCodes {
		if f != 0 && f != 1 {
			return refuse(codeProtocol, "there is no format %d", f)
		}
	}
	if before := s.portals[m.DestinationPortal]; before != nil {
		before.close()
	}
	s.portals[m.DestinationPortal] = &portal{prepared: p, arguments: arguments, formats: append([]int16(nil), m.ResultFormatCodes...)}
	s.wire.send(&pgproto3.BindComplete{})
	return nil
}

func (s *session) describe(m *pgproto3.Describe) error {
	if m.ObjectType == 'S' {
		p, there := s.statements[m.Name]
		if !there {
			return refuse(codeNoStatement, "prepared statement %.60q does not exist", m.Name)
		}
		s.wire.send(&pgproto3.ParameterDescription{ParameterOIDs: p.parameters})
		s.describeColumns(p, nil)
		return nil
	}
	p, there := s.portals[m.Name]
	if !there {
		return refuse(codeNoPortal, "portal %.60q does not exist", m.Name)
	}
	s.describeColumns(p.prepared, p.formats)
	return nil
}

func (s *session) describeColumns(p *prepared, formats []int16) {
	if len(p.columns) == 0 {
		s.wire.send(&pgproto3.NoData{})
		return
	}
	s.wire.send(describeRow(p.columns, formats))
}

// execute runs a portal, or goes on with one whose rows were not all asked for.
func (s *session) execute(ctx context.Context, m *pgproto3.Execute) error {
	p, there := s.portals[m.Portal]
	if !there {
		return refuse(codeNoPortal, "portal %.60q does not exist", m.Portal)
	}
	if err := s.may(p.prepared); err != nil {
		return err
	}
	if p.command != nil {
		return s.doCommand(ctx, p.command, p.arguments, p.formats)
	}
	if p.finished {
		s.complete(&answer{})
		return nil
	}
	if err := s.runPortal(ctx, p); err != nil {
		return err
	}
	err := s.sendRows(p.answer, m.MaxRows)
	if errors.Is(err, errSuspended) {
		s.wire.send(&pgproto3.PortalSuspended{})
		return nil
	}
	p.finished = true
	if err := s.finish(p.answer, err); err != nil {
		return err
	}
	s.complete(p.answer)
	return nil
}

// runPortal begins the statement of a portal, unless it has begun.
func (s *session) runPortal(ctx context.Context, p *portal) (err error) {
	if p.answer == nil {
		p.answer, err = s.query(ctx, p.prepared, p.arguments, p.formats)
	}
	return err
}

func (s *session) roomForPortal() error {
	if len(s.portals) >= s.server.Limits.Prepared {
		return refuse(codeTooBig, "the session keeps %d portals, which is the most", len(s.portals))
	}
	return nil
}

func (s *session) closeOne(m *pgproto3.Close) error {
	if m.ObjectType == 'S' {
		delete(s.statements, m.Name)
	} else if p := s.portals[m.Name]; p != nil {
		p.close()
		delete(s.portals, m.Name)
	}
	s.wire.send(&pgproto3.CloseComplete{})
	return nil
}
