package strictyaml

import (
	"reflect"

	"github.com/goccy/go-yaml/ast"
)

// A TextOr is one text or, in its place, settings: Settings is nil where it is a text.
type TextOr[T any] struct {
	Text     string
	Settings *T
}

func (t *TextOr[T]) fill(d *decoder, node ast.Node, path string) {
	switch node.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		t.Settings = new(T)
		d.decode(node, reflect.ValueOf(t.Settings).Elem(), path)
	default:
		t.Text, _ = d.scalar(node, path)
	}
}
