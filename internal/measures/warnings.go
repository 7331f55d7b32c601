package measures

import (
	"fmt"

	"github.com/goldthread/goldthread/internal/fault"
)

// Warnings tells what is allowed and still deserves a look: measures and outcomes that the golden thread does not join,
// measures that nobody answers for, and percentages and tolerances that seem a hundred times too small or too wide.
func (h *Handbook) Warnings() []error {
	var w warner
	served := map[string]bool{}
	for _, m := range h.Measures {
		if m.Status == "retired" {
			continue
		}
		w.measure(m)
		for _, link := range m.Plan {
			served[link.Outcome] = true
		}
	}
	for i, priority := range h.Plan.Priorities {
		for j, outcome := range priority.Outcomes {
			if code := priority.Code + "." + outcome.Code; !served[code] {
				w.warn(h.Plan.Where(fmt.Sprintf("priorities[%d].outcomes[%d].code", i, j)), "name it under plan: of a measure",
					"no measure shows whether outcome %s is reached", code)
			}
		}
	}
	return fault.List(fault.Join(w.found...))
}

// A warner gathers warnings.
type warner struct{ found []error }

func (w *warner) warn(where, fix, what string, args ...any) {
	w.found = append(w.found, &fault.Error{Where: where, What: fmt.Sprintf(what, args...), Fix: fix})
}

func (w *warner) measure(m *Measure) {
	if len(m.Plan) == 0 {
		w.warn(m.Where("code"), "add plan: [{outcome: priority.outcome}]", "measure %s serves no outcome of the plan", m.Code)
	}
	if m.Owner == "" {
		w.warn(m.Where("code"), "add owner: and a post", "nobody owns measure %s", m.Code)
	}
	if m.ToleranceKind == "relative" && Less("1", m.ToleranceValue) {
		w.warn(m.Where("tolerance_value"), "write 0.05 for 5 per cent of the target, or tolerance_kind: absolute for 5 units of the measure",
			"tolerance_value %s of %s is %s times the target, so nothing near it is red", m.ToleranceValue, m.Code, m.ToleranceValue)
	}
	if m.ValueType == "percentage" && m.Multiplier == 1 && m.From != nil && m.From.Numerator != "" && m.From.Value == "" {
		w.warn(m.Where("value_type"), "add multiplier: 100", "the percentage %s is a numerator divided by a denominator, times 1", m.Code)
	}
}
