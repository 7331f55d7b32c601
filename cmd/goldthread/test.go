package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/goldthread/goldthread/transforms"
	"github.com/goldthread/goldthread/warehouse"
)

// A caseLine is one worked case as the JSON document has it.
type caseLine struct {
	Model      string `json:"model"`
	Case       string `json:"case"`
	Passed     bool   `json:"passed"`
	Where      string `json:"where"`
	Difference string `json:"difference,omitempty"`
}

// A testReport is what the test command has to say.
type testReport struct {
	Cases     []caseLine             `json:"cases"`
	DataTests []warehouse.TestAnswer `json:"data_tests"`
	failed    int
	red       int
}

func newTest(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "test",
		Short: "Try every model's worked cases, ours and the council's, and show what the data tests said",
		RunE: func(c *cobra.Command, _ []string) error {
			folder, err := p.open(c.Context())
			if err != nil {
				return err
			}
			results, err := folder.Models.Cases(c.Context())
			if err != nil {
				return err
			}
			var report testReport
			report.Cases, report.failed = caseLines(results)
			if report.DataTests, err = warehouse.ReadTests(c.Context(), folder.StateFolder()); err != nil {
				return err
			}
			for _, t := range report.DataTests {
				if !t.Passed && t.Severity == string(transforms.SeverityError) {
					report.red++
				}
			}
			if p.json {
				err = p.printJSON(report)
			} else {
				p.printTestReport(report)
			}
			if err == nil && report.failed+report.red > 0 {
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

func (p *program) printTestReport(r testReport) {
	out := p.term.out
	for _, l := range r.Cases {
		if !l.Passed {
			fmt.Fprintf(out, "%s: %s: %s\n%s\n", l.Where, l.Model, l.Case, l.Difference)
		}
	}
	passed := 0
	for _, t := range r.DataTests {
		if t.Passed {
			passed++
			continue
		}
		fmt.Fprintf(out, "%s: %s (%s): %d rows fail, such as %s\n", t.Table, t.Name, t.Severity, t.Failing, strings.ReplaceAll(t.Examples, "\n", "; "))
	}
	fmt.Fprintf(out, "%d of %s hold.\n", len(r.Cases)-r.failed, count(len(r.Cases), "worked case"))
	if len(r.DataTests) == 0 {
		fmt.Fprintln(out, "No data test has been asked yet: goldthread run asks them.")
		return
	}
	fmt.Fprintf(out, "%d of %s passed in the last run.\n", passed, count(len(r.DataTests), "data test"))
}
