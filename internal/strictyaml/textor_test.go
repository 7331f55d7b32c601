package strictyaml

import (
	"reflect"
	"testing"
)

func TestDecodeTakesATextOrSettings(t *testing.T) {
	type area struct {
		Constant string `yaml:"constant"`
	}
	type from struct {
		Area TextOr[area] `yaml:"area"`
	}
	for _, c := range []struct {
		name, text string
		want       from
		fault      string
	}{
		{name: "text", text: "area: area_code", want: from{TextOr[area]{Text: "area_code"}}},
		{name: "settings", text: "area: {constant: E08000009}", want: from{TextOr[area]{Settings: &area{"E08000009"}}}},
		{name: "unknown setting", text: "area: {constnt: E08000009}", want: from{TextOr[area]{Settings: &area{}}},
			fault: "f.yaml:1: unknown setting \"constnt\" in area\n  fix: did you mean \"constant\"? settings here: constant"},
		{name: "list", text: "area: [a]", fault: "f.yaml:1: area must be one value\n  fix: write a single text or number"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got from
			_, err := Decode("f.yaml", []byte(c.text), &got)
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
			if told := errorText(err); told != c.fault {
				t.Errorf("got fault %q, want %q", told, c.fault)
			}
		})
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
