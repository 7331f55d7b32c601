package lginform

import (
	"slices"
	"strings"
	"time"
)

// comparisons are the words full_comparison may be, with the days between two of them.
var comparisons = map[string]int{"daily": 1, "weekly": 7, "monthly": 28, "never": 0}

// usualComparison is how often everything is read where the settings do not say.
const usualComparison = "monthly"

// due says whether everything is to be read, so that what the service no longer gives is seen. The days are the service's.
func (r *reading) due() bool {
	word := r.topic.FullComparison
	if word == "" {
		word = usualComparison
	}
	last, err := time.Parse(time.DateOnly, r.before.Whole)
	today, failed := time.Parse(time.DateOnly, r.after.Since)
	days := comparisons[word]
	return days > 0 && failed == nil && (err != nil || !today.Before(last.AddDate(0, 0, days)))
}

// mostPeriods is how many periods of the past one address has room for.
const mostPeriods = 60

// comparisonCalls ask for what the settings ask for and, so that a period that has left the latest ones is not taken to be
// withdrawn, for each period that was ever given. Metric types with the same periods share calls.
func (r *reading) comparisonCalls() []call {
	together := map[string][]string{}
	var order []string
	for _, id := range r.topic.MetricTypes {
		periods := strings.Join(r.before.Periods[id], ",")
		if together[periods] == nil {
			order = append(order, periods)
		}
		together[periods] = append(together[periods], id)
	}
	var calls []call
	for _, periods := range order {
		t := r.topic
		past := slices.DeleteFunc(strings.Split(periods, ","), func(one string) bool { return one == "" || slices.Contains(t.Periods, one) })
		asked := slices.Clone(t.Periods)
		for {
			n := min(len(past), mostPeriods)
			t.Periods = append(asked, past[:n]...)
			calls = append(calls, valueCalls(t, r.Source, together[periods])...)
			if asked, past = nil, past[n:]; len(past) == 0 {
				break
			}
		}
	}
	return calls
}

// given notes that a metric type has a value for a period, for later comparisons.
func (c *cursor) given(metricType, period string) {
	if at, found := slices.BinarySearch(c.Periods[metricType], period); !found {
		if c.Periods == nil {
			c.Periods = map[string][]string{}
		}
		c.Periods[metricType] = slices.Insert(slices.Clone(c.Periods[metricType]), at, period)
	}
}
