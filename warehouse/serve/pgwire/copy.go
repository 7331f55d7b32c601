package pgwire

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgproto3"
)

// A copying is a COPY … TO STDOUT: a query, and the form of its rows.
type copying struct {
	query string
}

// readCopy reads COPY (query) TO STDOUT and COPY table [(columns)] TO STDOUT, in the text format.
func readCopy(tokens []token) (*command, error) {
	to, depth := -1, 0
	for i, t := range tokens {
		switch {
		case t.text == "(":
			depth++
		case t.text == ")":
			depth--
		case depth == 0 && t.is("from"):
			return nil, refuse(codeReadOnly, "cannot execute COPY FROM: a release is read-only")
		case depth == 0 && t.is("to") && to < 0:
			to = i
		}
	}
	if to < 2 || to+1 >= len(tokens) {
		return nil, refuse(codeSyntax, "COPY wants a query or a table, and TO STDOUT")
	}
	if !tokens[to+1].is("stdout") {
		return nil, refuse(codePermission, "COPY writes to STDOUT only").hint("in psql: \\copy (select …) to 'file'")
	}
	if err := textFormat(tokens[to+2:]); err != nil {
		return nil, err
	}
	return &command{tag: "COPY", copied: &copying{copied(tokens[1:to])}}, nil
}

// textFormat says whether the options of a COPY leave it at the text format.
func textFormat(options []token) error {
	for _, t := range options {
		if t.kind == symbol || t.is("with") || t.is("format") || t.is("text") || t.unquoted() == "text" {
			continue
		}
		return refuse(codeNotSupported, "COPY has the text format only, not %.40q", t.text).hint("in psql: \\pset format csv; or goldthread sql --format csv")
	}
	return nil
}

// copied is the query of what stands between COPY and TO.
func copied(tokens []token) string {
	var b strings.Builder
	for _, t := range tokens {
		b.WriteString(t.text + " ")
	}
	text := strings.TrimSpace(b.String())
	if tokens[0].text == "(" {
		return strings.TrimSuffix(text[1:], ")")
	}
	table, columns, some := strings.Cut(text, "(")
	if !some {
		return "select * from " + table
	}
	return "select " + strings.TrimSuffix(columns, ")") + " from " + table
}

// copyOut runs the query of a COPY and sends its rows.
func (s *session) copyOut(ctx context.Context, c *copying) error {
	p, err := s.prepare(ctx, c.query, nil)
	if err != nil {
		return s.refusedStatement(err)
	}
	if p.command != nil {
		return refuse(codeSyntax, "COPY wants a SELECT")
	}
	a, err := s.query(ctx, p, nil, nil)
	if err != nil {
		return err
	}
	s.wire.send(&pgproto3.CopyOutResponse{ColumnFormatCodes: make([]uint16, len(p.columns))})
	var more bool
	for more, err = a.next(); more && err == nil && s.wire.err == nil; more, err = a.next() {
		s.wire.out = a.appendCopy(s.wire.out)
		s.wire.flushLarge()
	}
	if err != nil {
		return errors.Join(err, a.close(refusalOf(ctx, err).SQLState))
	}
	if err := a.close("ok"); err != nil {
		return err
	}
	s.wire.send(&pgproto3.CopyDone{})
	s.wire.send(&pgproto3.CommandComplete{CommandTag: []byte("COPY " + strconv.FormatInt(a.sent, 10))})
	return nil
}

// appendCopy writes the row as a line of COPY's text format.
func (a *answer) appendCopy(to []byte) []byte {
	start := len(to)
	to = append(to, 'd', 0, 0, 0, 0)
	batch := a.reader.RecordBatch()
	for i, encode := range a.encoders {
		if i > 0 {
			to = append(to, '\t')
		}
		if batch.Column(i).IsNull(a.at) {
			to = append(to, `\N`...)
			continue
		}
		value := len(to)
		to = escapeCopy(encode(to, a.at), value)
	}
	to = append(to, '\n')
	be.PutUint32(to[start+1:], uint32(len(to)-start-1))
	return to
}

var copyEscapes = strings.NewReplacer(`\`, `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`, "\b", `\b`, "\f", `\f`, "\v", `\v`)

// escapeCopy escapes what a value has that would end its field or line.
func escapeCopy(to []byte, start int) []byte {
	value := string(to[start:])
	if !strings.ContainsAny(value, "\\\t\n\r\b\f\v") {
		return to
	}
	return append(to[:start], copyEscapes.Replace(value)...)
}
