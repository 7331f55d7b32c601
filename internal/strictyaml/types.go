package strictyaml

import (
	"reflect"
	"slices"

	"github.com/goccy/go-yaml/ast"
)

// A Map is a mapping that keeps the order of the file.
type Map[T any] []Entry[T]

// An Entry is one key of a Map with its value.
type Entry[T any] struct {
	Key   string
	Value T
}

func (m *Map[T]) fill(d *decoder, node ast.Node, path string) {
	*m = nil
	if _, null := node.(*ast.NullNode); null {
		return
	}
	for _, e := range d.entries(node, path, "") {
		var value T
		d.decode(e.value, reflect.ValueOf(&value).Elem(), join(path, e.key))
		*m = append(*m, Entry[T]{e.key, value})
	}
}

// Get gives the value of a key.
func (m Map[T]) Get(key string) (value T, held bool) {
	i := slices.IndexFunc(m, func(e Entry[T]) bool { return e.Key == key })
	if i < 0 {
		return value, false
	}
	return m[i].Value, true
}

// Keys gives the keys in the order of the file.
func (m Map[T]) Keys() []string {
	keys := make([]string, len(m))
	for i, e := range m {
		keys[i] = e.Key
	}
	return keys
}

// Texts is a list of texts, for which one text may stand alone.
type Texts []string

func (t *Texts) fill(d *decoder, node ast.Node, path string) {
	if _, list := node.(*ast.SequenceNode); list {
		d.decodeSlice(node, reflect.ValueOf((*[]string)(t)).Elem(), path)
		return
	}
	if text, ok := d.scalar(node, path); ok {
		*t = Texts{text}
	}
}
