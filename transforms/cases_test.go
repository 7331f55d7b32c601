package transforms

import (
	"cmp"
	"context"
	"testing"
)

func TestCasesOfOurModelsHold(t *testing.T) {
	set, err := Load(context.Background(), Options{Ours: Models()})
	if err != nil {
		t.Fatal(err)
	}
	results, err := set.Cases(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if len(results) == 0 {
		t.Error("our models have no cases")
	}
	for _, result := range results {
		name := cmp.Or(result.Model, "macros")
		t.Run(name+"/"+result.Shows, func(t *testing.T) {
			if result.Err != nil {
				t.Fatal(result.Err)
			}
			if result.Difference != "" {
				t.Errorf("%s:%d: %s\n%s", result.File, result.Line, result.Shows, result.Difference)
			}
		})
	}
}
