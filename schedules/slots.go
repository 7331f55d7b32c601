package schedules

import (
	"fmt"
	"time"
)

// A date is a day of the calendar, wherever.
type date struct {
	year  int
	month time.Month
	day   int
}

func dateOf(moment time.Time) date {
	y, m, d := moment.Date()
	return date{y, m, d}
}

func (d date) midnight() time.Time { return time.Date(d.year, d.month, d.day, 0, 0, 0, 0, time.UTC) }

func (d date) next() date { return dateOf(d.midnight().AddDate(0, 0, 1)) }

func (d date) before() date { return dateOf(d.midnight().AddDate(0, 0, -1)) }

func (d date) weekday() time.Weekday { return d.midnight().Weekday() }

func (d date) String() string { return d.midnight().Format(time.DateOnly) }

// A slot is one time at which something is due. Its name is the local date and time that were meant, by which it is known for
// good, whatever clocks do: the one o'clock of the night in which there is none is as much a slot of its day as any other.
type slot struct {
	name string
	at   time.Time
}

// slots gives those of one local day, the earliest first.
func (w When) slots(day date, zone *time.Location, calendar Calendar) []slot {
	if !w.on(day, calendar) {
		return nil
	}
	if w.everyHour() {
		return w.slotsAsHoursPass(day, zone)
	}
	var list []slot
	for _, minute := range w.minutesOfDay() {
		name := fmt.Sprintf("%sT%02d:%02d", day, minute/60, minute%60)
		list = append(list, slot{name, moment(day, minute, zone)})
	}
	return list
}

func (w When) minutesOfDay() []int {
	if w.times != nil {
		return w.times
	}
	var list []int
	for minute := range 24 * 60 {
		if w.hours&(1<<(minute/60)) != 0 && w.minutes&(1<<(minute%60)) != 0 {
			list = append(list, minute)
		}
	}
	return list
}

// slotsAsHoursPass gives a slot in each hour that passes: 23 or 25 of them on the days on which clocks change. Of the hour that
// comes twice each has its name, with the distance from Greenwich.
func (w When) slotsAsHoursPass(day date, zone *time.Location) []slot {
	var list []slot
	end := moment(day.next(), 0, zone)
	for at := moment(day, 0, zone); at.Before(end); {
		local := at.In(zone)
		if wait := w.minutesUntil(local.Minute()); wait > 0 {
			at = at.Add(time.Duration(wait) * time.Minute)
			continue
		}
		list = append(list, slot{local.Format("2006-01-02T15:04-07:00"), at})
		at = at.Add(time.Minute)
	}
	return list
}

// minutesUntil says in how many minutes the next of w comes, counted from a minute of the hour.
func (w When) minutesUntil(minute int) (wait int) {
	for w.minutes&(1<<((minute+wait)%60)) == 0 {
		wait++
	}
	return wait
}

// moment is when a clock on the wall shows so many minutes after midnight: the first time, where it does so twice, and the
// moment at which clocks go on where it never does.
func moment(day date, minute int, zone *time.Location) time.Time {
	wall := day.midnight().Add(time.Duration(minute) * time.Minute)
	shows := func(t time.Time) bool {
		local := t.In(zone)
		return dateOf(local) == day && local.Hour()*60+local.Minute() == minute
	}
	offset := func(t time.Time) time.Duration {
		_, seconds := t.In(zone).Zone()
		return time.Duration(seconds) * time.Second
	}
	early, late := wall.Add(-offset(wall.Add(-25*time.Hour))), wall.Add(-offset(wall.Add(25*time.Hour)))
	if late.Before(early) {
		early, late = late, early
	}
	for _, t := range []time.Time{early, late} {
		if shows(t) {
			return t
		}
	}
	change, _ := late.In(zone).ZoneBounds()
	if change.IsZero() {
		return late
	}
	return change.UTC()
}

// far is how far back missed slots are counted, and ahead the next one is looked for.
const far = 9 * 366 * 24 * time.Hour

// latest gives the last slot after one moment and up to another, and how many there are between the two.
func (w When) latest(after, until time.Time, zone *time.Location, calendar Calendar) (last slot, n int) {
	if first := until.Add(-far); after.Before(first) {
		after = first
	}
	for day := dateOf(until.In(zone)); !moment(day.next(), 0, zone).Before(after); day = day.before() {
		list := w.slots(day, zone, calendar)
		for i := len(list) - 1; i >= 0; i-- {
			if s := list[i]; s.at.After(after) && !s.at.After(until) {
				if n == 0 {
					last = s
				}
				n++
			}
		}
	}
	return last, n
}

// next gives the first slot after a moment, if there is one: a calendar may leave no day.
func (w When) next(after time.Time, zone *time.Location, calendar Calendar) (slot, bool) {
	for day := dateOf(after.In(zone)); day.midnight().Before(after.Add(far)); day = day.next() {
		for _, s := range w.slots(day, zone, calendar) {
			if s.at.After(after) {
				return s, true
			}
		}
	}
	return slot{}, false
}
