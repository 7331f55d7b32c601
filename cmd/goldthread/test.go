package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/goldthread/goldthread/transforms"
)

// A caseLine is one worked case as the JSON document has it.
type caseLine struct {
	Model      string `json:"model"`
	Case       string `json:"case"`
	Passed     bool   `json:"passed"`
	Where      string `json:"where"`
	Difference string `json:"difference,omitempty"`
}

func newTest(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "test",
		Short: "Try every model's worked cases, ours and the council's, and show the last run's data tests",
		RunE: func(c *cobra.Command, _ []string) error {
			folder, err := p.open(c.Context())
			if err != nil {
				return err
			}
			results, err := folder.Models.Cases(c.Context())
			if err != nil {
				return err
			}
			lines, failed := caseLines(results)
			if p.json {
				err = p.printJSON(lines)
			} else {
				p.printCases(lines, failed)
			}
			if err == nil && failed > 0 {
				err = exit{code: exitRed}
			}
			return err
		},
	}
}

func caseLines(results []transforms.CaseResult) (lines []caseLine, failed int) {
	lines = []caseLine{}
	for _, r := range results {
		line := caseLine{Model: r.Model, Case: r.Shows, Passed: r.Passed(), Where: fmt.Sprintf("%s:%d", r.File, r.Line), Difference: r.Difference}
		if r.Model == "" {
			line.Model = "macros"
		}
		if r.Err != nil {
			line.Difference = r.Err.Error()
		}
		if !line.Passed {
			failed++
		}
		lines = append(lines, line)
	}
	return lines, failed
}

func (p *program) printCases(lines []caseLine, failed int) {
	for _, l := range lines {
		if !l.Passed {
			fmt.Fprintf(p.term.out, "%s: %s: %s\n%s\n", l.Where, l.Model, l.Case, l.Difference)
		}
	}
	fmt.Fprintf(p.term.out, "%d of %s hold.\n", len(lines)-failed, count(len(lines), "worked case"))
}
