// Package keeping reads for how long something is kept, as settings say it: "90 days", "24 months", "forever".
package keeping

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// A Time is for how long something is kept; the zero value is for ever.
type Time struct{ months, days int }

// Forms are the ways to write one, for the fix of a fault.
const Forms = "write it like 90 days, 12 weeks, 24 months or 7 years, or forever"

var form = regexp.MustCompile(`^([1-9][0-9]{0,4}) (day|week|month|year)s?$`)

// most is more than the law asks of anything, and still a date.
const most = 200 * 366

// Parse reads such a text.
func Parse(text string) (Time, error) {
	if text == "forever" {
		return Time{}, nil
	}
	parts := form.FindStringSubmatch(text)
	if parts == nil {
		return Time{}, fmt.Errorf("%q is not for how long something is kept", text)
	}
	n, err := strconv.Atoi(parts[1])
	if err != nil {
		return Time{}, err
	}
	var t Time
	switch parts[2] {
	case "day":
		t.days = n
	case "week":
		t.days = 7 * n
	case "month":
		t.months = n
	case "year":
		t.months = 12 * n
	}
	if t.months*31+t.days > most {
		return Time{}, fmt.Errorf("%q is longer than two hundred years", text)
	}
	return t, nil
}

// Forever says whether nothing is past its time.
func (t Time) Forever() bool { return t == Time{} }

// CutOff is the first moment that is still kept at another: the beginning of the local day so long before. A month's end that the
// earlier month does not have is its last day.
func (t Time) CutOff(now time.Time) time.Time {
	year, month, day := now.Date()
	first := time.Date(year, month-time.Month(t.months), 1, 0, 0, 0, 0, now.Location())
	last := first.AddDate(0, 1, -1).Day()
	return time.Date(first.Year(), first.Month(), min(day, last)-t.days, 0, 0, 0, 0, now.Location())
}

func (t Time) String() string {
	switch {
	case t.Forever():
		return "forever"
	case t.days > 0:
		return plural(t.days, "day")
	}
	return plural(t.months, "month")
}

func plural(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}
