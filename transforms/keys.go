package transforms

// The kinds of Key.
const (
	KeyGrain        = "grain"
	KeyUnique       = "unique"
	KeyNotNull      = "not_null"
	KeyRelationship = "relationship"
)

// A Key is something that a model's header promises of its columns, and whose test stops the release where it is broken.
type Key struct {
	Model        string // schema.table
	Kind         string
	Columns      []string
	Parent       string // of a relationship: the other relation, and its column
	ParentColumn string
}

// Keys are those of all models, in the order of building.
func (s *Set) Keys() []Key {
	var all []Key
	for _, m := range s.Models {
		all = append(all, Key{Model: m.Name, Kind: KeyGrain, Columns: m.Grain})
		for _, t := range m.Tests {
			if t.Severity != SeverityError {
				continue
			}
			key := Key{Model: m.Name, Columns: t.columns}
			switch t.kind {
			case "unique":
				if sameNames(t.columns, m.Grain) {
					continue
				}
				key.Kind = KeyUnique
			case "not_null":
				key.Kind = KeyNotNull
			case "relationships":
				key.Kind, key.Parent, key.ParentColumn = KeyRelationship, t.reads[0], t.parent
			default:
				continue
			}
			all = append(all, key)
		}
	}
	return all
}
