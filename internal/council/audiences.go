package council

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/goldthread/goldthread/internal/strictyaml"
)

// Staff is the audience that sees every table of a release.
const Staff = "staff"

// Audiences are who reads releases, each a file of its own: staff first, then who sees only the tables that are named.
type Audiences []strictyaml.TextOr[Audience]

// An Audience sees the tables that are named for it and nothing else: a table that is made later reaches it once somebody
// names it.
type Audience struct {
	Name   string   `yaml:"name"`   // by which accounts are made
	Tables []string `yaml:"tables"` // as schema.table
}

// Names are those of all audiences, staff first.
func (a Audiences) Names() []string {
	names := make([]string, len(a))
	for i, one := range a {
		if names[i] = one.Text; one.Settings != nil {
			names[i] = one.Settings.Name
		}
	}
	return names
}

// Limited are the audiences that see some tables only.
func (a Audiences) Limited() (limited []Audience) {
	for _, one := range a {
		if one.Settings != nil {
			limited = append(limited, *one.Settings)
		}
	}
	return limited
}

var (
	audienceName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,30}$`)
	tableName    = regexp.MustCompile(`^(core|marts|meta)\.[a-z][a-z0-9_]*$`)
)

func (a Audiences) validate(wrong func(setting, what, fix string)) {
	if len(a) == 0 || a[0].Text != Staff {
		wrong("audiences", "the first audience is staff, who see every table", "write audiences: [staff], or leave the setting out")
	}
	told := map[string]bool{}
	for i, name := range a.Names() {
		where := fmt.Sprintf("audiences[%d]", i)
		one := a[i].Settings
		switch {
		case told[name]:
			wrong(where, fmt.Sprintf("there are two audiences %q", name), "leave one of them out")
		case !audienceName.MatchString(name):
			wrong(where, fmt.Sprintf("%q is no name of an audience", name), "begin with a small letter, then small letters, digits and _, 31 at most, such as members")
		case one == nil && i > 0:
			wrong(where, fmt.Sprintf("it is not said what %s may see", name), fmt.Sprintf("write {name: %s, tables: [marts.outcomes]}, naming each table", name))
		case one != nil:
			one.validate(where, wrong)
		}
		told[name] = true
	}
}

func (a Audience) validate(where string, wrong func(setting, what, fix string)) {
	if len(a.Tables) == 0 {
		wrong(where, fmt.Sprintf("%s may see no table", a.Name), "name at least one, such as tables: [marts.outcomes]")
	}
	for i, name := range a.Tables {
		at := fmt.Sprintf("%s.tables[%d]", where, i)
		switch {
		case !tableName.MatchString(name):
			wrong(at, fmt.Sprintf("%q is no table of a release", name), "write schema.table, such as marts.outcomes; each table is named, so that a new one reaches nobody unasked")
		case slices.Index(a.Tables, name) < i:
			wrong(at, fmt.Sprintf("%s is named twice", name), "leave it out here")
		}
	}
}
