package schedules

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"github.com/goldthread/goldthread/internal/calendars"
	"github.com/goldthread/goldthread/internal/fault"
)

// Calendars are the days on which nobody works, by the code of a calendar.
type Calendars calendars.Calendars

// ReadCalendars reads the days of reference/calendars.csv, whose form every run checks. There need be none.
func ReadCalendars(folder fs.FS) (Calendars, error) {
	all, err := calendars.Read(folder)
	return Calendars(all), err
}

// Of gives a calendar by its code. Without a code it is the only one there is, or none.
func (c Calendars) Of(code string) Calendar { return calendars.Calendars(c).Of(code) }

// Check finds schedules that name a calendar which is not there.
func (c Calendars) Check(list []Schedule) error {
	var faults []error
	for _, s := range list {
		if s.Calendar != "" && c[s.Calendar] == nil {
			faults = append(faults, &fault.Error{
				Where: s.file, What: fmt.Sprintf("there is no calendar %q in %s", s.Calendar, calendars.File),
				Fix: fault.DidYouMean(s.Calendar, "calendars", slices.Sorted(maps.Keys(c))),
			})
		}
	}
	return fault.Join(faults...)
}
