package transforms

import (
	"context"
	"strings"
	"testing"
)

// tryCases gives what became of the cases of one model over the requests: a line each, or the fault of loading.
func tryCases(t *testing.T, cases string) string {
	t.Helper()
	files := map[string]string{
		"marts/wards.sql":   model("table", "select ward, sum(cost) / 2.0::decimal(4, 2) as half, count(*) > 1 as is_busy, max(id)::decimal(18, 4) as newest from current.site__requests group by ward", "ward", "half", "is_busy", "newest"),
		"marts/wards.txtar": cases,
	}
	set, err := Load(context.Background(), Options{Ours: folder("ours", map[string]string{"inputs.sql": observationInputs}),
		Council: folder("models", files), Datasets: []Relation{requests}})
	if err != nil {
		return err.Error()
	}
	results, err := set.Cases(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, r := range results {
		word := "holds"
		if r.Err != nil {
			word = r.Err.Error()
		} else if r.Difference != "" {
			word = "does not:\n" + r.Difference
		}
		all = append(all, r.Shows+" "+word)
	}
	return strings.Join(all, "\n")
}

const given = "-- given current.site__requests.csv --\nid,ward,cost\n1,A,10\n2,A,21\n3,,5\n"

func TestCasesCompareWhatComesOut(t *testing.T) {
	for _, test := range []struct{ name, cases, want string }{
		{"rows in any order, noughts and booleans do not matter",
			"Wards are added up.\n" + given + "-- expect.csv --\nward,is_busy,newest\n,false,3.00\nA,true,2\n", "Wards are added up. holds"},
		{"a wrong value is told with its line",
			"Wrong.\n" + given + "-- expect.csv --\nward,newest\nA,2.01\n,3\n", "Wrong. does not:\ncolumns: ward,newest\nline 9: A: newest is 2, expected 2.01\n"},
		{"missing and unexpected rows are told",
			"Wrong.\n" + given + "-- expect.csv --\nward,is_busy\nA,1\nB,0\n",
			"Wrong. does not:\ncolumns: ward,is_busy\nline 10: missing    B,false\nunexpected          ,false\n"},
		{"no rows given gives no rows", "Empty.\n-- expect.csv --\nward\n", "Empty. holds"},
		{"a row expected twice must come twice", "Twice.\n" + given + "-- expect.csv --\nis_busy\nfalse\nfalse\ntrue\n",
			"Twice. does not:\ncolumns: is_busy\nline 10: missing    false\n"},
		{"cases share what stands before the first",
			"About wards.\n" + given + "-- case: All wards. --\n-- expect.csv --\nward\nA\n\"\"\n-- case: Its own. --\n-- given current.site__requests.csv --\nid,ward\n9,Z\n-- expect.csv --\nward,half\nZ,\n",
			"All wards. holds\nIts own. holds"},
		{"a value of another type is told", "Bad.\n-- given current.site__requests.csv --\nid,ward\n1,A\nx,B\n-- expect.csv --\nward\n",
			"Bad. models/marts/wards.txtar:5: Could not convert string 'x' to INT64"},
		{"an unknown column given is told", "Bad.\n-- given current.site__requests.csv --\nid,wards\n1,A\n-- expect.csv --\nward\n",
			"Bad. models/marts/wards.txtar:3: current.site__requests has no column \"wards\"\n  fix: did you mean \"ward\"? columns: id, ward, cost, _load_id, _extract_id, _row, _key_hash, _row_hash"},
		{"a relation the model does not read is told", "Bad.\n-- given raw.site__requests.csv --\nid\n1\n-- expect.csv --\nward\n",
			"Bad. models/marts/wards.txtar:2: marts.wards does not read raw.site__requests\n  fix: it reads: current.site__requests"},
		{"an unknown column expected is told", "Bad.\n-- expect.csv --\nwords\n",
			"Bad. models/marts/wards.txtar:3: nothing comes out in a column \"words\"\n  fix: did you mean \"ward\"? columns: ward, half, is_busy, newest"},
		{"parts that are none are told", "Bad.\n-- gives current.site__requests.csv --\nid\n-- expects.csv --\nward\n",
			"models/marts/wards.txtar:1: the case \"Bad.\" expects nothing\n  fix: add a part \"-- expect.csv --\"\n" +
				"models/marts/wards.txtar:2: unknown part \"gives current.site__requests.csv\"\n  fix: parts: \"case: what it shows\", \"given schema.table.csv\", \"query\", \"expect.csv\"\n" +
				"models/marts/wards.txtar:4: unknown part \"expects.csv\"\n  fix: parts: \"case: what it shows\", \"given schema.table.csv\", \"query\", \"expect.csv\""},
		{"a row of another width is told", "Bad.\n" + given + "-- expect.csv --\nward,half\nA\n", "models/marts/wards.txtar:9: 1 values under 2 columns"},
		{"a case says what it shows", "-- expect.csv --\nward\n", "models/marts/wards.txtar:1: the case says nothing of what it shows\n  fix: begin the file with a sentence"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := tryCases(t, test.cases); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

func TestCasesOfMacrosRunTheirQuery(t *testing.T) {
	files := map[string]string{
		"macros.sql":   "-- Twice the amount.\ncreate or replace macro twice(amount) as amount * 2;\n",
		"macros.txtar": "Twice two is four.\n-- query --\nselect twice(2) as four\n-- expect.csv --\nfour\n5\n",
	}
	set, err := Load(context.Background(), Options{Ours: folder("ours", map[string]string{"inputs.sql": observationInputs}), Council: folder("models", files)})
	if err != nil {
		t.Fatal(err)
	}
	results, err := set.Cases(context.Background())
	if err != nil || len(results) != 1 {
		t.Fatalf("%d results and %v", len(results), err)
	}
	if got, want := results[0].Difference, "columns: four\nline 6: missing    5\nunexpected          4\n"; got != want {
		t.Errorf("the difference is\n%s\nwant\n%s", got, want)
	}
}

func TestCasesAreAboutAModel(t *testing.T) {
	files := costs()
	files["marts/cost.txtar"] = "It is a case.\n-- expect.csv --\nid\n"
	_, err := Load(context.Background(), Options{Ours: folder("ours", map[string]string{"inputs.sql": observationInputs}),
		Council: folder("models", files), Datasets: []Relation{requests}})
	want := "models/marts/cost.txtar:1: these are cases of marts.cost, which is no model\n  fix: did you mean \"marts.costs\"? models: marts.costs"
	if err == nil || err.Error() != want {
		t.Errorf("the fault is\n%v\nwant\n%s", err, want)
	}
}
