package transforms

import (
	"fmt"
	"strings"
	"testing"
)

func TestKeysAreWhatTheHeadersPromise(t *testing.T) {
	models, err := Load(t.Context(), Options{Ours: Models()})
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, k := range models.Keys() {
		if k.Model == "core.fct_targets" {
			told = append(told, fmt.Sprint(k.Kind, k.Columns, k.Parent, " ", k.ParentColumn))
		}
	}
	got := strings.Join(told, "\n")
	for _, want := range []string{"grain[", "not_null[", "relationship[measure_key]core.dim_measures measure_key", "relationship[period_key]core.dim_periods period_key"} {
		if strings.Count(got, want) != 1 {
			t.Errorf("%q is not among\n%s", want, got)
		}
	}
}
