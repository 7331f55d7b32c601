package pgwire

import (
	"strings"
	"unicode/utf8"
)

// Kinds of token.
type tokenKind int

const (
	word      tokenKind = iota // a name without quotes, or a keyword
	quoted                     // a name in quotes
	literal                    // a text
	number                     //
	parameter                  // $1
	symbol                     // any other character
)

// A token is one of a statement, with where it stands in it.
type token struct {
	kind       tokenKind
	text       string
	start, end int
}

// is says whether a token is a word, whatever its case.
func (t token) is(w string) bool { return t.kind == word && strings.EqualFold(t.text, w) }

// lex takes a statement apart, leaving out blanks and comments. What does not end, it gives to the end: the engine, which
// has the last word on what a text means, refuses it.
func lex(text string) []token {
	var tokens []token
	for at := 0; at < len(text); {
		kind, end := lexOne(text, at)
		if kind >= 0 {
			tokens = append(tokens, token{kind, text[at:end], at, end})
		}
		at = end
	}
	return tokens
}

const nothing tokenKind = -1 // blanks and comments

func lexOne(text string, at int) (tokenKind, int) {
	rest := text[at:]
	switch c := rest[0]; {
	case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v':
		return nothing, at + 1
	case strings.HasPrefix(rest, "--"):
		if end := strings.IndexByte(rest, '\n'); end >= 0 {
			return nothing, at + end + 1
		}
		return nothing, len(text)
	case strings.HasPrefix(rest, "/*"):
		return nothing, endOfComment(text, at)
	case (c == 'e' || c == 'E') && strings.HasPrefix(rest[1:], "'"):
		return literal, endOfQuotes(text, at+1, true)
	case c == '\'':
		return literal, endOfQuotes(text, at, false)
	case c == '"':
		return quoted, endOfQuotes(text, at, false)
	case c == '$':
		return lexDollar(text, at)
	case isDigit(c) || c == '.' && len(rest) > 1 && isDigit(rest[1]):
		return number, endOf(text, at, func(c byte) bool { return isDigit(c) || isLetter(c) || c == '.' })
	case isLetter(c):
		return word, endOf(text, at, func(c byte) bool { return isLetter(c) || isDigit(c) || c == '$' })
	}
	_, size := utf8.DecodeRuneInString(rest)
	return symbol, at + size
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// isLetter says whether a byte may begin a name; those of other alphabets may.
func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c >= utf8.RuneSelf }

func endOf(text string, at int, belongs func(byte) bool) int {
	for at < len(text) && belongs(text[at]) {
		at++
	}
	return at
}

func endOfQuotes(text string, at int, escapes bool) int {
	mark := text[at]
	for at++; at < len(text); at++ {
		switch {
		case escapes && text[at] == '\\':
			at++
		case text[at] != mark:
		case at+1 < len(text) && text[at+1] == mark:
			at++
		default:
			return at + 1
		}
	}
	return len(text)
}

func endOfComment(text string, at int) int {
	depth := 0
	for at < len(text) {
		switch {
		case strings.HasPrefix(text[at:], "/*"):
			depth++
			at += 2
		case strings.HasPrefix(text[at:], "*/"):
			depth--
			at += 2
			if depth == 0 {
				return at
			}
		default:
			at++
		}
	}
	return len(text)
}

// lexDollar reads a parameter, $1, or a text between marks such as $$ or $tag$.
func lexDollar(text string, at int) (tokenKind, int) {
	if end := endOf(text, at+1, isDigit); end > at+1 {
		return parameter, end
	}
	end := endOf(text, at+1, func(c byte) bool { return isLetter(c) || isDigit(c) })
	if end >= len(text) || text[end] != '$' {
		return symbol, at + 1
	}
	mark := text[at : end+1]
	if length := strings.Index(text[end+1:], mark); length >= 0 {
		return literal, end + 1 + length + len(mark)
	}
	return literal, len(text)
}

// split parts a message into its statements; empty ones are left out.
func split(text string) []string {
	var statements []string
	begin, depth := 0, 0
	add := func(end int) {
		if one := strings.TrimSpace(text[begin:end]); len(lex(one)) > 0 {
			statements = append(statements, one)
		}
	}
	for _, t := range lex(text) {
		switch {
		case t.kind != symbol:
		case t.text == "(":
			depth++
		case t.text == ")":
			depth--
		case t.text == ";" && depth <= 0:
			add(t.start)
			begin = t.end
		}
	}
	add(len(text))
	return statements
}

// unquoted gives what a token of a text or name says.
func (t token) unquoted() string {
	switch {
	case t.kind == quoted:
		return strings.ReplaceAll(strings.Trim(t.text, `"`), `""`, `"`)
	case t.kind == literal && strings.HasPrefix(t.text, "'"):
		return strings.ReplaceAll(strings.TrimSuffix(t.text[1:], "'"), "''", "'")
	case t.kind == word:
		return strings.ToLower(t.text)
	}
	return t.text
}

// spelled puts tokens of a statement together again, with a blank where there was a gap.
func spelled(tokens []token) string {
	var b strings.Builder
	for i, t := range tokens {
		if i > 0 && t.start > tokens[i-1].end {
			b.WriteByte(' ') // or a comment
		}
		b.WriteString(t.text)
	}
	return b.String()
}
