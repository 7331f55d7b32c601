package catalog

import (
	"strings"

	"github.com/goldthread/goldthread/warehouse/serve/sqltext"
)

// An identity is a type whose values are OIDs that are read and written as names.
type identity struct{ find, tell string }

var identities = map[string]identity{
	"regclass": {"to_regclass", "name_of_class"}, "regtype": {"to_regtype", "name_of_type"}, "regproc": {"to_regproc", "name_of_proc"},
	"regprocedure": {"to_regproc", "name_of_proc"}, "regnamespace": {"to_regnamespace", "name_of_namespace"},
	"regrole": {"to_regrole", "pg_get_userbyid"},
}

// plainTypes are the engine's types for those of PostgreSQL that it lacks.
var plainTypes = map[string]string{
	"name": "varchar", "char": "varchar", "cstring": "varchar", "bpchar": "varchar", "int2vector": "varchar", "oidvector": "varchar",
	"pg_node_tree": "varchar", "aclitem": "varchar", "unknown": "varchar", "citext": "varchar", "regconfig": "varchar", "regoperator": "varchar", "regoper": "varchar", "regdictionary": "varchar", "anyarray": "varchar[]",
	"oid": "uinteger", "xid": "uinteger", "cid": "uinteger", "tid": "varchar", "sql_identifier": "varchar", "character_data": "varchar",
	"cardinal_number": "integer", "yes_or_no": "varchar", "jsonb": "json",
}

func turnsType(t token) bool {
	_, isIdentity := identities[t.name()]
	_, isPlain := plainTypes[t.name()]
	return t.isName() && (isIdentity || isPlain && !t.is("char"))
}

// castTo turns a cast by :: to a type that the engine lacks, and texts that are written as PostgreSQL's arrays.
func castTo(tokens []token, i int) ([]token, int) {
	if !tokens[i].is("::") || i == 0 || i+1 >= len(tokens) {
		return tokens, i
	}
	kind := tokens[i+1]
	isArray := at(tokens, i+2).is("[") && at(tokens, i+3).is("]")
	if isArray {
		tokens[i-1] = arrayText(tokens[i-1])
	}
	if one, known := identities[kind.name()]; known && kind.isName() {
		if isArray {
			return replace(tokens, i+1, i+2, written("uinteger")), i
		}
		return castToIdentity(tokens, i, one)
	}
	if vector := castOfVector(tokens, i); vector != nil {
		return vector, i
	}
	if plain, known := plainTypes[kind.name()]; known && kind.isName() {
		return replace(tokens, i+1, i+2, written(plain)), i
	}
	return tokens, i
}

// castToIdentity looks a name up, or tells the name of what a column identifies. The number is what is compared with other
// columns and cast on to oid.
func castToIdentity(tokens []token, i int, one identity) ([]token, int) {
	begin := operandBegin(tokens, i-1)
	if at(tokens, i+2).is("::") && at(tokens, i+3).is("oid", "int4", "int8", "integer", "bigint", "int") {
		return call(one.find, tokens, begin, i, i+4), begin
	}
	operand := tokens[begin:i]
	function := one.tell
	before, after := at(tokens, begin-1), at(tokens, i+2)
	isCompared := before.is("=", "<>", "!=") || after.is("=", "<>", "!=") || before.is("(") && at(tokens, begin-2).is("in", "any")
	if isText(operand) || isCompared {
		function = one.find
	}
	return call(function, tokens, begin, i, i+2), begin
}

// isText says whether an operand gives a text for certain: a literal, a parameter, or a call that makes one.
func isText(operand []token) bool {
	first := operand[0]
	switch {
	case len(operand) > 2 && operand[len(operand)-2].is("::"):
		return operand[len(operand)-1].is("text", "varchar", "name")
	case first.is("(") && len(operand) > 2:
		return isText(operand[1:len(operand)-1]) || contains(operand, "||")
	}
	return first.kind == sqltext.Literal || first.kind == sqltext.Parameter || first.is("quote_ident", "format", "concat", "lower")
}

func contains(tokens []token, text string) bool {
	for _, t := range tokens {
		if t.is(text) {
			return true
		}
	}
	return false
}

// call puts a call of a function with the tokens from begin up to end into the place of those up to after.
func call(function string, tokens []token, begin, end, after int) []token {
	argument := append([]token(nil), tokens[begin:end]...)
	space := argument[0].space
	argument[0].space = ""
	with := append([]token{{kind: sqltext.Word, text: function, space: space}, written("(")}, argument...)
	return replace(tokens, begin, min(after, len(tokens)), append(with, written(")"))...)
}

// arrayText writes a text such as '{a,b}' as the engine reads lists.
func arrayText(t token) token {
	if t.kind == sqltext.Literal && strings.HasPrefix(t.text, "'{") && strings.HasSuffix(t.text, "}'") {
		t.text = "'[" + t.text[2:len(t.text)-2] + "]'"
	}
	return t
}

// vectors are the columns that hold a vector of numbers, as a text.
var vectors = []string{"indkey", "indoption", "i_indoption", "indclass", "indcollation", "proargtypes", "tgattr", "partattrs"}

// VectorOID is the type of a vector of small numbers, which clients read as the text "1 2".
const VectorOID = 22

// IsVector says whether a column of texts holds such vectors, by its name.
func IsVector(column string) bool { return column == "indkey" || column == "indoption" }

// isVector says whether the token at i ends the name of a column that holds a vector.
func isVector(tokens []token, i int) bool {
	return i >= 0 && i < len(tokens) && tokens[i].is(vectors...)
}

// castOfVector turns the cast of a vector to an array.
func castOfVector(tokens []token, i int) []token {
	if !isVector(tokens, i-1) || !at(tokens, i+2).is("[") {
		return nil
	}
	return call("pg_vector", tokens, operandBegin(tokens, i-1), i, i+4)
}

// vectorPart turns indkey[0], which counts from 0, into a list's.
func vectorPart(tokens []token, i int) ([]token, int) {
	if i < 0 || !isVector(tokens, i) || !at(tokens, i+1).is("[") {
		return tokens, i
	}
	end := closing(tokens, i+1)
	if end < 0 {
		return tokens, i
	}
	begin := operandBegin(tokens, i)
	index := append([]token(nil), tokens[i+2:end]...)
	turned := call("pg_vector", tokens, begin, i+1, end+1)
	after := i + 4 // past the call, of which three tokens are new
	picked := append([]token{written("["), written("(")}, index...)
	return replaceAt(turned, after, append(picked, written(")"), written(" + 1"), written("]"))...), after
}

// replaceAt puts tokens before the one at i.
func replaceAt(tokens []token, i int, with ...token) []token {
	return append(append(append([]token(nil), tokens[:i]...), with...), tokens[i:]...)
}

// ofVectors are the functions that take a vector as an array.
var ofVectors = []string{"unnest", "array_length", "array_upper", "array_lower", "generate_subscripts", "array_to_string", "cardinality", "array_position"}

// vectorArgument gives a function of arrays the array of a vector, and likewise any (…).
func vectorArgument(tokens []token, i int) ([]token, int) {
	if i < 0 || !tokens[i].is("(") || !at(tokens, i-1).is(append(ofVectors, "any")...) {
		return tokens, i
	}
	end := operandEnd(tokens, i+1)
	if !isVector(tokens, end-1) {
		return tokens, i
	}
	return call("pg_vector", tokens, i+1, end, end), i
}
