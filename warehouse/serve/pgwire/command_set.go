package pgwire

import (
	"maps"
	"slices"
	"strings"
)

// Words of several that SHOW and SET have for settings.
var spokenSettings = map[string]string{
	"transaction isolation level": "transaction_isolation", "time zone": "timezone", "session authorization": "session_authorization",
	"session timezone": "timezone", "names": "client_encoding",
}

func readShow(tokens []token) (*command, error) {
	name := words(tokens[1:])
	if spoken, known := spokenSettings[name]; known {
		name = spoken
	}
	if name == "" || name == "all" {
		return nil, refuse(codeNotSupported, "SHOW wants the name of one setting")
	}
	return &command{tag: "SHOW", show: name}, nil
}

// words joins the tokens of a name as they are spoken: a.b, or time zone.
func words(tokens []token) string {
	var b strings.Builder
	for i, t := range tokens {
		if i > 0 && t.text != "." && tokens[i-1].text != "." {
			b.WriteByte(' ')
		}
		b.WriteString(strings.ToLower(t.unquoted()))
	}
	return b.String()
}

// readSet reads SET [SESSION|LOCAL] name TO|= value, and its forms for the time zone and transactions.
func readSet(tokens []token) (*command, error) {
	rest := tokens[1:]
	if len(rest) > 1 && (rest[0].is("session") || rest[0].is("local")) && rest[1].text != "=" {
		rest = rest[1:]
	}
	if len(rest) == 0 {
		return nil, refuse(codeSyntax, "SET wants the name of a setting and a value")
	}
	switch {
	case rest[0].is("transaction"), rest[0].is("characteristics"):
		return readSetTransaction(rest)
	case rest[0].is("time") && len(rest) > 2:
		return setting("timezone", rest[2:])
	case rest[0].is("timezone") && len(rest) == 2:
		return setting("timezone", rest[1:])
	case rest[0].is("names") && len(rest) > 1:
		return setting("client_encoding", rest[1:])
	case rest[0].is("authorization"):
		return nil, refuse(codePermission, "the account of a session does not change")
	}
	i := slices.IndexFunc(rest, func(t token) bool { return t.text == "=" || t.is("to") })
	if i < 1 || i == len(rest)-1 {
		return nil, refuse(codeSyntax, "SET wants the name of a setting and a value")
	}
	return setting(words(rest[:i]), rest[i+1:])
}

// readSetTransaction takes any isolation: a release does not change, so that all are the same.
func readSetTransaction(tokens []token) (*command, error) {
	if strings.Contains(words(tokens), "read write") {
		return nil, refuse(codeReadOnly, "a release is read-only")
	}
	return &command{tag: "SET"}, nil
}

// setting gives the command that changes a setting. Texts in a list keep their comma.
func setting(name string, tokens []token) (*command, error) {
	var value string
	for i, t := range tokens {
		if i > 0 && t.text != "," && tokens[i-1].text != "-" {
			value += " "
		}
		value += t.unquoted()
	}
	return &command{tag: "SET", do: func(s *session) error { return s.change(name, value) }}, nil
}

// change changes a setting of the session. What readers of text count on stays, and the client is told so.
func (s *session) change(name, value string) error {
	was, isFixed := fixed(s.server.Engine.TimeZone)[name]
	switch {
	case name == "goldthread.release":
		return refuse(codeWrongState, "the release of a session does not change").hint("connect with options=-c goldthread.release=N")
	case strings.EqualFold(value, "default") && isFixed, isFixed && strings.EqualFold(was, value):
		return nil
	case name == "client_encoding" && isUTF8(value):
		return nil
	case name == "client_encoding":
		return refuse(codeNotSupported, "the only encoding of this server is UTF8")
	case name == "timezone":
		s.warn(warningNotFollowed, "times stay in "+was+", the council's time zone; each moment is sent with its offset")
		return nil
	case name == "datestyle" && strings.HasPrefix(strings.ToUpper(value), "ISO"):
		return nil
	case (name == "default_transaction_read_only" || name == "transaction_read_only") && !strings.EqualFold(value, "on"):
		return refuse(codeReadOnly, "a release is read-only")
	case isFixed && name != "bytea_output" && name != "transaction_isolation":
		return refuse(codeNotSupported, "%s is always %s here", name, was)
	case isFixed:
		return nil
	case strings.EqualFold(value, "default"):
		value = changing[name]
	case name == "search_path":
		s.warn(warningNotFollowed, "names without a schema are looked for in "+changing[name]+", whatever search_path is")
	}
	if err := s.settings.set(name, value); err != nil {
		return err
	}
	if spelled, is := isReported(name); is {
		s.report(spelled)
	}
	return nil
}

func readReset(tokens []token) (*command, error) {
	name := words(tokens[1:])
	switch name {
	case "":
		return nil, refuse(codeSyntax, "RESET wants the name of a setting, or ALL")
	case "all":
		return &command{tag: "RESET", do: func(s *session) error { s.resetAll(); return nil }}, nil
	}
	return &command{tag: "RESET", do: func(s *session) error { return s.change(name, "default") }}, nil
}

func (s *session) resetAll() {
	for _, name := range slices.Sorted(maps.Keys(changing)) {
		if name != "session_authorization" && name != "application_name" {
			s.settings[name] = changing[name]
		}
	}
}
