package transforms

import (
	"bytes"
	_ "embed"
	"fmt"
	"strings"
	"text/template"
)

//go:embed landed.sql.tmpl
var landedText string

var landedTemplate = template.Must(template.New("landed").Parse(landedText))

// noneLanded is the SELECT of LandedTotals where there is no measure.
const noneLanded = `select
    cast(null as varchar) as measure_code,
    cast(null as decimal(38, 10)) as row_count,
    cast(null as decimal(38, 10)) as value,
    cast(null as decimal(38, 10)) as numerator,
    cast(null as decimal(38, 10)) as denominator,
    cast(null as varchar) as note
where false`

// LandedTotals is the SELECT of what the source rows of each measure come to before any model has seen them: its code,
// row_count, the sums of value, numerator and denominator, and a note. The sum of values is null where they are divided
// only later. Of a measure with SQL of its own, which may join and count as it likes, it is what that SQL gave.
func (s *Set) LandedTotals() string {
	selects := []string{noneLanded}
	for _, m := range s.Models {
		if m.landed != "" {
			selects = append(selects, m.landed)
		}
	}
	return strings.Join(selects, "\nunion all\n")
}

// landedTotals totals the rows that a measure takes.
func (p page) landedTotals(m *Model) (string, error) {
	totals := struct {
		page
		Note string
	}{p, "null"}
	if p.SQL != "" {
		totals.page = page{Code: p.Code, Numerator: "numerator", Denominator: "denominator",
			Taken: []taken{{series{Value: "value", Status: "value_status"}, quoteName(m.Name), false}}}
		totals.Note = quoteText("as " + m.SQLFile + " gave it")
	}
	var b bytes.Buffer
	if err := landedTemplate.Execute(&b, totals); err != nil {
		return "", fmt.Errorf("writing the control totals of %s: %w", m.Measure, err)
	}
	return b.String(), nil
}
