package transforms

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestCouncilReplacesAModelOfOurs(t *testing.T) {
	ours := folder("ours", map[string]string{
		"inputs.sql":        "create table meta.run_date (run_date date);" + observationInputs,
		"marts/dates.sql":   model("table", "select run_date from meta.run_date", "run_date"),
		"marts/dates.txtar": "Ours.\n-- given meta.run_date.csv --\nrun_date\n2026-01-01\n-- expect.csv --\nrun_date\n2026-01-01\n",
		"marts/years.sql":   model("table", "select run_date from meta.run_date", "run_date"),
	})
	council := folder("models", map[string]string{"marts/dates.sql": model("view", "select run_date + 1 as run_date from meta.run_date", "run_date")})
	set, err := Load(context.Background(), Options{Ours: ours, Council: council})
	if err != nil {
		t.Fatal(err)
	}
	var replaced []string
	for _, m := range set.Replaced() {
		replaced = append(replaced, m.File+" for "+m.Replaces)
	}
	if want := []string{"models/marts/dates.sql for ours/marts/dates.sql"}; !slices.Equal(replaced, want) {
		t.Errorf("replaced are %s, want %s", replaced, want)
	}
	results, err := set.Cases(context.Background())
	if err != nil || len(results) != 0 {
		t.Errorf("the cases of the model that was replaced are tried: %v, %v", results, err)
	}
}

func TestOurModelsDoNotReadACouncilsDatasets(t *testing.T) {
	ours := folder("ours", map[string]string{"inputs.sql": observationInputs,
		"marts/wards.sql": model("table", "select id from current.site__requests", "id")})
	_, err := Load(context.Background(), Options{Ours: ours, Datasets: []Relation{requests}})
	want := "ours/marts/wards.sql:10: a model of the program reads current.site__requests, which only some councils have"
	if err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("the fault is %v, want %s", err, want)
	}
}

func TestSetIsOrderedByWhatModelsRead(t *testing.T) {
	set := newBench(t).load(chain())
	var names []string
	for _, m := range set.Models {
		if m.Measure == "" && len(m.pieces) == 0 && !strings.Contains(m.Name, "int_observation") {
			names = append(names, m.Name)
		}
	}
	if want := []string{"staging.stg_site__requests", "intermediate.int_wards", "marts.wards"}; !slices.Equal(names, want) {
		t.Errorf("the order is %s, want %s", names, want)
	}
	links := fmt.Sprint(set.Lineage())
	if want := "{intermediate.int_wards staging.stg_site__requests}"; !strings.Contains(links, want) {
		t.Errorf("the lineage %s lacks %s", links, want)
	}
}

func TestReadsLeaveOutNamesOfSubqueries(t *testing.T) {
	l, err := openLab(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	found, err := l.read(context.Background(), `with recursive é as (select 1 as a from core.b), c as (select a from é union all select a + 1 from c)
		select * from c join Core."B c" as é on true, lateral (with c as (select 1 from raw.d) select * from c)
		where exists (select 1 from marts.e) and a in (select f from c) qualify row_number() over (order by (select max(g) from staging.h)) = 1`)
	if err != nil {
		t.Fatal(err)
	}
	m := Model{reads: found.Relations}
	if got, want := m.Reads(), []string{"core.b", "core.b c", "marts.e", "raw.d", "staging.h"}; !slices.Equal(got, want) {
		t.Errorf("it reads %q, want %q", got, want)
	}
}

func TestSplitStatementsLeavesQuotesAlone(t *testing.T) {
	sql := "-- One; two.\n/* three; */\nselect ';', \"a;b\", $$;$$ -- four;\n;\n\n-- Five.\nselect 'it''s;';\n-- Six."
	got := splitStatements(sql)
	want := []statement{
		{"One; two.", "select ';', \"a;b\", $$;$$ -- four;", 3},
		{"Five.", "select 'it''s;'", 7},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func FuzzParseModel(f *testing.F) {
	f.Add(model("table", "select 1 as a;", "a"))
	f.Add(model("partition(a)", "select 1 as a -- ;", "a") + "; select 2")
	f.Add("-- One row.\n--\n-- tests:\n--   - relationships: a -> b.c.d\n--   - row_count: {min: 1}\nselect '")
	f.Add("--\r\n-- grain:\r\n-- columns: {a: }\r\n/* \r\n$$")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := parseModel("marts.a", "models/marts/a.sql", text)
		if err != nil {
			return
		}
		if m.Description == "" || len(m.Grain) == 0 || len(m.Columns) == 0 || m.text == "" {
			t.Errorf("a model without description, grain, columns or SQL is taken: %q", text)
		}
		for n, line := range strings.Split(m.sql, "\n") {
			if whole := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")[n]; line != "" && !strings.HasPrefix(whole, line) {
				t.Errorf("line %d of the SQL is %q and of the file %q", n+1, line, whole)
			}
		}
	})
}

func FuzzParseCases(f *testing.F) {
	f.Add("Shows.\n" + given + "-- expect.csv --\nward\nA\n")
	f.Add("Shows.\n-- case: one --\n-- query --\nselect 1\n-- expect.csv --\na,\"b\n")
	f.Add("-- given a.b.csv --\n\n-- expect.csv --\n-- expect.csv --\n")
	f.Fuzz(func(t *testing.T, text string) {
		cases, err := parseCases("a.txtar", "marts.a", []byte(text))
		for _, c := range cases {
			if err == nil && (c.Shows == "" || len(c.expect.columns) == 0 || len(c.expect.rows) != len(c.expect.lines)) {
				t.Errorf("a case that shows or expects nothing is taken: %q", text)
			}
		}
	})
}
