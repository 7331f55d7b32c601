package transforms

import (
	"context"
	"fmt"
)

// A Decision is what a build would do with a model.
type Decision string

// The decisions. What may be built is built where something it reads comes out with other rows.
const (
	Build    Decision = "build"
	MayBuild Decision = "may build"
	Keep     Decision = "keep"
	Drop     Decision = "drop" // no model makes the table any more
)

// A Forecast is what a build would do with one model, and why.
type Forecast struct {
	Name     string
	Decision Decision
	Why      []string
}

// Reasons that are whole sentences; the others name a macro or relation.
const (
	NotBuilt   = "it has not been built yet"
	SQLChanged = "its SQL changed"
)

// A Memory is what a forecast needs of a State.
type Memory interface {
	InputVersion(ctx context.Context, relation string) (string, error)
	Tables(ctx context.Context) ([]TableState, error)
}

// Forecast says what a build would do with each model, without building. Of relations that no model makes, mayChange says
// which are about to be landed anew.
func (s *Set) Forecast(ctx context.Context, memory Memory, mayChange func(relation string) bool) ([]Forecast, error) {
	tables, err := memory.Tables(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading what was built: %w", err)
	}
	run := &forecasting{Memory: memory, set: s, tables: map[string]TableState{}, inputs: map[string]string{}}
	for _, table := range tables {
		run.tables[table.Name] = table
	}
	uncertain := map[string]bool{}
	var all []Forecast
	for _, m := range s.Models {
		one, err := run.forecast(ctx, m, func(relation string) bool {
			return uncertain[relation] || s.byName[relation] == nil && mayChange(relation)
		})
		if err != nil {
			return nil, err
		}
		uncertain[m.Name] = one.Decision != Keep
		if m.Measure != "" && one.Decision != Keep {
			uncertain[periodsRelation] = true // a measure may bring new periods
		}
		all = append(all, one)
	}
	for _, name := range sortedKeys(run.tables) {
		if s.byName[name] == nil && name != MacrosState {
			all = append(all, Forecast{name, Drop, []string{"no model makes it any more"}})
		}
	}
	return all, nil
}

// A forecasting is one call of Forecast.
type forecasting struct {
	Memory
	set    *Set
	tables map[string]TableState
	inputs map[string]string // versions asked for
}

// content is the version of a relation as it stands.
func (r *forecasting) content(ctx context.Context, relation string) (version string, err error) {
	if r.set.byName[relation] != nil {
		return r.tables[relation].ContentHash, nil
	}
	version, known := r.inputs[relation]
	if !known {
		if version, err = r.InputVersion(ctx, relation); err != nil {
			return "", fmt.Errorf("asking for the version of %s: %w", relation, err)
		}
		r.inputs[relation] = version
	}
	return version, nil
}

func (r *forecasting) forecast(ctx context.Context, m *Model, mayChange func(string) bool) (Forecast, error) {
	f := Forecast{Name: m.Name, Decision: Keep}
	before, built := r.tables[m.Name]
	now, err := m.version(r.set.macros, func(relation string) (string, error) { return r.content(ctx, relation) })
	if err != nil {
		return f, err
	}
	switch {
	case !built:
		f.Why = []string{NotBuilt}
	case partsOf(before.Version) == nil:
		f.Why = []string{"another version of the program built it"}
	default:
		for _, p := range differing(before.Version, now) {
			f.Why = append(f.Why, p.words())
		}
	}
	if len(f.Why) > 0 {
		f.Decision = Build
		return f, nil
	}
	for _, name := range m.Reads() {
		if !m.unversioned[name] && mayChange(name) {
			f.Decision = MayBuild
			f.Why = append(f.Why, fmt.Sprintf("reads %s, which may change", name))
		}
	}
	return f, nil
}

// Downstream are the models that read any of the relations, through others too, in the order of building.
func (s *Set) Downstream(relations ...string) []string {
	reached := map[string]bool{}
	for _, name := range relations {
		reached[name] = true
	}
	var names []string
	for _, m := range s.Models {
		if !reached[m.Name] && m.readsAny(reached) {
			reached[m.Name] = true
			names = append(names, m.Name)
		}
	}
	return names
}

// words says that the part is not what it was.
func (p part) words() string {
	switch p.Kind {
	case ofMacro:
		return fmt.Sprintf("the macro %s changed", p.Name)
	case ofInput:
		return fmt.Sprintf("reads %s, which changed", p.Name)
	}
	return SQLChanged
}
