package schedules

import (
	"fmt"
	"strings"
	"time"
)

// Complaints says what is wrong with how schedules stand: what was due and has not come to an end within its time limit, and
// what came out badly when it last did. It is for a monitor that asks from outside, and opens no warehouse.
func Complaints(list []Schedule, events map[string][]Event, now time.Time, zone *time.Location, calendars Calendars) []string {
	var all []string
	for _, s := range list {
		last := lastSettled(events[s.Name])
		due, n := s.when.latest(base(events[s.Name], now), now.Add(-s.limit-grace), zone, calendars.Of(s.Calendar))
		switch {
		case len(events[s.Name]) == 0:
			all = append(all, fmt.Sprintf("%s has never been seen by a scheduler", s.Name))
		case n > 0:
			all = append(all, fmt.Sprintf("%s was due at %s and has not come to an end", s.Name, due.at.In(zone).Format("2006-01-02 15:04")))
		case last != nil && last.What == Missed, last != nil && last.What == Ended && last.Outcome != "done":
			all = append(all, fmt.Sprintf("%s of %s: %s", s.Name, last.Due.In(zone).Format("2006-01-02 15:04"), strings.TrimSpace(last.said()+" "+last.Why)))
		}
	}
	return all
}

// said is what became of a slot, in a word.
func (e Event) said() string {
	if e.What == Ended {
		return e.Outcome
	}
	return e.What
}

// lastSettled gives the last event that settled a slot.
func lastSettled(events []Event) *Event {
	for i := len(events) - 1; i >= 0; i-- {
		if e := &events[i]; e.What != Seen && e.What != Begun {
			return e
		}
	}
	return nil
}
