package pipeline_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goldthread/goldthread/schedules/pipeline"
	"github.com/goldthread/goldthread/warehouse"
)

const annualCycle = `cycle: annual
name: Annual report
frequency: annual
from: FY2025-26
cut_off: day 30
publish: day 60
release: annual-{period}
`

// on runs at two in the morning of a day and gives what was owed, and the names of releases.
func (c *councilFolder) on(day string) (result pipeline.Result, owed, names string) {
	c.t.Helper()
	now, err := time.Parse(time.DateOnly, day)
	if err != nil {
		c.t.Fatal(err)
	}
	result = c.runWith(pipeline.Options{Version: "test", Now: func() time.Time { return now.Add(2 * time.Hour) }})
	for _, o := range result.Owed {
		owed += fmt.Sprintf("%s %s by %s late=%v of %s, readers see %s\n", o.MeasureCode, o.Period, o.CutOff, o.IsLate, o.Owner, o.Seen)
	}
	named, err := warehouse.NewReleases(filepath.Join(c.root, ".goldthread")).Named()
	if err != nil {
		c.t.Fatal(err)
	}
	for _, n := range named {
		names += fmt.Sprintf("%s=%d by %s ", n.Name, n.Release, n.By)
	}
	return result, strings.TrimSpace(owed), strings.TrimSpace(names)
}

func (c *councilFolder) recycled(edition string, tonnes int) {
	c.t.Helper()
	c.write("drops/"+edition+"/waste.csv", fmt.Sprintf("area_code,period,recycled,collected\nE07000001,2025/26,%d,1000\n", tonnes))
}

// TestACycleRemindsTellsWhoIsLateAndNamesWhatIsPublished goes from before the reminder to after the publication. The year ends on 31 March, the cut-off is on 30 April
// and the report is published on 30 May.
func TestACycleRemindsTellsWhoIsLateAndNamesWhatIsPublished(t *testing.T) {
	c := newCouncil(t)
	c.write("cycles/annual.yaml", annualCycle)
	for _, night := range []struct {
		day, owed, names string
		do               func()
	}{
		{day: "2026-04-25", owed: "WAS-01 2025/26 by 2026-04-30 late=false of Head of Waste, readers see 2024/25"},
		{day: "2026-05-01", owed: "WAS-01 2025/26 by 2026-04-30 late=true of Head of Waste, readers see 2024/25"},
		{day: "2026-05-30", do: func() { c.recycled("2026-05", 610) }, names: "annual-fy2025-26=RELEASE by the cycle annual"},
		{day: "2026-05-31", do: func() { c.recycled("2026-06", 620) }, names: "annual-fy2025-26=BEFORE by the cycle annual"},
	} {
		if night.do != nil {
			night.do()
		}
		result, owed, names := c.on(night.day)
		want := strings.NewReplacer("RELEASE", fmt.Sprint(result.Release), "BEFORE", fmt.Sprint(result.Release-1)).Replace(night.names)
		if owed != night.owed || names != want || result.Outcome != pipeline.Done {
			t.Errorf("%s: %s, owed %q, named %q; want %q, %q", night.day, result.Outcome, owed, names, night.owed, want)
		}
	}
}

// TestWhatReadersSawIsNamedWhereNothingRanOnTheDay: the run that comes after the publication changes a figure, which was not in the
// report.
func TestWhatReadersSawIsNamedWhereNothingRanOnTheDay(t *testing.T) {
	c := newCouncil(t)
	c.write("cycles/annual.yaml", annualCycle)
	c.recycled("2026-04", 600)
	c.on("2026-05-29")
	c.recycled("2026-06", 620)
	result, _, names := c.on("2026-06-02")
	if result.Release != 2 || names != "annual-fy2025-26=1 by the cycle annual" {
		t.Errorf("after release %d named is %q", result.Release, names)
	}
	if err := warehouse.NewReleases(filepath.Join(c.root, ".goldthread")).Unname(warehouse.Naming{Name: "annual-fy2025-26", By: "ann"}); err != nil {
		t.Fatal(err)
	}
	if _, _, names := c.on("2026-06-02"); names != "" {
		t.Errorf("a name that somebody took away came back: %s", names)
	}
}

func TestAFolderWithACycleThatIsAtFaultIsRefused(t *testing.T) {
	c := newCouncil(t)
	c.write("cycles/annual.yaml", strings.Replace(annualCycle, "day 30", "soon", 1))
	_, err := c.open()
	if err == nil || !strings.Contains(err.Error(), `cycles/annual.yaml:5: cut_off is "soon"`) || strings.Count(err.Error(), "soon") != 1 {
		t.Error(err)
	}
}
