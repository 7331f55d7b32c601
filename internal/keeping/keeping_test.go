package keeping

import (
	"testing"
	"time"
)

func TestCutOffIsTheBeginningOfTheLocalDaySoLongBefore(t *testing.T) {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 31, 0, 30, 0, 0, london) // still 30 March in UTC
	for text, want := range map[string]string{
		"1 day": "2026-03-30", "90 days": "2025-12-31", "5 weeks": "2026-02-24", "1 month": "2026-02-28", "24 months": "2024-03-31", "7 years": "2019-03-31",
	} {
		kept, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := kept.CutOff(now); got.Format(time.DateTime) != want+" 00:00:00" || got.Location() != london {
			t.Errorf("%s before %s is %s, not %s", text, now, got, want)
		}
	}
}

func TestParseRefusesWhatIsNoTime(t *testing.T) {
	for _, text := range []string{"", "90", "90days", "0 days", "-3 days", "1.5 years", "90 days ", "90 hours", "Forever", "201 years", "99999 years"} {
		if kept, err := Parse(text); err == nil {
			t.Errorf("%q is taken for %s", text, kept)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{"90 days", "1 month", "200 years", "forever", "", "99999 weeks"} {
		f.Add(text)
	}
	now := time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		kept, err := Parse(text)
		if err != nil {
			return
		}
		if again, err := Parse(kept.String()); err != nil || again != kept {
			t.Errorf("%q is %s, which is %s (%v)", text, kept, again, err)
		}
		if cut := kept.CutOff(now); !kept.Forever() && (!cut.Before(now.AddDate(0, 0, -1)) || cut.Year() < 1800) {
			t.Errorf("%q before %s is %s", text, now, cut)
		}
	})
}
