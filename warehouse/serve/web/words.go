package web

import (
	"fmt"
	"html/template"
	"math/big"
	"strconv"
	"strings"
	"time"
)

// words are what templates say moments, counts and amounts with.
func (s *Server) words() template.FuncMap {
	return template.FuncMap{
		"moment":  func(t time.Time) string { return t.In(s.Zone).Format("Mon 2 Jan 2006, 15:04") },
		"machine": func(t time.Time) string { return t.In(s.Zone).Format(time.RFC3339) },
		"count":   thousands,
		"plural":  plural,
		"size":    size,
		"long":    long,
		"day":     day,
		"shown": func(f figure, unit string) any {
			return struct {
				figure
				Unit string
			}{f, unit}
		},
		"sheet": func(caption string, datasets []datasetLine) sheet { return sheet{caption, datasets} },
		"len64": func(n int) int64 { return int64(n) },
	}
}

// thousands writes a number as people read it.
func thousands(n int64) string { return grouped(strconv.FormatInt(n, 10)) }

// grouped puts commas between the thousands of a decimal.
func grouped(text string) string {
	sign := ""
	if rest, negative := strings.CutPrefix(text, "-"); negative {
		sign, text = "−", rest
	}
	digits, fraction, _ := strings.Cut(text, ".")
	var parts []string
	for len(digits) > 3 {
		parts = append([]string{digits[len(digits)-3:]}, parts...)
		digits = digits[:len(digits)-3]
	}
	whole := sign + strings.Join(append([]string{digits}, parts...), ",")
	if fraction != "" {
		return whole + "." + fraction
	}
	return whole
}

func plural(n int64, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return thousands(n) + " " + word + "s"
}

func size(bytes int64) string {
	for _, unit := range []struct {
		name string
		size int64
	}{{"GB", 1 << 30}, {"MB", 1 << 20}, {"KB", 1 << 10}} {
		if bytes >= unit.size {
			return fmt.Sprintf("%d.%d %s", bytes/unit.size, bytes%unit.size*10/unit.size, unit.name)
		}
	}
	return plural(bytes, "byte")
}

// long writes how long something took.
func long(d time.Duration) string {
	switch {
	case d < time.Minute:
		return plural(int64(d/time.Second), "second")
	case d < time.Hour:
		return plural(int64(d/time.Minute), "minute")
	default:
		return plural(int64(d/time.Hour), "hour") + " " + plural(int64(d%time.Hour/time.Minute), "minute")
	}
}

// day writes a date such as 2026-11-25 as people read it, and leaves what is none.
func day(text string) string {
	date, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return text
	}
	return date.Format("2 Jan 2006")
}

// mostPlaces is how many decimals people read with ease.
const mostPlaces = 2

// placesOf is how many decimals a text has.
func placesOf(text string) int {
	_, fraction, _ := strings.Cut(text, ".")
	return len(fraction)
}

// rounded writes a decimal with so many places, reckoned exactly; what is none stays as it is.
func rounded(text string, places int) string {
	if strings.ContainsAny(text, "/eExXpP") { // which a huge exponent would take long to reckon
		return text
	}
	exact, ok := new(big.Rat).SetString(text)
	if !ok {
		return text
	}
	return grouped(exact.FloatString(places))
}

// displayed writes two values of a measure rounded alike, or in full where they would look the same.
func displayed(before, now string) (string, string) {
	places := min(max(placesOf(before), placesOf(now)), mostPlaces)
	a, b := rounded(before, places), rounded(now, places)
	if a == b && before != now {
		return before, now
	}
	return a, b
}
