package catalog

import (
	"strings"

	"github.com/goldthread/goldthread/warehouse/serve/sqltext"
)

// otherNames are the engine's names for functions of PostgreSQL with the same meaning.
var otherNames = map[string]string{
	"json_build_object": "json_object", "jsonb_build_object": "json_object", "json_build_array": "json_array", "json_agg": "json_group_array",
	"jsonb_agg": "json_group_array", "_pg_expandarray": "pg_expandarray", "char_length": "length", "character_length": "length",
	"clock_timestamp": "now", "statement_timestamp": "now", "every": "bool_and", "array_to_json": "to_json",
}

// called turns the call of a function that the engine has under another name or in another form.
func called(tokens []token, i int) ([]token, int) {
	if tokens[i].kind != sqltext.Word || !at(tokens, i+1).is("(") || at(tokens, i-1).is(".") {
		return tokens, i
	}
	if name, known := otherNames[tokens[i].text]; known {
		tokens[i].text = name
		return tokens, i
	}
	if tokens[i].is("extract") {
		return extracted(tokens, i)
	}
	if format, known := formatted[tokens[i].text]; known {
		return format.turn(tokens, i), i
	}
	return tokens, i
}

// extracted makes a part of a date numeric, which it is in PostgreSQL.
func extracted(tokens []token, i int) ([]token, int) {
	end := closing(tokens, i+1)
	if end < 0 {
		return tokens, i
	}
	scale := "0"
	if at(tokens, i+2).is("epoch", "second", "seconds") {
		scale = "6"
	}
	tokens = call("cast", tokens, i, end+1, end+1)
	return replaceAt(tokens, end+3, written(" as decimal(38, "+scale+")")), i + 2
}

// A formatting is a function that reads or writes a date by a format, which the engine has in another notation.
type formatting struct{ function, cast string }

var formatted = map[string]formatting{
	"to_char": {"strftime", ""}, "to_date": {"strptime", "::date"}, "to_timestamp": {"strptime", "::timestamptz"},
}

// turn writes the engine's call where the format is a text whose every part it has.
func (f formatting) turn(tokens []token, i int) []token {
	end := closing(tokens, i+1)
	if end < i+5 || !tokens[end-2].is(",") || tokens[end-1].kind != sqltext.Literal {
		return tokens
	}
	format, whole := engineFormat(tokens[end-1].name())
	if !whole {
		return tokens
	}
	turned := append([]token(nil), tokens[i:end+1]...)
	turned[0].text, turned[len(turned)-2].text = f.function, "'"+format+"'"
	if f.cast != "" {
		turned = append(turned, written(f.cast))
	}
	return replace(tokens, i, end+1, turned...)
}

// parts are the parts of a date format, those that begin like another first.
var parts = []struct{ ours, engines string }{
	{"FMMonth", "%B"}, {"FMDay", "%A"}, {"FMMM", "%-m"}, {"FMDD", "%-d"}, {"FMHH24", "%-H"}, {"YYYY", "%Y"}, {"YY", "%y"}, {"IYYY", "%G"}, {"IW", "%V"},
	{"MM", "%m"}, {"Mon", "%b"}, {"DDD", "%j"}, {"DD", "%d"}, {"Dy", "%a"}, {"HH24", "%H"}, {"HH12", "%I"}, {"HH", "%I"}, {"MI", "%M"},
	{"SS", "%S"}, {"MS", "%g"}, {"US", "%f"}, {"AM", "%p"}, {"PM", "%p"},
}

// engineFormat writes a format in the engine's notation; it says whether every part of it is known.
func engineFormat(format string) (string, bool) {
	var b strings.Builder
next:
	for len(format) > 0 {
		for _, p := range parts {
			if rest, found := strings.CutPrefix(format, p.ours); found {
				b.WriteString(p.engines)
				format = rest
				continue next
			}
		}
		c := format[0]
		format = format[1:]
		switch {
		case strings.IndexByte(" -/:.,_()", c) >= 0:
			b.WriteByte(c)
		case c == '"' && strings.Contains(format, `"`):
			text, rest, _ := strings.Cut(format, `"`)
			b.WriteString(strings.ReplaceAll(strings.ReplaceAll(text, "%", "%%"), "'", "''"))
			format = rest
		default:
			return "", false
		}
	}
	return b.String(), true
}
