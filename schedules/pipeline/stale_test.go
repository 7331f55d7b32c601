package pipeline_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/goldthread/goldthread/schedules/pipeline"
	"github.com/goldthread/goldthread/warehouse"
)

// TestAMeasureSaysSinceWhenItsSourceCannotBeRead goes through a week in which a source cannot be read for some nights. Readers
// get a release when it begins and one when it is over, and none between.
func TestAMeasureSaysSinceWhenItsSourceCannotBeRead(t *testing.T) {
	c := newCouncil(t)
	const broken = "drops/2025-12/waste.csv"
	nights := []struct {
		what    string
		do      func()
		release int64
		since   string
	}{
		{what: "all is well", release: 1},
		{what: "it cannot be read", do: func() { c.write(broken, "no,such,columns\n1,2,3\n") }, release: 2, since: "2026-11-03"},
		{what: "still not", do: func() { c.write(broken, "no,such,columns\n4,5,6\n") }, since: "2026-11-03"},
		{what: "it is mended", do: func() { c.remove(broken) }, release: 3},
		{what: "it cannot be read again", do: func() { c.write(broken, "nor,such,columns\n1,2,3\n") }, release: 4, since: "2026-11-06"},
	}
	for i, night := range nights {
		if night.do != nil {
			night.do()
		}
		now := time.Date(2026, 11, 2+i, 2, 0, 0, 0, time.UTC)
		result := c.runWith(pipeline.Options{Version: "test", Now: func() time.Time { return now }})
		value, since := c.figure()
		if result.Release != night.release || value != "55.0" || since != night.since {
			t.Errorf("%s: release %d, value %s, stale since %q; want release %d, since %q", night.what, result.Release, value, since, night.release, night.since)
		}
	}
}

// figure is the value that readers see, and since when its source cannot be read.
func (c *councilFolder) figure() (value, since string) {
	c.t.Helper()
	db, err := warehouse.NewReleases(filepath.Join(c.root, ".goldthread")).Open(c.t.Context(), 0, "staff")
	if err != nil {
		c.t.Fatal(err)
	}
	defer db.Close()
	err = db.QueryRowContext(c.t.Context(), `
		select cast(round(value, 1) as decimal(9, 1))::varchar, coalesce(stale_since::varchar, '')
		from marts.scorecard where measure_code = 'WAS-01'`).Scan(&value, &since)
	if err != nil {
		c.t.Fatal(err)
	}
	return value, since
}
