package main

import (
	"cmp"
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

//go:embed scorecard.sql
var scorecardQuery string

// A scoreLine is one measure of the scorecard.
type scoreLine struct {
	theme, code, name, organisation       string
	period, status, unit, polarity        sql.NullString
	value, target, peerMean, national     number
	decimals, rank, rankOf, peers, member sql.NullInt64
	rag, ragReason, short, long           sql.NullString
	asAt, note                            sql.NullString
	fewPeers, late                        sql.NullBool
}

func readScorecard(ctx context.Context, db *sql.DB) ([]scoreLine, error) {
	rows, err := db.QueryContext(ctx, scorecardQuery)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var lines []scoreLine
	for rows.Next() {
		var l scoreLine
		if err := rows.Scan(&l.theme, &l.code, &l.name, &l.organisation, &l.period, &l.value, &l.status, &l.unit,
			&l.decimals, &l.polarity, &l.target, &l.rag, &l.ragReason, &l.short, &l.long, &l.rank, &l.rankOf, &l.peerMean,
			&l.peers, &l.member, &l.fewPeers, &l.national, &l.asAt, &l.late, &l.note); err != nil {
			return nil, err
		}
		lines = append(lines, l)
	}
	return lines, rows.Err()
}

// withUnit puts a unit where a reader expects it.
func withUnit(value, unit string) string {
	switch {
	case value == "–" || unit == "":
		return value
	case unit == "%":
		return value + "%"
	case strings.HasPrefix(unit, "£"):
		return strings.TrimSpace("£" + value + " " + strings.TrimSpace(strings.TrimPrefix(unit, "£")))
	default:
		return value + " " + unit
	}
}

// ragWords say why there is no colour.
var ragWords = map[string]string{
	"context": "context", "no_target": "no target", "no_data": "no data", "suppressed": "suppressed",
	"not_due": "not due", "provisional_hidden": "provisional",
}

func (p *program) ragCell(l scoreLine) string {
	switch l.rag.String {
	case "green":
		return p.term.paint("● green", text.FgGreen)
	case "amber":
		return p.term.paint("▲ amber", text.FgYellow)
	case "red":
		return p.term.paint("■ red", text.FgRed)
	}
	return ragWords[l.ragReason.String]
}

var directionWords = map[string]string{
	"improving": "↗ improving", "worsening": "↘ worsening", "no_change": "→ no change",
	"increasing": "↑ increasing", "decreasing": "↓ decreasing",
	"not_comparable": "not comparable", "not_applicable": "",
}

// direction is the short one, or the long one where a measure has only that.
func (l scoreLine) direction() string {
	if l.short.String == "not_applicable" && l.long.String != "" {
		return directionWords[l.long.String]
	}
	return directionWords[l.short.String]
}

func (l scoreLine) rankCell() string {
	if !l.rank.Valid {
		return "–"
	}
	return fmt.Sprintf("%s of %d", ordinal(l.rank.Int64), l.rankOf.Int64)
}

func ordinal(n int64) string {
	suffix := "th"
	if n%100 < 11 || n%100 > 13 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return fmt.Sprintf("%d%s", n, suffix)
}

func (l scoreLine) peerCell() string {
	if !l.peerMean.Valid {
		return "–"
	}
	cell := l.peerMean.show(l.decimals.Int64)
	if l.peers.Int64 < l.member.Int64 {
		cell += fmt.Sprintf(" (%d of %d)", l.peers.Int64, l.member.Int64)
	}
	if l.fewPeers.Bool {
		cell += " !"
	}
	return cell
}

// A scoreColumn is one column of the printed scorecard.
type scoreColumn struct {
	title  string
	needs  int // terminal width from which it is shown
	most   int // characters before it wraps
	number bool
	cell   func(p *program, l scoreLine) string
}

// scoreColumns are the columns after the measure's name; a narrow terminal leaves out the least needed.
var scoreColumns = []scoreColumn{
	{"Value", 0, 15, true, func(_ *program, l scoreLine) string { return l.valueCell() }},
	{"Period", 0, 15, false, func(_ *program, l scoreLine) string { return l.period.String }},
	{"Target", 84, 10, true, func(_ *program, l scoreLine) string { return l.target.show(l.decimals.Int64) }},
	{"RAG", 84, 10, false, func(p *program, l scoreLine) string { return p.ragCell(l) }},
	{"Direction", 0, 12, false, func(_ *program, l scoreLine) string { return l.direction() }},
	{"Rank", 104, 10, false, func(_ *program, l scoreLine) string { return l.rankCell() }},
	{"Peer mean", 104, 11, true, func(_ *program, l scoreLine) string { return l.peerCell() }},
	{"England", 126, 9, true, func(_ *program, l scoreLine) string { return l.national.show(l.decimals.Int64) }},
	{"Data as at", 126, 10, false, func(_ *program, l scoreLine) string { return l.asAtCell() }},
}

func (l scoreLine) valueCell() string {
	if !l.value.Valid {
		return strings.ReplaceAll(l.status.String, "_", " ")
	}
	return withUnit(l.value.show(l.decimals.Int64), l.unit.String)
}

func (l scoreLine) asAtCell() string {
	if l.late.Bool {
		return l.asAt.String + " late"
	}
	return l.asAt.String
}

// narrowestName is what a measure's name gets at least.
const narrowestName = 18

// printScorecard prints a table a theme, all with the same columns, as wide as the terminal allows.
func (p *program) printScorecard(lines []scoreLine) {
	width := p.term.width()
	var columns []scoreColumn
	configs := []table.ColumnConfig{{}}
	name := width
	for _, c := range scoreColumns {
		if width < c.needs {
			continue
		}
		columns = append(columns, c)
		widest := text.StringWidthWithoutEscSequences(c.title)
		for _, l := range lines {
			widest = max(widest, text.StringWidthWithoutEscSequences(c.cell(p, l)))
		}
		widest = min(widest, c.most)
		config := table.ColumnConfig{Number: len(columns) + 1, WidthMin: widest, WidthMax: widest, WidthMaxEnforcer: text.WrapSoft}
		if c.number {
			config.Align, config.AlignHeader = text.AlignRight, text.AlignRight
		}
		configs = append(configs, config)
		name -= widest + 2
	}
	name = max(name-2, narrowestName)
	configs[0] = table.ColumnConfig{Number: 1, WidthMin: name, WidthMax: name, WidthMaxEnforcer: text.WrapSoft}
	for start := 0; start < len(lines); {
		end := start
		for end < len(lines) && lines[end].theme == lines[start].theme {
			end++
		}
		fmt.Fprintf(p.term.out, "\n%s\n", p.term.paint(cmp.Or(lines[start].theme, "Serves no priority"), text.Bold))
		p.printTheme(lines[start:end], columns, configs)
		start = end
	}
	p.printNotes(lines)
}

func (p *program) printTheme(lines []scoreLine, columns []scoreColumn, configs []table.ColumnConfig) {
	t := p.newTable()
	t.Style().Options.DrawBorder = false
	t.Style().Options.SeparateColumns = false
	t.Style().Size.WidthMax = 0
	header := table.Row{"Measure"}
	for _, c := range columns {
		header = append(header, c.title)
	}
	t.ResetHeaders()
	t.AppendHeader(header)
	for _, l := range lines {
		row := table.Row{l.code + " " + l.name}
		for _, c := range columns {
			row = append(row, c.cell(p, l))
		}
		t.AppendRow(row)
	}
	t.SetColumnConfigs(configs)
	t.Render()
}

// printNotes explains what the cells can only hint at, and says whose targets these are.
func (p *program) printNotes(lines []scoreLine) {
	notes := []string{
		"Rank 1 is best; where neither way is better, rank 1 is the highest value. The peer mean leaves this council out; (8 of 10) says how many peers gave a value.",
	}
	few := false
	seen := map[string]bool{}
	for _, l := range lines {
		few = few || l.fewPeers.Bool
		if l.target.Valid && l.note.String != "" && !seen[l.note.String] {
			seen[l.note.String] = true
			notes = append(notes, "Targets: "+l.note.String)
		}
	}
	if few {
		notes = append(notes, "! fewer than 60% of the peers gave a value.")
	}
	fmt.Fprintln(p.term.out)
	for _, note := range notes {
		fmt.Fprintln(p.term.out, text.WrapSoft(note, min(p.term.width(), 120)))
	}
}
