package csvdrop

import "testing"

func TestMatchesTellsPathsByPattern(t *testing.T) {
	tests := []struct {
		pattern, name string
		want          bool
	}{
		{"*/climate/waste.csv", "2026-05/climate/waste.csv", true},
		{"*/climate/waste.csv", "climate/waste.csv", false},
		{"*/climate/waste.csv", "a/b/climate/waste.csv", false},
		{"**/waste.csv", "waste.csv", true},
		{"**/waste.csv", "a/b/waste.csv", true},
		{"a/**", "a/b/c.csv", true},
		{"*.csv", "a.CSV", false},
		{"spend_20??-*.csv", "spend_2025-04.csv", true},
	}
	for _, test := range tests {
		if got := matches(test.pattern, test.name); got != test.want {
			t.Errorf("%s, %s: got %v", test.pattern, test.name, got)
		}
	}
}
