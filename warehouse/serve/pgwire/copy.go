package pgwire

import (
	"bytes"
	"context"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgproto3"
)

// A copying is a COPY … TO STDOUT: a query, and the form of its rows.
type copying struct {
	query     string
	format    string // text, csv or binary
	delimiter byte
	null      string
	header    bool
}

// readCopy reads COPY (query) TO STDOUT and COPY table [(columns)] TO STDOUT.
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
	c := &copying{query: copied(tokens[1:to]), format: "text"}
	if err := c.readOptions(tokens[to+2:]); err != nil {
		return nil, err
	}
	return &command{tag: "COPY", copied: c}, nil
}

// readOptions reads them in their form of today, (format csv, header), and of old, csv header.
func (c *copying) readOptions(options []token) error {
	delimiter, null := "", ""
	hasNull := false
	for i := 0; i < len(options); i++ {
		value := func() (text string) {
			for i++; i < len(options) && options[i].is("as"); i++ {
			}
			if i < len(options) {
				text = options[i].unquoted()
			}
			return text
		}
		switch t := options[i]; strings.ToLower(t.text) {
		case "with", "(", ")", ",":
		case "text", "csv", "binary":
			c.format = strings.ToLower(t.text)
		case "format":
			c.format = value()
		case "delimiter":
			delimiter = value()
		case "null":
			null, hasNull = value(), true
		case "encoding":
			if !isUTF8(value()) {
				return refuse(codeNotSupported, "the only encoding of this server is UTF8")
			}
		case "header":
			c.header = true
			if i+1 < len(options) && isSwitch(options[i+1].unquoted()) {
				c.header = isOn(value())
			}
		default:
			return refuse(codeNotSupported, "COPY has no option %.40q here", t.text).hint("it has format, delimiter, null, header and encoding")
		}
	}
	return c.choose(delimiter, null, hasNull)
}

func isOn(text string) bool { return text == "true" || text == "on" || text == "1" }

func isSwitch(text string) bool {
	return isOn(text) || text == "false" || text == "off" || text == "0"
}

// choose fills in what the format leaves open.
func (c *copying) choose(delimiter, null string, hasNull bool) error {
	defaults := map[string][2]string{"text": {"\t", `\N`}, "csv": {",", ""}, "binary": {"\t", ""}}
	chosen, known := defaults[c.format]
	if !known {
		return refuse("22023", "COPY format %.40q not recognized", c.format).hint("it is text, csv or binary")
	}
	if delimiter != "" {
		chosen[0] = delimiter
	}
	if hasNull {
		chosen[1] = null
	}
	if len(chosen[0]) != 1 || strings.ContainsAny(chosen[0], "\"\\\r\n") || strings.ContainsAny(chosen[1], "\r\n") {
		return refuse("22023", "COPY wants a delimiter of one byte, and a null without line breaks")
	}
	if c.format == "binary" && (delimiter != "" || hasNull || c.header) {
		return refuse(codeSyntax, "COPY in binary has neither delimiter nor null nor header")
	}
	c.delimiter, c.null = chosen[0][0], chosen[1]
	return nil
}

// copied is the query of what stands between COPY and TO.
func copied(tokens []token) string {
	text := spelled(tokens)
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
	if len(p.order) > 0 {
		return refuse("42P02", "there is no parameter $1")
	}
	format := int16(btoi(c.format == "binary"))
	a, err := s.query(ctx, p, nil, []int16{format})
	if err != nil {
		return err
	}
	s.announceCopy(len(p.columns), format)
	if err := s.finish(a, s.sendCopy(a, c)); err != nil {
		return err
	}
	s.wire.send(&pgproto3.CopyDone{})
	s.wire.send(&pgproto3.CommandComplete{CommandTag: []byte("COPY " + strconv.FormatInt(a.sent, 10))})
	return nil
}

func (s *session) announceCopy(columns int, format int16) {
	codes := make([]uint16, columns)
	for i := range codes {
		codes[i] = uint16(format)
	}
	s.wire.send(&pgproto3.CopyOutResponse{OverallFormat: byte(format), ColumnFormatCodes: codes})
}

// binaryStart opens a copy in binary: a mark, and that nothing unusual follows. binaryEnd closes it.
const (
	binaryStart = "PGCOPY\n\xff\r\n\x00" + "\x00\x00\x00\x00" + "\x00\x00\x00\x00"
	binaryEnd   = "\xff\xff"
)

func (s *session) sendCopy(a *answer, c *copying) error {
	defer a.work.enter()()
	write, before := a.appendText, ""
	switch c.format {
	case "csv":
		write = a.appendCSV
	case "binary":
		// It opens in the message of the first row: some drivers look for that there.
		write, before = func(to []byte, _ *copying) []byte { return a.appendFields(to) }, binaryStart
	}
	if c.header {
		s.wire.send(&pgproto3.CopyData{Data: a.appendHeader(nil, c)})
	}
	for {
		more, err := a.next()
		if err != nil {
			return err
		}
		if !more {
			break
		}
		start := len(s.wire.out)
		s.wire.out = write(append(append(s.wire.out, 'd', 0, 0, 0, 0), before...), c)
		before = ""
		be.PutUint32(s.wire.out[start+1:], uint32(len(s.wire.out)-start-1))
		if s.wire.flushLarge(); s.wire.err != nil {
			return errGone
		}
	}
	if c.format == "binary" {
		s.wire.send(&pgproto3.CopyData{Data: []byte(before + binaryEnd)})
	}
	return nil
}

// appendText writes the row as a line of COPY's text format.
func (a *answer) appendText(to []byte, c *copying) []byte {
	for i, encode := range a.encoders {
		if i > 0 {
			to = append(to, c.delimiter)
		}
		if a.stream.Columns()[i].IsNull(a.at) {
			to = append(to, c.null...)
			continue
		}
		value := len(to)
		if to = encode(to, a.at); a.wordy[i] || c.delimiter != '\t' {
			to = escapeCopy(to, value, c.delimiter)
		}
	}
	return append(to, '\n')
}

// escaped are the letters behind a backslash for what would end a field or line.
var escaped = [256]byte{'\\': '\\', '\t': 't', '\n': 'n', '\r': 'r', '\b': 'b', '\f': 'f', '\v': 'v'}

// escapeCopy escapes what a value has that would end its field or line.
func escapeCopy(to []byte, start int, delimiter byte) []byte {
	for i := start; i < len(to); i++ {
		if c := to[i]; c == delimiter || c < ' ' && escaped[c] != 0 || c == '\\' {
			return escapeFrom(to, start, delimiter)
		}
	}
	return to
}

func escapeFrom(to []byte, start int, delimiter byte) []byte {
	value := bytes.Clone(to[start:])
	to = to[:start]
	for _, c := range value {
		switch {
		case escaped[c] != 0:
			to = append(to, '\\', escaped[c])
		case c == delimiter:
			to = append(to, '\\', c)
		default:
			to = append(to, c)
		}
	}
	return to
}

// appendCSV writes the row as a line of a CSV file, in which a null is told from an empty text by its missing quotes.
func (a *answer) appendCSV(to []byte, c *copying) []byte {
	for i, encode := range a.encoders {
		if i > 0 {
			to = append(to, c.delimiter)
		}
		if a.stream.Columns()[i].IsNull(a.at) {
			to = append(to, c.null...)
			continue
		}
		value := len(to)
		to = c.quote(encode(to, a.at), value)
	}
	return append(to, '\n')
}

func (c *copying) quote(to []byte, start int) []byte {
	value := to[start:]
	if string(value) != c.null && bytes.IndexByte(value, c.delimiter) < 0 && !bytes.ContainsAny(value, "\"\r\n") && string(value) != `\.` {
		return to
	}
	doubled := bytes.ReplaceAll(value, []byte(`"`), []byte(`""`))
	return append(append(append(to[:start], '"'), doubled...), '"')
}

// appendHeader writes the names of the columns as a line.
func (a *answer) appendHeader(to []byte, c *copying) []byte {
	for i, column := range a.columns {
		if i > 0 {
			to = append(to, c.delimiter)
		}
		start := len(to)
		if to = append(to, column.name...); c.format == "csv" {
			to = c.quote(to, start)
		} else {
			to = escapeCopy(to, start, c.delimiter)
		}
	}
	return append(to, '\n')
}
