package warehouse

import (
	"testing"
	"time"
)

// A delivery is a file as it may be read more than once.
type delivery struct {
	name    string
	edition string
	day     int // of its last change
	rows    []string
}

// readings lands the deliveries one after the other, with a look of its own each.
func readings(t *testing.T, w *Warehouse, table Table, looks *int64, deliveries ...delivery) (all []Counts) {
	t.Helper()
	for _, d := range deliveries {
		*looks++
		a := arrive(t, table, d.edition, d.rows...)
		rest, _ := a.Rest()
		rest.Extracts = []Extract{{
			ID: *looks, Place: d.name, SHA256: "of " + d.name, Outcome: "landed",
			ModifiedAt: time.Date(2026, 5, d.day, 9, 0, 0, 0, time.UTC), PublishedAt: rest.PublishedAt,
		}}
		a.Rows = extractRows(t, *looks, table.Key, d.rows...)
		a.Rest = func() (Rest, error) { return rest, nil }
		all = append(all, land(t, w, a))
	}
	return all
}

func TestLandStoresNothingAgainOfWhatIsReadAgain(t *testing.T) {
	for _, edition := range []bool{false, true} {
		for _, mode := range []string{"snapshot", "increment", "append"} {
			for _, key := range [][]string{{"ref"}, nil} {
				w, table, looks := openTest(t, t.TempDir()), testTable(mode, key...), int64(0)
				files := []delivery{
					{"may.csv", "2026-05-01", 1, []string{"a open", "b open", "c open"}},
					{"june.csv", "2026-06-01", 2, []string{"a closed", "b open", "d open"}},
					{"july.csv", "2026-07-01", 3, []string{"a lost", "d open", "e open"}},
				}
				if !edition {
					for i := range files {
						files[i].edition = ""
					}
				}
				readings(t, w, table, &looks, files...)
				before, now := rawList(t, w), present(t, w)
				for range 2 {
					for i, got := range readings(t, w, table, &looks, files...) {
						if got != (Counts{Read: 3, Unchanged: 3}) {
							t.Errorf("%s by %v, editions %v: reading %s again counts %+v", mode, key, edition, files[i].name, got)
						}
					}
				}
				wantList(t, "raw", rawList(t, w), before...)
				wantList(t, "present", present(t, w), now...)
			}
		}
	}
}

func rawList(t *testing.T, w *Warehouse) []string {
	t.Helper()
	return list(t, w, "select concat_ws(' ', _load_id, ref, status, _is_deleted) from raw.desk__requests")
}

func TestLandTakesAFileThatWasPutBack(t *testing.T) {
	w, table, looks := openTest(t, t.TempDir()), testTable("snapshot", "ref"), int64(0)
	first := delivery{"now.csv", "", 1, []string{"a open", "b open"}}
	readings(t, w, table, &looks, first, delivery{"now.csv 2", "", 2, []string{"a closed"}})
	first.day = 3
	got := readings(t, w, table, &looks, first)
	if got[0].Stored != 2 {
		t.Errorf("the same bytes saved anew count %+v", got[0])
	}
	wantList(t, "present", present(t, w), "a open", "b open")
}

func TestLandReadsAgainUnderAnotherContract(t *testing.T) {
	w, looks := openTest(t, t.TempDir()), int64(0)
	files := []delivery{{"may.csv", "", 1, []string{"a open", "b open"}}, {"june.csv", "", 2, []string{"a closed"}}}
	readings(t, w, testTable("snapshot", "ref"), &looks, files...)
	readings(t, w, testTable("snapshot"), &looks, files...)
	wantList(t, "present", present(t, w), "a closed")
}
