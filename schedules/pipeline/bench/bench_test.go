package bench

import (
	"testing"

	"github.com/goldthread/goldthread/connectors/all"
)

var few = Options{Rows: 3000, Repeat: 2, MemoryLimit: "256MB", Threads: 2}

func TestFiguresStandBesideTheirFloors(t *testing.T) {
	for name, measure := range map[string]func() ([]Figure, error){
		"ingest":     func() ([]Figure, error) { return Ingest(t.Context(), few, all.Kinds) },
		"build":      func() ([]Figure, error) { return Build(t.Context(), few, all.Kinds) },
		"operations": func() ([]Figure, error) { return Operations(t.Context(), few, all.Kinds) },
		"release":    func() ([]Figure, error) { return Release(t.Context(), few) },
	} {
		figures, err := measure()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, f := range figures {
			if f.Rows != int64(few.Rows) || f.Seconds <= 0 || f.FloorSeconds <= 0 || f.Ratio != f.FloorSeconds/f.Seconds || f.Floor == "" {
				t.Errorf("%s: %+v", name, f)
			}
		}
	}
}
