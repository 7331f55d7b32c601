package connectors

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/goldthread/goldthread/internal/strictyaml"
)

// settings are those of a kind that reads nothing.
type settings struct {
	Source   string     `yaml:"source"`
	Kind     string     `yaml:"kind"`
	Datasets []Contract `yaml:"datasets"`
}

func (s *settings) Validate(at *strictyaml.Positions) error {
	i := Inspect(at)
	i.Contracts(s.Datasets)
	return i.Err()
}

func (s *settings) Open(Deps) (Source, error) { return nil, nil }

func TestAFolderOfSourcesTellsAllItsFaults(t *testing.T) {
	kinds := Kinds{"nothing": func() Config { return &settings{} }}
	const good = "source: waste\nkind: nothing\ndatasets:\n  - name: bins\n    mode: append\n    columns: {round: {type: text}}\n"
	root := fstest.MapFS{
		"sources/a.yaml":  {Data: []byte(good)},
		"sources/b.yaml":  {Data: []byte(strings.Replace(good, "append", "apend", 1))},
		"sources/c.yaml":  {Data: []byte(good)},
		"sources/d.yaml":  {Data: []byte("source: other\nkind: nuthing\n")},
		"sources/note.md": {Data: []byte("not a source")},
	}
	files, err := kinds.ReadFolder(root)
	want := `sources/b.yaml:5: unknown mode "apend"
  fix: did you mean "append"? mode: snapshot, increment, append
sources/c.yaml:1: the source "waste" is already in sources/a.yaml
  fix: give one of them another name
sources/d.yaml:2: unknown kind of source "nuthing"
  fix: did you mean "nothing"? kinds: nothing`
	if err == nil || err.Error() != want {
		t.Errorf("got:\n%v\nwant:\n%s", err, want)
	}
	if len(files) != 2 || files[0].Source != "waste" || files[0].Kind != "nothing" || files[0].Path != "sources/a.yaml" {
		t.Errorf("got %+v", files)
	}
}
