// Package calendars knows the days on which a council does not work: weekends, and the bank holidays and closures of
// reference/calendars.csv.
package calendars

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io/fs"
	"slices"
	"time"

	"github.com/goldthread/goldthread/internal/fault"
)

// File is where a council's folder keeps its calendars.
const File = "reference/calendars.csv"

// Calendars are bank holidays and closures, as 2006-01-02, by the code of a calendar.
type Calendars map[string]map[string]bool

// Read reads the calendars of a council's folder, whose form every run checks. There need be none.
func Read(folder fs.FS) (Calendars, error) {
	text, err := fs.ReadFile(folder, File)
	if errors.Is(err, fs.ErrNotExist) {
		return Calendars{}, nil
	}
	if err != nil {
		return nil, err
	}
	return Parse(text)
}

// Parse reads the text of the file.
func Parse(text []byte) (Calendars, error) {
	all := Calendars{}
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		return nil, &fault.Error{Where: File, What: "the file cannot be read: " + err.Error(), Fix: "write lines of calendar,date,name", Err: err}
	}
	if len(rows) == 0 {
		return all, nil
	}
	calendar, day := slices.Index(rows[0], "calendar"), slices.Index(rows[0], "date")
	if calendar < 0 || day < 0 {
		return nil, &fault.Error{Where: File + ":1", What: "the columns calendar and date are not both there", Fix: "write calendar,date,name as the first line"}
	}
	for _, row := range rows[1:] {
		if all[row[calendar]] == nil {
			all[row[calendar]] = map[string]bool{}
		}
		all[row[calendar]][row[day]] = true
	}
	return all, nil
}

// Of says of a calendar, by its code, whether a day is a bank holiday or a closure. Without a code it is the only calendar there is,
// or none.
func (c Calendars) Of(code string) func(day time.Time) bool {
	days := c[code]
	if code == "" && len(c) == 1 {
		for _, days = range c {
		}
	}
	return func(day time.Time) bool { return days[day.Format(time.DateOnly)] }
}

// Works says whether people work on a day, given which days are closed.
func Works(day time.Time, closed func(time.Time) bool) bool {
	weekday := day.Weekday()
	return weekday != time.Saturday && weekday != time.Sunday && (closed == nil || !closed(day))
}

// Working gives the nth working day after a day.
func Working(after time.Time, n int, closed func(time.Time) bool) time.Time {
	day := after
	for n > 0 {
		if day = day.AddDate(0, 0, 1); Works(day, closed) {
			n--
		}
	}
	return day
}
