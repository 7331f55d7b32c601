package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/transforms"
	"github.com/goldthread/goldthread/warehouse"
)

// A Plan is what a run would do.
type Plan struct {
	Sources []SourcePlan `json:"sources"`
	Files   []FilePlan   `json:"files"`
	Models  []ModelPlan  `json:"models"`
}

// A SourcePlan is what a run would find of one dataset.
type SourcePlan struct {
	Source    string             `json:"source"`
	Dataset   string             `json:"dataset"`
	MayChange bool               `json:"may_change"`
	Found     []connectors.Found `json:"found"`
}

// A FilePlan is a file of the council's own that is not as the last run read it, and what it touches.
type FilePlan struct {
	Place    string                `json:"place"`
	State    connectors.FoundState `json:"state"`
	Measures []string              `json:"measures,omitempty"` // that the file defines
	Marts    []string              `json:"marts"`              // that are made of it, through other models too
}

// A ModelPlan is what a run would do with one model, and why.
type ModelPlan struct {
	Name     string   `json:"name"`
	Decision string   `json:"decision"` // build, may build, keep or drop
	Why      []string `json:"why"`
}

// MakePlan says what a run would do with the council's folder as it stands, and does nothing of it.
func MakePlan(ctx context.Context, folder *Folder, now time.Time) (plan Plan, err error) {
	p := &planner{folder: folder, now: now, changing: map[string]bool{}}
	if p.warehouse, err = warehouse.OpenToRead(ctx, folder.StateFolder()); err != nil {
		return plan, err
	}
	if p.warehouse != nil {
		defer func() { err = errors.Join(err, p.warehouse.Close()) }()
	}
	for _, s := range folder.sources {
		if err := p.source(ctx, s); err != nil {
			return plan, err
		}
	}
	forecasts, err := folder.Models.Forecast(ctx, planState{p}, p.mayChange)
	if err != nil {
		return plan, err
	}
	for _, f := range forecasts {
		p.plan.Models = append(p.plan.Models, ModelPlan{f.Name, string(f.Decision), f.Why})
	}
	p.files(forecasts)
	return p.plan, nil
}

// A planner gathers a plan.
type planner struct {
	folder    *Folder
	now       time.Time
	warehouse *warehouse.Warehouse // nil where there is none yet
	plan      Plan
	changing  map[string]bool // datasets, as source.dataset, of which something is new
}

// source looks at what one source has, dataset by dataset.
func (p *planner) source(ctx context.Context, s namedSource) error {
	for _, ds := range p.folder.datasetsOf(s.name) {
		found, err := p.preview(ctx, s.source, ds)
		if err != nil {
			return fmt.Errorf("looking at %s.%s: %w", ds.Source, ds.Name, err)
		}
		one := SourcePlan{Source: ds.Source, Dataset: ds.Name, Found: found}
		for _, f := range found {
			one.MayChange = one.MayChange || f.State != connectors.FoundSame
		}
		p.changing[ds.Source+"."+ds.Name] = one.MayChange
		p.plan.Sources = append(p.plan.Sources, one)
	}
	return nil
}

// preview asks a source that can tell; of any other all is unknown before it is read.
func (p *planner) preview(ctx context.Context, source connectors.Source, ds connectors.Dataset) ([]connectors.Found, error) {
	previewer, can := source.(connectors.Previewer)
	if !can {
		return []connectors.Found{{Place: ds.Source, State: connectors.FoundUnknown}}, nil
	}
	since := ""
	if p.warehouse != nil {
		var err error
		if since, err = p.warehouse.Cursor(ctx, ds.Source, ds.Name); err != nil {
			return nil, err
		}
	}
	found, err := previewer.Preview(ctx, ds, connectors.Cursor(since))
	if found == nil {
		found = []connectors.Found{}
	}
	return found, err
}

// mayChange says whether a run may land other rows for a relation that no model makes.
func (p *planner) mayChange(relation string) bool {
	schema, name, _ := strings.Cut(relation, ".")
	switch schema {
	case "raw", "current":
		return p.changing[strings.Replace(name, "__", ".", 1)]
	case "handbook":
		return p.fedChange("handbook." + strings.TrimSuffix(name, "_history"))
	case "reference":
		if name != "periods" {
			return p.fedChange("reference." + strings.TrimSuffix(name, "_history"))
		}
	}
	if relation == "meta.run_date" {
		return false // its version says it
	}
	for _, changes := range p.changing {
		if changes {
			return true
		}
	}
	return false
}

// fedChange says whether a relation of the council's folder may change, itself or by a dataset that feeds it.
func (p *planner) fedChange(relation string) bool {
	return p.changing[relation] || slices.ContainsFunc(p.folder.fed()[relation], func(table string) bool {
		return p.changing[strings.Replace(table, "__", ".", 1)]
	})
}

// files says what each changed file of the council's own touches.
func (p *planner) files(forecasts []transforms.Forecast) {
	p.plan.Files = []FilePlan{}
	for _, s := range p.plan.Sources {
		if s.Source != "handbook" && s.Source != "reference" {
			continue
		}
		for _, f := range s.Found {
			if f.State != connectors.FoundSame {
				p.touch(f.Place, f.State, s.Source+"."+s.Dataset, s.Source+"."+s.Dataset+"_history")
			}
		}
	}
	for _, f := range forecasts {
		m, there := p.folder.Models.Model(f.Name)
		if there && f.Decision == transforms.Build && !m.Ours() {
			p.touchModel(m, f)
		}
	}
}

// touchModel notes the file of a model of the council's, or of a measure, whose SQL is new or another.
func (p *planner) touchModel(m *transforms.Model, f transforms.Forecast) {
	state := connectors.FoundChanged
	switch f.Why[0] {
	case transforms.NotBuilt:
		state = connectors.FoundNew
	case transforms.SQLChanged:
	default:
		return
	}
	place := m.File
	if m.SQLFile != "" {
		place = m.SQLFile
	}
	p.touch(place, state, m.Name)
}

// touch adds what reads the relations to what a file touches.
func (p *planner) touch(place string, state connectors.FoundState, relations ...string) {
	i := slices.IndexFunc(p.plan.Files, func(f FilePlan) bool { return f.Place == place })
	if i < 0 {
		i = len(p.plan.Files)
		p.plan.Files = append(p.plan.Files, FilePlan{Place: place, State: state, Measures: p.defines(place), Marts: []string{}})
	}
	file := &p.plan.Files[i]
	for _, name := range slices.Concat(relations, p.folder.Models.Downstream(relations...)) {
		if _, isModel := p.folder.Models.Model(name); isModel && strings.HasPrefix(name, "marts.") && !slices.Contains(file.Marts, name) {
			file.Marts = append(file.Marts, name)
		}
	}
}

// defines are the measures that a file of the handbook defines.
func (p *planner) defines(place string) []string {
	var codes []string
	for _, m := range p.folder.Handbook.Measures {
		if m.File == place || m.SQLFile == place {
			codes = append(codes, m.Code)
		}
	}
	return codes
}

// A planState is what is remembered of builds, with the date of the run that is planned.
type planState struct{ *planner }

func (s planState) Tables(ctx context.Context) ([]transforms.TableState, error) {
	if s.warehouse == nil {
		return nil, nil
	}
	return state{warehouse: s.warehouse}.Tables(ctx)
}

func (s planState) InputVersion(ctx context.Context, relation string) (string, error) {
	if s.warehouse == nil {
		return "", nil
	}
	if relation == "meta.run_date" {
		last, err := s.warehouse.RunDate(ctx)
		if today := s.now.In(s.folder.Settings.Location()).Format(time.DateOnly); err != nil || last.Format(time.DateOnly) != today {
			return today, err
		}
	}
	return state{s.warehouse, s.folder.fed()}.InputVersion(ctx, relation)
}
