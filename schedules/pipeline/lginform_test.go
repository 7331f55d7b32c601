package pipeline_test

import (
	"fmt"
	"path/filepath"
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

func TestValuesOfLGInformAreObserved(t *testing.T) {
	server := lginformtest.New(t)
	c := newCouncil(t)
	c.write("sources/lgi.yaml", fmt.Sprintf(lginformSource, server.URL))
	c.write("measures/LGI-01.yaml", lginformMeasure)
	folder, err := pipeline.OpenWith(t.Context(), c.root, all.Kinds, func(name string) string { return map[string]string{"TOKEN": lginformtest.Token}[name] })
	if err != nil {
		t.Fatal(err)
	}
	result, err := pipeline.Run(t.Context(), folder, pipeline.Options{Version: "test"})
	if err != nil || result.Outcome != pipeline.Done || result.Release != 1 {
		t.Fatalf("%v: %+v", err, result)
	}
	for _, load := range result.Loads {
		if load.Read != load.Stored+load.Unchanged+load.Quarantined+load.Blank {
			t.Errorf("%+v", load)
		}
	}
	db, err := duckdb.Open(t.Context(), duckdb.Settings{Path: filepath.Join(c.root, ".goldthread", "releases", "1", "staff.duckdb"), ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var observed int
	var value string
	err = db.QueryRowContext(t.Context(), `
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
