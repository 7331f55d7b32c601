package transforms

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

// costs is a model over the requests with the tests given, each a line of its header.
func costs(tests ...string) map[string]string {
	text := model("table", "select id, ward, cost from current.site__requests", "id", "ward", "cost")
	for _, test := range tests {
		text = strings.Replace(text, "--   - unique: id\n", "--   - unique: id\n--   - "+test+"\n", 1)
	}
	return map[string]string{"marts/costs.sql": text,
		"core/dim_wards.sql": model("table", "select distinct ward from current.site__requests where ward is not null and ward < 'C'", "ward")}
}

func TestBuildAsksEachKindOfTest(t *testing.T) {
	for _, c := range []struct{ test, rows, want string }{
		{"not_null: [ward, cost]", "", "not_null: ward, cost passed 0 "},
		{"not_null: [ward, cost]", "(4, null, 1), (5, 'A', null)", "not_null: ward, cost failed 2 id 4; id 5"},
		{"unique: [ward, cost]", "", "unique: ward, cost passed 0 "},
		{"unique: [ward, cost]", "(4, 'A', 10)", "unique: ward, cost failed 1 ward A, cost 10"},
		{"relationships: ward -> core.dim_wards.ward", "(4, null, 1)", "relationships: ward -> core.dim_wards.ward passed 0 "},
		{"relationships: ward -> core.dim_wards.ward", "(4, 'C', 1), (5, 'D', 1)", "relationships: ward -> core.dim_wards.ward failed 2 id 4, ward C; id 5, ward D"},
		{"accepted_values: {column: ward, values: [A, B]}", "(4, null, 1)", "accepted_values: ward in A, B passed 0 "},
		{"accepted_values: {column: ward, values: [A, B]}", "(4, 'it''s', 1)", "accepted_values: ward in A, B failed 1 id 4, ward it's"},
		{"holds: cost < 31", "(4, 'A', null)", "holds: cost < 31 passed 0 "},
		{"holds: cost < 31", "(4, 'A', 31), (5, 'A', 32), (6, 'A', 33), (7, 'A', 34), (8, 'A', 35), (9, 'A', 36)",
			"holds: cost < 31 failed 6 id 4; id 5; id 6; id 7; id 8"},
		{"row_count: {min: 4}", "", "row_count: at least 4 failed 1 row_count 3"},
		{"row_count: {min: 1, max: 3}", "", "row_count: at least 1, at most 3 passed 0 "},
		{"row_count: {max: 2}", "", "row_count: at most 2 failed 1 row_count 3"},
	} {
		t.Run(c.test+" "+c.rows, func(t *testing.T) {
			b := newBench(t)
			if c.rows != "" {
				run(t, b.conn, "insert into current.site__requests values "+c.rows)
			}
			if got := b.answer(costs(c.test), strings.Fields(c.want)[0]); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// answer builds and gives the first answer of a test of costs whose name begins so, other than that of its grain.
func (b bench) answer(files map[string]string, name string) string {
	b.t.Helper()
	result, err := b.build(files)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, test := range result.Tests {
		if strings.HasPrefix(test.Name, name) && test.Table == "marts.costs" && test.Name != "unique: id" {
			word := map[bool]string{true: "passed", false: "failed"}[test.Passed]
			return fmt.Sprintf("%s %s %d %s", test.Name, word, test.Failing, strings.Join(test.Examples, "; "))
		}
	}
	return "not asked"
}

func TestRecencyCountsFromTheDateOfTheRun(t *testing.T) {
	b := newBench(t)
	run(t, b.conn, "create table current.site__visits (id bigint, visit_date date); insert into current.site__visits values (1, '2026-11-20')")
	visits := Relation{Name: "site.visits", Columns: []Column{{"id", "bigint", ""}, {"visit_date", "date", ""}}}
	text := strings.Replace(model("table", "select id, visit_date from current.site__visits", "id", "visit_date"),
		"--   - unique: id\n", "--   - unique: id\n--   - recency: {column: visit_date, days: 5}\n--     severity: warn\n", 1)
	set, err := Load(context.Background(), Options{
		Ours:    folder("ours", map[string]string{"inputs.sql": "create table meta.run_date (run_date date); " + observationInputs}),
		Council: folder("models", map[string]string{"marts/visits.sql": text}), Datasets: []Relation{visits}})
	if err != nil {
		t.Fatal(err)
	}
	builder := Builder{Conn: b.conn, State: newShelf(t, b.conn)}
	for date, want := range map[string]bool{"2026-11-25": true, "2026-11-26": false} {
		run(t, b.conn, "update meta.run_date set run_date = '"+date+"'")
		result, err := builder.Build(context.Background(), set)
		if err != nil {
			t.Fatal(err)
		}
		if got := result.Tests[1]; got.Passed != want || got.Severity != SeverityWarn || len(result.Red()) != 0 {
			t.Errorf("on %s the answer is %+v, want passed %v and a warning at most", date, got, want)
		}
	}
}

func TestBuildAsksARelationshipAgainWhereTheOtherTableChanged(t *testing.T) {
	b := newBench(t)
	files := costs("relationships: ward -> core.dim_wards.ward")
	run(t, b.conn, "insert into current.site__requests values (4, 'C', 1)")
	if got, want := b.answer(files, "relationships"), "relationships: ward -> core.dim_wards.ward failed 1 id 4, ward C"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	files["core/dim_wards.sql"] = strings.Replace(files["core/dim_wards.sql"], "< 'C'", "< 'D'", 1)
	if got, want := b.answer(files, "relationships"), "relationships: ward -> core.dim_wards.ward passed 0 "; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
