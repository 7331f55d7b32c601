package periods

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// A form is a way of writing labels, with what it looks like.
type form struct {
	name    string
	example string
	parse   func(basisName, label string) (Period, error)
}

var forms = []form{
	{"calendar_year", "2025", parseCalendarYear},
	{"financial_year", "2024/25", func(_, label string) (Period, error) { return parseSplitYear("financial", label) }},
	{"academic_year", "2024/25", func(_, label string) (Period, error) { return parseSplitYear("academic", label) }},
	{"financial_quarter", "2024/25 Q3", func(_, label string) (Period, error) { return parseQuarter(label) }},
	{"quarter_end", "2025-06-30", parseQuarterEnd},
	{"month", "2025-04", parseMonth},
	{"month_name", "April 2025", parseMonthName},
	{"rolling_12", "Apr 2024-Mar 2025, or the last day 2025-03-31", parseRolling},
	{"pooled_years", "2022 - 24, or 2020/21 - 24/25", parsePooled},
	{"cumulative_quarters", "2021/22 Q1 - 2025/26 Q3", parseCumulative},
	{"date", "2026-03-31", parseDate},
	{"lg_inform", "fin_2024_25, cal_2024, sch_2024_25, fq_Q1_2024_25 or cen_2021", parseLGInform},
}

// Forms lists the names of the label forms that a contract may declare.
func Forms() []string {
	names := make([]string, len(forms))
	for i, f := range forms {
		names[i] = f.name
	}
	return names
}

// Parse reads a label that has the named form. basisName is the kind of year where the form leaves that open: calendar,
// financial or academic; empty for what is usual: financial for quarters and months, calendar for pooled years written
// with one number.
func Parse(formName, basisName, label string) (Period, error) {
	if _, known := basisNamed(basisName); !known && basisName != "" {
		return Period{}, fmt.Errorf("%q is no kind of year; they are calendar, financial and academic", basisName)
	}
	for _, f := range forms {
		if f.name != formName {
			continue
		}
		p, err := f.parse(basisName, strings.TrimSpace(label))
		if err == nil && !p.valid() {
			err = fmt.Errorf("the year is not between %d and %d", firstYear, lastYear)
		}
		if err != nil {
			return Period{}, fmt.Errorf("not a period of the form %s, which looks like %s%w", f.name, f.example, detail(err))
		}
		return p, nil
	}
	return Period{}, fmt.Errorf("%q is no period form; the forms are %s", formName, strings.Join(Forms(), ", "))
}

var errForm = errors.New("")

// detail puts what more there is to say behind the sentence; errForm has nothing to add.
func detail(err error) error {
	if errors.Is(err, errForm) {
		return err
	}
	return fmt.Errorf(": %w", err)
}

var (
	plainYear = regexp.MustCompile(`^\d{4}$`)
	splitYear = regexp.MustCompile(`^(\d{2}|\d{4})/(\d{2})$`)
	quarter   = regexp.MustCompile(`^(\d{4}/\d{2}) Q([1-4])$`)
	yearMonth = regexp.MustCompile(`^\d{4}-\d{2}$`)
	dashes    = regexp.MustCompile(`\s*[-–]\s*`)
)

func parseCalendarYear(_, label string) (Period, error) {
	if !plainYear.MatchString(label) {
		return Period{}, errForm
	}
	return mustBasis("calendar").year(number(label)), nil
}

func parseSplitYear(basisName, label string) (Period, error) {
	m := splitYear.FindStringSubmatch(label)
	if m == nil || len(m[1]) != 4 {
		return Period{}, errForm
	}
	year := number(m[1])
	if number(m[2]) != (year+1)%100 {
		return Period{}, fmt.Errorf("%s is not followed by %s", m[1], m[2])
	}
	return mustBasis(basisName).year(year), nil
}

func parseQuarter(label string) (Period, error) {
	m := quarter.FindStringSubmatch(label)
	if m == nil {
		return Period{}, errForm
	}
	year, err := parseSplitYear("financial", m[1])
	if err != nil {
		return Period{}, err
	}
	return mustBasis("financial").part(year.Start.Year(), 3, number(m[2])), nil
}

func parseDay(label string) (time.Time, error) {
	d, err := time.Parse(time.DateOnly, label)
	if err != nil {
		return d, errForm
	}
	return d, nil
}

// monthBasis is the basis of months and quarters whose labels do not name a year of it.
func monthBasis(basisName string) string {
	if basisName == "" {
		return "financial"
	}
	return basisName
}

func parseQuarterEnd(basisName, label string) (Period, error) {
	d, err := parseDay(label)
	if err != nil {
		return Period{}, err
	}
	p := Quarter(monthBasis(basisName), d)
	if !p.End.Equal(d) {
		return Period{}, fmt.Errorf("the quarter ends on %s", p.End.Format(time.DateOnly))
	}
	return p, nil
}

func parseMonth(basisName, label string) (Period, error) {
	first, err := time.Parse("2006-01", label)
	if err != nil || !yearMonth.MatchString(label) {
		return Period{}, errForm
	}
	return Month(monthBasis(basisName), first), nil
}

func parseMonthName(basisName, label string) (Period, error) {
	first, err := namedMonth(label)
	if err != nil {
		return Period{}, err
	}
	return Month(monthBasis(basisName), first), nil
}

// namedMonth reads "April 2025" or "Apr 2025".
func namedMonth(label string) (time.Time, error) {
	for _, layout := range []string{"January 2006", "Jan 2006"} {
		if first, err := time.Parse(layout, label); err == nil {
			return first, nil
		}
	}
	return time.Time{}, errForm
}

func parseRolling(_, label string) (Period, error) {
	if d, err := parseDay(label); err == nil {
		p := rolling(12, d)
		if !p.End.Equal(d) {
			return Period{}, fmt.Errorf("the month ends on %s", p.End.Format(time.DateOnly))
		}
		return p, nil
	}
	ends := dashes.Split(label, -1)
	if len(ends) != 2 {
		return Period{}, errForm
	}
	first, errFirst := namedMonth(ends[0])
	last, errLast := namedMonth(ends[1])
	if errFirst != nil || errLast != nil {
		return Period{}, errForm
	}
	p := rolling(12, last)
	if !p.Start.Equal(first) {
		return Period{}, fmt.Errorf("from %s to %s is not twelve months", ends[0], ends[1])
	}
	return p, nil
}

func parsePooled(basisName, label string) (Period, error) {
	ends := dashes.Split(label, -1)
	if len(ends) != 2 {
		return Period{}, errForm
	}
	if plainYear.MatchString(ends[0]) {
		return parsePooledCalendar(basisName, ends)
	}
	if basisName != "financial" && basisName != "academic" {
		return Period{}, errors.New("the contract must say whether its years are financial or academic (basis)")
	}
	first, err := parseSplitYear(basisName, ends[0])
	if err != nil {
		return Period{}, err
	}
	last, err := parseSplitYear(basisName, fullYear(first.Start.Year(), ends[1]))
	if err != nil {
		return Period{}, err
	}
	return span(first, last)
}

func parsePooledCalendar(basisName string, ends []string) (Period, error) {
	if basisName != "" && basisName != "calendar" {
		return Period{}, fmt.Errorf("the contract's years are %s", basisName)
	}
	first, _ := parseCalendarYear("", ends[0])
	last, err := parseCalendarYear("", fullYear(first.Start.Year(), ends[1]))
	if err != nil {
		return Period{}, err
	}
	return span(first, last)
}

// fullYear gives a short second year the century that puts it at or after the first: 1998 - 02 ends in 2002.
func fullYear(first int, label string) string {
	if len(label) != 2 && len(label) != len("24/25") {
		return label
	}
	short := number(label[:2])
	if short < 0 {
		return label
	}
	century := first - first%100
	if short < first%100 {
		century += 100
	}
	return fmt.Sprintf("%02d%s", century/100, label)
}

func parseCumulative(_, label string) (Period, error) {
	ends := dashes.Split(label, -1)
	if len(ends) > 2 {
		return Period{}, errForm
	}
	first, err := parseQuarter(ends[0])
	if err != nil || len(ends) == 1 {
		return first, err
	}
	last, err := parseQuarter(ends[1])
	if err != nil {
		return Period{}, err
	}
	return span(first, last)
}

func parseDate(_, label string) (Period, error) {
	d, err := parseDay(label)
	if err != nil {
		return Period{}, err
	}
	return point(d), nil
}

var (
	lgInformYears   = regexp.MustCompile(`^(fin|sch)_([0-9]{4})_([0-9]{2})$`)
	lgInformQuarter = regexp.MustCompile(`^fq_(Q[1-4])_([0-9]{4})_([0-9]{2})$`)
	lgInformYear    = regexp.MustCompile(`^(cal|cen)_([0-9]{4})$`)
)

// parseLGInform reads an identifier of LG Inform. It has more kinds of them than are known, so none is guessed.
func parseLGInform(_, label string) (Period, error) {
	if m := lgInformQuarter.FindStringSubmatch(label); m != nil {
		return parseQuarter(m[2] + "/" + m[3] + " " + m[1])
	}
	if m := lgInformYears.FindStringSubmatch(label); m != nil {
		return parseSplitYear(map[string]string{"fin": "financial", "sch": "academic"}[m[1]], m[2]+"/"+m[3])
	}
	m := lgInformYear.FindStringSubmatch(label)
	if m == nil {
		return Period{}, errForm
	}
	return FromCode(map[string]string{"cal": "CY", "cen": "CEN"}[m[1]] + m[2])
}
