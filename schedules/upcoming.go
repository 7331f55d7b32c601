package schedules

import (
	"strings"
	"time"
)

// A Standing is how a schedule stands: when it is next due, and what became of it last.
type Standing struct {
	Schedule string    `json:"schedule"`
	When     string    `json:"when"`
	Sources  []string  `json:"sources,omitempty"`
	Next     time.Time `json:"next,omitzero"`
	Last     *Event    `json:"last,omitempty"`
}

// Said is what became of the schedule last, in words; empty where nothing has yet.
func (s Standing) Said() string {
	if s.Last == nil {
		return ""
	}
	return strings.TrimSpace(s.Last.said() + " " + s.Last.Why)
}

// Standings says how schedules stand at a moment, by what a ledger holds; last, how the last run came out that a person started.
func Standings(list []Schedule, events map[string][]Event, now time.Time, zone *time.Location, calendars Calendars) []Standing {
	var all []Standing
	for _, s := range list {
		standing := Standing{Schedule: s.Name, When: s.When(), Sources: s.Sources}
		if next, ever := s.when.next(now, zone, calendars.Of(s.Calendar)); ever {
			standing.Next = next.at.In(zone)
		}
		if list := events[s.Name]; len(list) > 0 && list[len(list)-1].What != Seen {
			standing.Last = &list[len(list)-1]
		}
		all = append(all, standing)
	}
	if list := events[Manual]; len(list) > 0 {
		last := &list[len(list)-1]
		all = append(all, Standing{Schedule: Manual, When: "by hand, last by " + last.By, Last: last})
	}
	return all
}
