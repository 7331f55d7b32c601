package measures

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// DefinitionText says what the measure's figures are made of, for people: formula, source, polarity, aggregation, unit and
// basis of periods, and neither prose nor who owns it.
func (m *Measure) DefinitionText() string {
	lines := m.definition()
	if m.SQL != "" {
		lines = append(lines, "sql:\n"+strings.TrimSpace(m.SQL))
	}
	return strings.Join(lines, "\n")
}

// DefinitionHash tells one definition from another. How SQL is laid out, and what its comments say, makes no difference.
func (m *Measure) DefinitionHash() string {
	lines := append(m.definition(), plainSQL(m.SQL))
	sum := sha256.Sum256([]byte(strings.Join(lines, "\n")))
	return hex.EncodeToString(sum[:])
}

// definition is the canonical text of everything but SQL: fixed order, fields without a value left out.
func (m *Measure) definition() []string {
	lines := fields([][2]string{
		{"value_type", m.ValueType}, {"unit", m.Unit}, {"polarity", m.Polarity}, {"period_basis", m.PeriodBasis},
		{"accumulation", m.Accumulation}, {"time_aggregation", m.TimeAggregation}, {"geo_aggregation", m.GeoAggregation},
	})
	if m.Multiplier != 1 {
		lines = append(lines, fmt.Sprintf("multiplier: %d", m.Multiplier))
	}
	if m.NullAsZero {
		lines = append(lines, "null_as_zero: true")
	}
	if m.From != nil {
		lines = append(lines, m.From.definition()...)
	}
	return lines
}

func (f *From) definition() []string {
	lines := fields([][2]string{{"dataset", f.Dataset}})
	var filters []string
	for _, filter := range f.Where {
		values := make([]string, len(filter.Value))
		for i, value := range filter.Value {
			values[i] = fmt.Sprintf("%q", value)
		}
		slices.Sort(values)
		filters = append(filters, fmt.Sprintf("where %s: %s", filter.Key, strings.Join(values, " or ")))
	}
	slices.Sort(filters)
	area := f.Area.Text
	if f.Area.Settings != nil {
		area = "always " + f.Area.Settings.Constant
	}
	lines = append(append(lines, filters...), fields([][2]string{
		{"area", area}, {"period", f.Period}, {"value", f.Value}, {"numerator", f.Numerator}, {"denominator", f.Denominator},
	})...)
	var columns []string
	for _, column := range f.Periods {
		columns = append(columns, fmt.Sprintf("value of %s: %s", column.Key, column.Value))
	}
	slices.Sort(columns)
	lines = append(lines, columns...)
	if b := f.Breakdown; b != nil {
		lines = append(lines, fmt.Sprintf("breakdown: %s, all is %q, named %s", b.Column, b.All, b.Name))
	}
	return lines
}

func fields(pairs [][2]string) []string {
	var lines []string
	for _, pair := range pairs {
		if pair[1] != "" {
			lines = append(lines, pair[0]+": "+pair[1])
		}
	}
	return lines
}

// plainSQL takes comments and layout out of SQL; what stands in quotes is kept as it is.
func plainSQL(text string) string {
	var b strings.Builder
	gap := false
	for i := 0; i < len(text); {
		length, kept := token(text[i:])
		if !kept {
			gap = true
		} else {
			if gap && b.Len() > 0 {
				b.WriteByte(' ')
			}
			gap = false
			b.WriteString(text[i : i+length])
		}
		i += length
	}
	return strings.TrimRight(b.String(), "; ")
}

// token gives the length of what text begins with, and whether it is more than layout: quoted text or one other byte is.
func token(text string) (length int, kept bool) {
	switch {
	case strings.HasPrefix(text, "--"):
		return through(text, "\n", 2), false
	case strings.HasPrefix(text, "/*"):
		return through(text, "*/", 2), false
	case text[0] == '\'' || text[0] == '"':
		return through(text, text[:1], 1), true
	case strings.IndexByte(" \t\r\n", text[0]) >= 0:
		return 1, false
	}
	return 1, true
}

// through is the length of text up to and with the first end behind its opening, or all of it.
func through(text, end string, opening int) int {
	if i := strings.Index(text[opening:], end); i >= 0 {
		return opening + i + len(end)
	}
	return len(text)
}
