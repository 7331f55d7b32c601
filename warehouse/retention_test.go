package warehouse

import (
	"testing"
	"time"
)

// TestAJumpOfTheClockIsSeenUntilRunsFollowEachOtherAgain begins runs so many days apart, and counts now as one.
func TestAJumpOfTheClockIsSeenUntilRunsFollowEachOtherAgain(t *testing.T) {
	first := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		days   []int // of the runs, the last of them now
		jumped int   // -1: never
	}{
		"the first run":              {[]int{0}, -1},
		"nights, and a month off":    {[]int{0, 1, 2, 33}, -1}, // clocks went on meanwhile
		"two months off":             {[]int{0, 1, 62}, 62},
		"ten years ahead":            {[]int{0, 1, 3652, 3653}, 3652},
		"put right again":            {[]int{0, 1, 3652, 3653, 4}, 4},
		"a week after that":          {[]int{0, 1, 3652, 3653, 4, 5, 11}, 4},
		"back by a year":             {[]int{0, 1, -364, -363}, -364},
		"a year back, and put right": {[]int{400, 401, 36, 37, 403}, 403},
	} {
		t.Run(name, func(t *testing.T) {
			now := first
			w, err := Open(t.Context(), Options{Folder: t.TempDir(), MemoryLimit: "256MB", Now: func() time.Time { return now }})
			if err != nil {
				t.Fatal(err)
			}
			defer w.Close()
			for _, day := range test.days[:len(test.days)-1] {
				now = first.AddDate(0, 0, day)
				if _, err := w.BeginRun(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			now = first.AddDate(0, 0, test.days[len(test.days)-1])
			var want time.Time
			if test.jumped != -1 {
				want = first.AddDate(0, 0, test.jumped)
			}
			if got, err := w.ClockJumped(t.Context()); err != nil || !got.Equal(want) {
				t.Errorf("got %s and not %s, %v", got, want, err)
			}
		})
	}
}

func TestRowsSetAsideThatAreRemovedStillCount(t *testing.T) {
	folder := t.TempDir()
	now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	w, err := Open(t.Context(), Options{Folder: folder, MemoryLimit: "256MB", Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	table := testTable("increment", "ref")
	land(t, w, arrive(t, table, "", "a open", "a open again"))
	now = now.AddDate(0, 0, 10)
	land(t, w, arrive(t, table, "", "b open", "b open again"))
	for _, cutOff := range []time.Time{now.AddDate(0, 0, -5), now.AddDate(0, 0, -4)} { // the second finds nothing
		rows, err := w.PastQuarantine(t.Context(), cutOff)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.NoteRemoval(t.Context(), 1, Removal{Subject: Quarantine, Rule: "keep.quarantine: 5 days", CutOff: cutOff, Items: rows}); err != nil {
			t.Fatal(err)
		}
	}
	var left, removed int64
	if err := w.Conn().QueryRowContext(t.Context(), "select (select count(*) from meta.quarantine), (select sum(item_count)::bigint from meta.retention)").Scan(&left, &removed); err != nil || left == 0 || removed != left {
		t.Errorf("left are %d rows, removed %d, %v", left, removed, err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if v, err := Verify(t.Context(), folder); err != nil || v.Loads != 2 {
		t.Errorf("%+v, %v", v, err)
	}
	if err := reopen(t, folder); err != nil {
		t.Error(err)
	}
}
