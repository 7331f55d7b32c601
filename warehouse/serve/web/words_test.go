package web

import (
	"testing"
	"time"
)

func TestNumbersAndTimesReadAsPeopleWriteThem(t *testing.T) {
	for want, got := range map[string]string{
		"0": thousands(0), "999": thousands(999), "1,000": thousands(1000), "−12,345,678": thousands(-12345678),
		"1 row": plural(1, "row"), "0 rows": plural(0, "row"), "2,000 rows": plural(2000, "row"),
		"5 bytes": size(5), "1.5 KB": size(1536), "13.0 MB": size(13 << 20), "2.2 GB": size(2<<30 + 250<<20),
		"59 seconds": long(59*time.Second + 900*time.Millisecond), "1 minute": long(time.Minute), "3 hours 1 minute": long(3*time.Hour + 61*time.Second),
		"25 Nov 2026": day("2026-11-25"), "no day": day("no day"),
		"43.26": rounded("43.255", 2), "−0.5": rounded("-0.45", 1), "1,234,568": rounded("1234567.5", 0), "n/a": rounded("n/a", 1), "": rounded("", 1),
		"0.33": rounded("0.33333333333333333333333333333333333333", 2), "1.50": rounded("1.5", 2), "1/3": rounded("1/3", 1), "1e9999999": rounded("1e9999999", 1),
	} {
		if got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}

func TestValuesThatDifferAreNeverShownAlike(t *testing.T) {
	for _, one := range []struct {
		before, now string
		want        [2]string
	}{
		{"43.214", "44.996", [2]string{"43.21", "45.00"}},
		{"43.214", "43.2141", [2]string{"43.214", "43.2141"}},
		{"1000.4", "suppressed", [2]string{"1,000.4", "suppressed"}},
		{"5", "5.1", [2]string{"5.0", "5.1"}},
		{"7", "7", [2]string{"7", "7"}},
	} {
		if before, now := displayed(one.before, one.now); [2]string{before, now} != one.want {
			t.Errorf("%s and %s are shown as %s and %s", one.before, one.now, before, now)
		}
	}
}
