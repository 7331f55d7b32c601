package schedules

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"time"

	"github.com/goldthread/goldthread/internal/fault"
)

// Calendars are the days on which nobody works, by the code of a calendar.
type Calendars map[string]map[string]bool

const calendarsFile = "reference/calendars.csv"

// ReadCalendars reads the days of reference/calendars.csv, whose form every run checks. There need be none.
func ReadCalendars(folder fs.FS) (Calendars, error) {
	all := Calendars{}
	file, err := folder.Open(calendarsFile)
	if errors.Is(err, fs.ErrNotExist) {
		return all, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		return nil, &fault.Error{Where: calendarsFile, What: "the file cannot be read: " + err.Error(), Fix: "write lines of calendar,date,name", Err: err}
	}
	if len(rows) == 0 {
		return all, nil
	}
	calendar, day := slices.Index(rows[0], "calendar"), slices.Index(rows[0], "date")
	if calendar < 0 || day < 0 {
		return nil, &fault.Error{Where: calendarsFile + ":1", What: "the columns calendar and date are not both there", Fix: "write calendar,date,name as the first line"}
	}
	for _, row := range rows[1:] {
		if all[row[calendar]] == nil {
			all[row[calendar]] = map[string]bool{}
		}
		all[row[calendar]][row[day]] = true
	}
	return all, nil
}

// Of gives a calendar by its code. Without a code it is the only one there is, or none.
func (c Calendars) Of(code string) Calendar {
	days := c[code]
	if code == "" && len(c) == 1 {
		for _, days = range c {
		}
	}
	return func(day time.Time) bool { return days[day.Format(time.DateOnly)] }
}

// Check finds schedules that name a calendar which is not there.
func (c Calendars) Check(list []Schedule) error {
	var faults []error
	for _, s := range list {
		if s.Calendar != "" && c[s.Calendar] == nil {
			faults = append(faults, &fault.Error{
				Where: s.file, What: fmt.Sprintf("there is no calendar %q in %s", s.Calendar, calendarsFile),
				Fix: fault.DidYouMean(s.Calendar, "calendars", slices.Sorted(maps.Keys(c))),
			})
		}
	}
	return fault.Join(faults...)
}
