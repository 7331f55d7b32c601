package catalog

import (
	"slices"
	"strings"

	"github.com/goldthread/goldthread/warehouse/serve/sqltext"
)

// anyOf turns x = any (list) and x <> all (list) into a look into the list: the engine makes a subquery of it, which it
// refuses in outer joins. One with a query stays.
func anyOf(tokens []token, i int) ([]token, int) {
	if i < 1 || !tokens[i].is("=", "<>", "!=") || !at(tokens, i+2).is("(") || !at(tokens, i+1).is("any", "all", "some") {
		return tokens, i
	}
	within := at(tokens, i+1).is("any", "some")
	end := closing(tokens, i+2)
	first := at(tokens, i+3)
	for at := i + 3; first.is("(") && at+1 < len(tokens); at++ {
		first = tokens[at+1]
	}
	if end < 0 || within != tokens[i].is("=") || first.is("select", "with", "values") {
		return tokens, i
	}
	begin := operandBegin(tokens, i-1)
	if first.kind == sqltext.Parameter && end == i+4 {
		tokens = slices.Concat(tokens[:i], asText, tokens[i:end], asText, []token{written("["), written("]")}, tokens[end:])
		i, end = i+len(asText), end+2*len(asText)+2
	}
	turned := []token{written("list_contains"), written("(")}
	if !within {
		turned = append([]token{written("not ")}, turned...)
	}
	turned = append(turned, listText(tokens[i+3:end])...)
	turned = append(turned, written(", "))
	turned = append(turned, tokens[begin:i]...)
	return replace(tokens, begin, end+1, append(turned, written(")"))...), begin
}

// asText casts to a text: of a parameter that is a list nobody says the type, and any value has a text to be compared by.
var asText = []token{written("::"), {kind: sqltext.Word, text: "varchar"}}

// listText is a list that may be written as the text of an array.
func listText(tokens []token) []token {
	if len(tokens) == 1 && strings.HasPrefix(tokens[0].text, "'{") {
		return []token{arrayText(tokens[0]), written("::varchar[]")}
	}
	return tokens
}

// matches turns ~ and its like: the engine's looks at the whole text, PostgreSQL's for any part of it.
func matches(tokens []token, i int) ([]token, int) {
	if i < 1 || !tokens[i].is("~", "~*", "!~", "!~*") {
		return tokens, i
	}
	open := "(?s:.*)(?:"
	if strings.HasSuffix(tokens[i].text, "*") {
		open = "(?s:.*)(?i:"
	}
	tokens[i].text = strings.TrimSuffix(tokens[i].text, "*")
	const shut = ")(?s:.*)"
	if p := at(tokens, i+1); p.kind == sqltext.Literal && strings.HasPrefix(p.text, "'") && strings.HasSuffix(p.text, "'") && len(p.text) > 1 {
		tokens[i+1].text = "'" + open + p.text[1:len(p.text)-1] + shut + "'"
		return tokens, i
	}
	end := operandEnd(tokens, i+1)
	if end <= i+1 {
		return tokens, i
	}
	turned := []token{written("("), written("'" + open + "' || ")}
	turned = append(turned, tokens[i+1:end]...)
	turned = append(turned, written(" || '"+shut+"'"), written(")"))
	return replace(tokens, i+1, end, turned...), end + 2
}

// sets are the functions that give a row for each value, and that the engine has as functions of lists.
var sets = []string{"generate_series", "generate_subscripts"}

// clause tells in which clause of its query the token at i stands: select, from, or another's word; empty where there is none.
func clause(tokens []token, i int) string {
	depth := 0
	for i--; i >= 0; i-- {
		switch {
		case tokens[i].is(")", "]"):
			depth++
		case tokens[i].is("(", "["):
			if depth--; depth < 0 {
				return ""
			}
		case depth == 0 && tokens[i].is("select", "from", "where", "on", "having", "by", "join", "lateral", "values", "set", "limit", "offset"):
			return tokens[i].text
		}
	}
	return ""
}

// selectSet unnests the list that stands for a set in a select list.
func selectSet(tokens []token, i int) ([]token, int) {
	if !tokens[i].is(sets...) || !at(tokens, i+1).is("(") || clause(tokens, i) != "select" {
		return tokens, i
	}
	end := closing(tokens, i+1)
	if end < 0 {
		return tokens, i
	}
	if tokens[i].is("generate_series") {
		tokens[i].text = "short_series"
	}
	return call("unnest", tokens, i, end+1, end+1), i + 2
}

// fromFunction names the column of a set in the place of a table as its alias is named, so that the alias is its value.
func fromFunction(tokens []token, i int) ([]token, int) {
	in := clause(tokens, i)
	if in != "from" && in != "join" && in != "lateral" || !at(tokens, i+1).is("(") || at(tokens, i-1).is(".") {
		return tokens, i
	}
	end := closing(tokens, i+1)
	if end < 0 || !tokens[i].is("generate_series", "unnest", "generate_subscripts", "pg_partition_ancestors") {
		return tokens, i
	}
	if tokens[i].is("pg_partition_ancestors") && at(tokens, end+2).is("ordinality") { // which it numbers itself
		return replace(tokens, end+1, end+3), i
	}
	if tokens[i].is("generate_subscripts") {
		tokens = call("unnest", tokens, i, end+1, end+1)
		end, i = end+3, i+2
	}
	alias := end + 1
	if at(tokens, alias).is("as") {
		alias++
	}
	if name := at(tokens, alias); name.isName() && !name.is(afterTable...) && !at(tokens, alias+1).is("(") {
		return replaceAt(tokens, alias+1, written("("), written(name.text), written(")")), i
	}
	return tokens, i
}

// afterTable are the words that may follow a table and are no alias of it.
var afterTable = strings.Fields("where on join inner left right full cross natural group order having limit offset union except intersect with window using fetch for lateral as asof semi anti positional tablesample")
