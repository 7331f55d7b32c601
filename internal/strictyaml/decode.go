package strictyaml

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/goldthread/goldthread/internal/fault"
)

// A decoder walks the tree of a file beside the value that is filled from it.
type decoder struct {
	positions *Positions
	faults    []error
}

// filler is a type that fills itself, such as Map and Texts.
type filler interface {
	fill(d *decoder, node ast.Node, path string)
}

func (d *decoder) decodeInto(node ast.Node, into any) {
	d.decode(node, reflect.ValueOf(into).Elem(), "")
}

func (d *decoder) fault(node ast.Node, what, fix string) {
	d.faults = append(d.faults, &fault.Error{Where: fmt.Sprintf("%s:%d", d.positions.path, lineOf(node)), What: what, Fix: fix})
}

func (d *decoder) decode(node ast.Node, v reflect.Value, path string) {
	if _, seen := d.positions.lines[path]; !seen {
		d.positions.lines[path] = lineOf(node)
	}
	if f, ok := v.Addr().Interface().(filler); ok {
		f.fill(d, node, path)
		return
	}
	if _, null := node.(*ast.NullNode); null {
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.decode(node, v.Elem(), path)
	case reflect.Struct:
		d.decodeStruct(node, v, path)
	case reflect.Slice:
		d.decodeSlice(node, v, path)
	case reflect.Map:
		d.decodeMap(node, v, path)
	default:
		d.decodeScalar(node, v, path)
	}
}

func (d *decoder) decodeStruct(node ast.Node, v reflect.Value, path string) {
	fields := map[string][]int{}
	var names []string
	for _, field := range reflect.VisibleFields(v.Type()) { // those of an embedded struct stand among its own
		name, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		if name != "" && name != "-" {
			fields[name] = field.Index
			names = append(names, name)
		}
	}
	for _, entry := range d.entries(node, path, "settings: "+strings.Join(names, ", ")) {
		index, known := fields[entry.key]
		if !known {
			d.fault(entry.node, fmt.Sprintf("unknown setting %q%s", entry.key, inside(path)), fault.DidYouMean(entry.key, "settings here", names))
			continue
		}
		d.decode(entry.value, v.FieldByIndex(index), join(path, entry.key))
	}
}

func inside(path string) string {
	if path == "" {
		return ""
	}
	return " in " + path
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func (d *decoder) decodeSlice(node ast.Node, v reflect.Value, path string) {
	list, ok := node.(*ast.SequenceNode)
	if !ok {
		d.fault(node, fmt.Sprintf("%s must be a list", named(path)), "write it as [one, two] or as lines that begin with a dash")
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(list.Values), len(list.Values)))
	for i, item := range list.Values {
		d.decode(item, v.Index(i), fmt.Sprintf("%s[%d]", path, i))
	}
}

func (d *decoder) decodeMap(node ast.Node, v reflect.Value, path string) {
	made := reflect.MakeMap(v.Type())
	for _, entry := range d.entries(node, path, "") {
		value := reflect.New(v.Type().Elem()).Elem()
		d.decode(entry.value, value, join(path, entry.key))
		made.SetMapIndex(reflect.ValueOf(entry.key).Convert(v.Type().Key()), value)
	}
	v.Set(made)
}

// decodeScalar fills one value. One that does not fit is a fault, and what the value was before stays.
func (d *decoder) decodeScalar(node ast.Node, v reflect.Value, path string) {
	text, ok := d.scalar(node, path)
	if !ok {
		return
	}
	if want := set(v, text); want != "" {
		d.fault(node, fmt.Sprintf("%s is %q, which is not %s", named(path), text, want), "write "+want)
	}
}

// set gives v the value of text, or says what v holds.
func set(v reflect.Value, text string) (want string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		if text != "true" && text != "false" {
			return "true or false"
		}
		v.SetBool(text == "true")
	case reflect.Int, reflect.Int32, reflect.Int64:
		n, err := strconv.ParseInt(text, 10, v.Type().Bits())
		if err != nil {
			return "a whole number"
		}
		v.SetInt(n)
	case reflect.Float64:
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return "a number"
		}
		v.SetFloat(f)
	default:
		panic(fmt.Sprintf("strictyaml cannot fill a %s", v.Type()))
	}
	return ""
}

func named(path string) string {
	if path == "" {
		return "the file"
	}
	return path
}

// scalar gives the text of a node as it stands in the file, without its quotes.
func (d *decoder) scalar(node ast.Node, path string) (string, bool) {
	switch n := node.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.NullNode:
		return "", true
	case *ast.MappingNode, *ast.MappingValueNode, *ast.SequenceNode:
		d.fault(node, fmt.Sprintf("%s must be one value", named(path)), "write a single text or number")
		return "", false
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	default:
		d.fault(node, "anchors, aliases and tags are not used here", "write the value out")
		return "", false
	}
}

// An entry is one key of a mapping with its value.
type entry struct {
	key   string
	node  ast.Node
	value ast.Node
}

// entries gives the keys of a mapping in order; one given twice is a fault, and its first value stays.
func (d *decoder) entries(node ast.Node, path, fix string) []entry {
	var values []*ast.MappingValueNode
	switch n := node.(type) {
	case *ast.MappingNode:
		values = n.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{n}
	default:
		d.fault(node, fmt.Sprintf("%s must be settings, each a name and a value", named(path)), fix)
		return nil
	}
	var found []entry
	for _, v := range values {
		key, ok := d.scalar(v.Key, path)
		if !ok {
			continue
		}
		if slices.ContainsFunc(found, func(e entry) bool { return e.key == key }) {
			d.fault(v.Key, fmt.Sprintf("%q stands twice%s", key, inside(path)), "leave out one of the two")
			continue
		}
		found = append(found, entry{key, v.Key, v.Value})
	}
	return found
}
