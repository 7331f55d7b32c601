package catalog

import (
	"slices"
	"strings"

	"github.com/goldthread/goldthread/warehouse/serve/sqltext"
)

// A token is one of a statement with the blanks before it; one that a rule wrote may be several of the engine's.
type token struct {
	kind  sqltext.Kind
	space string
	text  string
}

func (t token) is(words ...string) bool {
	return t.kind != sqltext.Literal && t.kind != sqltext.Quoted && slices.Contains(words, t.text)
}

// isName says whether a token may be a name: a word or one in quotes.
func (t token) isName() bool { return t.kind == sqltext.Word || t.kind == sqltext.Quoted }

// name is what a name says, without its quotes.
func (t token) name() string {
	return sqltext.Token{Kind: t.kind, Text: t.text}.Unquoted()
}

// operators are those of more than one character, of which the longest that fits counts.
var operators = []string{"!~~*", "!~*", "!~~", "~~*", "->>", "#>>", "!~", "~*", "~~", "::", ":=", "<=", ">=", "<>", "!=", "||", "->", "#>", "=>", "@>", "<@", "&&"}

// take takes a statement apart. Words become small letters, comments blanks.
func take(statement string) []token {
	lexed := sqltext.Lex(statement)
	var taken []token
	end := 0
	for i := 0; i < len(lexed); i++ {
		t := lexed[i]
		one := token{kind: t.Kind, text: t.Text, space: blanks(statement[end:t.Start])}
		if t.Kind == sqltext.Word {
			one.text = strings.ToLower(t.Text)
		}
		if t.Kind == sqltext.Symbol {
			for _, o := range operators {
				if strings.HasPrefix(statement[t.Start:], o) {
					one.text = o
					i += len(o) - 1
					break
				}
			}
		}
		end = lexed[i].End
		taken = append(taken, one)
	}
	return taken
}

// blanks is what stands between two tokens; a comment becomes a blank.
func blanks(between string) string {
	if strings.Trim(between, " \t\r\n") == "" {
		return between
	}
	return " "
}

func render(tokens []token) string {
	var b strings.Builder
	for _, t := range tokens {
		b.WriteString(t.space + t.text)
	}
	return b.String()
}

// written makes a token of what a rule writes.
func written(text string) token { return token{kind: sqltext.Symbol, text: text} }

// replace puts tokens in the place of those from begin up to end.
func replace(tokens []token, begin, end int, with ...token) []token {
	if len(with) > 0 {
		with[0].space = tokens[begin].space
	}
	return slices.Concat(tokens[:begin:begin], with, tokens[end:])
}

var closers = map[string]string{"(": ")", "[": "]", "{": "}"}

// closing finds the bracket that closes the one at i; -1 where none does.
func closing(tokens []token, i int) int {
	depth := 0
	for ; i < len(tokens); i++ {
		switch {
		case tokens[i].is("(", "[", "{"):
			depth++
		case tokens[i].is(")", "]", "}"):
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// opening finds the bracket that the one at i closes; -1 where none does.
func opening(tokens []token, i int) int {
	depth := 0
	for ; i >= 0; i-- {
		switch {
		case tokens[i].is(")", "]", "}"):
			depth++
		case tokens[i].is("(", "[", "{"):
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// notNames are the words before a bracket that are no function's name.
var notNames = strings.Fields("and or not in is like ilike between case when then else select from where having on any all some exists as distinct union except intersect using over filter by values limit offset join lateral")

// operandBegin finds where the operand begins whose last token is at i: a value or name with what is called, picked and cast.
func operandBegin(tokens []token, i int) int {
	for i >= 0 {
		begin := i
		if tokens[i].is(")", "]") {
			if begin = opening(tokens, i); begin < 0 {
				return i
			}
			called := begin > 0 && (tokens[begin-1].isName() && !tokens[begin-1].is(notNames...) || tokens[i].is("]"))
			if called {
				i = begin - 1
				continue
			}
			if begin > 0 && tokens[begin-1].is("array", "exists") {
				begin--
			}
		}
		switch {
		case begin >= 2 && tokens[begin-1].is(".", "::"):
			i = begin - 2
		case begin >= 2 && tokens[begin].is("precision") && tokens[begin-1].is("double"):
			i = begin - 1
		default:
			return begin
		}
	}
	return 0
}

// operandEnd finds where the operand ends, one past its last token, whose first is at i.
func operandEnd(tokens []token, i int) int {
	if i < len(tokens) && tokens[i].is("-", "+") {
		i++
	}
	for i < len(tokens) {
		if tokens[i].is("(", "[") {
			if i = closing(tokens, i); i < 0 {
				return len(tokens)
			}
		}
		i++
		switch {
		case i < len(tokens) && tokens[i].is("(", "["):
		case i+1 < len(tokens) && tokens[i].is(".", "::"):
			i++
		default:
			return min(i, len(tokens))
		}
	}
	return len(tokens)
}
