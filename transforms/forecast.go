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

// Forecast says what a build would do with each model, without building. Of relations that no model makes, mayChange says
// which are about to be landed anew.
func (s *Set) Forecast(ctx context.Context, state State, mayChange func(relation string) bool) ([]Forecast, error) {
	run, err := (&Builder{State: state}).remember(ctx, s)
	if err != nil {
		return nil, err
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
		all = append(all, one)
	}
	for _, name := range sortedKeys(run.tables) {
		if s.byName[name] == nil && name != MacrosState {
			all = append(all, Forecast{name, Drop, []string{"no model makes it any more"}})
		}
	}
	return all, nil
}

func (r *build) forecast(ctx context.Context, m *Model, mayChange func(string) bool) (Forecast, error) {
	f := Forecast{Name: m.Name, Decision: Keep}
	before, built := r.tables[m.Name]
	now, err := m.version(r.set.macros, func(relation string) (string, error) { return r.content(ctx, relation) })
	if err != nil {
		return f, err
	}
	switch {
	case !built:
		f.Why = []string{"it has not been built yet"}
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

// words says that the part is not what it was.
func (p part) words() string {
	switch p.Kind {
	case ofMacro:
		return fmt.Sprintf("the macro %s changed", p.Name)
	case ofInput:
		return fmt.Sprintf("reads %s, which changed", p.Name)
	}
	return "its SQL changed"
}
