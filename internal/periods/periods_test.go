package periods

import (
	"strings"
	"testing"
	"time"
)

func TestParseKnowsTheLabelsOfTheExampleData(t *testing.T) {
	for _, test := range []struct{ form, basis, label, code, shown, start, end string }{
		{"financial_year", "", "2022/23", "FY2022-23", "2022/23", "2022-04-01", "2023-03-31"},
		{"financial_year", "", "1999/00", "FY1999-00", "1999/00", "1999-04-01", "2000-03-31"},
		{"academic_year", "", "2022/23", "AY2022-23", "2022/23 (academic)", "2022-09-01", "2023-08-31"},
		{"financial_quarter", "", "2022/23 Q3", "FY2022-23-Q3", "Q3 2022/23", "2022-10-01", "2022-12-31"},
		{"cumulative_quarters", "", "2021/22 Q1", "FY2021-22-Q1", "Q1 2021/22", "2021-04-01", "2021-06-30"},
		{"cumulative_quarters", "", "2021/22 Q1 - 2021/22 Q2", "FY2021-22-Q1_2021-22-Q2", "Q1 2021/22 to Q2 2021/22", "2021-04-01", "2021-09-30"},
		{"cumulative_quarters", "", "2021/22 Q1 - 2025/26 Q3", "FY2021-22-Q1_2025-26-Q3", "Q1 2021/22 to Q3 2025/26", "2021-04-01", "2025-12-31"},
		{"pooled_years", "calendar", "2022 - 24", "CY2022_2024", "2022 to 2024", "2022-01-01", "2024-12-31"},
		{"pooled_years", "", "1998-02", "CY1998_2002", "1998 to 2002", "1998-01-01", "2002-12-31"},
		{"pooled_years", "academic", "2020/21 - 24/25", "AY2020-21_2024-25", "2020/21 to 2024/25 (academic)", "2020-09-01", "2025-08-31"},
		{"pooled_years", "financial", "2022/23 - 24/25", "FY2022-23_2024-25", "2022/23 to 2024/25", "2022-04-01", "2025-03-31"},
		{"rolling_12", "", "Apr 2022-Mar 2023", "R12-2023-03", "year to Mar 2023", "2022-04-01", "2023-03-31"},
		{"rolling_12", "", "2023-06-30", "R12-2023-06", "year to Jun 2023", "2022-07-01", "2023-06-30"},
		{"month_name", "", "April 2023", "FY2023-24-M01", "Apr 2023", "2023-04-01", "2023-04-30"},
		{"month", "", "2023-04", "FY2023-24-M01", "Apr 2023", "2023-04-01", "2023-04-30"},
		{"month", "", "2024-02", "FY2023-24-M11", "Feb 2024", "2024-02-01", "2024-02-29"},
		{"month", "calendar", "2024-02", "CY2024-M02", "Feb 2024", "2024-02-01", "2024-02-29"},
		{"quarter_end", "", "2023-06-30", "FY2023-24-Q1", "Q1 2023/24", "2023-04-01", "2023-06-30"},
		{"quarter_end", "", "2008-12-31", "FY2008-09-Q3", "Q3 2008/09", "2008-10-01", "2008-12-31"},
		{"quarter_end", "calendar", "2025-12-31", "CY2025-Q4", "Q4 2025", "2025-10-01", "2025-12-31"},
		{"calendar_year", "", "2025", "CY2025", "2025", "2025-01-01", "2025-12-31"},
		{"calendar_year", "", " 2025 ", "CY2025", "2025", "2025-01-01", "2025-12-31"},
		{"date", "", "2026-03-31", "D2026-03-31", "31 Mar 2026", "2026-03-31", "2026-03-31"},
		{"lg_inform", "", "fin_1999_00", "FY1999-00", "1999/00", "1999-04-01", "2000-03-31"},
		{"lg_inform", "", "sch_2018_19", "AY2018-19", "2018/19 (academic)", "2018-09-01", "2019-08-31"},
		{"lg_inform", "", "fq_Q1_2013_14", "FY2013-14-Q1", "Q1 2013/14", "2013-04-01", "2013-06-30"},
		{"lg_inform", "", "cal_2013", "CY2013", "2013", "2013-01-01", "2013-12-31"},
		{"lg_inform", "", "cen_2021", "CEN2021", "2021 Census", "2021-03-21", "2021-03-21"},
	} {
		p, err := Parse(test.form, test.basis, test.label)
		if err != nil {
			t.Errorf("%s %q: %v", test.form, test.label, err)
			continue
		}
		if p.Code != test.code || p.Label != test.shown || p.Start.Format(time.DateOnly) != test.start || p.End.Format(time.DateOnly) != test.end {
			t.Errorf("%s %q:\n got %+v\nwant %+v", test.form, test.label, p, test)
		}
		if again, err := FromCode(p.Code); err != nil || again != p {
			t.Errorf("%s does not come back:\n got %+v, %v\nwant %+v", p.Code, again, err, p)
		}
	}
}

func TestParseRefusesALabelThatDoesNotFit(t *testing.T) {
	for _, test := range []struct{ form, basis, label, want string }{
		{"financial_year", "", "2022/24", "not a period of the form financial_year, which looks like 2024/25: 2022 is not followed by 24"},
		{"financial_year", "", "2022", "not a period of the form financial_year, which looks like 2024/25"},
		{"financial_quarter", "", "2022/23 Q5", "which looks like 2024/25 Q3"},
		{"month", "", "2023-13", "which looks like 2025-04"},
		{"lg_inform", "", "tax_2009_10", "which looks like fin_2024_25"},
		{"lg_inform", "", "fin_2024_26", "2024 is not followed by 26"},
		{"lg_inform", "", "cen_2020", "which looks like fin_2024_25"},
		{"date", "", "2023-02-30", "which looks like 2026-03-31"},
		{"quarter_end", "", "2023-06-29", "the quarter ends on 2023-06-30"},
		{"rolling_12", "", "Apr 2022-Apr 2023", "is not twelve months"},
		{"rolling_12", "", "2023-06-29", "the month ends on 2023-06-30"},
		{"pooled_years", "", "2020/21 - 24/25", "must say whether its years are financial or academic"},
		{"pooled_years", "academic", "2022 - 24", "the contract's years are academic"},
		{"pooled_years", "calendar", "2022 - 22", "do not make one period"},
		{"cumulative_quarters", "", "2021/22 Q2 - 2021/22 Q1", "do not make one period"},
		{"calendar_year", "", "0025", "the year is not between"},
		{"month", "tax", "2023-04", `"tax" is no kind of year; they are calendar, financial and academic`},
		{"calendar_year", "", "", "which looks like 2025"},
		{"cumulative_quarters", "", "2021/22 Q1 - 2021/22 Q2 - 2021/22 Q3", "which looks like 2021/22 Q1 - 2025/26 Q3"},
		{"fortnight", "", "1", `"fortnight" is no period form; the forms are calendar_year,`},
	} {
		if _, err := Parse(test.form, test.basis, test.label); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s %q:\n got %v\nwant %s", test.form, test.label, err, test.want)
		}
	}
}

func TestPeriodsOfADay(t *testing.T) {
	for _, test := range []struct{ day, financialQuarter, financialMonth, academicMonth, calendarQuarter, week string }{
		{"2025-03-31", "FY2024-25-Q4", "FY2024-25-M12", "AY2024-25-M07", "CY2025-Q1", "W2025-14"},
		{"2025-04-01", "FY2025-26-Q1", "FY2025-26-M01", "AY2024-25-M08", "CY2025-Q2", "W2025-14"},
		{"2025-08-31", "FY2025-26-Q2", "FY2025-26-M05", "AY2024-25-M12", "CY2025-Q3", "W2025-35"},
		{"2025-09-01", "FY2025-26-Q2", "FY2025-26-M06", "AY2025-26-M01", "CY2025-Q3", "W2025-36"},
		{"2024-12-30", "FY2024-25-Q3", "FY2024-25-M09", "AY2024-25-M04", "CY2024-Q4", "W2025-01"},
		{"2027-01-01", "FY2026-27-Q4", "FY2026-27-M10", "AY2026-27-M05", "CY2027-Q1", "W2026-53"},
		{"2024-02-29", "FY2023-24-Q4", "FY2023-24-M11", "AY2023-24-M06", "CY2024-Q1", "W2024-09"},
	} {
		d, err := time.Parse(time.DateOnly, test.day)
		if err != nil {
			t.Fatal(err)
		}
		got := []string{Quarter("financial", d).Code, Month("financial", d).Code, Month("academic", d).Code, Quarter("calendar", d).Code}
		want := []string{test.financialQuarter, test.financialMonth, test.academicMonth, test.calendarQuarter}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("%s: got %s, want %s", test.day, got[i], want[i])
			}
		}
		w, err := FromCode(test.week)
		if err != nil || d.Before(w.Start) || d.After(w.End) {
			t.Errorf("%s is not in %s: %+v, %v", test.day, test.week, w, err)
		}
	}
}

func TestFromCodeKnowsParents(t *testing.T) {
	for code, parent := range map[string]string{
		"FY2025-26-M05": "FY2025-26-Q2", "FY2025-26-Q2": "FY2025-26", "FY2025-26-H1": "FY2025-26", "FY2025-26": "",
		"AY2025-26-M01": "AY2025-26-Q1", "R12-2025-09": "", "MY2024": "", "CEN2021": "", "CY2022_2024": "",
	} {
		p, err := FromCode(code)
		if err != nil || p.Parent != parent {
			t.Errorf("%s: parent %q, %v", code, p.Parent, err)
		}
	}
	for code, months := range map[string]int{"CY2022_2024": 36, "FY2021-22-Q1_2025-26-Q3": 57, "R12-2025-09": 12, "D2026-03-31": 0, "FY2025-26-H2": 6} {
		if p, err := FromCode(code); err != nil || p.Months != months {
			t.Errorf("%s: %d months, %v", code, p.Months, err)
		}
	}
}

func TestFromCodeRefusesWhatIsNone(t *testing.T) {
	for _, code := range []string{"", "2024/25", "FY2024-26", "FY2024", "CY2025-26", "FY2025-26-Q5", "FY2025-26-M13", "FY2025-26-M1",
		"R12-2025-13", "R0-2025-01", "W2025-53", "D2025-02-30", "CEN2020", "CY2024_2022", "CY2024_2024", "CY2022_FY2024-25", "_", "FY_", "CY0001",
		"D0001-01-01", "W0001-01", "R12-1800-01", "MY9999"} {
		if p, err := FromCode(code); err == nil {
			t.Errorf("%q became %+v", code, p)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, label := range []string{"2022/23", "2022/23 Q3", "2021/22 Q1 - 2021/22 Q2", "2022 - 24", "2020/21 - 24/25", "Apr 2022-Mar 2023", "April 2023", "2023-06-30", "2023-04", "2025", "fin_2024_25", "fq_Q1_2013_14", "cen_2021"} {
		f.Add(label)
	}
	f.Fuzz(func(t *testing.T, label string) {
		for _, name := range Forms() {
			for _, basisName := range []string{"", "calendar", "financial", "academic", "tax"} {
				p, err := Parse(name, basisName, label)
				if err != nil {
					continue
				}
				if again, err := FromCode(p.Code); err != nil || again != p {
					t.Errorf("%s %q: %+v comes back as %+v, %v", name, label, p, again, err)
				}
			}
		}
	})
}

func FuzzFromCode(f *testing.F) {
	for _, code := range []string{"FY2024-25", "FY2025-26-Q2", "R12-2025-09", "W2025-14", "CY2022_2024", "FY2021-22-Q1_2025-26-Q3", "D2026-03-31", "CEN2021", "MY2024"} {
		f.Add(code)
	}
	f.Fuzz(func(t *testing.T, code string) {
		p, err := FromCode(code)
		if err == nil && (p.Code != code || p.End.Before(p.Start) || p.Label == "") {
			t.Errorf("%q became %+v", code, p)
		}
	})
}
