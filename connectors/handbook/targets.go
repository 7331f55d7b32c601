package handbook

import (
	"slices"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/internal/measures"
	"github.com/goldthread/goldthread/internal/periods"
)

var (
	targetKinds    = []string{"minimum", "maximum", "band", "improvement", "peer_based", "statutory_threshold", "forecast"}
	targetStatuses = []string{"proposed", "approved", "rejected", "superseded"}
)

// targets is the dataset of all files of targets/.
func targets() table {
	return table{
		dataset: decided(connectors.Dataset{
			Source: Name, Name: "targets", Description: "Targets by measure and period, every version of them.",
			Key:     []string{"measure_code", "organisation_code", "period_from", "effective_from_period", "version"},
			Columns: targetColumns(),
		}),
		place:  "targets/*.csv",
		own:    pattern("targets/*.csv"),
		beside: measures.Files,
		fill:   fillTargets,
	}
}

func targetColumns() []connectors.Column {
	status := word("status", "proposed, approved, rejected or superseded.", targetStatuses)
	status.Required = true
	from := period("period_from", "First period the target is for.")
	from.Required = true
	version := whole("version", "Number of the version of this target.")
	version.Required = true
	return []connectors.Column{
		code("measure_code", "Measure the target is for."),
		{Name: "organisation_code", Description: "GSS code of the organisation whose target it is.", Kind: connectors.AreaCode, Required: true},
		from,
		period("period_to", "Last period the target is for; empty where that is the first."),
		period("effective_from_period", "First period this version serves; empty where that is the first."),
		number("target_value", "The target."),
		number("band_low", "Lower bound, where being inside a range is best."),
		number("band_high", "Upper bound, where being inside a range is best."),
		word("kind", "Kind of target.", targetKinds),
		word("tolerance_kind", "relative (to the target), absolute (units of the measure) or none; empty where the measure's holds.", measures.ToleranceKinds),
		number("tolerance_value", "Width of amber."),
		word("rag_scheme", "How a value is judged; empty where the measure's scheme holds.", measures.RAGSchemes),
		status,
		version,
		text("proposed_by", "Who proposed it."),
		text("approved_by", "Who approved it."),
		date("approved_at", "Day of the approval."),
		text("approval_body", "Body that approved it."),
		text("reason", "Why it was set or changed."),
		text("note", "What else is to be known of it."),
		text("file", "File the target stands in."),
		text("note_file", "What the head of the file says of all its targets."),
	}
}

// fillTargets reads the target files beside the handbook they are for. Where that is at fault itself, no measure can be
// called unknown.
func fillTargets(files []file, s *sheet) {
	texts := map[string][]byte{}
	for _, f := range files {
		if !f.own {
			texts[f.name] = f.text
		}
	}
	j := &targetJudge{known: map[string]*measures.Measure{}}
	if h, err := measures.Parse(texts); err == nil {
		for _, m := range h.Measures {
			j.known[m.Code] = m
			j.codes = append(j.codes, m.Code)
		}
		j.sure = true
	}
	for _, f := range files {
		if f.own {
			csvForm{made: []string{"file", "note_file"}, row: j.judge}.fill(f, s)
		}
	}
}

// A targetJudge finds what is wrong with a target beyond the form of its columns.
type targetJudge struct {
	known map[string]*measures.Measure
	codes []string
	sure  bool // the handbook is without fault
}

// A target is a row of a target file by the names of its columns.
type target struct {
	*csvFile
	line   int64
	fields [][]byte
}

func (t target) get(name string) string { return string(t.fields[t.sheet.index(name)]) }

func (t target) wrong(fix, what string, args ...any) {
	t.sheet.fault(t.where(t.line), fix, what, args...)
}

func (j *targetJudge) judge(c *csvFile, line int64, fields [][]byte) {
	fields[c.sheet.index("file")], fields[c.sheet.index("note_file")] = []byte(c.name), []byte(c.note)
	t := target{c, line, fields}
	if _, known := j.known[t.get("measure_code")]; j.sure && !known {
		t.wrong(fault.DidYouMean(t.get("measure_code"), "measures", j.codes), "the handbook has no measure %q", t.get("measure_code"))
	}
	t.judgeValue()
	t.judgeTolerance(j.known[t.get("measure_code")])
	t.judgePeriods()
	t.judgeApproval()
}

func (t target) judgeValue() {
	if t.get("target_value") == "" && t.get("band_low") == "" && t.get("band_high") == "" {
		t.wrong("fill in target_value, band_low or band_high", "the target has no value")
	}
	if measures.Less(t.get("band_high"), t.get("band_low")) {
		t.wrong("exchange the two", "band_low %s is above band_high %s", t.get("band_low"), t.get("band_high"))
	}
}

// judgeTolerance finds a tolerance that says half of what it must, and warns of one that has no width or far too much.
func (t target) judgeTolerance(m *measures.Measure) {
	kind, value := t.get("tolerance_kind"), t.get("tolerance_value")
	switch {
	case kind == "" && value != "":
		t.wrong("write relative (a share of the target) or absolute (units of the measure)", "tolerance_value %s does not say of what", value)
	case kind != "" && kind != "none" && value == "":
		t.wrong("fill in tolerance_value, such as 0.05", "tolerance_kind is %s and there is no tolerance_value", kind)
	case kind == "relative" && measures.Less("1", value):
		t.sheet.warn(t.line, "write 0.05 for 5 per cent of the target, or absolute for 5 units of the measure",
			"tolerance_value %s is %s times the target, so nothing near it is red", value, value)
	case measures.Less(value, "0"):
		t.wrong("leave out the sign: it is a width", "tolerance_value is below zero")
	}
	if kind == "" && m != nil {
		kind = m.ToleranceKind
	}
	if kind == "relative" && t.get("target_value") != "" && measures.IsZero(t.get("target_value")) {
		t.sheet.warn(t.line, "give an absolute tolerance where amber is wanted", "the target is 0 and its tolerance relative: its width is 0, so nothing is amber")
	}
}

func (t target) judgePeriods() {
	first, errFirst := periods.FromCode(t.get("period_from"))
	last, errLast := periods.FromCode(t.get("period_to"))
	if errFirst != nil || errLast != nil { // the column itself tells that
		return
	}
	if first.Basis != last.Basis || first.Type != last.Type || last.End.Before(first.Start) {
		t.wrong("write two periods of the same kind, the earlier first", "period_from %s and period_to %s are not the ends of one stretch", first.Code, last.Code)
	}
}

// judgeApproval finds a target that nobody answers for.
func (t target) judgeApproval() {
	if !slices.Contains([]string{"approved", "superseded"}, t.get("status")) {
		return
	}
	for _, name := range []string{"approved_by", "approved_at"} {
		if t.get(name) == "" {
			t.wrong("fill in "+name+", or write status proposed", "the target is %s and %s is empty", t.get("status"), name)
		}
	}
}
