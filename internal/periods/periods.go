// Package periods knows the periods of council statistics: their canonical codes, their dates and the labels that files
// give them. What a label means is declared by a contract and never guessed; no date is ever computed from a label
// anywhere else.
package periods

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A Period is a stretch of days under its canonical code.
type Period struct {
	Code   string
	Label  string    // for people
	Basis  string    // calendar, financial, academic, rolling, point, census, mid_year or week
	Type   string    // year, half, quarter, month, week, day, rolling, pooled, cumulative, census or mid_year
	Start  time.Time // midnight UTC
	End    time.Time // the last day, midnight UTC
	Months int       // length; 0 for a day or a week
	Parent string    // code of the next longer period of the basis, or ""
}

// A basis is a way to divide time into years.
type basis struct {
	name, prefix string
	first        time.Month
}

var bases = []basis{
	{"calendar", "CY", time.January},
	{"financial", "FY", time.April},
	{"academic", "AY", time.September},
}

func basisNamed(name string) (basis, bool) {
	for _, b := range bases {
		if b.name == name {
			return b, true
		}
	}
	return basis{}, false
}

// Years outside these are no council statistics, and a code of them is a mistake.
const (
	firstYear = 1800
	lastYear  = 2200
)

func day(year int, month time.Month, d int) time.Time {
	return time.Date(year, month, d, 0, 0, 0, 0, time.UTC)
}

// lastOfMonth is the last day of the month that begins months after a first of month.
func lastOfMonth(first time.Time, months int) time.Time { return first.AddDate(0, months, -1) }

func (b basis) yearCode(year int) string {
	if b.prefix == "CY" {
		return fmt.Sprintf("CY%04d", year)
	}
	return fmt.Sprintf("%s%04d-%02d", b.prefix, year, (year+1)%100)
}

func (b basis) yearLabel(year int) string {
	switch b.prefix {
	case "CY":
		return fmt.Sprintf("%d", year)
	case "AY":
		return fmt.Sprintf("%d/%02d (academic)", year, (year+1)%100)
	default:
		return fmt.Sprintf("%d/%02d", year, (year+1)%100)
	}
}

func (b basis) year(year int) Period {
	start := day(year, b.first, 1)
	return Period{Code: b.yearCode(year), Label: b.yearLabel(year), Basis: b.name, Type: "year",
		Start: start, End: lastOfMonth(start, 12), Months: 12}
}

// part is the n-th stretch of so many months of a year: a half, a quarter or a month.
func (b basis) part(year, months, n int) Period {
	start := day(year, b.first, 1).AddDate(0, (n-1)*months, 0)
	p := Period{Basis: b.name, Start: start, End: lastOfMonth(start, months), Months: months, Parent: b.yearCode(year)}
	switch months {
	case 6:
		p.Type, p.Code = "half", fmt.Sprintf("%s-H%d", b.yearCode(year), n)
		p.Label = fmt.Sprintf("H%d %s", n, b.yearLabel(year))
	case 3:
		p.Type, p.Code = "quarter", fmt.Sprintf("%s-Q%d", b.yearCode(year), n)
		p.Label = fmt.Sprintf("Q%d %s", n, b.yearLabel(year))
	default:
		p.Type, p.Code = "month", fmt.Sprintf("%s-M%02d", b.yearCode(year), n)
		p.Label = start.Format("Jan 2006")
		p.Parent = fmt.Sprintf("%s-Q%d", b.yearCode(year), (n+2)/3)
	}
	return p
}

// containing is the stretch of so many months, of a year of the basis, that begins with the month of a day.
func (b basis) containing(d time.Time, months int) Period {
	year, offset := d.Year(), int(d.Month()-b.first)
	if offset < 0 {
		year, offset = year-1, offset+12
	}
	return b.part(year, months, offset/months+1)
}

// Month is the month of a basis in which a day lies.
func Month(basisName string, d time.Time) Period { return mustBasis(basisName).containing(d, 1) }

// Quarter is the quarter of a basis in which a day lies.
func Quarter(basisName string, d time.Time) Period { return mustBasis(basisName).containing(d, 3) }

func mustBasis(name string) basis {
	b, ok := basisNamed(name)
	if !ok {
		panic("no basis " + name)
	}
	return b
}

func rolling(months int, end time.Time) Period {
	first := day(end.Year(), end.Month(), 1)
	return Period{Code: fmt.Sprintf("R%d-%s", months, end.Format("2006-01")), Label: rollingLabel(months, end), Basis: "rolling",
		Type: "rolling", Start: first.AddDate(0, 1-months, 0), End: lastOfMonth(first, 1), Months: months}
}

func rollingLabel(months int, end time.Time) string {
	if months == 12 {
		return "year to " + end.Format("Jan 2006")
	}
	return fmt.Sprintf("%d months to %s", months, end.Format("Jan 2006"))
}

func point(d time.Time) Period {
	return Period{Code: "D" + d.Format(time.DateOnly), Label: d.Format("2 Jan 2006"), Basis: "point", Type: "day", Start: d, End: d}
}

func midYear(year int) Period {
	d := day(year, time.June, 30)
	return Period{Code: fmt.Sprintf("MY%04d", year), Label: fmt.Sprintf("mid-%d", year), Basis: "mid_year", Type: "mid_year", Start: d, End: d}
}

// censusDays are the days of the censuses of England and Wales.
var censusDays = map[int]time.Time{
	1991: day(1991, time.April, 21), 2001: day(2001, time.April, 29),
	2011: day(2011, time.March, 27), 2021: day(2021, time.March, 21),
}

func week(year, n int) (Period, bool) {
	// 4 January is always in the first ISO week.
	fourth := day(year, time.January, 4)
	monday := fourth.AddDate(0, 0, -int(fourth.Weekday()+6)%7+(n-1)*7)
	if y, w := monday.ISOWeek(); y != year || w != n {
		return Period{}, false
	}
	return Period{Code: fmt.Sprintf("W%04d-%02d", year, n), Label: fmt.Sprintf("week %d of %d", n, year), Basis: "week",
		Type: "week", Start: monday, End: monday.AddDate(0, 0, 6)}, true
}

// span is the stretch from the first day of one period to the last of another of the same kind. Whole years pool; parts of
// a year accumulate.
func span(first, last Period) (Period, error) {
	if first.Basis != last.Basis || first.Type != last.Type || !last.Start.After(first.Start) {
		return Period{}, fmt.Errorf("%s and %s do not make one period", first.Code, last.Code)
	}
	p := Period{Code: first.Code + "_" + last.Code[2:], Label: first.Label + " to " + last.Label, Basis: first.Basis,
		Type: "cumulative", Start: first.Start, End: last.End}
	if first.Type == "year" {
		p.Type = "pooled"
	}
	p.Months = (last.End.Year()-first.Start.Year())*12 + int(last.End.Month()-first.Start.Month()) + 1
	if first.Basis == "academic" {
		p.Label = strings.Replace(first.Label, " (academic)", "", 1) + " to " + last.Label
	}
	return p, nil
}

var (
	yearForm    = regexp.MustCompile(`^(CY|FY|AY)(\d{4})(?:-(\d{2}))?(?:-([HQM])(\d{1,2}))?$`)
	rollingForm = regexp.MustCompile(`^R([1-9]\d?)-(\d{4}-\d{2})$`)
	weekForm    = regexp.MustCompile(`^W(\d{4})-(\d{2})$`)
	yearOnly    = regexp.MustCompile(`^(MY|CEN)(\d{4})$`)
)

// FromCode gives the period of a canonical code, such as FY2024-25, FY2025-26-Q2, R12-2025-09 or CY2022_2024.
func FromCode(code string) (Period, error) {
	p, ok := fromCode(code)
	if !ok || p.Code != code || !p.valid() {
		return Period{}, fmt.Errorf("%q is not a period code (codes look like FY2024-25, FY2025-26-Q2, AY2024-25, CY2025, FY2025-26-M01, R12-2025-09, CY2022_2024, D2026-03-31)", code)
	}
	return p, nil
}

func fromCode(code string) (Period, bool) {
	if first, last, spanning := strings.Cut(code, "_"); spanning {
		return spanFromCode(first, last)
	}
	if m := rollingForm.FindStringSubmatch(code); m != nil {
		end, err := time.Parse("2006-01", m[2])
		months, _ := strconv.Atoi(m[1])
		return rolling(months, end), err == nil
	}
	if m := weekForm.FindStringSubmatch(code); m != nil {
		return week(number(m[1]), number(m[2]))
	}
	if m := yearOnly.FindStringSubmatch(code); m != nil {
		return yearPoint(m[1], number(m[2]))
	}
	if text, isDay := strings.CutPrefix(code, "D"); isDay {
		d, err := time.Parse(time.DateOnly, text)
		return point(d), err == nil
	}
	return yearFromCode(code)
}

func spanFromCode(first, last string) (Period, bool) {
	if len(first) < 3 {
		return Period{}, false
	}
	from, okFrom := yearFromCode(first)
	to, okTo := yearFromCode(first[:2] + last)
	if !okFrom || !okTo {
		return Period{}, false
	}
	p, err := span(from, to)
	return p, err == nil
}

func yearPoint(prefix string, year int) (Period, bool) {
	if prefix == "MY" {
		return midYear(year), true
	}
	d, held := censusDays[year]
	return Period{Code: fmt.Sprintf("CEN%d", year), Label: fmt.Sprintf("%d Census", year), Basis: "census", Type: "census", Start: d, End: d}, held
}

func yearFromCode(code string) (Period, bool) {
	m := yearForm.FindStringSubmatch(code)
	if m == nil {
		return Period{}, false
	}
	var b basis
	for _, one := range bases {
		if one.prefix == m[1] {
			b = one
		}
	}
	year := number(m[2])
	if m[4] == "" {
		return b.year(year), true
	}
	months := map[string]int{"H": 6, "Q": 3, "M": 1}[m[4]]
	n := number(m[5])
	if n < 1 || n > 12/months {
		return Period{}, false
	}
	return b.part(year, months, n), true
}

func validYear(year int) bool { return year >= firstYear && year <= lastYear }

func (p Period) valid() bool { return validYear(p.Start.Year()) && validYear(p.End.Year()) }

// number reads digits that a pattern has found.
func number(digits string) int {
	n, err := strconv.Atoi(digits)
	if err != nil {
		return -1
	}
	return n
}

// Following gives the nth stretch of so many months after the one that begins with first, whose basis it has: a month, two months
// in one, a quarter, a half or a year. It is false where the basis has no such stretches.
func Following(first Period, months, n int) (Period, bool) {
	b, ok := basisNamed(first.Basis)
	if !ok || first.Type == "pooled" {
		return Period{}, false
	}
	start := first.Start.AddDate(0, n*months, 0)
	switch months {
	case 12:
		year := start.Year()
		if start.Month() < b.first {
			year--
		}
		return b.year(year), true
	case 2:
		p, err := span(b.containing(start, 1), b.containing(start.AddDate(0, 1, 0), 1))
		return p, err == nil
	}
	return b.containing(start, months), true
}
