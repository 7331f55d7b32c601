package measures

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goldthread/goldthread/internal/areas"
	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/internal/periods"
)

// The words that fields of a measure may be; RAGSchemes and ToleranceKinds serve targets too.
var (
	polarities       = []string{"higher", "lower", "band", "context"}
	valueTypes       = []string{"count", "amount", "percentage", "rate", "ratio", "mean", "median", "duration", "date", "yes_no", "text", "index"}
	kinds            = []string{"outcome", "output", "input", "efficiency", "satisfaction", "activity", "context"}
	influences       = []string{"control", "influence", "context"}
	frequencies      = []string{"daily", "weekly", "monthly", "bimonthly", "quarterly", "termly", "half-yearly", "annual", "biennial", "every decade", "ad hoc"}
	bases            = []string{"calendar", "financial", "academic", "rolling", "point", "census", "mid_year", "week"}
	accumulations    = []string{"flow", "cumulative", "snapshot", "rolling"}
	timeAggregations = []string{"sum", "ratio_of_sums", "weighted_mean", "mean", "last", "max", "min", "none"}
	geoAggregations  = []string{"sum", "ratio_of_sums", "weighted_mean", "none"}
	RAGSchemes       = []string{"standard", "compliance", "target_then_dot"}
	ragCompares      = []string{"unrounded", "displayed"}
	ToleranceKinds   = []string{"relative", "absolute", "none"}
	qualities        = []string{"good", "acceptable", "poor"}
	publications     = []string{"internal", "restricted", "public"}
	statuses         = []string{"draft", "live", "suspended", "retired"}
	versions         = []string{ByRow, Latest}
)

// Words are the texts that a setting may have, by the setting.
func Words() map[string][]string {
	return map[string][]string{
		"polarity": polarities, "value_type": valueTypes, "measure_kind": kinds, "influence": influences, "frequency": frequencies,
		"period_basis": bases, "accumulation": accumulations, "time_aggregation": timeAggregations, "geo_aggregation": geoAggregations,
		"rag_scheme": RAGSchemes, "rag_compare": ragCompares, "tolerance_kind": ToleranceKinds, "data_quality": qualities,
		"publication": publications, "status": statuses, "versions": versions,
	}
}

var (
	codeForm    = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,40}$`)
	datasetForm = regexp.MustCompile(`^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$`)
	nameForm    = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	// numberForm is that of a decimal of 38 digits, 10 of them behind the point.
	numberForm = regexp.MustCompile(`^-?[0-9]{1,28}(\.[0-9]{1,10})?$`)
)

// maxDecimals is what a value is held to.
const maxDecimals = 10

// A checker gathers the faults of one measure.
type checker struct {
	*Measure
	faults []error
}

func (c *checker) fault(field, fix, what string, args ...any) {
	c.faults = append(c.faults, &fault.Error{Where: c.Where(field), What: fmt.Sprintf(what, args...), Fix: fix})
}

// check gives all that is wrong with a measure by itself.
func (m *Measure) check() []error {
	c := &checker{Measure: m}
	c.needed()
	c.words()
	c.numbers()
	c.dates()
	c.source()
	c.combinations()
	c.links()
	return c.faults
}

func (c *checker) needed() {
	for _, field := range []struct{ name, value, example string }{
		{"name", c.Name, "name: Household waste recycled"},
		{"unit", c.Unit, `unit: "%", or unit: number for a count`},
	} {
		if field.value == "" {
			c.fault(field.name, "add a line such as "+field.example, "the measure has no %s", field.name)
		}
	}
	if !codeForm.MatchString(c.Code) {
		c.fault("code", "use letters, digits, _ and -, a letter first, such as ENV01", "code is %q", c.Code)
	}
	if c.Decimals == nil {
		c.fault("decimals", "add how many decimals are shown, such as decimals: 1", "the measure has no decimals")
	}
}

func (c *checker) words() {
	for _, field := range []struct {
		name, value string
		allowed     []string
		must        bool
	}{
		{"polarity", c.Polarity, polarities, true}, {"value_type", c.ValueType, valueTypes, false},
		{"measure_kind", c.MeasureKind, kinds, false}, {"influence", c.Influence, influences, false},
		{"frequency", c.Frequency, frequencies, true}, {"period_basis", c.PeriodBasis, bases, false},
		{"accumulation", c.Accumulation, accumulations, true}, {"time_aggregation", c.TimeAggregation, timeAggregations, true},
		{"geo_aggregation", c.GeoAggregation, geoAggregations, true}, {"rag_scheme", c.RAGScheme, RAGSchemes, true},
		{"rag_compare", c.RAGCompare, ragCompares, true}, {"tolerance_kind", c.ToleranceKind, ToleranceKinds, true},
		{"data_quality", c.DataQuality, qualities, false}, {"publication", c.Publication, publications, true},
		{"status", c.Status, statuses, true}, {"versions", c.Versions, versions, true},
	} {
		switch {
		case slices.Contains(field.allowed, field.value) || field.value == "" && !field.must:
		case field.value == "":
			c.fault(field.name, "add "+field.name+": one of "+strings.Join(field.allowed, ", "), "the measure has no %s", field.name)
		default:
			c.fault(field.name, fault.DidYouMean(field.value, "it may be", field.allowed), "unknown %s %q", field.name, field.value)
		}
	}
}

func (c *checker) numbers() {
	for _, field := range []struct{ name, value string }{
		{"band_low", c.BandLow}, {"band_high", c.BandHigh}, {"tolerance_value", c.ToleranceValue}, {"dot_min_change", c.DOTMinChange},
	} {
		if field.value != "" && !numberForm.MatchString(field.value) {
			c.fault(field.name, "write digits with at most 10 behind the point, such as 0.05", "%s is %q, which is not a number", field.name, field.value)
		}
	}
	for _, field := range []struct{ name, value string }{{"tolerance_value", c.ToleranceValue}, {"dot_min_change", c.DOTMinChange}} {
		if strings.HasPrefix(field.value, "-") {
			c.fault(field.name, "leave out the sign: it is a width", "%s is below zero", field.name)
		}
	}
	if c.Decimals != nil && (*c.Decimals < 0 || *c.Decimals > maxDecimals) {
		c.fault("decimals", "write 0 to 10", "decimals is %d", *c.Decimals)
	}
	if c.ReportingLagDays != nil && *c.ReportingLagDays < 0 {
		c.fault("reporting_lag_days", "write how many days after a period its value is there", "reporting_lag_days is below zero")
	}
	if c.Multiplier < 1 {
		c.fault("multiplier", "write 1, 100, 1000, 10000 or 100000", "multiplier is %d", c.Multiplier)
	}
}

func (c *checker) dates() {
	for _, field := range []struct{ name, value string }{
		{"review_date", c.ReviewDate}, {"valid_from", c.ValidFrom}, {"approved_at", c.ApprovedAt},
	} {
		if _, err := time.Parse(time.DateOnly, field.value); field.value != "" && err != nil {
			c.fault(field.name, "write it as year-month-day, such as 2026-03-31", "%s is %q, which is not a date", field.name, field.value)
		}
	}
}

// source finds out whether it is said, once, where the observations come from.
func (c *checker) source() {
	switch {
	case c.From == nil && c.SQLFile == "":
		c.fault("", "add from:, or write measures/"+c.Code+".sql", "measure %s says neither from nor SQL: nothing observes it", c.Code)
	case c.From != nil && c.SQLFile != "":
		c.fault("from", "leave out from, or remove "+c.SQLFile, "measure %s has both from and %s", c.Code, c.SQLFile)
	case c.From != nil:
		c.from()
	}
}

func (c *checker) from() {
	f := c.From
	if !datasetForm.MatchString(f.Dataset) {
		c.fault("from.dataset", "write source.dataset, such as themes.household_waste_recycling", "from.dataset is %q", f.Dataset)
	}
	if len(f.Periods) > 0 {
		c.sheet()
	} else if f.Period == "" {
		c.fault("from.period", "name the column that holds the period", "from has no period")
	}
	if area := f.Area.Settings; area != nil && area.Constant != OwnArea && !areas.IsCode(area.Constant) {
		c.fault("from.area.constant", "write a code such as E08000009, or "+OwnArea+" for the council's own",
			"from.area.constant is %q, which is not a GSS code", area.Constant)
	}
	if f.Area.Settings == nil && f.Area.Text == "" {
		c.fault("from.area", "name the column that holds the area's code, or write area: {constant: E08000009}", "from has no area")
	}
	if f.Value == "" && f.Numerator == "" && len(f.Periods) == 0 {
		c.fault("from", "add value: and a column, or numerator: and denominator:", "from names no value")
	}
	if (f.Numerator == "") != (f.Denominator == "") {
		c.fault("from", "name both, or only value:", "from names a numerator or a denominator without the other")
	}
	for _, filter := range f.Where {
		if len(filter.Value) == 0 || slices.Contains(filter.Value, "") {
			c.fault("from.where."+filter.Key, "write the text that rows must have in this column", "from.where.%s has no value", filter.Key)
		}
	}
	if b := f.Breakdown; b != nil {
		c.breakdown(b)
	}
}

// sheet finds what is wrong with periods that have a column each.
func (c *checker) sheet() {
	f := c.From
	if f.Period != "" || f.Value != "" || f.Numerator != "" || f.Denominator != "" {
		c.fault("from.periods", "leave out either periods, or period with value, numerator and denominator", "from names both periods, a column each, and a column for all")
	}
	for _, column := range f.Periods {
		if _, err := periods.FromCode(column.Key); err != nil {
			c.fault("from.periods."+column.Key, "write the period's code, such as FY2025-26-Q2, and behind it the column", "%v", err)
		}
	}
}

func (c *checker) breakdown(b *Breakdown) {
	if b.Column == "" {
		c.fault("from.breakdown", "name the column that cuts the population", "from.breakdown has no column")
	} else if !nameForm.MatchString(b.Name) {
		c.fault("from.breakdown.name", "add name: in lower case letters, digits and _, such as deprivation_quintile", "from.breakdown.name is %q", b.Name)
	}
}

func (c *checker) links() {
	for i, link := range c.Plan {
		path := fmt.Sprintf("plan[%d]", i)
		from, to := c.period(path+".from", link.From), c.period(path+".to", link.To)
		if from.Code != "" && to.Code != "" && to.End.Before(from.Start) {
			c.fault(path+".to", "exchange the two, or leave out to: while the link lasts", "the link ends in %s, before it begins in %s", to.Code, from.Code)
		}
		same := func(other Link) bool { return other.Outcome == link.Outcome && other.From == link.From }
		if slices.IndexFunc(c.Plan, same) < i {
			c.fault(path, "leave out one of the two", "the outcome %s stands twice from the same period", link.Outcome)
		}
	}
}

// period reads a code, where there is one; a text that is none is a fault.
func (c *checker) period(path, code string) periods.Period {
	if code == "" {
		return periods.Period{}
	}
	p, err := periods.FromCode(code)
	if err != nil {
		c.fault(path, "write the period's code, such as FY2025-26", "%v", err)
	}
	return p
}
