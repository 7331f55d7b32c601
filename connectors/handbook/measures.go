package handbook

import (
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/internal/council"
	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/internal/measures"
)

// handbookTables are the tables of the folder at root.
func handbookTables(root string) []table {
	return []table{councilTable(root), measuresTable(), linksTable(), planTable(), targets(), cyclesTable(), cycleSetsTable()}
}

func councilTable(root string) table {
	return table{
		dataset: decided(connectors.Dataset{
			Source: Name, Name: "council", Description: "The council whose folder this is; one row.",
			Key: []string{"organisation_code"}, Columns: []connectors.Column{
				code("name", "Name of the council."),
				code("organisation_code", "GSS code of the council."),
				code("time_zone", "Time zone in which its days begin."),
			},
		}),
		place: council.File,
		own:   pattern(council.File),
		fill: func(files []file, s *sheet) {
			if len(files) == 0 {
				_, err := council.Load(root)
				s.faults = append(s.faults, fault.List(err)...)
			}
			for _, f := range files {
				s.begin(f)
				settings, err := council.Parse(f.text)
				s.faults = append(s.faults, fault.List(err)...)
				if err == nil {
					s.add(1, fields(settings.Name, settings.Organisation, settings.TimeZone))
				}
			}
		},
	}
}

// fields are the texts of a row.
func fields(texts ...string) [][]byte {
	row := make([][]byte, len(texts))
	for i, text := range texts {
		row[i] = []byte(text)
	}
	return row
}

func measuresTable() table {
	columns := make([]connectors.Column, len(measureColumns))
	for i, c := range measureColumns {
		columns[i] = c.Column
	}
	return table{
		dataset: decided(connectors.Dataset{
			Source: Name, Name: "measures", Description: "The measure handbook; one row a measure.",
			Key: []string{"measure_code"}, Columns: columns,
		}),
		place:  "measures/*.yaml",
		own:    inFolder,
		beside: measures.Files, // the plan says what a measure may serve
		fill: func(files []file, s *sheet) {
			fillHandbook(files, s, func(h *measures.Handbook, name string) {
				for _, m := range h.Measures {
					if m.File == name {
						s.add(lineOf(m.Where("code")), measureRow(m))
					}
				}
			})
		},
	}
}

// inFolder lists the handbook's files without the plan.
func inFolder(fsys fs.FS) ([]string, error) {
	names, err := measures.Files(fsys)
	return slices.DeleteFunc(names, func(name string) bool { return name == measures.PlanFile }), err
}

// fillHandbook reads the handbook and hands each file of it to rows.
func fillHandbook(files []file, s *sheet, rows func(h *measures.Handbook, name string)) {
	texts := map[string][]byte{}
	for _, f := range files {
		texts[f.name] = f.text
	}
	h, err := measures.Parse(texts)
	if err != nil {
		s.faults = append(s.faults, fault.List(err)...)
		return
	}
	for _, f := range files {
		if f.own {
			s.begin(f)
			rows(h, f.name)
		}
	}
}

// lineOf is the line of a place such as measures/ENV01.yaml:3.
func lineOf(where string) int64 {
	line, _ := strconv.ParseInt(where[strings.LastIndexByte(where, ':')+1:], 10, 64)
	return line
}

func linksTable() table {
	return table{
		dataset: decided(connectors.Dataset{
			Source: Name, Name: "measure_links", Description: "What a measure serves: outcomes, themes, a directorate and report sets.",
			Key: []string{"measure_code", "link_kind", "link_code", "from_period"}, Columns: []connectors.Column{
				code("measure_code", "Code of the measure."),
				code("link_kind", "outcome, theme, directorate or report_set."),
				code("link_code", "Code of what it serves; of a directorate its name."),
				period("from_period", "First period of the link; empty where it is open."),
				period("to_period", "Last period of the link; empty where it is open."),
			},
		}),
		place: "measures/*.yaml",
		own:   measures.Files,
		fill: func(files []file, s *sheet) {
			fillHandbook(files, s, func(h *measures.Handbook, name string) {
				if name == measures.PlanFile {
					addReportSets(s, &h.Plan)
				}
				for _, m := range h.Measures {
					if m.File == name {
						addLinks(s, m)
					}
				}
			})
		},
	}
}

func addLinks(s *sheet, m *measures.Measure) {
	for i, link := range m.Plan {
		s.add(lineOf(m.Where(fmt.Sprintf("plan[%d]", i))), fields(m.Code, "outcome", link.Outcome, link.From, link.To))
	}
	for i, theme := range m.Themes {
		s.add(lineOf(m.Where(fmt.Sprintf("themes[%d]", i))), fields(m.Code, "theme", theme, "", ""))
	}
	if m.Directorate != "" {
		s.add(lineOf(m.Where("directorate")), fields(m.Code, "directorate", m.Directorate, "", ""))
	}
}

func addReportSets(s *sheet, p *measures.Plan) {
	for i, set := range p.ReportSets {
		for j, code := range set.Measures {
			s.add(lineOf(p.Where(fmt.Sprintf("report_sets[%d].measures[%d]", i, j))), fields(code, "report_set", set.Code, "", ""))
		}
	}
}

func planTable() table {
	return table{
		dataset: decided(connectors.Dataset{
			Source: Name, Name: "plan_nodes", Description: "The council's plan: priorities and their outcomes, report sets and themes.",
			Key: []string{"node_level", "node_code"}, Columns: []connectors.Column{
				code("node_code", "Code; of an outcome its priority's, a dot and its own."),
				code("node_name", "Name people use."),
				code("node_level", "priority, outcome, report_set or theme."),
				text("parent_code", "Priority of an outcome; empty for all others."),
				{Name: "position", Description: "Order among those of the same level and parent, from 1.", Kind: connectors.Integer, Required: true},
				text("description", "What it means."),
			},
		}),
		place:  measures.PlanFile,
		own:    pattern(measures.PlanFile),
		beside: measures.Files, // report sets name measures
		fill: func(files []file, s *sheet) {
			fillHandbook(files, s, func(h *measures.Handbook, _ string) { addPlan(s, &h.Plan) })
		},
	}
}

func addPlan(s *sheet, p *measures.Plan) {
	add := func(level, parent string, position int, n measures.Node, path string) {
		code := n.Code
		if parent != "" {
			code = parent + "." + code
		}
		s.add(lineOf(p.Where(path)), fields(code, n.Name, level, parent, strconv.Itoa(position+1), n.Description))
	}
	for i, priority := range p.Priorities {
		path := fmt.Sprintf("priorities[%d]", i)
		add("priority", "", i, priority.Node, path)
		for j, outcome := range priority.Outcomes {
			add("outcome", priority.Code, j, outcome, fmt.Sprintf("%s.outcomes[%d]", path, j))
		}
	}
	for i, set := range p.ReportSets {
		add("report_set", "", i, set.Node, fmt.Sprintf("report_sets[%d]", i))
	}
	for i, theme := range p.Themes {
		add("theme", "", i, theme, fmt.Sprintf("themes[%d]", i))
	}
}
