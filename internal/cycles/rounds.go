package cycles

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/internal/periods"
)

// custom is the frequency of a cycle whose periods and dates are all listed.
const custom = "custom"

// monthsOf are the months from one period of a cycle to the next.
var monthsOf = map[string]int{"monthly": 1, "bimonthly": 2, "quarterly": 3, "half-yearly": 6, "annual": 12}

// usualYears is for how long periods follow from the first where the cycle does not say its last.
const usualYears = 10

// rounds works out the periods, and says whether they are known.
func (r *reader) rounds() bool {
	before := len(r.faults)
	months, known := monthsOf[r.Frequency]
	switch {
	case r.Frequency == custom:
		r.listed()
	case !known:
		r.wrong("frequency", fault.DidYouMean(r.Frequency, "frequencies", append(slices.Sorted(maps.Keys(monthsOf)), custom)), "frequency is %q", r.Frequency)
	default:
		r.follow(months)
	}
	return len(r.faults) == before
}

// listed takes the periods of a custom cycle from its dates.
func (r *reader) listed() {
	if r.From != "" || r.To != "" {
		r.wrong("from", "leave out from and to: the periods of a custom cycle are those under dates", "the periods are said twice")
	}
	if len(r.Dates) == 0 {
		r.wrong("frequency", "add dates: with a line for each period, such as FY2026-27-Q1: {cut_off: 2026-07-17}", "a custom cycle has no dates")
	}
	for _, code := range r.Dates.Keys() {
		if p, ok := r.period("dates."+code, code); ok {
			r.Periods = append(r.Periods, Period{Period: p})
		}
	}
	slices.SortStableFunc(r.Periods, func(a, b Period) int { return a.End.Compare(b.End) })
}

// period reads the code of a period.
func (r *reader) period(setting, code string) (periods.Period, bool) {
	p, err := periods.FromCode(code)
	if err != nil {
		r.wrong(setting, "write a period's code, such as FY2026-27-Q1", "%v", err)
	}
	return p, err == nil
}

// follow makes one period after the other.
func (r *reader) follow(months int) {
	if r.From == "" {
		r.wrong("cycle", "add from: and the first period that is reported, such as FY2026-27-Q1", "it is not said where the cycle begins")
		return
	}
	first, ok := r.period("from", r.From)
	last := first.Start.AddDate(usualYears, 0, -1)
	if ok && r.To != "" {
		var to periods.Period
		to, ok = r.period("to", r.To)
		last = to.End
	}
	if !ok {
		return
	}
	if next, fits := periods.Following(first, months, 0); !fits || next.Code != first.Code {
		r.wrong("from", "write the first period of a "+r.Frequency+" cycle, such as "+exampleOf[months], "%s is no period of a %s cycle", r.From, r.Frequency)
		return
	}
	for n := 0; ; n++ {
		p, _ := periods.Following(first, months, n)
		if p.End.After(last) {
			break
		}
		r.Periods = append(r.Periods, Period{Period: p})
	}
	if len(r.Periods) == 0 {
		r.wrong("to", "write a period that ends after "+first.Code, "%s is before the first period, %s", r.To, r.From)
	}
}

var exampleOf = map[int]string{1: "FY2026-27-M01", 2: "FY2026-27-M01_2026-27-M02", 3: "FY2026-27-Q1", 6: "FY2026-27-H1", 12: "FY2026-27"}

// date gives every period its dates, by the cycle's rules and what was decided otherwise.
func (r *reader) date() {
	for _, rule := range []struct{ setting, text string }{{"cut_off", r.CutOff}, {"sign_off", r.SignOff}, {"publish", r.Publish}} {
		if rule.text != "" && !ruleForm.MatchString(rule.text) {
			r.wrong(rule.setting, "write working day 15, or day 30, counted from the period's end", "%s is %q", rule.setting, rule.text)
			return
		}
	}
	for i := range r.Periods {
		p := &r.Periods[i]
		p.CutOff, p.SignOff, p.Publish = r.due(r.CutOff, p.End), r.due(r.SignOff, p.End), r.due(r.Publish, p.End)
		if decided, any := r.Dates.Get(p.Code); any {
			r.decide(p, decided)
		}
		if p.CutOff.IsZero() {
			r.wrong("dates."+p.Code, "add cut_off: for all periods, such as working day 15, or under dates for this one", "%s has no cut-off", p.Code)
			return
		}
		r.checkOrder(*p)
		if r.Release != "" {
			p.Release = strings.ReplaceAll(r.Release, "{period}", nameOf(p.Code))
		}
		p.Sets = slices.Clone(r.Reports)
		if len(r.Focus) > 0 {
			focus := r.Focus[i%len(r.Focus)]
			p.Focus, p.Sets = focus.Name, append(p.Sets, focus.Reports...)
		}
	}
	for _, code := range r.Dates.Keys() {
		if !slices.ContainsFunc(r.Periods, func(p Period) bool { return p.Code == code }) {
			r.wrong("dates."+code, "write a period between from and to, or leave it out", "%s is no period of this cycle", code)
		}
	}
}

// nameOf is a period's code as it stands in the name of a release.
func nameOf(code string) string { return strings.ReplaceAll(strings.ToLower(code), "_", "-") }

func (r *reader) decide(p *Period, decided DecidedDates) {
	for _, one := range []struct {
		setting, text string
		into          *time.Time
	}{{"cut_off", decided.CutOff, &p.CutOff}, {"sign_off", decided.SignOff, &p.SignOff}, {"publish", decided.Publish, &p.Publish}} {
		if one.text == "" {
			continue
		}
		day, err := time.Parse(time.DateOnly, one.text)
		if err != nil {
			r.wrong("dates."+p.Code+"."+one.setting, "write a day such as 2026-07-17", "%q is no date", one.text)
			continue
		}
		*one.into = day
	}
}

// checkOrder finds dates that cannot be meant.
func (r *reader) checkOrder(p Period) {
	where := "dates." + p.Code
	switch {
	case p.CutOff.Before(p.Start):
		r.wrong(where, "write a day after the period has begun, "+p.Start.Format(time.DateOnly), "the cut-off of %s is before the period", p.Code)
	case !p.SignOff.IsZero() && p.SignOff.Before(p.CutOff):
		r.wrong(where, "write cut-off, sign-off and publication in this order", "the sign-off of %s is before its cut-off", p.Code)
	case !p.Publish.IsZero() && p.Publish.Before(later(p.CutOff, p.SignOff)):
		r.wrong(where, "write cut-off, sign-off and publication in this order", "%s is published before its cut-off or sign-off", p.Code)
	case r.Release != "" && p.Publish.IsZero():
		r.wrong(where, "add publish:, the day whose release gets the name", "%s has no day of publication, and a release is to be named", p.Code)
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
