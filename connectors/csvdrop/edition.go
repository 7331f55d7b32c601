package csvdrop

import (
	"path"
	"regexp"
	"time"
)

// An Edition says where a file's date of publication is to be found.
type Edition struct {
	// From is path (below the council's folder), name (of the file) or modified (as the file system says).
	From string `yaml:"from"`
	// Pattern is a regular expression whose first group is a date: 2024-09-30, 20240930, 2024-09, 202409 or 2024. A month or
	// year stands for its first day.
	Pattern string `yaml:"pattern"`
}

// dateForms are the forms of a date in a path.
var dateForms = []string{"2006-01-02", "20060102", "2006_01_02", "02-01-2006", "2006-01", "2006_01", "200601", "2006"}

// faults names every setting that cannot be used, with what can.
func (e Edition) faults() map[string]string {
	wrong := map[string]string{}
	switch e.From {
	case "", "modified":
		if e.Pattern != "" {
			wrong["pattern"] = "leave it out, or read the date from: path or from: name"
		}
		return wrong
	case "path", "name":
	default:
		wrong["from"] = "use path, name or modified"
		return wrong
	}
	pattern, err := regexp.Compile(e.Pattern)
	switch {
	case err != nil:
		wrong["pattern"] = "correct the regular expression: " + err.Error()
	case pattern.NumSubexp() != 1:
		wrong["pattern"] = "put brackets around the part that holds the date, and no others"
	}
	return wrong
}

// editionOf reads the date of publication of a file. It is zero where the contract names none.
func (e Edition) editionOf(place string, modified time.Time, zone *time.Location) (time.Time, error) {
	var text string
	switch e.From {
	case "":
		return time.Time{}, nil
	case "modified":
		return dateOf(modified, zone), nil
	case "path":
		text = "/" + place
	case "name":
		text = path.Base(place)
	}
	found := regexp.MustCompile(e.Pattern).FindStringSubmatch(text)
	if found == nil {
		return time.Time{}, refuse("the contract reads the date of publication from the %s with the pattern %s, which %q does not fit",
			e.From, e.Pattern, text)
	}
	for _, form := range dateForms {
		if date, err := time.Parse(form, found[1]); err == nil {
			return date, nil
		}
	}
	return time.Time{}, refuse("the contract reads the date of publication from the %s, and %q there is no date such as 2024-09-30 or 2024-09",
		e.From, found[1])
}
