package main

import (
	"fmt"
	"go/ast"
	goparser "go/parser"
	"go/token"
	"io/fs"
	"path"
	"reflect"
	"strconv"
	"strings"
)

// A setting is one that a file may give.
type setting struct {
	name    string   // with those it stands under, such as datasets[].files
	path    []string // of the fields that lead to it, while they are structs
	kind    string
	meaning string
}

// A source is a parsed package.
type source struct {
	doc   string
	types map[string]ast.Expr
	docs  map[string]string // of the types
}

// A parser reads the types of settings out of the code.
type parser struct {
	code     fs.FS
	packages map[string]*source
}

// load parses a package once.
func (p *parser) load(folder string) (*source, error) {
	if s := p.packages[folder]; s != nil {
		return s, nil
	}
	s := &source{types: map[string]ast.Expr{}, docs: map[string]string{}}
	files, err := fs.Glob(p.code, path.Join(folder, "*.go"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("there is no package in %s: %w", folder, err)
	}
	for _, name := range files {
		text, err := fs.ReadFile(p.code, name)
		if err != nil {
			return nil, err
		}
		file, err := goparser.ParseFile(token.NewFileSet(), name, text, goparser.ParseComments)
		if err != nil {
			return nil, err
		}
		if file.Doc != nil {
			s.doc = file.Doc.Text()
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch t := n.(type) {
			case *ast.GenDecl:
				if one, is := t.Specs[0].(*ast.TypeSpec); is && len(t.Specs) == 1 {
					s.docs[one.Name.Name] = strings.Join(strings.Fields(t.Doc.Text()), " ")
				}
			case *ast.TypeSpec:
				s.types[t.Name.Name] = t.Type
			}
			return true
		})
	}
	p.packages[folder] = s
	return s, nil
}

// about is what a package says of itself, without its first word, which is for Go.
func (p *parser) about(folder string) (string, error) {
	s, err := p.load(folder)
	if err != nil {
		return "", err
	}
	_, text, _ := strings.Cut(s.doc, " ")
	_, text, _ = strings.Cut(text, " ")
	first, _, _ := strings.Cut(text, "\n\n")
	return strings.ToUpper(first[:1]) + strings.TrimSpace(first[1:]), nil
}

// settings are those of a struct, in order, with those of the structs in it.
func (p *parser) settings(folder, name, under string) ([]setting, error) {
	s, err := p.load(folder)
	if err != nil {
		return nil, err
	}
	structure, is := s.types[name].(*ast.StructType)
	if !is {
		return nil, fmt.Errorf("%s of %s is no struct", name, folder)
	}
	var all []setting
	for _, field := range structure.Fields.List {
		more, err := p.field(folder, under, field)
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	return all, nil
}

// field is the setting that a field holds, with those under it.
func (p *parser) field(folder, under string, field *ast.Field) ([]setting, error) {
	if len(field.Names) == 0 {
		return p.embedded(folder, under, nameOf(field.Type))
	}
	if field.Tag == nil { // no setting
		return nil, nil
	}
	tag, err := strconv.Unquote(field.Tag.Value)
	if err != nil {
		return nil, err
	}
	yaml := reflect.StructTag(tag).Get("yaml")
	if yaml == "" {
		return nil, nil
	}
	one := setting{name: under + yaml, path: []string{field.Names[0].Name}, meaning: meaning(field)}
	nested, kind := p.kindOf(folder, field.Type)
	one.kind = kind.word
	if one.meaning == "" && nested.name != "" {
		within, err := p.load(nested.folder)
		if err != nil {
			return nil, err
		}
		one.meaning = within.meaningOf(nested.name)
	}
	all := []setting{one}
	if nested.name == "" {
		return all, nil
	}
	inner, err := p.settings(nested.folder, nested.name, one.name+kind.joint)
	if err != nil {
		return nil, err
	}
	for _, i := range inner {
		if kind.joint == "." && len(i.path) > 0 {
			i.path = append([]string{field.Names[0].Name}, i.path...)
		} else {
			i.path = []string{field.Names[0].Name, ""}
		}
		all = append(all, i)
	}
	return all, nil
}

// embedded are the settings of a struct in a struct, which stand among its own.
func (p *parser) embedded(folder, under, name string) ([]setting, error) {
	if strings.HasSuffix(name, "Contract") {
		return []setting{{name: under + "…", kind: "contract", meaning: "The settings of a contract, below."}}, nil
	}
	return p.settings(folder, name, under)
}

// meaningOf is what a type says of itself, without its name and a verb that says nothing.
func (s *source) meaningOf(name string) string {
	_, rest, found := strings.Cut(s.docs[name], name+" ")
	if !found {
		return ""
	}
	for _, verb := range []string{"says ", "say "} {
		rest = strings.TrimPrefix(rest, verb)
	}
	return withoutVerb(rest)
}

// meaning is the comment of a field in one line. It begins with the field's name by Go's habit, which says nothing here.
func meaning(field *ast.Field) string {
	text := field.Doc.Text()
	if text == "" {
		text = field.Comment.Text()
	}
	text = strings.Join(strings.Fields(text), " ")
	rest, found := strings.CutPrefix(text, field.Names[0].Name+" ")
	if !found {
		return text
	}
	return withoutVerb(rest)
}

func withoutVerb(text string) string {
	for _, verb := range []string{"is ", "are "} {
		text = strings.TrimPrefix(text, verb)
	}
	return text
}

// A form is how a file writes a type, and what stands between its name and those under it.
type form struct{ word, joint string }

// A place is a struct of the code; empty where a type has none.
type place struct{ folder, name string }

// plain are the types without settings of their own.
var plain = map[string]string{
	"string": "text", "bool": "true or false", "int": "number", "int64": "number", "float64": "number", "Mode": "text",
	"strictyaml.Texts": "text, or a list",
}

// kindOf says how a file writes a type, and which struct holds what stands under it.
func (p *parser) kindOf(folder string, of ast.Expr) (place, form) {
	switch t := of.(type) {
	case *ast.StarExpr:
		return p.kindOf(folder, t.X)
	case *ast.ArrayType:
		nested, inner := p.kindOf(folder, t.Elt)
		if nested.name == "" {
			return nested, form{word: "list of " + inner.word}
		}
		return nested, form{"list", "[]."}
	case *ast.MapType:
		return place{}, form{word: "text by text"}
	case *ast.IndexExpr:
		nested, _ := p.kindOf(folder, t.Index)
		if strings.HasSuffix(nameOf(t.X), "TextOr") {
			return nested, form{"text, or settings", "."}
		}
		return nested, form{"settings by name", ".*."}
	}
	name := nameOf(of)
	if word, known := plain[name]; known {
		return place{}, form{word: word}
	}
	if local, elsewhere := strings.CutPrefix(name, "connectors."); elsewhere {
		return place{".", local}, form{"settings", "."}
	}
	if s, err := p.load(folder); err == nil && s.types[name] != nil {
		if _, is := s.types[name].(*ast.StructType); !is { // a name for another type
			return p.kindOf(folder, s.types[name])
		}
	}
	return place{folder, name}, form{"settings", "."}
}

func nameOf(of ast.Expr) string {
	switch t := of.(type) {
	case *ast.Ident:
		return t.Name
	case *ast.SelectorExpr:
		return nameOf(t.X) + "." + t.Sel.Name
	}
	return ""
}
