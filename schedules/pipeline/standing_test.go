package pipeline_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goldthread/goldthread/schedules/pipeline"
	"github.com/goldthread/goldthread/warehouse"
)

func TestARunLeavesHowTheWarehouseStandsThoughItIsRed(t *testing.T) {
	c := newCouncil(t)
	standing := func() warehouse.Standing {
		t.Helper()
		s, err := warehouse.ReadStanding(filepath.Join(c.root, ".goldthread"))
		if err != nil {
			t.Fatal(err)
		}
		return *s
	}
	c.run()
	if s := standing(); len(s.Runs) != 1 || s.Runs[0].Outcome != pipeline.Done || s.Runs[0].Release != 1 || s.Release != 1 || s.Reconciliation == nil {
		t.Errorf("after a run: %+v", s)
	}
	if err := os.RemoveAll(filepath.Join(c.root, "drops")); err != nil {
		t.Fatal(err)
	}
	c.run()
	s := standing()
	if s.Runs[0].Outcome != pipeline.Red || !strings.Contains(s.Runs[0].Message, "the folder drops is not there") {
		t.Errorf("after a red run: %+v", s.Runs[0])
	}
	for _, d := range s.Datasets {
		if d.Source == "returns" && (!d.Stale || d.Outcome != "failed") {
			t.Errorf("the source that failed: %+v", d)
		}
	}
}
