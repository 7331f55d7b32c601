package catalog

import (
	"strings"

	"github.com/goldthread/goldthread/warehouse/serve/sqltext"
)

// nameless is what PostgreSQL calls a column that has no better name.
const nameless = "?column?"

// named gives the columns of each select list that have no name the one that PostgreSQL would: clients ask for count where the
// engine says count_star().
func named(tokens []token) []token {
	for i := len(tokens) - 1; i >= 0; i-- {
		if !tokens[i].is("select") || at(tokens, i-1).is(".") {
			continue
		}
		items := selectList(tokens, i+1)
		for n := len(items) - 1; n >= 0; n-- {
			begin, end := items[n][0], items[n][1]
			if name := nameOf(tokens[begin:end]); name != "" {
				tokens = replaceAt(tokens, end, written(" as "+`"`+name+`"`))
			}
		}
	}
	return tokens
}

// afterList are the words that end a select list.
var afterList = strings.Fields("from where group having window qualify union intersect except order limit offset fetch for into using")

// selectList finds where the items of a select list begin and end.
func selectList(tokens []token, i int) (items [][2]int) {
	if at(tokens, i).is("distinct", "all") {
		if i++; at(tokens, i).is("on") {
			i = closing(tokens, i+1) + 1
		}
	}
	begin := i
	for ; i < len(tokens); i++ {
		switch {
		case tokens[i].is("(", "[", "{"):
			if end := closing(tokens, i); end > 0 {
				i = end
			}
			continue
		case tokens[i].is(","):
			items = append(items, [2]int{begin, i})
			begin = i + 1
			continue
		case tokens[i].is(afterList...) && (i == begin || !at(tokens, i-1).is("distinct", "within", ".")), tokens[i].is(")", ";"):
		default:
			continue
		}
		break
	}
	if begin < i {
		items = append(items, [2]int{begin, i})
	}
	return items
}

// nameOf is the name to give an item of a select list; none where it has one, or the engine's is right.
func nameOf(item []token) string {
	if len(item) == 0 || hasAlias(item) || isStar(item) || isColumn(item) && !item[0].is(roleWords...) {
		return ""
	}
	name, _ := figure(item)
	return strings.ReplaceAll(name, `"`, `""`)
}

// isColumn says whether tokens are the name of a column and no more.
func isColumn(item []token) bool {
	for i, t := range item {
		if i%2 == 0 && !t.isName() || i%2 == 1 && !t.is(".") {
			return false
		}
	}
	return len(item)%2 == 1 && !item[0].is("true", "false", "null")
}

// isStar tells what gives several columns, or what is the engine's own syntax.
func isStar(item []token) bool {
	return item[0].is("*", "columns", "{", "[", "struct_pack") || len(item) > 2 && item[1].is(".") && item[2].is("*") || len(item) > 4 && item[3].is(".") && item[4].is("*")
}

// midway are the words that stand within an expression, so that a name beside one is no alias.
var midway = strings.Fields("and or not is in like ilike between similar to escape from distinct null true false unknown when then else end case at time zone collate over filter precision varying year month day hour minute second isnull notnull within without with")

// hasAlias says whether an item names its column, with as or without.
func hasAlias(item []token) bool {
	for i := 0; i < len(item); i++ {
		if item[i].is("(", "[", "{") {
			if i = closing(item, i); i < 0 {
				return true
			}
			continue
		}
		if item[i].is("as") {
			return true
		}
	}
	last, before := item[len(item)-1], at(item, len(item)-2)
	if !last.isName() || last.kind == sqltext.Word && last.is(midway...) {
		return false
	}
	return before.isName() && !before.is(midway[:19]...) && !before.is("over", "at", "zone", "collate") ||
		before.is(")", "]", "end", "null", "true", "false") || before.kind == sqltext.Literal || before.kind == sqltext.Number || before.kind == sqltext.Parameter
}

// figure gives the name of an expression as PostgreSQL finds it, and whether it is one of its own, not only that of a type.
func figure(item []token) (string, bool) {
	if len(item) == 0 {
		return nameless, false
	}
	last := len(item) - 1
	switch {
	case isColumn(item):
		return item[last].name(), true
	case item[0].is("case") && item[last].is("end"):
		return figureCase(item)
	case len(item) > 2 && item[last-1].is("collate"):
		return figure(item[:last-1])
	}
	if name, own, cast := figureCast(item); cast {
		return name, own
	}
	if len(item) == 2 && item[0].kind == sqltext.Word && item[1].kind == sqltext.Literal {
		return typeWord(item[:1]), false
	}
	if last > 1 && item[last-1].is(".") && item[last].isName() && operandBegin(item, last) == 0 {
		return item[last].name(), true
	}
	if item[0].is("(") && closing(item, 0) == last {
		return figureBracket(item[1:last])
	}
	if item[last].is("]") && operandBegin(item, last) == 0 {
		if open := opening(item, last); open > 0 && !item[open-1].is("array") {
			return figure(item[:open])
		}
	}
	if name := calledName(item); name != "" {
		return name, true
	}
	if len(item) == 1 && item[0].is("true", "false") {
		return "bool", false
	}
	return nameless, false
}

func figureBracket(inner []token) (string, bool) {
	if len(inner) == 0 || !inner[0].is("select") {
		return figure(inner)
	}
	items := selectList(inner, 1)
	if len(items) != 1 {
		return nameless, false
	}
	item := inner[items[0][0]:items[0][1]]
	if item[0].kind != -1 && hasAlias(item) || at(item, len(item)-2).is("as") || strings.HasPrefix(item[len(item)-1].text, ` as "`) {
		last := item[len(item)-1]
		return strings.Trim(strings.TrimPrefix(last.text, " as "), `"`), true
	}
	return figure(item)
}

// figureCase gives the name of what a case gives otherwise, where that has one of its own.
func figureCase(item []token) (string, bool) {
	depth := 0
	for i := len(item) - 2; i > 0; i-- {
		switch {
		case item[i].is("end", ")"):
			depth++
		case item[i].is("case", "("):
			depth--
		case item[i].is("else") && depth == 0:
			if name, own := figure(item[i+1 : len(item)-1]); own {
				return name, true
			}
			return "case", false
		}
	}
	return "case", false
}

// figureCast gives the name of what is cast, or that of the type where that has none.
func figureCast(item []token) (name string, own, isCast bool) {
	if item[0].is("cast") && at(item, 1).is("(") && closing(item, 1) == len(item)-1 {
		for i := len(item) - 2; i > 2; i-- {
			if item[i].is("as") {
				name, own = figure(item[2:i])
				if !own {
					name = typeWord(item[i+1 : len(item)-1])
				}
				return name, own, true
			}
		}
	}
	for i := len(item) - 2; i > 0; i-- {
		switch {
		case item[i].is("::") && (operandBegin(item, i-1) == 0 || calledName(item[:i]) != ""):
			name, own = figure(item[:i])
			if !own {
				name = typeWord(item[i+1:])
			}
			return name, own, true
		case !item[i].isName() && !item[i].is("(", ")", "[", "]", ",", ".") && item[i].kind != sqltext.Number:
			return "", false, false
		}
	}
	return "", false, false
}

// calledName is the name of the function whose call an item is.
func calledName(item []token) string {
	open := 1
	for at(item, open).is(".") && at(item, open+1).isName() {
		open += 2
	}
	if !item[0].isName() || item[0].is("not", "in", "any", "all") {
		return ""
	}
	if item[0].is("array") && at(item, 1).is("[") && closing(item, 1) == len(item)-1 {
		return "array"
	}
	if !at(item, open).is("(") {
		return ""
	}
	if afterCall(item, closing(item, open)) != len(item) {
		return ""
	}
	name := item[open-1].name()
	if name == "trim" {
		return "btrim"
	}
	return name
}

// afterCall finds where a call ends whose closing bracket is at end: what it is taken of and over belongs to it. It gives -1
// where there is no call.
func afterCall(item []token, end int) int {
	for end > 0 && end+1 < len(item) {
		open := end + 2
		switch {
		case item[end+1].is("over") && at(item, open).isName():
			end = open
			continue
		case item[end+1].is("within") && at(item, open).is("group"):
			open++
		case !item[end+1].is("filter", "over"):
			return -1
		}
		if !at(item, open).is("(") {
			return -1
		}
		end = closing(item, open)
	}
	if end < 0 {
		return -1
	}
	return end + 1
}

// typeWords are PostgreSQL's own names of types for those that people write.
var typeWords = map[string]string{
	"int": "int4", "integer": "int4", "bigint": "int8", "smallint": "int2", "decimal": "numeric", "real": "float4", "double": "float8",
	"float": "float8", "boolean": "bool", "character": "bpchar", "dec": "numeric",
}

// typeWord is the name of a type as PostgreSQL keeps it.
func typeWord(kind []token) string {
	if len(kind) > 2 && kind[1].is(".") {
		kind = kind[2:]
	}
	if len(kind) == 0 {
		return nameless
	}
	name := kind[0].name()
	switch {
	case name == "character" && at(kind, 1).is("varying"):
		return "varchar"
	case (name == "timestamp" || name == "time") && at(kind, 1).is("with"):
		return name + "tz"
	}
	if word, known := typeWords[name]; known && kind[0].kind == sqltext.Word {
		return word
	}
	return name
}
