package csvdrop

import (
	"testing"
	"time"
)

func TestEditionsAreReadWhereTheContractSays(t *testing.T) {
	modified := time.Date(2026, 5, 31, 23, 30, 0, 0, time.UTC)
	zone := time.FixedZone("summer", 3600)
	tests := []struct {
		edition     Edition
		place, want string
	}{
		{Edition{}, "drops/a.csv", ""},
		{Edition{From: "modified"}, "drops/a.csv", "2026-06-01"},
		{Edition{From: "path", Pattern: `/(\d{4}-\d{2})/`}, "2024-09/a.csv", "2024-09-01"},
		{Edition{From: "name", Pattern: `_(\d{8})\.`}, "2024-09/a_20260531.csv", "2026-05-31"},
		{Edition{From: "name", Pattern: `(\d{4}-\d{2}-\d{2})`}, "a 2026-05-31.csv", "2026-05-31"},
		{Edition{From: "name", Pattern: `(\d{6})`}, "a202605.csv", "2026-05-01"},
		{Edition{From: "name", Pattern: `(\d{4})`}, "a2026.csv", "2026-01-01"},
		{Edition{From: "name", Pattern: `(\d{4}-\d{2})`}, "a2026-13.csv",
			`the contract reads the date of publication from the name, and "2026-13" there is no date such as 2024-09-30 or 2024-09`},
		{Edition{From: "name", Pattern: `(\d{4})`}, "2026/a.csv",
			`the contract reads the date of publication from the name with the pattern (\d{4}), which "a.csv" does not fit`},
	}
	for _, test := range tests {
		date, err := test.edition.editionOf(test.place, modified, zone)
		got := ""
		switch {
		case err != nil:
			got = err.Error()
		case !date.IsZero():
			got = date.Format(time.DateOnly)
		}
		if got != test.want {
			t.Errorf("%+v of %s: got %q, want %q", test.edition, test.place, got, test.want)
		}
	}
}
