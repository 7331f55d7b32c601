package warehouse

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// nights makes a run a day apart for each of the outcomes that the looks of one dataset have, and gives what the last leaves.
func nights(t *testing.T, outcomes ...string) *Standing {
	t.Helper()
	folder := t.TempDir()
	w := openTest(t, folder)
	at := testTime
	w.options.Now = func() time.Time { return at }
	for _, outcome := range outcomes {
		run, err := w.BeginRun(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		stale := outcome != "landed" && outcome != "unchanged"
		at = at.Add(time.Minute)
		if err := w.SetDatasets(t.Context(), []Dataset{{Source: "desk", Name: "requests", Owner: "Customer services", Mode: "snapshot", Stale: stale}}); err != nil {
			t.Fatal(err)
		}
		if outcome != "unreached" {
			looks := []Extract{{ID: w.NextExtract(), Place: "drops/a.csv", Outcome: outcome, Reason: "because it is " + outcome}}
			if err := w.NoteExtracts(t.Context(), run, Table{Source: "desk", Dataset: "requests"}, looks); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.EndRun(t.Context(), run, "red", 0, "why it is red"); err != nil {
			t.Fatal(err)
		}
		at = at.Add(24*time.Hour - time.Minute)
	}
	if err := w.WriteStanding(t.Context()); err != nil {
		t.Fatal(err)
	}
	s, err := ReadStanding(folder)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestADatasetIsToldAsItsLastLookLeftIt(t *testing.T) {
	at := testTime.Add(24*time.Hour + time.Minute)
	for name, one := range map[string]struct {
		outcomes []string
		want     DatasetStanding
	}{
		"never looked at": {[]string{"unreached"}, DatasetStanding{Stale: true, StaleSince: "2026-04-01"}},
		"fresh":           {[]string{"refused", "landed"}, DatasetStanding{LookedAt: &at, Outcome: "landed", Reason: "because it is landed"}},
		"stale":           {[]string{"landed", "refused"}, DatasetStanding{LookedAt: &at, Outcome: "refused", Reason: "because it is refused", Stale: true, StaleSince: "2026-04-02"}},
		"stale for long":  {[]string{"failed", "refused"}, DatasetStanding{LookedAt: &at, Outcome: "refused", Reason: "because it is refused", Stale: true, StaleSince: "2026-04-01"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := nights(t, one.outcomes...).Datasets[0]
			one.want.Source, one.want.Dataset, one.want.Owner = "desk", "requests", "Customer services"
			if got.LookedAt != nil && one.want.LookedAt != nil && got.LookedAt.Equal(at) {
				got.LookedAt = one.want.LookedAt // the same moment in another zone
			}
			if !reflect.DeepEqual(got, one.want) {
				t.Errorf("got %+v\nwant %+v", got, one.want)
			}
		})
	}
}

func TestTheLastRunsAreToldTheNewestFirst(t *testing.T) {
	s := nights(t, strings.Fields(strings.Repeat("landed ", standingRuns+2))...)
	if len(s.Runs) != standingRuns || s.Runs[0].RunID != standingRuns+2 || s.Runs[0].FinishedAt == nil {
		t.Errorf("%d runs, the first %+v", len(s.Runs), s.Runs[0])
	}
	ended := testTime.Add((standingRuns + 1) * 24 * time.Hour)
	want := RunStanding{RunID: standingRuns + 2, StartedAt: s.Runs[0].StartedAt, FinishedAt: s.Runs[0].FinishedAt, Outcome: "red", Message: "why it is red"}
	if !reflect.DeepEqual(s.Runs[0], want) || !s.Runs[0].StartedAt.Equal(ended) {
		t.Errorf("got %+v", s.Runs[0])
	}
}

func TestRowsSetAsideAreCountedForTheirOwner(t *testing.T) {
	w := openTest(t, t.TempDir())
	table := testTable("snapshot", "ref")
	if _, err := w.BeginRun(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := w.SetDatasets(t.Context(), []Dataset{{Source: "desk", Name: "requests", Owner: "Customer services", Mode: "snapshot"}}); err != nil {
		t.Fatal(err)
	}
	a := arrive(t, table, "")
	a.Rest = func() (Rest, error) {
		return Rest{Read: 2, Cursor: "{}", Rejected: numbered(1, []Rejected{{Row: 2, Text: "Jo Bloggs", Reason: "no date"}, {Row: 3, Reason: "no date"}}),
			Extracts: []Extract{{ID: 1, Source: "desk", Dataset: "requests", Place: "a.csv", SHA256: "0", Outcome: "landed"}}}, nil
	}
	land(t, w, a)
	if err := w.WriteStanding(t.Context()); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(w.options.Folder, StandingFile))
	if err != nil || strings.Contains(string(text), "Bloggs") {
		t.Errorf("%v: the file holds what the source said:\n%s", err, text)
	}
	s, err := ReadStanding(w.options.Folder)
	want := []QuarantineStanding{{"Customer services", "desk", "requests", 2, "2026-04-01"}}
	if err != nil || !reflect.DeepEqual(s.Quarantine, want) {
		t.Errorf("%v: %+v", err, s.Quarantine)
	}
}

func TestAStandingThatCannotBeReadIsToldInWords(t *testing.T) {
	whole, err := json.Marshal(Standing{Form: standingForm, Runs: []RunStanding{{RunID: 1}}})
	if err != nil {
		t.Fatal(err)
	}
	for name, one := range map[string]struct{ text, want string }{
		"empty":           {"", "damaged"},
		"torn":            {string(whole[:len(whole)/2]), "damaged"},
		"of another kind": {`{"form": "x"}`, "damaged"},
		"no object":       {"null", "damaged"},
		"newer":           {`{"form": 2, "runs": []}`, "a newer goldthread"},
		"whole":           {string(whole), ""},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			if err := os.WriteFile(filepath.Join(folder, StandingFile), []byte(one.text), 0o600); err != nil {
				t.Fatal(err)
			}
			s, err := ReadStanding(folder)
			if one.want == "" && (err != nil || s == nil) || one.want != "" && (err == nil || !strings.Contains(err.Error(), one.want)) {
				t.Errorf("%+v, %v", s, err)
			}
		})
	}
	if s, err := ReadStanding(t.TempDir()); s != nil || err != nil {
		t.Errorf("where there is none: %+v, %v", s, err)
	}
}
