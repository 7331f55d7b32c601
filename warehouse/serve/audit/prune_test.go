package audit

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goldthread/goldthread/internal/failpoint"
)

// monthly gives a log of two entries a month, from January 2026 on.
func monthly(t *testing.T, months int) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "audit")
	l := open(t, folder)
	for n := range 2 * months {
		e := entry(n + 1)
		e.At = time.Date(2026, time.Month(1+n/2), 3+20*(n%2), 9, 0, 0, 0, time.UTC)
		if err := l.Append(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return folder
}

func past(t *testing.T, folder string, cutOff time.Time) Old {
	t.Helper()
	old, err := Past(folder, cutOff)
	if err != nil {
		t.Fatal(err)
	}
	return old
}

func TestNoEntryIsKeptLongerThanItsTimeAndTheRestIsWhole(t *testing.T) {
	folder := monthly(t, 6)
	serving := open(t, folder) // while another process takes away
	june := time.Date(2026, 6, 30, 9, 0, 0, 0, time.UTC)
	for _, step := range []struct {
		cutOff           time.Time
		entries, removed int64
		left             string
	}{
		{time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), 0, 0, "000001"},
		{time.Date(2026, 2, 14, 0, 0, 0, 0, time.UTC), 4, 4, "000003"},
		{time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC), 2, 6, "000004"},
		{time.Date(2036, 1, 1, 0, 0, 0, 0, time.UTC), 4, 10, "000006"}, // never the one that is written
	} {
		old := past(t, folder, step.cutOff)
		if old.Entries != step.entries || old.Entries > 0 && old.Bytes == 0 {
			t.Errorf("before %s: %+v", step.cutOff, old)
		}
		if old.Entries > 0 {
			if err := old.Remove(june); err != nil {
				t.Fatal(err)
			}
		}
		names, err := files(folder)
		if err != nil || len(names) == 0 || !strings.HasPrefix(names[0], step.left) {
			t.Errorf("before %s: left are %v, %v", step.cutOff, names, err)
		}
		if r := verify(t, folder); len(r.Findings) > 0 || r.Removed != step.removed {
			t.Errorf("before %s: %+v", step.cutOff, r)
		}
	}
	if err := serving.Append(entry(99)); err != nil {
		t.Error(err)
	}
	if err := serving.Close(); err != nil {
		t.Error(err)
	}
	if r := verify(t, folder); len(r.Findings) > 0 || r.Head.Number != 16 || r.Entries != 6 { // two of June, three removals, and that one
		t.Errorf("%+v", r)
	}
}

func TestEntriesTakenFromTheBeginningAreFoundAfterARemovalToo(t *testing.T) {
	folder := monthly(t, 5)
	if err := past(t, folder, time.Date(2026, 2, 14, 0, 0, 0, 0, time.UTC)).Remove(morning); err != nil {
		t.Fatal(err)
	}
	names, err := files(folder)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(folder, names[0])); err != nil {
		t.Fatal(err)
	}
	if r := verify(t, folder); len(r.Findings) != 1 || !strings.Contains(r.Findings[0].What, "before this line are missing") {
		t.Errorf("%+v", r)
	}
}

func TestALogThatIsNotWholeIsKeptAsEvidence(t *testing.T) {
	folder := monthly(t, 4)
	names, err := files(folder)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, names[1])
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(text), "powerbi", "powerbj", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if old, err := Past(folder, time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)); err == nil || !strings.Contains(err.Error(), "is not removed because it is not whole") {
		t.Errorf("%+v, %v", old, err)
	}
	if left, err := files(folder); err != nil || !slices.Equal(left, names) {
		t.Errorf("left are %v, %v", left, err)
	}
}

func TestALogIsWholeWhereverARemovalIsCutShort(t *testing.T) {
	folder := monthly(t, 4)
	cutOff := time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC)
	if err := failpoint.Arm("retention.audit_noted", func() { panic("killed") }); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = failpoint.Arm("", nil) })
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the place was not reached")
			}
		}()
		_ = past(t, folder, cutOff).Remove(morning)
	}()
	if r := verify(t, folder); len(r.Findings) > 0 || r.Entries != 9 {
		t.Errorf("%+v", r)
	}
	left := past(t, folder, cutOff)
	if left.Entries != 6 {
		t.Errorf("what was not removed is not found again: %+v", left)
	}
	if err := left.Remove(morning); err != nil {
		t.Fatal(err)
	}
	if r := verify(t, folder); len(r.Findings) > 0 || r.Entries != 4 || r.Removed != 6 {
		t.Errorf("%+v", r)
	}
}

func TestAWarehouseWithoutALogHasNothingPast(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "audit")
	if old := past(t, folder, morning); old.Entries != 0 {
		t.Errorf("%+v", old)
	}
	if _, err := os.Stat(folder); !os.IsNotExist(err) {
		t.Errorf("a log was made: %v", err)
	}
}
