package measures

import (
	"fmt"
	"slices"

	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/internal/strictyaml"
)

// PlanFile is the name of the plan in a council's folder.
const PlanFile = "plan.yaml"

// A Plan is what the council wants to achieve, the sets in which measures are reported, and themes that cut across.
type Plan struct {
	Levels     []string    `yaml:"levels"` // priority and outcome, in this order
	Priorities []Priority  `yaml:"priorities"`
	ReportSets []ReportSet `yaml:"report_sets"`
	Themes     []Node      `yaml:"themes"`

	at *strictyaml.Positions
}

// A Node is one thing of the plan.
type Node struct {
	Code        string `yaml:"code"`        // by which others name it
	Name        string `yaml:"name"`        // as reports write it
	Description string `yaml:"description"` // what it means
}

// A Priority has outcomes, whose full codes are priority.outcome.
type Priority struct {
	Node
	Outcomes []Node `yaml:"outcomes"` // whose full codes are priority.outcome
}

// A ReportSet is the measures of one report, in its order.
type ReportSet struct {
	Node
	Measures []string `yaml:"measures"` // by their codes, in the order of the report
}

// Where gives "file:line" of a dotted path of the plan, such as "report_sets[0].measures[2]".
func (p *Plan) Where(path string) string { return p.at.Where(path) }

// Outcomes gives the full codes of all outcomes.
func (p *Plan) Outcomes() []string {
	var codes []string
	for _, priority := range p.Priorities {
		for _, outcome := range priority.Outcomes {
			codes = append(codes, priority.Code+"."+outcome.Code)
		}
	}
	return codes
}

func (p *Plan) themes() []string {
	var codes []string
	for _, theme := range p.Themes {
		codes = append(codes, theme.Code)
	}
	return codes
}

// A planChecker gathers the faults of a plan.
type planChecker struct {
	*Plan
	faults []error
}

func (c *planChecker) fault(path, fix, what string, args ...any) {
	c.faults = append(c.faults, &fault.Error{Where: c.Where(path), What: fmt.Sprintf(what, args...), Fix: fix})
}

// check gives all that is wrong with a plan; known are the codes of measures.
func (p *Plan) check(isMeasure func(code string) bool, known []string) []error {
	c := &planChecker{Plan: p}
	if len(p.Levels) > 0 && !slices.Equal(p.Levels, []string{"priority", "outcome"}) {
		c.fault("levels", "write levels: [priority, outcome], or leave the setting out", "the levels of a plan so far are priority and outcome")
	}
	c.nodes("priorities", len(p.Priorities), func(i int) Node { return p.Priorities[i].Node })
	for i, priority := range p.Priorities {
		c.nodes(fmt.Sprintf("priorities[%d].outcomes", i), len(priority.Outcomes), func(j int) Node { return priority.Outcomes[j] })
	}
	c.nodes("themes", len(p.Themes), func(i int) Node { return p.Themes[i] })
	c.nodes("report_sets", len(p.ReportSets), func(i int) Node { return p.ReportSets[i].Node })
	for i, set := range p.ReportSets {
		c.members(fmt.Sprintf("report_sets[%d].measures", i), set, isMeasure, known)
	}
	return c.faults
}

// nodes finds what is wrong with the codes and names of one list.
func (c *planChecker) nodes(list string, count int, node func(int) Node) {
	first := map[string]string{}
	for i := range count {
		n, path := node(i), fmt.Sprintf("%s[%d]", list, i)
		if !nameForm.MatchString(n.Code) {
			c.fault(path+".code", "use lower case letters, digits and _, such as cleaner_streets", "code is %q", n.Code)
			continue
		}
		if n.Name == "" {
			c.fault(path, "add name: and what people call it", "%s has no name", n.Code)
		}
		if there, taken := first[n.Code]; taken {
			c.fault(path+".code", "give one of them another code", "the code %s is already at %s", n.Code, there)
			continue
		}
		first[n.Code] = c.Where(path + ".code")
	}
}

func (c *planChecker) members(list string, set ReportSet, isMeasure func(string) bool, known []string) {
	for i, code := range set.Measures {
		path := fmt.Sprintf("%s[%d]", list, i)
		switch {
		case !isMeasure(code):
			c.fault(path, fault.DidYouMean(code, "measures", known), "report set %s names an unknown measure %q", set.Code, code)
		case slices.Index(set.Measures, code) < i:
			c.fault(path, "leave out one of the two", "report set %s names %s twice", set.Code, code)
		}
	}
}
