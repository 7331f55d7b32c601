package warehouse

import (
	"iter"
	"testing"
)

// A look is one load of a table that brought no row but those that were set aside, by number and reason.
type look struct {
	place    string
	rejected []Rejected
}

// setAside lands looks one after the other and gives what is listed after the last.
func setAside(t *testing.T, mode string, looks ...look) (listed []string, counted int64) {
	t.Helper()
	folder := t.TempDir()
	w := openTest(t, folder)
	table := testTable(mode, "ref")
	if _, err := w.Conn().ExecContext(t.Context(), "insert into meta.datasets values ('desk', 'requests', '', '', '', ?, false, null)", mode); err != nil {
		t.Fatal(err)
	}
	for i, l := range looks {
		a := arrive(t, table, "")
		rest := Rest{Read: int64(len(l.rejected)), Cursor: "{}", Rejected: numbered(int64(i+1), l.rejected),
			Extracts: []Extract{{ID: int64(i + 1), Source: "desk", Dataset: "requests", Place: l.place, SHA256: "0", Outcome: "landed"}}}
		a.Rest = func() (Rest, error) { return rest, nil }
		if got := land(t, w, a); got.Quarantined != int64(len(l.rejected)) {
			t.Fatalf("look %d: %+v", i+1, got)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	err := ReadQuarantine(t.Context(), folder, QuarantineFilter{}, func(q QuarantinedRow) error {
		listed = append(listed, q.Place+" "+q.Reason)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return listed, countedIn(t, folder)
}

func numbered(extract int64, rejected []Rejected) iter.Seq2[Rejected, error] {
	return func(yield func(Rejected, error) bool) {
		for _, r := range rejected {
			r.ExtractID = extract
			if !yield(r, nil) {
				return
			}
		}
	}
}

// countedIn is how many rows the status of a warehouse says are set aside. It needs a run.
func countedIn(t *testing.T, folder string) int64 {
	t.Helper()
	w := openTest(t, folder)
	if _, err := w.BeginRun(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	status, err := ReadStatus(t.Context(), folder)
	if err != nil || len(status.Datasets) != 1 {
		t.Fatalf("%+v: %v", status.Datasets, err)
	}
	return status.Datasets[0].Quarantined
}

func TestARowSetAsideIsListedUntilItsSourceWasReadAgain(t *testing.T) {
	bad := func(row int64, reason string) Rejected { return Rejected{Row: row, Column: "status", Reason: reason} }
	keyed := func(row int64, ref string) Rejected { return bad(row, "not a number (the row with ref "+ref+")") }
	whole, night, again := "db/requests (whole)", "db/requests", "db/requests (whole)"
	for _, test := range []struct {
		name, mode string
		looks      []look
		want       []string
	}{
		{"a file that was put right", "increment", []look{{"a.csv", []Rejected{bad(2, "wrong")}}, {"b.csv", []Rejected{bad(3, "odd")}}, {"a.csv", nil}},
			[]string{"b.csv odd"}},
		{"a snapshot", "snapshot", []look{{"a.csv", []Rejected{bad(2, "wrong")}}, {"b.csv", []Rejected{bad(2, "odd")}}},
			[]string{"b.csv odd"}},
		{"a night that does not come by the row again", "increment", []look{{whole, []Rejected{keyed(1, "x")}}, {night, []Rejected{keyed(1, "y")}}, {night, nil}},
			[]string{night + " not a number (the row with ref y)", whole + " not a number (the row with ref x)"}},
		{"a night that does", "increment", []look{{whole, []Rejected{keyed(9, "x")}}, {night, []Rejected{keyed(1, "x")}}, {night, []Rejected{keyed(2, "x")}}},
			[]string{night + " not a number (the row with ref x)"}},
		{"rows without a key alike", "increment", []look{{whole, []Rejected{bad(1, "wrong"), bad(2, "wrong")}}, {night, nil}},
			[]string{whole + " wrong", whole + " wrong"}},
		{"everything is read again", "increment", []look{{whole, []Rejected{keyed(1, "x")}}, {night, []Rejected{keyed(1, "y")}}, {again, []Rejected{keyed(3, "y")}}},
			[]string{again + " not a number (the row with ref y)"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, counted := setAside(t, test.mode, test.looks...)
			wantList(t, "set aside", got, test.want...)
			if counted != int64(len(test.want)) {
				t.Errorf("status counts %d", counted)
			}
		})
	}
}
