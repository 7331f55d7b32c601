package measures

import "testing"

func TestDefinitionHashChangesWithWhatTheFiguresAreMadeOf(t *testing.T) {
	from := "from: {dataset: a.b, where: {x: [p, q], y: r}, area: area_code, period: period, value: v}"
	sql := "select a, '--' as b -- why\nfrom t"
	base := hash(t, from, "")
	computed := hash(t, "", sql)
	sheet := hash(t, "from: {dataset: a.b, area: a, periods: {FY2025-26: y, FY2024-25: x}}", "")
	for _, c := range []struct {
		name, yaml, sql string
		against         string
		same            bool
	}{
		{"prose", from + "\ndescription: Another\nowner: Another\nchange_reason: Another", "", base, true},
		{"how it is judged", from + "\ntolerance_kind: absolute\ntolerance_value: 2\npeer_group: region", "", base, true},
		{"the order of conditions", "from: {dataset: a.b, where: {y: r, x: [q, p]}, area: area_code, period: period, value: v}", "", base, true},
		{"another value of a condition", "from: {dataset: a.b, where: {x: [p, q], y: s}, area: area_code, period: period, value: v}", "", base, false},
		{"another column", "from: {dataset: a.b, where: {x: [p, q], y: r}, area: area_code, period: period, value: w}", "", base, false},
		{"an area that is constant", "from: {dataset: a.b, where: {x: [p, q], y: r}, area: {constant: E08000009}, period: period, value: v}", "", base, false},
		{"the order of a sheet's columns", "from: {dataset: a.b, area: a, periods: {FY2024-25: x, FY2025-26: y}}", "", sheet, true},
		{"another column of a sheet", "from: {dataset: a.b, area: a, periods: {FY2025-26: y, FY2024-25: z}}", "", sheet, false},
		{"a breakdown", "from: {dataset: a.b, where: {x: [p, q], y: r}, area: area_code, period: period, value: v, breakdown: {column: sex}}", "", base, false},
		{"aggregation", from + "\ngeo_aggregation: sum", "", base, false},
		{"multiplier", from + "\nmultiplier: 1000", "", base, false},
		{"nulls", from + "\nnull_as_zero: true", "", base, false},
		{"layout and comments of SQL", "", "/* one\nrow */ select a,   '--' as b\nfrom t;\n", computed, true},
		{"a space within quotes", "", "select a, '-- ' as b from t", computed, false},
		{"a comment within quotes", "", "select a, '' as b from t", computed, false},
		{"other SQL", "", "select a, '--' as b from u", computed, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := hash(t, c.yaml, c.sql); (got == c.against) != c.same {
				t.Errorf("the hash is the same: %v", got == c.against)
			}
		})
	}
}

func TestDefinitionTextSaysWhatTheFiguresAreMadeOf(t *testing.T) {
	h := parsed(t, map[string]string{
		"measures/a.yaml":    measure("ENV01", "value_type: rate\nmultiplier: 1000\nfrom: {dataset: a.b, where: {x: [q, p]}, area: area_code, period: period, numerator: n, denominator: d, breakdown: {column: sex, all: All}}"),
		"measures/b.yaml":    measure("ENV02", ""),
		"measures/ENV02.sql": "-- One row a year.\nselect 1\n",
	})
	want := `value_type: rate
unit: kg
polarity: lower
period_basis: financial
accumulation: flow
time_aggregation: none
geo_aggregation: none
multiplier: 1000
dataset: a.b
where x: "p" or "q"
area: area_code
period: period
numerator: n
denominator: d
breakdown: sex, all is "All", named sex`
	if got := h.Measures[0].DefinitionText(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	want = `unit: kg
polarity: lower
period_basis: financial
accumulation: flow
time_aggregation: none
geo_aggregation: none
sql:
-- One row a year.
select 1`
	if got := h.Measures[1].DefinitionText(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func hash(t *testing.T, yaml, sql string) string {
	t.Helper()
	files := map[string]string{"measures/a.yaml": measure("ENV01", yaml)}
	if sql != "" {
		files["measures/ENV01.sql"] = sql
	}
	return parsed(t, files).Measures[0].DefinitionHash()
}

func FuzzPlainSQL(f *testing.F) {
	f.Add("select 'a' /* b */ -- c\n, \"d\" from e;")
	f.Add("'")
	f.Add("/*")
	f.Fuzz(func(t *testing.T, text string) {
		once := plainSQL(text)
		if twice := plainSQL(once); twice != once {
			t.Errorf("%q becomes %q and then %q", text, once, twice)
		}
	})
}
