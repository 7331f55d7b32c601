package pipeline_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goldthread/goldthread/connectors/all"
	"github.com/goldthread/goldthread/connectors/lginform/lginformtest"
	"github.com/goldthread/goldthread/schedules/pipeline"
	"github.com/goldthread/goldthread/warehouse/duckdb"
)

const lginformSource = `source: lgi
kind: lginform
url: %s
allow_loopback: true
application_key_env: TOKEN
datasets:
  - name: figures
    reads: values
    metric_types: ["1072"]
    areas: [E09000022, AllBoroughInRegion_London]
    periods: latest:5
`

// lginformCatalogue makes a metric type a measure and a comparison group its peers, without a file of the council's own.
const lginformCatalogue = `  - {name: ours, reads: measures, metric_types: ["1072"], values: figures, peer_group: AllBoroughInRegion_London}
  - {name: peers, reads: peer_groups, owner_areas: [E09000022], groups: [AllBoroughInRegion_London]}
`

const lginformMeasure = `code: LGI-01
name: Deaths of enterprises
description: Enterprises that closed, per 10,000 people.
unit: per 10,000
decimals: 2
polarity: lower
frequency: annual
period_basis: calendar
accumulation: flow
plan: [{outcome: place.waste}]
owner: Head of Economy
from:
  dataset: lgi.figures
  where: {metric_type: "1072", is_summary: "false", value_type: raw}
  area: area_code
  period: period
  value: value
`

// runWithKey runs with the token that the stand-in knows.
func (c *councilFolder) runWithKey() pipeline.Result {
	c.t.Helper()
	folder, err := pipeline.OpenWith(c.t.Context(), c.root, all.Kinds, func(name string) string { return map[string]string{"TOKEN": lginformtest.Token}[name] })
	if err != nil {
		c.t.Fatal(err)
	}
	result, err := pipeline.Run(c.t.Context(), folder, pipeline.Options{Version: "test"})
	if err != nil {
		c.t.Fatal(err)
	}
	return result
}

// release opens what readers see of a release.
func (c *councilFolder) release(number int) *sql.DB {
	c.t.Helper()
	path := filepath.Join(c.root, ".goldthread", "releases", fmt.Sprint(number), "staff.duckdb")
	db, err := duckdb.Open(c.t.Context(), duckdb.Settings{Path: path, ReadOnly: true})
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { db.Close() })
	return db
}

func TestValuesOfLGInformAreObserved(t *testing.T) {
	server := lginformtest.New(t)
	c := newCouncil(t)
	c.write("sources/lgi.yaml", fmt.Sprintf(lginformSource, server.URL))
	c.write("measures/LGI-01.yaml", lginformMeasure)
	result := c.runWithKey()
	if result.Outcome != pipeline.Done || result.Release != 1 {
		t.Fatalf("%+v", result)
	}
	for _, load := range result.Loads {
		if load.Read != load.Stored+load.Unchanged+load.Quarantined+load.Blank {
			t.Errorf("%+v", load)
		}
	}
	var observed int
	var value string
	err := c.release(1).QueryRowContext(t.Context(), `
		select
			count(*),
			max(case when areas.area_code = 'E09000022' and periods.period_code = 'CY2020' then facts.value end)::decimal(18, 2)::varchar
		from core.fct_observations as facts
		inner join core.dim_measures as measures on facts.measure_key = measures.measure_key
		inner join core.dim_areas as areas on facts.area_key = areas.area_key
		inner join core.dim_periods as periods on facts.period_key = periods.period_key
		where measures.measure_code = 'LGI-01'`).Scan(&observed, &value)
	if err != nil || observed != 5*32 || value != "74.97" {
		t.Errorf("%v: %d observations, Lambeth's of 2020 is %s", err, observed, value)
	}
}

func TestAScorecardShowsMeasuresAndPeersOfLGInform(t *testing.T) {
	server := lginformtest.New(t)
	c := newCouncil(t)
	c.write("goldthread.yaml", strings.Replace(c.read("goldthread.yaml"), "E07000001", lginformtest.Owner, 1))
	c.write("reference/authorities.csv", (&councilFolder{t, "../../examples/trafford"}).read("reference/authorities.csv"))
	c.write("sources/lgi.yaml", fmt.Sprintf(lginformSource+lginformCatalogue, server.URL))
	if result := c.runWithKey(); result.Outcome != pipeline.Done || result.Release != 1 {
		t.Fatalf("%+v", result.Problems)
	}
	const scorecard = `
		select concat_ws(' ', measure_name, value::decimal(18, 2), unit, polarity, decimals, frequency, peer_group, rank, rank_of,
			peer_members, peer_mean::decimal(18, 2))
		from marts.scorecard where measure_code = 'lgi-1072'`
	const want = "Metric type 1072 74.97 People lower 2 annual AllBoroughInRegion_London"
	before := c.line(1, scorecard)
	if !strings.HasPrefix(before, want+" ") || !strings.Contains(before, " 32 31 ") {
		t.Errorf("got  %s\nwant %s <rank> 32 31 <mean>", before, want)
	}
	const kept = `
		select concat_ws(' ', count(*), min(version) = max(version), count(*) filter (is_newest_version), count(*) filter (peer_key = -1))
		from core.bridge_peer_groups where owner_code = 'E09000022'`
	if got := c.line(1, kept); got != "31 true 31 0" {
		t.Errorf("bridge_peer_groups: %s", got)
	}
	if result := c.runWithKey(); result.Release != 0 || result.Outcome != pipeline.Done {
		t.Errorf("a second run made release %d: %+v", result.Release, result.Problems)
	}
	server.Leave("E09000033")
	if result := c.runWithKey(); result.Release != 2 {
		t.Fatalf("%+v", result)
	}
	if got := c.line(2, kept); got != "30 true 30 0" {
		t.Errorf("after a council left the group: %s", got)
	}
	if got := c.line(2, scorecard); !strings.Contains(got, " 31 30 ") {
		t.Errorf("after a council left the group: %s", got)
	}
}

func TestAValueThatWasWithdrawnLeavesAtTheFullComparison(t *testing.T) {
	server := lginformtest.New(t)
	c := newCouncil(t)
	c.write("sources/lgi.yaml", fmt.Sprintf(lginformSource, server.URL))
	c.write("measures/LGI-01.yaml", lginformMeasure)
	server.Today("2026-07-01")
	c.runWithKey()
	server.Withdraw("1072", "E09000033", "cal_2017")
	server.Today("2026-08-01")
	result := c.runWithKey()
	if i := slices.IndexFunc(result.Loads, func(l pipeline.Load) bool { return l.Source == "lgi" }); i < 0 || result.Loads[i].Deleted != 1 || result.Loads[i].Unchanged != 5*32-1 {
		t.Fatalf("%+v", result)
	}
	const observed = `
		select cast(count(*) as varchar) from core.fct_observations as facts
		inner join core.dim_measures as measures on facts.measure_key = measures.measure_key where measure_code = 'LGI-01'`
	if got := c.line(2, observed); got != "159" {
		t.Errorf("%s observations are released", got)
	}
}

func TestTheLedgerCountsWhatIsTakenOfAnAllowance(t *testing.T) {
	server := lginformtest.New(t)
	c := newCouncil(t)
	c.write("sources/lgi.yaml", fmt.Sprintf(lginformSource, server.URL)+"allowance: {day_mb: 500}\n")
	if result := c.runWithKey(); result.Outcome != pipeline.Done {
		t.Fatalf("%+v", result.Problems)
	}
	c.damage("update meta.extracts set size_bytes = 499999999 where source = 'lgi' and size_bytes > 10000")
	server.Calls()
	result := c.runWithKey()
	if result.Outcome != pipeline.Done || len(server.Calls()) != 1 {
		t.Fatalf("one small answer is within it: %+v", result.Problems)
	}
	c.damage("update meta.extracts set size_bytes = 500000000 where source = 'lgi' and size_bytes > 10000")
	result = c.runWithKey()
	if result.Outcome != pipeline.Red || len(server.Calls()) != 0 || !strings.Contains(result.Problems[0].What, "500.0 of the 500 MB a day") {
		t.Errorf("%+v", result)
	}
}

func TestAMeasureOfASourceMayNotTakeACodeOfTheHandbook(t *testing.T) {
	c := newCouncil(t)
	c.write("sources/lgi.yaml", fmt.Sprintf(lginformSource+lginformCatalogue, "http://127.0.0.1:1/"))
	c.write("measures/lgi-1072.yaml", strings.Replace(lginformMeasure, "LGI-01", "lgi-1072", 1))
	_, err := pipeline.Open(t.Context(), c.root, all.Kinds)
	if err == nil || !strings.Contains(err.Error(), "measures/lgi-1072.yaml:1: the source lgi defines a measure lgi-1072 too") {
		t.Errorf("%v", err)
	}
}

func (c *councilFolder) read(name string) string {
	c.t.Helper()
	text, err := os.ReadFile(filepath.Join(c.root, name))
	if err != nil {
		c.t.Fatal(err)
	}
	return string(text)
}

// line is the one text that a query of a release gives.
func (c *councilFolder) line(release int, query string) (line string) {
	c.t.Helper()
	if err := c.release(release).QueryRowContext(c.t.Context(), query).Scan(&line); err != nil {
		c.t.Fatal(err)
	}
	return line
}
