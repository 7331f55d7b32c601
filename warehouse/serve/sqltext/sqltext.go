// Package sqltext takes statements in SQL apart into their tokens, so that what stands in quotes or comments is never taken for anything else.
package sqltext

import (
	"strings"
	"unicode/utf8"
)

// A Kind of token.
type Kind int

// The kinds of token.
const (
	Word      Kind = iota // a name without quotes, or a keyword
	Quoted                // a name in quotes
	Literal               // a text
	Number                // digits, with what follows them
	Parameter             // $1
	Symbol                // any other character
)

// A Token is one of a statement, with where it stands in it.
type Token struct {
	Kind       Kind
	Text       string
	Start, End int
}

// Is says whether a token is a word, whatever its case.
func (t Token) Is(w string) bool { return t.Kind == Word && strings.EqualFold(t.Text, w) }

// Lex takes a statement apart, leaving out blanks and comments. What does not end, it gives to the end: the engine, which
// has the last word on what a text means, refuses it.
func Lex(text string) []Token {
	var tokens []Token
	for at := 0; at < len(text); {
		kind, end := lexOne(text, at)
		if kind >= 0 {
			tokens = append(tokens, Token{kind, text[at:end], at, end})
		}
		at = end
	}
	return tokens
}

const nothing Kind = -1 // blanks and comments

func lexOne(text string, at int) (Kind, int) {
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
		return Literal, endOfQuotes(text, at+1, true)
	case c == '\'':
		return Literal, endOfQuotes(text, at, false)
	case c == '"':
		return Quoted, endOfQuotes(text, at, false)
	case c == '$':
		return lexDollar(text, at)
	case isDigit(c) || c == '.' && len(rest) > 1 && isDigit(rest[1]):
		return Number, endOf(text, at, func(c byte) bool { return isDigit(c) || isLetter(c) || c == '.' })
	case isLetter(c):
		return Word, endOf(text, at, func(c byte) bool { return isLetter(c) || isDigit(c) || c == '$' })
	}
	_, size := utf8.DecodeRuneInString(rest)
	return Symbol, at + size
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
func lexDollar(text string, at int) (Kind, int) {
	if end := endOf(text, at+1, isDigit); end > at+1 {
		return Parameter, end
	}
	end := endOf(text, at+1, func(c byte) bool { return isLetter(c) || isDigit(c) })
	if end >= len(text) || text[end] != '$' {
		return Symbol, at + 1
	}
	mark := text[at : end+1]
	if length := strings.Index(text[end+1:], mark); length >= 0 {
		return Literal, end + 1 + length + len(mark)
	}
	return Literal, len(text)
}

// Split parts a message into its statements; empty ones are left out.
func Split(text string) []string {
	var statements []string
	begin, depth := 0, 0
	add := func(end int) {
		if one := strings.TrimSpace(text[begin:end]); len(Lex(one)) > 0 {
			statements = append(statements, one)
		}
	}
	for _, t := range Lex(text) {
		switch {
		case t.Kind != Symbol:
		case t.Text == "(":
			depth++
		case t.Text == ")":
			depth--
		case t.Text == ";" && depth <= 0:
			add(t.Start)
			begin = t.End
		}
	}
	add(len(text))
	return statements
}

// Unquoted gives what a token of a text or name says.
func (t Token) Unquoted() string {
	switch {
	case t.Kind == Quoted:
		return strings.ReplaceAll(strings.Trim(t.Text, `"`), `""`, `"`)
	case t.Kind == Literal && strings.HasPrefix(t.Text, "'"):
		return strings.ReplaceAll(strings.TrimSuffix(t.Text[1:], "'"), "''", "'")
	case t.Kind == Word:
		return strings.ToLower(t.Text)
	}
	return t.Text
}
