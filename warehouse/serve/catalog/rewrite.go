package catalog

import (
	"strings"

	"github.com/goldthread/goldthread/warehouse/serve/sqltext"
)

// A rule turns the tokens at i, or leaves them. It gives the tokens, and where to go on.
type rule func(tokens []token, i int) ([]token, int)

// passes are the rules in the order in which a statement goes through them, each pass over the whole of it.
var passes = [][]rule{
	{operatorSyntax, collation, qualified, castCall},
	{sessionWord, fromFunction, selectSet, called},
	{castTo, vectorPart, vectorArgument},
	{anyOf, matches},
}

// Rewrite turns a statement that PostgreSQL would understand into one that the engine does, with the same columns. What it
// does not know stays as it is: the gate and the engine have the last word.
func Rewrite(statement string) string {
	tokens := named(take(statement))
	for _, rules := range passes {
		for i := 0; i < len(tokens); i++ {
			for _, turn := range rules {
				tokens, i = turn(tokens, i)
			}
		}
	}
	return render(tokens)
}

// at gives the token at i, or one that is nothing.
func at(tokens []token, i int) token {
	if i < 0 || i >= len(tokens) {
		return token{kind: -1}
	}
	return tokens[i]
}

// operatorSyntax turns operator(pg_catalog.~) into ~.
func operatorSyntax(tokens []token, i int) ([]token, int) {
	if !tokens[i].is("operator") || !at(tokens, i+1).is("(") {
		return tokens, i
	}
	end := closing(tokens, i+1)
	if end < i+3 {
		return tokens, i
	}
	return replace(tokens, i, end+1, tokens[end-1]), i
}

// collation drops what the engine has no collation for, as texts are compared byte by byte anyway.
func collation(tokens []token, i int) ([]token, int) {
	if !tokens[i].is("collate") {
		return tokens, i
	}
	end := i + 2
	if isSchema(at(tokens, i+1), "pg_catalog") && at(tokens, i+2).is(".") {
		end = i + 4
	}
	switch at(tokens, end-1).name() {
	case "default", "C", "POSIX":
		return replace(tokens, i, end), i - 1
	}
	return tokens, i
}

func isSchema(t token, schema string) bool { return t.isName() && t.name() == schema }

// qualified leads a name with one of PostgreSQL's schemas to ours: a relation to its table, a function or type to its name.
func qualified(tokens []token, i int) ([]token, int) {
	if i < 0 || i+2 >= len(tokens) || !tokens[i+1].is(".") || !tokens[i+2].isName() || at(tokens, i-1).is(".") {
		return tokens, i
	}
	schema := ""
	switch {
	case isSchema(tokens[i], "pg_catalog"):
		schema = schemaCatalog
	case isSchema(tokens[i], "information_schema"):
		schema = schemaInformation
	default:
		return tokens, i
	}
	name := tokens[i+2].name()
	switch {
	case at(tokens, i+3).is("("), at(tokens, i-1).is("::", "as"):
		return replace(tokens, i, i+3, tokens[i+2]), i
	case relations[schema+"."+name]:
		return replace(tokens, i, i+3, written(Database+"."+schema+"."+name)), i
	}
	return tokens, i
}

// relations are those that the catalogue has, as schema.name.
var relations = readRelations()

func readRelations() map[string]bool {
	all := map[string]bool{}
	text, _ := files.ReadFile("relations.txt") // embedded
	for line := range strings.Lines(string(text)) {
		r := readRelation(line)
		all[r.schema+"."+r.name] = true
	}
	return all
}

// castCall turns cast(x as regclass) into (x)::regclass, where the type is one that the engine lacks.
func castCall(tokens []token, i int) ([]token, int) {
	if i < 0 || !tokens[i].is("cast") || !at(tokens, i+1).is("(") {
		return tokens, i
	}
	end := closing(tokens, i+1)
	as := end - 2
	for ; as > i+1 && !tokens[as].is("as"); as-- {
	}
	if end < 0 || as <= i+2 {
		return tokens, i
	}
	kind := tokens[end-1]
	if at(tokens, end-2).is("]", "[") || !turnsType(kind) {
		return tokens, i
	}
	turned := []token{tokens[i+1]}
	turned = append(turned, tokens[i+2:as]...)
	turned = append(turned, tokens[end], written("::"))
	kind.space = ""
	return replace(tokens, i, end+1, append(turned, kind)...), i
}

// roleWords are what the engine knows as words and answers with itself.
var roleWords = []string{"current_user", "session_user", "user", "current_role"}

// sessionWord turns current_user and its like, which stand alone, into the account of the session.
func sessionWord(tokens []token, i int) ([]token, int) {
	t := tokens[i]
	if t.kind != sqltext.Word || !t.is(roleWords...) || at(tokens, i-1).is(".", "as") || at(tokens, i+1).is(".", "(") {
		return tokens, i
	}
	if before := at(tokens, i-1); before.isName() && !before.is(notNames...) || before.is(")") || before.kind == sqltext.Literal {
		return tokens, i // an alias
	}
	return replace(tokens, i, i+1, written("session_role()")), i
}
