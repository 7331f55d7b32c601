package transforms

import "strings"

// A statement is one SQL statement of a file, with the comment that stands before it.
type statement struct {
	Comment string // its lines without the dashes
	Text    string // without comment before it and without the semicolon
	Line    int    // of the file, on which Text begins
}

// splitStatements cuts SQL text at its semicolons, leaving those in quotes and comments alone. The engine offers no
// such cut, and what it parses as one text it gives no comments of.
func splitStatements(sql string) []statement {
	var all []statement
	for start := 0; start < len(sql); {
		end := start + statementEnd(sql[start:])
		if s, ok := readStatement(sql, start, end); ok {
			all = append(all, s)
		}
		start = end + 1
	}
	return all
}

// readStatement takes the statement in sql[start:end]; it is none where only comments stand there.
func readStatement(sql string, start, end int) (statement, bool) {
	var comment []string
	for start < end {
		rest := sql[start:end]
		switch trimmed := strings.TrimLeft(rest, " \t\r\n"); {
		case len(trimmed) < len(rest):
			start += len(rest) - len(trimmed)
		case strings.HasPrefix(rest, "--"):
			line, _, _ := strings.Cut(rest, "\n")
			comment = append(comment, strings.TrimSpace(strings.TrimLeft(line, "-")))
			start += len(line)
		case strings.HasPrefix(rest, "/*"):
			start += quotedLength(rest)
		default:
			text := strings.TrimRight(rest, " \t\r\n")
			return statement{strings.Join(comment, "\n"), text, lineAt(sql, start)}, true
		}
	}
	return statement{}, false
}

// statementEnd is the place of the first semicolon outside quotes and comments, or the length of sql.
func statementEnd(sql string) int {
	for i := 0; i < len(sql); {
		if sql[i] == ';' {
			return i
		}
		i += max(1, quotedLength(sql[i:]))
	}
	return len(sql)
}

// quotedLength is how many bytes the comment, text or quoted name takes that sql begins with; 0 where it begins with none.
func quotedLength(sql string) int {
	for _, form := range [...]struct{ open, end string }{{"--", "\n"}, {"/*", "*/"}, {"'", "'"}, {`"`, `"`}, {"$$", "$$"}} {
		if !strings.HasPrefix(sql, form.open) {
			continue
		}
		length := strings.Index(sql[len(form.open):], form.end)
		if length < 0 {
			return len(sql)
		}
		return len(form.open) + length + len(form.end)
	}
	return 0
}

// lineAt is the line, counted from 1, on which the byte at offset stands.
func lineAt(text string, offset int) int {
	return 1 + strings.Count(text[:min(max(offset, 0), len(text))], "\n")
}

// quoteName quotes the parts of a dotted name for SQL.
func quoteName(dotted string) string {
	parts := strings.Split(dotted, ".")
	for i, part := range parts {
		parts[i] = `"` + strings.ReplaceAll(part, `"`, `""`) + `"`
	}
	return strings.Join(parts, ".")
}

// quoteNames quotes each name and joins them with commas.
func quoteNames(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = quoteName(name)
	}
	return strings.Join(quoted, ", ")
}

// quoteText writes a text as a SQL literal.
func quoteText(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
