package connectors

import (
	"bytes"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
)

// DateOrders are the orders in which a date of numbers may be written. Year-month-day with hyphens is taken in all of them.
var DateOrders = []string{"dmy", "mdy", "ymd"}

// orderWords say an order as people do.
var orderWords = map[string]string{"": "day/month/year", "dmy": "day/month/year", "mdy": "month/day/year", "ymd": "year/month/day"}

// A day is a date as written.
type day struct{ year, month, day int }

// valid says whether the calendar has the day.
func (d day) valid() bool {
	return d.year >= 1 && d.month >= 1 && d.month <= 12 && d.day >= 1 && d.day <= daysIn(d.year, d.month)
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// date32 counts the days since 1970-01-01.
func (d day) date32() arrow.Date32 {
	// Years begin in March here, so that the leap day is the last of its year.
	y, m := d.year, d.month-3
	if m < 0 {
		y, m = y-1, m+12
	}
	days := 365*y + y/4 - y/100 + y/400 + (153*m+2)/5 + d.day - 1
	return arrow.Date32(days - 719468)
}

// parseDay reads three numbers with one kind of separator between them.
func parseDay(text []byte, order string) (day, bool) {
	if d, ok := isoDay(text); ok {
		return d, d.valid()
	}
	var parts [3]int
	var widths [3]int
	part, separator := 0, byte(0)
	for _, c := range text {
		switch {
		case c >= '0' && c <= '9':
			parts[part] = parts[part]*10 + int(c-'0')
			if widths[part]++; widths[part] > 4 {
				return day{}, false
			}
		case part < 2 && (c == '/' || c == '-' || c == '.') && (separator == 0 || c == separator):
			part, separator = part+1, c
		default:
			return day{}, false
		}
	}
	if part != 2 {
		return day{}, false
	}
	return arrange(parts, widths, separator, order)
}

// isoDay reads yyyy-mm-dd, which is taken in every order.
func isoDay(text []byte) (d day, ok bool) {
	if len(text) != len("2006-01-02") || text[4] != '-' || text[7] != '-' {
		return day{}, false
	}
	var n [10]int
	for i, c := range text {
		if n[i] = int(c - '0'); (i != 4 && i != 7) && !digit(c) {
			return day{}, false
		}
	}
	return day{n[0]*1000 + n[1]*100 + n[2]*10 + n[3], n[5]*10 + n[6], n[8]*10 + n[9]}, true
}

// arrange says which of three numbers is the year, the month and the day.
func arrange(parts, widths [3]int, separator byte, order string) (day, bool) {
	iso := separator == '-' && widths == [3]int{4, 2, 2}
	d, year := day{parts[2], parts[1], parts[0]}, 2
	switch {
	case iso || order == "ymd":
		d, year = day{parts[0], parts[1], parts[2]}, 0
	case order == "mdy":
		d = day{parts[2], parts[0], parts[1]}
	}
	for i, w := range widths {
		if i == year && w != 4 || i != year && (w < 1 || w > 2) {
			return day{}, false
		}
	}
	return d, d.valid()
}

// dates reads days. A time of exactly midnight behind the day is what databases write, and is passed over.
type dates struct {
	fixedBuilder[arrow.Date32]
	order string
	held  arrow.Date32
}

func (c *dates) parse(text []byte) string {
	d, ok := parseDay(withoutMidnight(text), c.order)
	if !ok {
		return "not a date (" + orderWords[c.order] + ")"
	}
	c.held = d.date32()
	return ""
}

func (c *dates) append() { c.add(c.held) }

// withoutMidnight takes a time of midnight off a date. Any other text comes back as it is.
func withoutMidnight(text []byte) []byte {
	if len(text) <= len("2006-01-02") {
		return text
	}
	i := bytes.IndexAny(text, " T")
	if i < 0 {
		return text
	}
	if clock, ok := parseClock(text[i+1:]); !ok || clock != 0 {
		return text
	}
	return text[:i]
}

// parseClock reads hh:mm, hh:mm:ss or hh:mm:ss.ffffff.
func parseClock(text []byte) (time.Duration, bool) {
	if len(text) != 5 && len(text) != 8 && (len(text) < 10 || len(text) > 18 || text[8] != '.') {
		return 0, false
	}
	var total time.Duration
	for i, unit := range []time.Duration{time.Hour, time.Minute, time.Second} {
		at := i * 3
		if at >= len(text) {
			return total, true
		}
		if i > 0 && text[at-1] != ':' || !digit(text[at]) || !digit(text[at+1]) {
			return 0, false
		}
		n := int(text[at]-'0')*10 + int(text[at+1]-'0')
		if n > 59 || i == 0 && n > 23 {
			return 0, false
		}
		total += time.Duration(n) * unit
	}
	return fraction(text, total)
}

// fraction adds the digits behind the point of a time, of which those past microseconds must be zeros.
func fraction(text []byte, total time.Duration) (time.Duration, bool) {
	unit := time.Second
	for i := 9; i < len(text); i++ {
		if unit /= 10; !digit(text[i]) || unit < time.Microsecond && text[i] != '0' {
			return 0, false
		}
		total += time.Duration(text[i]-'0') * unit
	}
	return total, true
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// timestamps reads moments: a day, a space or T, a time, and an offset where there is one. A moment without an offset is
// local time: one that the clocks skip in spring is refused, of one that they repeat in autumn the first is taken.
type timestamps struct {
	fixedBuilder[arrow.Timestamp]
	order string
	zone  *time.Location
	held  arrow.Timestamp
}

func (c *timestamps) parse(text []byte) string {
	wrong := "not a date and time (" + orderWords[c.order] + " hours:minutes)"
	i := bytes.IndexAny(text, " T")
	if i < 0 {
		i = len(text)
	}
	d, ok := parseDay(text[:i], c.order)
	if !ok {
		return wrong
	}
	rest := []byte("00:00")
	if i < len(text) {
		rest = text[i+1:]
	}
	clock, offset, local, ok := parseClockAndOffset(rest)
	if !ok && tooFine(rest) {
		return "has more than six decimal places of a second, which a timestamp cannot hold; as text all of them are kept"
	}
	if !ok {
		return wrong
	}
	utc := time.Unix(int64(d.date32())*86400, 0).UTC().Add(clock)
	if local {
		if offset, ok = offsetAt(utc, c.zone); !ok {
			return "a time that did not exist, as the clocks went forward over it"
		}
	}
	c.held = arrow.Timestamp(utc.Add(-offset).UnixMicro())
	return ""
}

func (c *timestamps) append() { c.add(c.held) }

// parseClockAndOffset reads a time and what follows it: nothing, Z, or an offset such as +01:00.
func parseClockAndOffset(text []byte) (clock, offset time.Duration, local, ok bool) {
	n := len(text)
	if n > 0 && (text[n-1] == 'Z' || text[n-1] == 'z') {
		clock, ok = parseClock(text[:n-1])
		return clock, 0, false, ok
	}
	if i := bytes.LastIndexAny(text, "+-"); i >= 0 {
		hours := text[i+1:]
		if len(hours) == 2 {
			hours = append(bytes.Clone(hours), ":00"...)
		}
		if len(hours) == 4 {
			hours = []byte(string(hours[:2]) + ":" + string(hours[2:]))
		}
		offset, ok = parseClock(hours)
		if !ok || len(hours) != 5 || offset > 15*time.Hour {
			return 0, 0, false, false
		}
		if text[i] == '-' {
			offset = -offset
		}
		clock, ok = parseClock(trim(text[:i]))
		return clock, offset, false, ok
	}
	clock, ok = parseClock(text)
	return clock, 0, true, ok
}

// tooFine says of what is no time whether it would be one but for the digits past microseconds.
func tooFine(text []byte) bool {
	coarse := bytes.Clone(text)
	for i := bytes.IndexByte(text, '.') + len(".123456"); i >= len(".123456") && i < len(text) && digit(text[i]); i++ {
		coarse[i] = '0'
	}
	_, _, _, ok := parseClockAndOffset(coarse)
	return ok
}

// offsetAt is the offset of zone at a local time, given as if it were UTC: the larger, and so the earlier moment, where
// the clocks repeat the hour.
func offsetAt(local time.Time, zone *time.Location) (time.Duration, bool) {
	offsets := [2]time.Duration{}
	for i, around := range []time.Duration{-24 * time.Hour, 24 * time.Hour} {
		_, seconds := local.Add(around).In(zone).Zone()
		offsets[i] = time.Duration(seconds) * time.Second
	}
	for _, offset := range []time.Duration{max(offsets[0], offsets[1]), min(offsets[0], offsets[1])} {
		if _, seconds := local.Add(-offset).In(zone).Zone(); time.Duration(seconds)*time.Second == offset {
			return offset, true
		}
	}
	return 0, false
}
