package handbook

import (
	"io/fs"
	"slices"
	"strconv"
	"time"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/internal/calendars"
	"github.com/goldthread/goldthread/internal/cycles"
	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/internal/measures"
)

// cyclesTable are the periods of the reporting cycles.
func cyclesTable() table {
	cutOff := date("cut_off_date", "Day by which figures must be in.")
	cutOff.Required = true
	return table{
		dataset: decided(connectors.Dataset{
			Source: Name, Name: "reporting_cycles", Description: "The periods of the council's reporting cycles, with their dates.",
			Key: []string{"cycle_code", "period_code"}, Columns: []connectors.Column{
				code("cycle_code", "Code of the cycle."),
				code("cycle_name", "Name of the cycle."),
				text("description", "What the cycle is for."),
				code("frequency", "How often it comes round."),
				code("period_code", "Code of the period that is reported."),
				code("period_label", "The period as people write it."),
				date("start_date", "First day of the period."),
				date("end_date", "Last day of the period."),
				cutOff,
				date("sign_off_date", "Day by which the report is signed off; empty where there is none."),
				date("publish_date", "Day on which it is published; empty where there is none."),
				date("remind_date", "Day from which those who owe figures are reminded; empty where they are not."),
				text("release_name", "Name of the release that readers see on the day of publication; empty where it gets none."),
				text("focus", "What the period is about, where that goes by turns."),
				boolean("is_of_all", "Whether every live measure is reported."),
			},
		}),
		place: "cycles/*.yaml",
		own:   cycleFiles,
		fill: func(files []file, s *sheet) {
			fillCycles(files, s, func(c cycles.Cycle) {
				for _, p := range c.Periods {
					s.add(1, cycleRow(c, p))
				}
			})
		},
	}
}

// cycleSetsTable are what the periods report.
func cycleSetsTable() table {
	return table{
		dataset: decided(connectors.Dataset{
			Source: Name, Name: "reporting_cycle_sets", Description: "The report sets and themes of the plan that each period of a reporting cycle reports.",
			Key: []string{"cycle_code", "period_code", "link_kind", "link_code"}, Columns: []connectors.Column{
				code("cycle_code", "Code of the cycle."),
				code("period_code", "Code of the period."),
				code("link_kind", "report_set or theme."),
				code("link_code", "Code of the report set or theme."),
			},
		}),
		place: "cycles/*.yaml",
		own:   cycleFiles,
		fill: func(files []file, s *sheet) {
			fillCycles(files, s, func(c cycles.Cycle) {
				for _, p := range c.Periods {
					for i, set := range p.Sets {
						if slices.Index(p.Sets, set) == i {
							s.add(1, fields(c.Code, p.Code, set.Kind(), set.Code()))
						}
					}
				}
			})
		},
	}
}

// cycleFiles are those of the cycles, and what their dates and sets follow from: where these change, so may the rows.
func cycleFiles(fsys fs.FS) ([]string, error) {
	names, err := cycles.Files(fsys)
	if err != nil || len(names) == 0 {
		return nil, err
	}
	for _, name := range []string{measures.PlanFile, calendars.File} {
		if _, err := fs.Stat(fsys, name); err == nil {
			names = append(names, name)
		}
	}
	return names, nil
}

// fillCycles reads the cycles and hands each of them to rows.
func fillCycles(files []file, s *sheet, rows func(cycles.Cycle)) {
	texts, closed := map[string][]byte{}, calendars.Calendars{}
	for _, f := range files {
		if f.name != calendars.File {
			texts[f.name] = f.text
			continue
		}
		var err error
		if closed, err = calendars.Parse(f.text); err != nil {
			return // the reference table of this file tells it
		}
	}
	all, err := cycles.Parse(texts, closed)
	s.faults = append(s.faults, fault.List(err)...)
	if err != nil {
		return
	}
	for _, f := range files {
		s.begin(f)
		for _, c := range all {
			if c.File == f.name {
				rows(c)
			}
		}
	}
}

func cycleRow(c cycles.Cycle, p cycles.Period) [][]byte {
	var remind time.Time
	if c.RemindDays > 0 {
		remind = p.CutOff.AddDate(0, 0, -c.RemindDays)
	}
	return fields(c.Code, c.Name, c.Description, c.Frequency, p.Code, p.Label, day(p.Start), day(p.End), day(p.CutOff), day(p.SignOff),
		day(p.Publish), day(remind), p.Release, p.Focus, strconv.FormatBool(len(c.Reports)+len(c.Focus) == 0))
}

// day is a date as the folder's files write it; empty where it is not set.
func day(d time.Time) string {
	if d.IsZero() {
		return ""
	}
	return d.Format(time.DateOnly)
}
