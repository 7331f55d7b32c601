package pipeline_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/goldthread/goldthread/schedules/pipeline"
)

// deliver leaves a year's file of so many rows in a folder.
func (c *councilFolder) deliver(folder string, year, rows int) {
	c.t.Helper()
	text := "area_code,period,recycled,collected\n"
	for i := range rows {
		text += fmt.Sprintf("E07%06d,%d/%02d,%d,1000\n", 100+i, year, (year+1)%100, i%1000)
	}
	c.write(fmt.Sprintf("%s/%d-01/waste.csv", folder, year), text)
}

const guardedDataset = `  - name: NAME
    files: "NAME/*/waste.csv"
    format: {delimiter: ",", encoding: utf-8, header_row: 1}
    mode: increment
    published_at: {from: path, pattern: '(\d{4}-\d{2})/'}
    key: [area_code, period]
    on_new_column: refuse
    volume_guard: GUARD
    columns:
      area_code: {type: area_code, required: true}
      period: {type: period, form: financial_year, required: true}
      recycled: {type: integer}
      collected: {type: integer}
    personal_data: none
`

func TestAContractsBoundsDecideWhatIsHeld(t *testing.T) {
	cases := []struct {
		guard string
		rows  int
		held  string // what is told; empty where the load lands
	}{
		{"{}", 9, "fewer than 10 or more than 30 wait"},
		{"{}", 10, ""},
		{"{}", 31, "fewer than 10 or more than 30 wait"},
		{"{below: 0.2, above: 3}", 15, "fewer than 16 or more than 80 wait"},
		{"{below: 0.2, above: 3}", 16, ""},
		{"{below: 0.2, above: 3}", 80, ""},
		{"{below: 0.2, above: 3}", 81, "fewer than 16 or more than 80 wait"},
		{"{above: 3}", 31, ""},
		{"{above: 3}", 9, "fewer than 10 or more than 80 wait"},
		{"{below: 1}", 1, ""},
		{"{below: 1}", 0, "fewer than 1 or more than 30 wait"},
		{"off", 0, ""},
		{"off", 500, ""},
	}
	c := newCouncil(t)
	contract := "source: guarded\nkind: csvdrop\nfolder: guarded\ndatasets:\n"
	for i, test := range cases {
		name := fmt.Sprintf("case%d", i)
		contract += strings.NewReplacer("NAME", name, "GUARD", test.guard).Replace(guardedDataset)
		for year := range 3 {
			c.deliver("guarded/"+name, 2010+year, 20)
		}
	}
	c.write("sources/guarded.yaml", contract)
	c.run()
	for i, test := range cases {
		c.deliver(fmt.Sprintf("guarded/case%d", i), 2013, test.rows)
	}
	result := c.run()
	for i, test := range cases {
		name := fmt.Sprintf("case%d", i)
		landed := slices.ContainsFunc(result.Loads, func(l pipeline.Load) bool { return l.Dataset == name && l.Read == int64(test.rows) })
		held := slices.ContainsFunc(result.Problems, func(p pipeline.Problem) bool {
			return p.Dataset == name && p.Held && strings.Contains(p.What, test.held)
		})
		if landed != (test.held == "") || held == landed {
			t.Errorf("%d rows under %s: landed %v, held %v and should be %q", test.rows, test.guard, landed, held, test.held)
		}
	}
}

func TestWhatWaitsBehindAHeldDeliveryIsNamedAndLandsOnceItIsTakenAway(t *testing.T) {
	c := newCouncil(t)
	for year := range 3 {
		c.deliver("drops", 2010+year, 20)
	}
	c.run()
	c.deliver("drops", 2013, 2)
	c.write("drops/2012-06/waste.csv", "no,such,columns\n1,2,3\n") // looked at before it and refused, so it does not wait
	if result := c.run(); !told(result, "2 rows came") || told(result, "behind it") {
		t.Errorf("before anything waits: %+v", result.Problems)
	}
	c.deliver("drops", 2014, 20)
	c.deliver("drops", 2015, 21)
	result := c.run()
	if len(result.Loads) != 0 || !told(result, "drops/2014-01/waste.csv and 1 more wait behind it") {
		t.Errorf("behind a held delivery: %+v, %+v", result.Loads, result.Problems)
	}
	c.remove("drops/2013-01/waste.csv")
	c.remove("drops/2012-06/waste.csv")
	if result := c.run(); result.Outcome != pipeline.Done || len(result.Loads) != 2 {
		t.Errorf("after it was taken away: %s, %+v, %+v", result.Outcome, result.Loads, result.Problems)
	}
}
