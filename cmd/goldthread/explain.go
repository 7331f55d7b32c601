package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/goldthread/goldthread/internal/council"
	"github.com/goldthread/goldthread/schedules/pipeline"
	"github.com/goldthread/goldthread/warehouse"
)

// An explanation is the way from a published figure back to the file and line it came from.
type explanation struct {
	Release      int64        `json:"release"`
	MeasureCode  string       `json:"measure_code"`
	MeasureName  string       `json:"measure_name"`
	PeriodCode   string       `json:"period_code"`
	PeriodLabel  string       `json:"period_label"`
	Organisation string       `json:"organisation_code"`
	Name         string       `json:"organisation_name"`
	Value        *string      `json:"value"`
	ValueStatus  string       `json:"value_status"`
	Unit         string       `json:"unit"`
	Definition   definition   `json:"definition"`
	Status       *figureState `json:"status,omitempty"`
	Models       []modelText  `json:"models"`
	Rows         []sourceRow  `json:"rows"`
	decimals     int64
}

type definition struct {
	Version     int64  `json:"version"`
	ValidFrom   string `json:"valid_from"`
	Description string `json:"description"`
	Owner       string `json:"owner"`
}

// A figureState is what the release says of the figure beside its value.
type figureState struct {
	Target         *string `json:"target"`
	TargetVersion  *int64  `json:"target_version"`
	RAG            string  `json:"rag"`
	RAGReason      string  `json:"rag_reason"`
	Variance       *string `json:"variance"`
	DirectionShort string  `json:"direction_short"`
	DirectionLong  string  `json:"direction_long"`
}

type modelText struct {
	Name string `json:"name"`
	File string `json:"file"`
	SQL  string `json:"sql"`
}

// A sourceRow is a row of a source that the figure, or a part of it, was made of.
type sourceRow struct {
	AreaCode    string  `json:"area_code"`
	AreaName    string  `json:"area_name"`
	Breakdown   string  `json:"breakdown_code"`
	Value       *string `json:"value"`
	Numerator   *string `json:"numerator,omitempty"`
	Denominator *string `json:"denominator,omitempty"`
	LoadID      int64   `json:"load_id"`
	RecordedAt  string  `json:"recorded_at"`
	PublishedAt string  `json:"published_at,omitempty"`
	Dataset     string  `json:"dataset"`
	File        string  `json:"file"`
	SHA256      string  `json:"sha256"`
	Line        int64   `json:"line"`
	Text        string  `json:"text,omitempty"`
	Archived    string  `json:"archived,omitempty"`
	Removed     string  `json:"removed,omitempty"` // from the archive: when, and by which rule
	Stored      string  `json:"stored,omitempty"`  // the row itself, where it stood in no line of a file
	spot        warehouse.Spot
}

// A figureAsked is the figure that a person wants explained, in the words they gave.
type figureAsked struct {
	measure, period string
	organisation    string // the reporting council where empty
	release         string // its number or name; the current one where empty
}

func newExplain(p *program) *cobra.Command {
	var asked figureAsked
	command := &cobra.Command{
		Use:     "explain MEASURE PERIOD",
		Short:   "Where a published figure comes from: definition, target, SQL, load, file and line",
		Example: "  goldthread explain CLI02 FY2024-25\n  goldthread explain CLI02 2024/25 --organisation E08000007",
		Args:    cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			asked.measure, asked.period = args[0], args[1]
			e, err := p.explain(c.Context(), asked)
			if err != nil {
				return err
			}
			if p.json {
				return p.printJSON(e)
			}
			p.printExplanation(e)
			return nil
		},
	}
	command.Flags().StringVar(&asked.organisation, "organisation", "", "GSS `code` of another organisation than the reporting council")
	releaseFlag(command, &asked.release)
	return command
}

func (p *program) explain(ctx context.Context, asked figureAsked) (*explanation, error) {
	releases, settings, err := p.releases()
	if err != nil {
		return nil, err
	}
	number, err := findRelease(releases, asked.release)
	if err != nil {
		return nil, err
	}
	db, err := releases.Open(ctx, number, council.Staff)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	e, err := readFigure(ctx, db, asked)
	if err != nil {
		return nil, err
	}
	manifest, err := releases.Manifest(number)
	if err != nil {
		return nil, err
	}
	e.Release = manifest.Release
	if e.Status, err = readStatus(ctx, db, e); err != nil {
		return nil, err
	}
	if e.Models, err = readModels(ctx, db, e.MeasureCode); err != nil {
		return nil, err
	}
	e.readTexts(ctx, pipeline.StateFolder(p.folder, settings))
	return e, nil
}

func (p *program) printExplanation(e *explanation) {
	out := p.term.out
	value := e.ValueStatus
	if e.Value != nil {
		value = withUnit(*e.Value, e.Unit)
	}
	fmt.Fprintf(out, "%s %s\n%s, %s (%s): %s\n", e.MeasureCode, e.MeasureName, e.Name, e.PeriodLabel, e.PeriodCode, value)
	if s := e.Status; s != nil {
		fmt.Fprintf(out, "  status      %s\n", s.words(e.Unit))
	}
	fmt.Fprintf(out, "  definition  version %d, from %s: %s\n", e.Definition.Version, e.Definition.ValidFrom, e.Definition.Description)
	if e.Definition.Owner != "" {
		fmt.Fprintf(out, "  owner       %s\n", e.Definition.Owner)
	}
	p.printOrigin(e.Rows[0])
	fmt.Fprintf(out, "  release     %d\n", e.Release)
	if n := len(e.Rows) - 1; n > 0 {
		fmt.Fprintf(out, "  also held   %s of its areas and breakdowns; --json lists each with its line\n", count(n, "figure"))
	}
	for _, m := range e.Models {
		if strings.Contains(m.Name, "int_observations__") {
			p.printMeasureModel(m)
		}
	}
}

// printOrigin says of which row of which file a figure was made, and by which load.
func (p *program) printOrigin(row sourceRow) {
	out := p.term.out
	if row.Numerator != nil && row.Denominator != nil {
		fmt.Fprintf(out, "  made of     %s out of %s\n", *row.Numerator, *row.Denominator)
	}
	if row.Stored == "" || row.Removed != "" {
		fmt.Fprintf(out, "  file        %s, line %d\n", row.File, row.Line)
	} else {
		fmt.Fprintf(out, "  source      %s, row %d of what was read\n", row.File, row.Line)
	}
	for _, line := range []struct{ label, text string }{
		{"sha256", row.SHA256}, {"the line", row.Text}, {"the row", row.Stored}, {"kept at", row.Archived}, {"the file", row.removal()},
	} {
		if line.text != "" {
			fmt.Fprintf(out, "  %-11s %s\n", line.label, line.text)
		}
	}
	fmt.Fprintf(out, "  load        %d of %s, recorded %s", row.LoadID, row.Dataset, row.RecordedAt)
	if row.PublishedAt != "" {
		fmt.Fprintf(out, ", published %s", row.PublishedAt)
	}
	fmt.Fprintln(out)
}

// removal says in words that the file is not kept any more.
func (r sourceRow) removal() string {
	if r.Removed == "" {
		return ""
	}
	return "was removed from the archive " + r.Removed + "; its hash stands above"
}

func (p *program) printMeasureModel(m modelText) {
	out := p.term.out
	if strings.HasSuffix(m.File, ".sql") {
		fmt.Fprintln(out, "  note        this measure has SQL of its own, which may gather several rows; what stands above is the one it names")
	}
	fmt.Fprintf(out, "\nComputed by %s (%s):\n\n%s\n", m.Name, m.File, m.SQL)
}

func (s *figureState) words(unit string) string {
	var parts []string
	if s.RAG != "" {
		parts = append(parts, s.RAG)
	} else if s.RAGReason != "" {
		parts = append(parts, ragWords[s.RAGReason])
	}
	if s.Target != nil {
		target := "target " + withUnit(*s.Target, unit)
		if s.TargetVersion != nil {
			target += fmt.Sprintf(" (version %d)", *s.TargetVersion)
		}
		parts = append(parts, target)
	}
	if s.DirectionShort != "" {
		parts = append(parts, strings.ReplaceAll(s.DirectionShort, "_", " "))
	}
	return strings.Join(parts, ", ")
}
