package transforms

import (
	"fmt"

	yaml "github.com/goccy/go-yaml"
)

type yamlEntry struct{ Key, Value string }
type yamlMap []yamlEntry

func (m *yamlMap) UnmarshalYAML(decode func(any) error) error {
	var s yaml.MapSlice
	if err := decode(&s); err != nil {
		return err
	}
	for _, item := range s {
		*m = append(*m, yamlEntry{fmt.Sprint(item.Key), fmt.Sprint(item.Value)})
	}
	return nil
}

type yamlTexts []string

func (t *yamlTexts) UnmarshalYAML(decode func(any) error) error {
	var one string
	if decode(&one) == nil {
		*t = yamlTexts{one}
		return nil
	}
	return decode((*[]string)(t))
}

type yamlPositions struct{ path string }

func (p *yamlPositions) Where(string) string { return p.path + ":1" }

func yamlDecode(path string, text []byte, into any) (*yamlPositions, error) {
	if err := yaml.UnmarshalWithOptions(text, into, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &yamlPositions{path}, nil
}
