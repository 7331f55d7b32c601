package pgwire

import (
	"strings"

	"github.com/goldthread/goldthread/warehouse/serve/sqltext"
)

// Kinds of token that are asked for here.
const (
	word      = sqltext.Word
	quoted    = sqltext.Quoted
	literal   = sqltext.Literal
	parameter = sqltext.Parameter
	symbol    = sqltext.Symbol
)

// A token is one of a statement, with where it stands in it.
type token struct {
	kind       sqltext.Kind
	text       string
	start, end int
}

// is says whether a token is a word, whatever its case.
func (t token) is(w string) bool { return t.whole().Is(w) }

// unquoted gives what a token of a text or name says.
func (t token) unquoted() string { return t.whole().Unquoted() }

func (t token) whole() sqltext.Token {
	return sqltext.Token{Kind: t.kind, Text: t.text, Start: t.start, End: t.end}
}

func lex(text string) []token {
	var tokens []token
	for _, t := range sqltext.Lex(text) {
		tokens = append(tokens, token{t.Kind, t.Text, t.Start, t.End})
	}
	return tokens
}

func split(text string) []string { return sqltext.Split(text) }

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
