package measures

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/internal/strictyaml"
)

// A Handbook is all measures of a council, sorted by code, and the plan they serve.
type Handbook struct {
	Measures []*Measure
	Plan     Plan
}

// folder is where a council's folder keeps its measures.
const folder = "measures"

// Load reads the handbook of a council's folder. With an error, which tells every fault at once, it still gives what could
// be read.
func Load(root string) (*Handbook, error) {
	fsys := os.DirFS(root)
	names, err := Files(fsys)
	if err != nil {
		return nil, err
	}
	texts := map[string][]byte{}
	for _, name := range names {
		if texts[name], err = fs.ReadFile(fsys, name); err != nil {
			return nil, err
		}
	}
	return Parse(texts)
}

// Files names the files of a council's folder that make its handbook, sorted.
func Files(fsys fs.FS) ([]string, error) {
	var names []string
	for _, pattern := range []string{PlanFile, folder + "/*.yaml", folder + "/*.yml", folder + "/*.sql"} {
		found, err := fs.Glob(fsys, pattern)
		if err != nil {
			return nil, err
		}
		names = append(names, found...)
	}
	slices.Sort(names)
	return names, nil
}

// Parse makes a handbook of the files that Files names, by their texts. See Load.
func Parse(texts map[string][]byte) (*Handbook, error) {
	p := &parsing{handbook: &Handbook{}, sql: map[string]string{}}
	p.plan(texts[PlanFile])
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		switch path.Ext(name) {
		case ".sql":
			p.sql[strings.TrimSuffix(path.Base(name), ".sql")] = string(texts[name])
		case ".yml":
			p.fault(name, "name it "+strings.TrimSuffix(name, ".yml")+".yaml", "files of measures end in .yaml, and this one is not read")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		if path.Ext(name) == ".yaml" && name != PlanFile {
			p.measure(name, texts[name])
		}
	}
	slices.SortFunc(p.handbook.Measures, func(a, b *Measure) int { return strings.Compare(a.Code, b.Code) })
	p.together()
	return p.handbook, fault.Join(p.faults...)
}

// A parsing is a handbook being read.
type parsing struct {
	handbook *Handbook
	sql      map[string]string // by the code in the file's name
	unsure   bool              // a file is so broken that its code is not known, so no name of a measure can be called wrong
	faults   []error
}

func (p *parsing) fault(where, fix, what string, args ...any) {
	p.faults = append(p.faults, &fault.Error{Where: where, What: fmt.Sprintf(what, args...), Fix: fix})
}

func (p *parsing) plan(text []byte) {
	at, err := strictyaml.Decode(PlanFile, text, &p.handbook.Plan)
	p.handbook.Plan.at = at
	p.faults = append(p.faults, fault.List(err)...)
}

// measure reads one file. Where the text itself is at fault, what its fields say is not judged: half of it may be lost.
func (p *parsing) measure(name string, text []byte) {
	m := defaults()
	at, err := strictyaml.Decode(name, text, &m)
	m.at, m.File = at, name
	if sql, held := p.sql[m.Code]; held {
		m.SQL, m.SQLFile = sql, folder+"/"+m.Code+".sql"
		if strings.TrimSpace(sql) == "" {
			p.fault(m.SQLFile+":1", "write one SELECT", "the file is empty")
		}
	}
	m.complete()
	p.faults = append(p.faults, fault.List(err)...)
	if err == nil {
		p.faults = append(p.faults, m.check()...)
	} else if m.Code == "" {
		p.unsure = true
	}
	p.handbook.Measures = append(p.handbook.Measures, &m)
}

// together finds what is wrong between files.
func (p *parsing) together() {
	p.duplicates()
	known := p.handbook.codes()
	isMeasure := func(code string) bool { return p.unsure || slices.Contains(known, code) }
	for _, code := range slices.Sorted(maps.Keys(p.sql)) {
		if !isMeasure(code) {
			p.fault(folder+"/"+code+".sql:1", fault.DidYouMean(code, "measures", known), "there is no measure %s, whose SQL this would be", code)
		}
	}
	p.faults = append(p.faults, p.handbook.Plan.check(isMeasure, known)...)
	outcomes, themes := p.handbook.Plan.Outcomes(), p.handbook.Plan.themes()
	for _, m := range p.handbook.Measures {
		p.links(m, outcomes, themes)
	}
}

// duplicates finds codes that two files give. Capitals do not tell codes apart, as they do not in the warehouse.
func (p *parsing) duplicates() {
	first := map[string]*Measure{}
	for _, m := range p.handbook.Measures {
		folded := strings.ToLower(m.Code)
		if other, taken := first[folded]; taken && m.Code != "" {
			p.fault(m.Where("code"), "give one of them another code; one that was used before is never used again",
				"the code %s is already at %s", m.Code, other.Where("code"))
			continue
		}
		first[folded] = m
	}
}

func (p *parsing) links(m *Measure, outcomes, themes []string) {
	for i, link := range m.Plan {
		if !slices.Contains(outcomes, link.Outcome) {
			p.fault(m.Where(fmt.Sprintf("plan[%d].outcome", i)), fault.DidYouMean(link.Outcome, "outcomes", outcomes),
				"the plan has no outcome %q", link.Outcome)
		}
	}
	for i, theme := range m.Themes {
		where := m.Where(fmt.Sprintf("themes[%d]", i))
		switch {
		case !slices.Contains(themes, theme):
			p.fault(where, fault.DidYouMean(theme, "themes", themes), "the plan has no theme %q", theme)
		case slices.Index(m.Themes, theme) < i:
			p.fault(where, "leave out one of the two", "the theme %s stands twice", theme)
		}
	}
}

// codes are those of the measures that have one.
func (h *Handbook) codes() []string {
	var codes []string
	for _, m := range h.Measures {
		if m.Code != "" {
			codes = append(codes, m.Code)
		}
	}
	return codes
}
