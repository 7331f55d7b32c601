package measures

import (
	"os"
	"strings"
	"testing"

	"github.com/goldthread/goldthread/internal/fault"
)

// Any texts give a handbook, or faults that each say where they stand; and SQL taken out of its layout has none left.
func FuzzParse(f *testing.F) {
	for _, path := range []string{"testdata/words.bad.yaml", "testdata/combinations.bad.yaml", "testdata/bounds.bad.yaml"} {
		f.Add(readSeed(f, path), []byte(smallPlan), []byte("select 1 -- one"))
	}
	f.Add([]byte(measure("ENV01", "plan: [{outcome: climate.waste, from: FY2025-26}]")), []byte(smallPlan), []byte("select '--' /* a */ as \"b"))
	f.Fuzz(func(t *testing.T, text, plan, sql []byte) {
		h, err := Parse(map[string][]byte{PlanFile: plan, "measures/a.yaml": text, "measures/ENV01.sql": sql})
		for _, one := range fault.List(err) {
			if !strings.HasPrefix(one.Error(), "measures/") && !strings.HasPrefix(one.Error(), PlanFile) {
				t.Errorf("a fault without a place: %v", one)
			}
		}
		if err == nil && len(h.Measures) != 1 {
			t.Errorf("one file without a fault makes %d measures", len(h.Measures))
		}
		if plain := plainSQL(string(sql)); plainSQL(plain) != plain {
			t.Errorf("%q is not plain: it becomes %q", plain, plainSQL(plain))
		}
		h.Warnings()
	})
}

func readSeed(f *testing.F, path string) []byte {
	f.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	return text
}
