package pgwire

import (
	"context"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgproto3"
)

// A command is a statement that the session answers itself, as there is nothing in it for the engine.
type command struct {
	tag     string // that tells the client it was done
	do      func(*session) error
	show    string // the setting whose value is the answer
	copied  *copying
	rescues bool // may be given in a transaction that failed

	declared  *cursor
	fetched   *fetch
	explained string    // the query whose plan is the answer
	inner     *prepared // what is declared or explained
}

// readsData are the words that statements begin with which the engine answers.
var readsData = map[string]bool{"select": true, "with": true, "values": true, "from": true, "table": true, "(": true}

// readers are what commands begin with.
var readers = map[string]func([]token) (*command, error){
	"show": readShow, "set": readSet, "reset": readReset,
	"begin": readBegin, "start": readBegin, "commit": readEnd("COMMIT"), "end": readEnd("COMMIT"),
	"rollback": readRollback, "abort": readRollback, "savepoint": readNothing("SAVEPOINT"), "release": readNothing("RELEASE"),
	"discard": readDiscard, "deallocate": readDeallocate, "close": readClose, "unlisten": readNothing("UNLISTEN"),
	"copy": readCopy, "declare": readDeclare, "fetch": readFetch, "move": readFetch, "explain": readExplain,
}

// unsupported are refused with what is so instead.
var unsupported = map[string]string{
	"listen": "there are no notifications", "notify": "there are no notifications",
	"prepare": "statements are prepared by the protocol, not by SQL", "execute": "statements are prepared by the protocol, not by SQL",
	"describe": "use information_schema.columns, or \\d in psql", "summarize": "summarize is not answered",
	"pivot": "begin with select: select * from (pivot …)", "unpivot": "begin with select: select * from (unpivot …)",
}

// readCommand reads a statement as a command; it gives none where the statement is for the engine.
func readCommand(text string) (*command, error) {
	tokens := lex(text)
	if len(tokens) == 0 {
		return &command{}, nil
	}
	first := strings.ToLower(tokens[0].text)
	if readsData[first] {
		return nil, nil
	}
	if read, known := readers[first]; known {
		if last := len(tokens) - 1; tokens[last].text == ";" {
			tokens = tokens[:last]
		}
		return read(tokens)
	}
	if instead, known := unsupported[first]; known {
		return nil, refuse(codeNotSupported, "%s is not supported", strings.ToUpper(first)).hint(instead)
	}
	if tokens[0].kind != word {
		return nil, refuse(codeSyntax, "syntax error at or near %.40q", tokens[0].text)
	}
	return nil, refuse(codeReadOnly, "cannot execute %.40s: a release is read-only", strings.ToUpper(first))
}

// understand looks up what a command names, and gives it as a statement that is prepared.
func (s *session) understand(ctx context.Context, c *command, types []uint32) (*prepared, error) {
	p := &prepared{command: c}
	query := c.explained
	switch {
	case c.show != "":
		if _, there := s.settings[c.show]; !there {
			return nil, refuse(codeNoSetting, "unrecognized configuration parameter %.60q", c.show)
		}
		p.columns = []column{{c.show, textType}}
	case c.fetched != nil:
		of, err := s.cursor(c.fetched.cursor)
		if err != nil {
			return nil, err
		}
		if !c.fetched.moves {
			p.columns = of.columns
		}
	case c.explained != "":
		p.columns = planColumn
	case c.declared != nil:
		query = c.declared.query
	}
	if query == "" {
		return p, nil
	}
	inner, err := readCommand(query)
	if err == nil && inner != nil { // not understood in turn: there is no end to how deep a text can be nested
		err = refuse(codeSyntax, "%s wants a SELECT", c.tag)
	}
	if err == nil {
		c.inner, err = s.prepare(ctx, query, types)
	}
	if err != nil {
		return nil, err
	}
	p.parameters, p.order, p.fingerprint = c.inner.parameters, c.inner.order, c.inner.fingerprint
	return p, nil
}

// may says whether a statement may be given now: of a transaction that failed only its end.
func (s *session) may(p *prepared) error {
	if s.transaction == 'E' && (p.command == nil || !p.command.rescues) {
		return refuse(codeFailed, "current transaction is aborted, commands ignored until end of transaction block")
	}
	return nil
}

// doCommand does a command and sends its rows, without their description.
func (s *session) doCommand(ctx context.Context, c *command, arguments []*string, formats []int16) (err error) {
	tag := c.tag
	switch {
	case c.tag == "":
		s.wire.send(&pgproto3.EmptyQueryResponse{})
		return nil
	case c.copied != nil:
		return s.copyOut(ctx, c.copied)
	case c.do != nil:
		err = c.do(s)
		tag = c.tag // which the end of a transaction may have changed
	case c.show != "":
		s.wire.send(&pgproto3.DataRow{Values: [][]byte{[]byte(s.settings[c.show])}})
	case c.explained != "":
		err = s.explain(ctx, c)
	case c.declared != nil:
		err = s.declare(c, arguments)
	case c.fetched != nil:
		var rows int64
		rows, err = s.fetch(ctx, c.fetched, formats)
		tag += " " + strconv.FormatInt(rows, 10)
	}
	if err != nil {
		return err
	}
	s.wire.send(&pgproto3.CommandComplete{CommandTag: []byte(tag)})
	return nil
}

func readNothing(tag string) func([]token) (*command, error) {
	return func([]token) (*command, error) { return &command{tag: tag}, nil }
}

func readBegin(tokens []token) (*command, error) {
	for i, t := range tokens {
		if t.is("write") && i > 0 && tokens[i-1].is("read") {
			return nil, refuse(codeReadOnly, "a release is read-only").hint("begin read only")
		}
	}
	tag := "BEGIN"
	if tokens[0].is("start") {
		tag = "START TRANSACTION"
	}
	return &command{tag: tag, do: func(s *session) error {
		if s.transaction != 'I' {
			s.warn("25001", "there is already a transaction in progress")
			return nil
		}
		s.transaction = 'T'
		return nil
	}}, nil
}

// warn tells the client what it might not expect of a statement that is done all the same.
func (s *session) warn(code, words string) {
	s.wire.send(&pgproto3.NoticeResponse{Severity: severityWarning, SeverityUnlocalized: severityWarning, Code: code, Message: words})
}

func readEnd(tag string) func([]token) (*command, error) {
	return func([]token) (*command, error) {
		c := &command{tag: tag, rescues: true}
		c.do = func(s *session) error {
			c.tag = tag
			switch s.transaction {
			case 'I':
				s.warn("25P01", "there is no transaction in progress")
			case 'E':
				c.tag = "ROLLBACK"
			}
			s.transaction = 'I'
			s.closePortals()
			return nil
		}
		return c, nil
	}
}

// readRollback reads the end of a transaction, or the way back to a savepoint, which mends one that failed.
func readRollback(tokens []token) (*command, error) {
	for _, t := range tokens {
		if t.is("to") {
			return &command{tag: "ROLLBACK", rescues: true, do: func(s *session) error {
				if s.transaction == 'I' {
					return refuse("25P01", "ROLLBACK TO SAVEPOINT can only be used in transaction blocks")
				}
				s.transaction = 'T'
				return nil
			}}, nil
		}
	}
	return readEnd("ROLLBACK")(tokens)
}

func readDiscard(tokens []token) (*command, error) {
	if len(tokens) != 2 {
		return nil, refuse(codeSyntax, "DISCARD wants ALL, PLANS, SEQUENCES or TEMP")
	}
	what := strings.ToUpper(tokens[1].text)
	c := &command{tag: "DISCARD " + what}
	if what == "ALL" {
		c.do = func(s *session) error {
			s.closeAll()
			clear(s.statements)
			s.resetAll()
			return nil
		}
	}
	return c, nil
}

func readDeallocate(tokens []token) (*command, error) {
	name := tokens[len(tokens)-1]
	if len(tokens) < 2 {
		return nil, refuse(codeSyntax, "DEALLOCATE wants a name, or ALL")
	}
	if name.is("all") {
		return &command{tag: "DEALLOCATE ALL", do: func(s *session) error { clear(s.statements); return nil }}, nil
	}
	return &command{tag: "DEALLOCATE", do: func(s *session) error {
		if _, there := s.statements[name.unquoted()]; !there {
			return refuse(codeNoStatement, "prepared statement %.60q does not exist", name.unquoted())
		}
		delete(s.statements, name.unquoted())
		return nil
	}}, nil
}
