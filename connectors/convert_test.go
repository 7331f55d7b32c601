package connectors

import (
	"strings"
	"testing"
	"time"

	_ "time/tzdata" // the tests ask for Europe/London on any machine
)

func london(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// converted gives a text as it lands, with its status where the column has one, or the reason it is set aside.
func converted(t *testing.T, c Column, text string) string {
	t.Helper()
	c.Name = "c"
	rows, err := NewRows(Dataset{Columns: []Column{c}}, london(t))
	if err != nil {
		t.Fatal(err)
	}
	reject, ok := rows.Append(7, [][]byte{[]byte(text)})
	if !ok {
		if reject.Row != 7 || reject.Column != "c" || reject.Text != text || rows.Len() != 0 {
			t.Errorf("%q: set aside as %+v with %d rows kept", text, reject, rows.Len())
		}
		return "! " + strings.TrimPrefix(reject.Reason, `column "c": `)
	}
	batch := rows.Take()
	defer batch.Release()
	landed := batch.Column(0).ValueStr(0)
	if c.Valued() {
		landed += " " + batch.Column(1).ValueStr(0)
	}
	return landed
}

// A conversion is a text in a column and what becomes of it.
type conversion struct {
	column     Column
	text, want string
}

func checkConversions(t *testing.T, tests []conversion) {
	t.Helper()
	for _, test := range tests {
		t.Run(string(test.column.Kind)+" "+test.text[:min(len(test.text), 30)], func(t *testing.T) {
			if got := converted(t, test.column, test.text); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestTextConverts(t *testing.T) {
	checkConversions(t, []conversion{
		{Column{Kind: Text}, "  padded\r\n", "  padded\r\n"},
		{Column{Kind: Text}, "", "(null)"},
		{Column{Kind: Text, Required: true}, "", "! empty, and the contract requires a value"},
		{Column{Kind: Text, Required: true}, "  ", "! empty, and the contract requires a value"},
		{Column{Kind: Text, Values: []string{"A", "B"}}, "A", "A"},
		{Column{Kind: Text, Values: []string{"A", "B"}}, "a", "! not one of the values the contract allows: A, B"},
		{Column{Kind: Text, Pattern: "[0-9]{3}"}, "0012", "! does not have the form the contract gives: [0-9]{3}"},
		{Column{Kind: Text, Pattern: "[0-9]{3}|x"}, "012", "012"},
		{Column{Kind: Text, Statuses: map[string]string{"x": "not_applicable"}}, " x ", "(null) not_applicable"},
		{Column{Kind: Text, Statuses: map[string]string{"x": "not_applicable"}}, " y ", " y  ok"},
	})
}

func TestWholeNumbersConvert(t *testing.T) {
	whole := Column{Kind: Integer}
	checkConversions(t, []conversion{
		{whole, "12", "12"},
		{whole, " -12 ", "-12"},
		{whole, "−12", "-12"},
		{whole, "+12", "12"},
		{whole, "12.00", "12"},
		{whole, "", "(null)"},
		{whole, "9223372036854775807", "9223372036854775807"},
		{whole, "9223372036854775808", "! too large for a whole number of 64 bits"},
		{whole, "99999999999999999999", "! too large for a whole number of 64 bits"},
		{whole, "12.5", "! has decimal places, expected a whole number"},
		{whole, "1,204", "! not a number, expected a whole number"},
		{whole, "1e3", "! not a number, expected a whole number"},
		{whole, "0x10", "! not a number, expected a whole number"},
		{whole, "NA", "! not a number, expected a whole number"},
		{whole, "-", "! not a number, expected a whole number"},
	})
}

func TestDecimalsConvert(t *testing.T) {
	decimal := Column{Kind: Decimal, Precision: 18, Scale: 2}
	wide := Column{Kind: Decimal, Precision: 38, Scale: 0}
	checkConversions(t, []conversion{
		{decimal, "12.5", "12.5"},
		{decimal, ".5", "0.5"},
		{decimal, "-0.01", "-0.01"},
		{decimal, "66.6700", "66.67"},
		{decimal, "66.66999999999999", "! has more than 2 decimal places, expected decimal(18,2)"},
		{decimal, "9999999999999999.99", "9999999999999999.99"},
		{decimal, "10000000000000000", "! too large a number, expected decimal(18,2)"},
		{decimal, "NaN", "! not a number, expected decimal(18,2)"},
		{decimal, "inf", "! not a number, expected decimal(18,2)"},
		{decimal, "12,50", "! not a number, expected decimal(18,2)"},
		{decimal, "1.2.3", "! not a number, expected decimal(18,2)"},
		{decimal, ".", "! not a number, expected decimal(18,2)"},
		{decimal, "£5", "! not a number, expected decimal(18,2)"},
		{decimal, "5%", "! not a number, expected decimal(18,2)"},
		{decimal, "(5)", "! not a number, expected decimal(18,2)"},
		{decimal, "5-", "! not a number, expected decimal(18,2)"},
		{decimal, "- 5", "! not a number, expected decimal(18,2)"},
		{decimal, "--5", "! not a number, expected decimal(18,2)"},
		{wide, strings.Repeat("9", 38), strings.Repeat("9", 38)},
		{wide, "-" + strings.Repeat("9", 38), "-" + strings.Repeat("9", 38)},
		{wide, "1" + strings.Repeat("0", 38), "! too large a number, expected decimal(38,0)"},
		{wide, strings.Repeat("9", 40), "! more than 38 digits, expected decimal(38,0)"},
	})
}

func TestSignsAroundNumbersConvert(t *testing.T) {
	money := Column{Kind: Decimal, Precision: 18, Scale: 2, Number: NumberForms}
	checkConversions(t, []conversion{
		{money, "£1,234.50", "1234.5"},
		{money, "-£1,234.50", "-1234.5"},
		{money, "£-5", "-5"},
		{money, "(£1,234)", "-1234"},
		{money, "12.00-", "-12"},
		{money, "87.5%", "87.5"},
		{money, "1,234,567.89", "1234567.89"},
		{money, "12,50", "! a comma that does not stand before each three digits of a whole number, expected decimal(18,2)"},
		{money, "1,23.4", "! a comma that does not stand before each three digits of a whole number, expected decimal(18,2)"},
		{money, "1234,567", "! a comma that does not stand before each three digits of a whole number, expected decimal(18,2)"},
		{money, "(-5)", "! more than one sign, expected decimal(18,2)"},
		{money, "-5-", "! more than one sign, expected decimal(18,2)"},
		{money, "££5", "! not a number, expected decimal(18,2)"},
		{money, "£", "! not a number, expected decimal(18,2)"},
		{money, "()", "! not a number, expected decimal(18,2)"},
		{money, "%", "! not a number, expected decimal(18,2)"},
	})
}

func TestTextsForNoValueConvert(t *testing.T) {
	valued := Column{Kind: Decimal, Precision: 18, Scale: 2, Statuses: map[string]string{"": "missing", "[c]": "suppressed", "NA": "missing"}}
	checkConversions(t, []conversion{
		{valued, "5", "5 ok"},
		{valued, "", "(null) missing"},
		{valued, " [c] ", "(null) suppressed"},
		{valued, "[C]", "! not a number, expected decimal(18,2)"},
		{valued, "-", "! not a number, expected decimal(18,2)"},
	})
}

func TestDatesConvert(t *testing.T) {
	checkConversions(t, []conversion{
		{Column{Kind: Date}, "30/06/2025", "2025-06-30"},
		{Column{Kind: Date}, "1/2/2025", "2025-02-01"},
		{Column{Kind: Date}, "01.04.2005", "2005-04-01"},
		{Column{Kind: Date}, "2025-06-30", "2025-06-30"},
		{Column{Kind: Date}, "29/02/2024", "2024-02-29"},
		{Column{Kind: Date}, "14/05/2025 00:00:00", "2025-05-14"},
		{Column{Kind: Date}, "2025-05-14T00:00:00.000", "2025-05-14"},
		{Column{Kind: Date}, "14/05/2025 00:01", "! not a date (day/month/year)"},
		{Column{Kind: Date}, "31/06/2025", "! not a date (day/month/year)"},
		{Column{Kind: Date}, "29/02/2025", "! not a date (day/month/year)"},
		{Column{Kind: Date}, "29/02/1900", "! not a date (day/month/year)"},
		{Column{Kind: Date}, "04/13/2025", "! not a date (day/month/year)"},
		{Column{Kind: Date}, "00/00/0000", "! not a date (day/month/year)"},
		{Column{Kind: Date}, "30/06/25", "! not a date (day/month/year)"},
		{Column{Kind: Date}, "45838", "! not a date (day/month/year)"},
		{Column{Kind: Date}, "30/06-2025", "! not a date (day/month/year)"},
		{Column{Kind: Date}, "TBC", "! not a date (day/month/year)"},
		{Column{Kind: Date, DateOrder: "mdy"}, "06/30/2025", "2025-06-30"},
		{Column{Kind: Date, DateOrder: "mdy"}, "30/06/2025", "! not a date (month/day/year)"},
		{Column{Kind: Date, DateOrder: "ymd"}, "2025/6/3", "2025-06-03"},
		{Column{Kind: Date, DateOrder: "ymd"}, "30/06/2025", "! not a date (year/month/day)"},
	})
}

func TestMomentsConvert(t *testing.T) {
	checkConversions(t, []conversion{
		{Column{Kind: Timestamp}, "30/06/2025 14:05", "2025-06-30T13:05:00Z"},
		{Column{Kind: Timestamp}, "2025-01-30T14:05:06.5", "2025-01-30T14:05:06.5Z"},
		{Column{Kind: Timestamp}, "2025-06-30 14:05:06Z", "2025-06-30T14:05:06Z"},
		{Column{Kind: Timestamp}, "2025-06-30 14:05:06.123456 +0530", "2025-06-30T08:35:06.123456Z"},
		{Column{Kind: Timestamp}, "2025-06-30 14:05:06-05", "2025-06-30T19:05:06Z"},
		{Column{Kind: Timestamp}, "30/06/2025", "2025-06-29T23:00:00Z"},
		{Column{Kind: Timestamp}, "26/10/2025 01:30", "2025-10-26T00:30:00Z"},
		{Column{Kind: Timestamp}, "30/03/2025 01:30", "! a time that did not exist, as the clocks went forward over it"},
		{Column{Kind: Timestamp}, "30/06/2025 25:00", "! not a date and time (day/month/year hours:minutes)"},
		{Column{Kind: Timestamp}, "2025-06-30 14:05:06.1234567", "! has more than six decimal places of a second, which a timestamp cannot hold; as text all of them are kept"},
		{Column{Kind: Timestamp}, "2025-06-30 14:05:06.123456001 +01:00", "! has more than six decimal places of a second, which a timestamp cannot hold; as text all of them are kept"},
		{Column{Kind: Timestamp}, "2025-06-30 14:05:06.1234567x", "! not a date and time (day/month/year hours:minutes)"},
		{Column{Kind: Timestamp}, "2025-06-30 14:05:06.1234567891", "! not a date and time (day/month/year hours:minutes)"},
		{Column{Kind: Timestamp}, "2025-06-30 14:05+", "! not a date and time (day/month/year hours:minutes)"},
	})
}

func TestCodesConvert(t *testing.T) {
	checkConversions(t, []conversion{
		{Column{Kind: Period, Forms: []string{"financial_year"}}, "2022/23", "FY2022-23"},
		{Column{Kind: Period, Forms: []string{"financial_year"}, Required: true}, "2022", "! not a period of the form financial_year, which looks like 2024/25"},
		{Column{Kind: Period, Forms: []string{"academic_year", "pooled_years"}, Basis: "academic"}, "2020/21 - 24/25", "AY2020-21_2024-25"},
		{Column{Kind: Period, Forms: []string{"academic_year", "pooled_years"}, Basis: "academic"}, "2020/21", "AY2020-21"},

		{Column{Kind: AreaCode}, " E08000009 ", "E08000009"},
		{Column{Kind: AreaCode}, "E0800009", "! not an area code, which is a letter and eight digits such as E08000009"},
		{Column{Kind: AreaCode}, "Trafford", "! not an area code, which is a letter and eight digits such as E08000009"},

		{Column{Kind: Boolean}, "Yes", "true"},
		{Column{Kind: Boolean}, "n", "false"},
		{Column{Kind: Boolean}, "maybe", "! neither yes (true, yes, y, 1) nor no (false, no, n, 0)"},
		{Column{Kind: Boolean, Yes: []string{"Oes"}, No: []string{"Nac oes"}}, "oes", "true"},
		{Column{Kind: Boolean, Yes: []string{"Oes"}, No: []string{"Nac oes"}}, "y", "! neither yes (Oes) nor no (Nac oes)"},
	})
}

func TestDatesAreThoseOfTheCalendar(t *testing.T) {
	for date := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC); date.Year() < 2600; date = date.AddDate(0, 0, 17) {
		d := day{date.Year(), int(date.Month()), date.Day()}
		if got := int64(d.date32()) * 86400; got != date.Unix() {
			t.Fatalf("%v: got %d seconds, want %d", d, got, date.Unix())
		}
	}
}

func TestARowIsKeptWholeOrNotAtAll(t *testing.T) {
	rows, err := NewRows(Dataset{Columns: []Column{{Name: "a", Kind: Text}, {Name: "b", Kind: Integer}}}, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	rows.Append(2, [][]byte{[]byte("x"), []byte("1")})
	rows.Append(3, [][]byte{[]byte("y"), []byte("one")})
	rows.Append(4, [][]byte{[]byte("z"), nil})
	batch := rows.Take()
	defer batch.Release()
	if batch.NumRows() != 2 || batch.Column(0).ValueStr(1) != "z" || batch.Column(2).ValueStr(1) != "4" {
		t.Errorf("got %v", batch)
	}
	if rows.Take() != nil || rows.Size() != 0 {
		t.Error("rows were left behind")
	}
}
