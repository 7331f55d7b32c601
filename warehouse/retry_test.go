package warehouse

import (
	"fmt"
	"testing"

	"github.com/goldthread/goldthread/internal/failpoint"
)

// TestALoadWhoseAnswerWasLostIsNotStoredTwice commits a load and loses the answer, a hundred times, before or after the
// checkpoint or while the journal is written, and then hands the same rows in again: half the time to the same owner and half the time to the next.
func TestALoadWhoseAnswerWasLostIsNotStoredTwice(t *testing.T) {
	folder := t.TempDir()
	w := openTest(t, folder)
	table := testTable("increment", "ref")
	defer func() { _ = failpoint.Arm("", nil) }()
	const trials = 100
	for i := range trials {
		place := []string{"load.after_commit", "load.after_checkpoint", "journal.half_written"}[i%3]
		rows := []string{fmt.Sprintf("r%d open", i), fmt.Sprintf("r%d closed", i/2)}
		if i/2 == i {
			rows = rows[:1]
		}
		loseTheAnswer(t, w, place, arrive(t, table, "", rows...))
		if i%2 == 0 || place == "journal.half_written" {
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			w = openTest(t, folder)
		}
		if again := land(t, w, arrive(t, table, "", rows...)); again.Stored != 0 || again.Unchanged != int64(len(rows)) {
			t.Fatalf("trial %d, lost at %s: handed in again, %+v", i, place, again)
		}
	}
	var raw, distinct, present int
	err := w.Conn().QueryRowContext(t.Context(), `
		select count(*), count(distinct (ref, status)), (select count(*) from "current".desk__requests)
		from raw.desk__requests`).Scan(&raw, &distinct, &present)
	if err != nil || raw != distinct || present != trials {
		t.Errorf("%d rows are stored, %d of them distinct, %d present: %v", raw, distinct, present, err)
	}
}

// loseTheAnswer lands a load and goes away at the place, as a caller does whose connection is cut.
func loseTheAnswer(t *testing.T, w *Warehouse, place string, a Arrival) {
	t.Helper()
	type cut struct{}
	if err := failpoint.Arm(place, func() { panic(cut{}) }); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if _, ours := recover().(cut); !ours {
			t.Fatalf("the load did not reach %s", place)
		}
	}()
	stored, err := w.Land(t.Context(), a)
	t.Fatalf("the answer came: %+v, %v", stored, err)
}
