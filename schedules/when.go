package schedules

import (
	"fmt"
	"math/bits"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/goldthread/goldthread/internal/calendars"
)

// A When says on which days, and at which times of them, something is due: as a person would say it, or as cron does.
type When struct {
	text    string
	on      func(day date, calendar Calendar) bool
	minutes uint64 // of an hour, a bit each
	hours   uint64 // of a day
	times   []int  // minutes after midnight, in place of minutes and hours
}

func (w When) String() string { return w.text }

// everyHour says whether it is due in every hour: then hours count as they pass, and not as the clock on the wall shows them.
func (w When) everyHour() bool { return w.times == nil && w.hours == 1<<24-1 }

// A Calendar says whether a day is a bank holiday or a closure.
type Calendar func(day time.Time) bool

func (c Calendar) works(d date) bool { return calendars.Works(d.midnight(), c) }

// The forms that ParseWhen knows, for messages.
const forms = "daily at 02:00, weekdays at 06:30, working days at 07:00, mondays and thursdays at 03:00, day 1 of the month at 05:00, " +
	"last day of the month at 20:00, working day 3 of the month at 07:00, day 15 of january, april, july and october at 06:00, " +
	"hourly at :15 and every 30 minutes"

var (
	spaces  = regexp.MustCompile(`\s+`)
	ofMonth = regexp.MustCompile(`^(day ([0-9]{1,2})|last day|working day ([0-9]{1,2})|last working day) of (.+)$`)
	hourly  = regexp.MustCompile(`^hourly( at :([0-9]{2}))?$`)
	every   = regexp.MustCompile(`^every ([0-9]{1,2}) minutes$`)
	clock   = regexp.MustCompile(`^([0-9]{2}):([0-9]{2})$`)
)

// ParseWhen reads what a person would say, such as "daily at 02:00".
func ParseWhen(text string) (When, error) {
	plain := strings.ToLower(strings.TrimSpace(spaces.ReplaceAllString(text, " ")))
	w := When{text: plain, on: everyDay}
	if m := hourly.FindStringSubmatch(plain); m != nil {
		minute, _ := strconv.Atoi(m[2])
		if minute > 59 {
			return w, fmt.Errorf("an hour has no minute %d", minute)
		}
		w.minutes, w.hours = 1<<minute, 1<<24-1
		return w, nil
	}
	if m := every.FindStringSubmatch(plain); m != nil {
		return w.every(m[1])
	}
	days, times, both := strings.Cut(plain, " at ")
	if !both {
		return w, fmt.Errorf("%q is not a time that comes round", text)
	}
	var err error
	if w.on, err = parseDays(days); err != nil {
		return w, err
	}
	for _, one := range listed(times) {
		minute, err := parseClock(one)
		if err != nil {
			return w, err
		}
		w.times = append(w.times, minute)
	}
	slices.Sort(w.times)
	w.times = slices.Compact(w.times)
	return w, w.comes()
}

func (w When) every(text string) (When, error) {
	n, _ := strconv.Atoi(text)
	if n < 1 || n > 30 || 60%n != 0 {
		return w, fmt.Errorf("an hour cannot be cut into parts of %d minutes; write 5, 10, 15, 20 or 30", n)
	}
	for minute := 0; minute < 60; minute += n {
		w.minutes |= 1 << minute
	}
	w.hours = 1<<24 - 1
	return w, nil
}

// parseClock gives the minutes after midnight of a time such as 02:00.
func parseClock(text string) (int, error) {
	m := clock.FindStringSubmatch(text)
	if m == nil {
		return 0, fmt.Errorf("%q is not a time of day; write it with four digits, such as 02:00", text)
	}
	hour, _ := strconv.Atoi(m[1])
	minute, _ := strconv.Atoi(m[2])
	if hour > 23 || minute > 59 {
		return 0, fmt.Errorf("a day has no time %s", text)
	}
	return hour*60 + minute, nil
}

// listed takes "a, b and c" apart.
func listed(text string) []string {
	var parts []string
	for _, part := range strings.Split(strings.ReplaceAll(text, " and ", ","), ",") {
		parts = append(parts, strings.TrimSpace(part))
	}
	return parts
}

func everyDay(date, Calendar) bool { return true }

// parseDays reads the days of "days at time".
func parseDays(text string) (func(date, Calendar) bool, error) {
	switch text {
	case "daily":
		return everyDay, nil
	case "weekdays":
		return func(d date, _ Calendar) bool { return Calendar(nil).works(d) }, nil
	case "working days":
		return func(d date, c Calendar) bool { return c.works(d) }, nil
	}
	if m := ofMonth.FindStringSubmatch(text); m != nil {
		return parseOfMonth(m)
	}
	var on [7]bool
	for _, one := range listed(text) {
		weekday := slices.Index(weekdays[:], strings.TrimSuffix(one, "s"))
		if weekday < 0 {
			return nil, fmt.Errorf("there are no days %q", one)
		}
		on[weekday] = true
	}
	return func(d date, _ Calendar) bool { return on[d.weekday()] }, nil
}

var weekdays = [7]string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}

var months = [12]string{"january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"}

// parseOfMonth reads "day 15 of january and july", as ofMonth took it apart.
func parseOfMonth(m []string) (func(date, Calendar) bool, error) {
	in, err := parseMonths(m[4])
	if err != nil {
		return nil, err
	}
	day, _ := strconv.Atoi(m[2])
	working, _ := strconv.Atoi(m[3])
	switch {
	case m[2] != "" && (day < 1 || day > 31):
		return nil, fmt.Errorf("a month has no day %d", day)
	case m[2] != "":
		return func(d date, _ Calendar) bool { return in[d.month-1] && d.day == day }, nil
	case m[3] != "" && (working < 1 || working > 15):
		return nil, fmt.Errorf("not every month has %d working days; write a number from 1 to 15", working)
	case m[3] != "":
		return func(d date, c Calendar) bool { return in[d.month-1] && c.works(d) && c.before(d) == working-1 }, nil
	case m[1] == "last day":
		return func(d date, _ Calendar) bool { return in[d.month-1] && d.next().day == 1 }, nil
	}
	return func(d date, c Calendar) bool { return in[d.month-1] && c.works(d) && c.isLast(d) }, nil
}

func parseMonths(text string) (in [12]bool, err error) {
	if text == "the month" || text == "each month" || text == "every month" {
		for i := range in {
			in[i] = true
		}
		return in, nil
	}
	for _, one := range listed(text) {
		month := slices.Index(months[:], one)
		if month < 0 {
			return in, fmt.Errorf("there is no month %q", one)
		}
		in[month] = true
	}
	return in, nil
}

// before counts the working days of a day's month before it.
func (c Calendar) before(d date) (n int) {
	for day := (date{d.year, d.month, 1}); day != d; day = day.next() {
		if c.works(day) {
			n++
		}
	}
	return n
}

// isLast says whether no working day of the month comes after a day.
func (c Calendar) isLast(d date) bool {
	for day := d.next(); day.day != 1; day = day.next() {
		if c.works(day) {
			return false
		}
	}
	return true
}

// ParseCron reads the five fields of cron: minute, hour, day of the month, month, day of the week.
func ParseCron(text string) (w When, err error) {
	defer func() {
		if recover() != nil { // the library does on some texts
			err = fmt.Errorf("%q cannot be read", text)
		}
	}()
	fields := strings.Fields(text)
	if len(fields) != 5 || strings.ContainsAny(text, "@=?") {
		return w, fmt.Errorf("%q does not have the five fields minute, hour, day, month and weekday", text)
	}
	if fields[2] != "*" && fields[4] != "*" {
		return w, fmt.Errorf("cron runs %q on the days of the month and on the weekdays, not on days that are both; make two schedules", text)
	}
	parsed, err := cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow).Parse(strings.Join(fields, " "))
	if err != nil {
		return w, fmt.Errorf("%q cannot be read: %w", text, err)
	}
	spec, ok := parsed.(*cron.SpecSchedule)
	if !ok {
		return w, fmt.Errorf("%q cannot be read", text)
	}
	const wild = 1 << 63 // which the library sets beside the others
	w = When{text: strings.Join(fields, " "), minutes: spec.Minute &^ wild, hours: spec.Hour &^ wild}
	w.on = func(d date, _ Calendar) bool {
		return spec.Month&(1<<d.month) != 0 && spec.Dom&(1<<d.day) != 0 && spec.Dow&(1<<d.weekday()) != 0
	}
	return w, w.comes()
}

// comes refuses days that no year has, such as the thirtieth of February.
func (w When) comes() error {
	if w.times == nil && bits.OnesCount64(w.minutes)*bits.OnesCount64(w.hours) == 0 {
		return fmt.Errorf("%q never comes", w.text)
	}
	for day := (date{2024, time.January, 1}); day.year < 2032; day = day.next() {
		if w.on(day, nil) {
			return nil
		}
	}
	return fmt.Errorf("%q never comes: no year has such a day", w.text)
}
