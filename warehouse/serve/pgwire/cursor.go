package pgwire

import (
	"context"
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgproto3"
)

// A cursor is what DECLARE names: a query whose rows are fetched in parts.
type cursor struct {
	name  string
	query string
	hold  bool // stays when its transaction ends
}

// A fetch is what FETCH and MOVE want of a cursor.
type fetch struct {
	cursor string
	rows   uint32 // 0 for all that are left
	moves  bool   // past the rows, without sending them
}

// readDeclare reads DECLARE name … CURSOR [WITH HOLD] FOR query.
func readDeclare(tokens []token) (*command, error) {
	if len(tokens) < 2 {
		return nil, refuse(codeSyntax, "DECLARE wants a name")
	}
	c := &cursor{name: tokens[1].unquoted()}
	for i := 2; i < len(tokens); i++ {
		switch t := tokens[i]; {
		case t.is("scroll") && !tokens[i-1].is("no"):
			return nil, refuse(codeNotSupported, "a cursor only goes forward here").hint("leave SCROLL out")
		case t.is("hold"):
			c.hold = tokens[i-1].is("with")
		case t.is("for"):
			c.query = spelled(tokens[i+1:])
			return &command{tag: "DECLARE CURSOR", declared: c}, nil
		case !strings.Contains(" binary asensitive insensitive no scroll cursor with without ", " "+strings.ToLower(t.text)+" "):
			return nil, refuse(codeSyntax, "syntax error at or near %.40q", t.text)
		}
	}
	return nil, refuse(codeSyntax, "DECLARE wants FOR and a query")
}

// readFetch reads FETCH or MOVE [NEXT | FORWARD | n | FORWARD n | ALL | FORWARD ALL] [FROM | IN] name.
func readFetch(tokens []token) (*command, error) {
	f := &fetch{rows: 1, moves: tokens[0].is("move")}
	last := len(tokens) - 1
	if last < 1 {
		return nil, refuse(codeSyntax, "FETCH wants the name of a cursor")
	}
	f.cursor = tokens[last].unquoted()
	for _, t := range tokens[1:last] {
		switch strings.ToLower(t.text) {
		case "next", "forward", "from", "in":
		case "all":
			f.rows = 0
		default:
			n, err := strconv.ParseUint(t.text, 10, 32)
			if err != nil || n == 0 {
				return nil, refuse(codeWrongState, "cursor can only scan forward").hint("fetch next, forward n or all")
			}
			f.rows = uint32(n)
		}
	}
	return &command{tag: strings.ToUpper(tokens[0].text), fetched: f}, nil
}

// readClose reads CLOSE name and CLOSE ALL.
func readClose(tokens []token) (*command, error) {
	if len(tokens) != 2 {
		return nil, refuse(codeSyntax, "CLOSE wants the name of a cursor, or ALL")
	}
	if tokens[1].is("all") {
		return &command{tag: "CLOSE CURSOR ALL", do: func(s *session) error { s.closeAll(); return nil }}, nil
	}
	name := tokens[1].unquoted()
	return &command{tag: "CLOSE CURSOR", do: func(s *session) error {
		p, err := s.cursor(name)
		if err == nil {
			p.close()
			delete(s.portals, name)
		}
		return err
	}}, nil
}

func (s *session) cursor(name string) (*portal, error) {
	p, there := s.portals[name]
	if !there || name == "" {
		return nil, refuse(codeNoPortal, "cursor %.60q does not exist", name)
	}
	return p, nil
}

// declare keeps a cursor. Its query, which is prepared, is run at the first fetch.
func (s *session) declare(c *command, arguments []*string) error {
	if _, taken := s.portals[c.declared.name]; taken {
		return refuse("42P03", "cursor %.60q already exists", c.declared.name)
	}
	if err := s.roomForPortal(); err != nil {
		return err
	}
	s.portals[c.declared.name] = &portal{prepared: c.inner, arguments: arguments, hold: c.declared.hold}
	return nil
}

// fetch sends rows of a cursor, as many as are wanted and there, and says how many that were.
func (s *session) fetch(ctx context.Context, f *fetch, formats []int16) (int64, error) {
	p, err := s.cursor(f.cursor)
	if err != nil || p.finished || p.command != nil {
		return 0, err
	}
	if err := s.runPortal(ctx, p); err != nil {
		return 0, err
	}
	if err := p.answer.use(formats); err != nil {
		return 0, err
	}
	before := p.answer.sent
	if f.moves {
		err = s.skipRows(p.answer, f.rows)
	} else {
		err = s.sendRows(p.answer, f.rows)
	}
	gone := p.answer.sent - before
	if errors.Is(err, errSuspended) {
		return gone, nil
	}
	p.finished = true
	return gone, s.finish(p.answer, err)
}

func (s *session) skipRows(a *answer, most uint32) error {
	defer a.work.enter()()
	left := uint64(most)
	if most == 0 {
		left = math.MaxUint64
	}
	for ; left > 0; left-- {
		more, err := a.next()
		if err != nil || !more {
			return err
		}
	}
	return errSuspended
}

// readExplain reads EXPLAIN of a query. One that would run it is refused: run it, and the audit says how long it took.
func readExplain(tokens []token) (*command, error) {
	for i, t := range tokens[1:] {
		switch {
		case t.is("analyze"), t.is("analyse"):
			return nil, refuse(codeNotSupported, "EXPLAIN shows plans only, and runs nothing").hint("leave ANALYZE out")
		case t.text == "(" && i == 0 || t.is("costs") || t.is("off") || t.is("verbose") || t.is("format") || t.is("text") || t.text == ")" || t.text == ",":
			continue
		}
		return &command{tag: "EXPLAIN", explained: spelled(tokens[i+1:])}, nil
	}
	return nil, refuse(codeSyntax, "EXPLAIN wants a query")
}

var (
	planColumn    = []column{{"QUERY PLAN", textType}}
	engineColumns = []column{{"explain_key", textType}, {"explain_value", textType}}
)

// explain sends the engine's plan of a query, a line a row.
func (s *session) explain(ctx context.Context, c *command) error {
	if len(c.inner.order) > 0 {
		return refuse("42P02", "there is no parameter $1")
	}
	plan := *c.inner
	plan.text, plan.columns = "explain "+plan.text, engineColumns
	a, err := s.query(ctx, &plan, nil, nil)
	if err != nil {
		return err
	}
	return s.finish(a, s.sendPlan(a))
}

func (s *session) sendPlan(a *answer) error {
	defer a.work.enter()()
	for {
		more, err := a.next()
		if err != nil || !more {
			return err
		}
		columns := a.stream.Columns()
		for line := range strings.Lines(string(columns[len(columns)-1].Text(a.at))) {
			s.wire.send(&pgproto3.DataRow{Values: [][]byte{[]byte(strings.TrimRight(line, "\n"))}})
		}
	}
}
