package strictyaml

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

type column struct {
	Type     string            `yaml:"type"`
	Required bool              `yaml:"required"`
	Form     Texts             `yaml:"form"`
	Statuses map[string]string `yaml:"statuses"`
}

type dataset struct {
	Name    string      `yaml:"name"`
	Key     []string    `yaml:"key"`
	Rows    int         `yaml:"rows"`
	Share   *float64    `yaml:"share"`
	Columns Map[column] `yaml:"columns"`
}

type source struct {
	Source   string    `yaml:"source"`
	Datasets []dataset `yaml:"datasets"`
}

func TestDecodeFillsAndKeepsOrder(t *testing.T) {
	var got source
	positions, err := Decode("s.yaml", []byte(`# a comment
source: themes
datasets:
  - name: waste
    key: [b, a]
    share: 0.5
    columns:
      b: {type: text, form: one}
      a:
        type: "decimal(18,6)"
        required: true
        form: [one, two]
        statuses: {"": missing, NA: missing, 0: nought}
`), &got)
	if err != nil {
		t.Fatal(err)
	}
	half := 0.5
	want := source{Source: "themes", Datasets: []dataset{{Name: "waste", Key: []string{"b", "a"}, Share: &half, Columns: Map[column]{
		{"b", column{Type: "text", Form: Texts{"one"}}},
		{"a", column{Type: "decimal(18,6)", Required: true, Form: Texts{"one", "two"}, Statuses: map[string]string{"": "missing", "NA": "missing", "0": "nought"}}},
	}}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	for path, where := range map[string]string{
		"datasets[0].columns.a.required": "s.yaml:11", "datasets[0].columns.a.none": "s.yaml:10", "source": "s.yaml:2", "nothing": "s.yaml:1",
		"datasets[0].columns.a.statuses.[c].x": "s.yaml:13", "datasets[9].name": "s.yaml:4", "a]b": "s.yaml:1", "[": "s.yaml:1", ".": "s.yaml:1",
	} {
		if got := positions.Where(path); got != where {
			t.Errorf("%s stands at %s, want %s", path, got, where)
		}
	}
}

func TestDecodeTellsAllFaultsAtOnce(t *testing.T) {
	var got source
	_, err := Decode("s.yaml", []byte(`sorce: themes
datasets:
  - name: [a]
    rows: many
    name: b
    columns:
      a: {typ: text, required: yes}
`), &got)
	want := strings.TrimSpace(`
s.yaml:1: unknown setting "sorce"
  fix: did you mean "source"? settings here: source, datasets
s.yaml:3: datasets[0].name must be one value
  fix: write a single text or number
s.yaml:4: datasets[0].rows is "many", which is not a whole number
  fix: write a whole number
s.yaml:5: "name" stands twice in datasets[0]
  fix: leave out one of the two
s.yaml:7: datasets[0].columns.a.required is "yes", which is not true or false
  fix: write true or false
s.yaml:7: unknown setting "typ" in datasets[0].columns.a
  fix: did you mean "type"? settings here: type, required, form, statuses`)
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

func TestDecodeKeepsTheDefaultOfAValueThatDoesNotFit(t *testing.T) {
	got := dataset{Rows: 3}
	if _, err := Decode("s.yaml", []byte("rows: many"), &got); err == nil || got.Rows != 3 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestDecodeTellsATextThatCannotBeRead(t *testing.T) {
	for text, want := range map[string]bool{"source: [": true, "source: a\n---\nb: c": true, "sorce: a": false, "source: [a]": false} {
		var got source
		if _, err := Decode("s.yaml", []byte(text), &got); errors.Is(err, ErrSyntax) != want {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestDecodeRefusesWhatIsNotPlain(t *testing.T) {
	for text, want := range map[string]string{
		"source: &a x":           "s.yaml:1: anchors, aliases and tags are not used here",
		"source: !!str x":        "s.yaml:1: anchors, aliases and tags are not used here",
		"source: [":              "s.yaml:1: this is not YAML",
		"source: a\nunit: %\n":   "s.yaml:2: this is not YAML: undefined directive value\n  fix: put what follows the colon in quotes, as in unit: \"%\"",
		"source: a\n---\nb: c":   "s.yaml: the file holds more than one document",
		"- a":                    "s.yaml:1: the file must be settings, each a name and a value",
		"datasets:\n  name: one": "s.yaml:2: datasets must be a list",
	} {
		var got source
		if _, err := Decode("s.yaml", []byte(text), &got); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q:\n got %v\nwant %s", text, err, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("source: a\ndatasets: [{name: x, columns: {a: {form: [b]}}}]"))
	f.Add([]byte("a: &x [*x]"))
	f.Add([]byte("? {a: b}\n: c"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var s source
		positions, _ := Decode("s.yaml", text, &s)
		for _, path := range []string{"source", "datasets[0].columns.a", string(text)} { // a path may hold any key of the file
			if where := positions.Where(path); !strings.HasPrefix(where, "s.yaml:") {
				t.Errorf("%q stands at %q", path, where)
			}
		}
	})
}

func TestDecodeFillsEmbeddedStructs(t *testing.T) {
	type kind struct {
		dataset
		Files string `yaml:"files"`
	}
	var got kind
	if _, err := Decode("s.yaml", []byte("files: a.csv\nname: b\nrows: 3\n"), &got); err == nil {
		want := kind{dataset: dataset{Name: "b", Rows: 3}, Files: "a.csv"}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	} else {
		t.Fatal(err)
	}
}
