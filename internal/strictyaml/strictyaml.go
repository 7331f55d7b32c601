// Package strictyaml decodes YAML that people write, strictly: an unknown key, a key given twice or a value of the wrong
// kind is a fault with file and line, and all faults of a text are told at once.
//
// Anchors, aliases and tags are refused: what stands in a file is what it means.
package strictyaml

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	yaml "github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/goldthread/goldthread/internal/fault"
)

// Positions says where in a file each value stood.
type Positions struct {
	path  string
	lines map[string]int
}

// Where gives "path:line" of the value at a dotted path such as "datasets[0].columns.value.type", or of the nearest value
// around it, or "path:1".
func (p *Positions) Where(dotted string) string {
	for dotted != "" {
		if line, held := p.lines[dotted]; held {
			return fmt.Sprintf("%s:%d", p.path, line)
		}
		dotted = parentPath(dotted)
	}
	return p.path + ":1"
}

// parentPath leaves out the last part of a dotted path, which a key with dots or brackets of its own may make of several.
func parentPath(dotted string) string { return dotted[:max(strings.LastIndexAny(dotted, ".["), 0)] }

// ErrSyntax is the cause of a fault that keeps a text from being read at all, so that nothing is known of its settings.
var ErrSyntax = errors.New("the text is not one YAML document")

// Decode reads text into the struct that into points at, by the fields' yaml tags, over what the struct already holds.
// The faults it gives are *fault.Error joined; the positions are of use even then.
func Decode(path string, text []byte, into any) (*Positions, error) {
	d := &decoder{positions: &Positions{path: path, lines: map[string]int{}}}
	file, err := parser.ParseBytes(text, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return d.positions, syntaxFault(path, text, err)
	}
	if len(file.Docs) > 1 {
		return d.positions, &fault.Error{Where: path, What: "the file holds more than one document", Fix: "leave out the line ---", Err: ErrSyntax}
	}
	if len(file.Docs) == 1 && file.Docs[0].Body != nil {
		d.decodeInto(file.Docs[0].Body, into)
	}
	return d.positions, fault.Join(d.faults...)
}

// wantsQuotes are the values that YAML takes for something else unless they are quoted, of which a unit of % is the most frequent.
var wantsQuotes = regexp.MustCompile(`:[ \t]+[%@` + "`" + `]`)

func syntaxFault(path string, text []byte, err error) error {
	line, fix := 1, "check indentation, colons and quotes on this line and the one above"
	var located yaml.Error
	what := err.Error()
	if errors.As(err, &located) {
		what = located.GetMessage()
		if t := located.GetToken(); t != nil && t.Position != nil {
			line = t.Position.Line
		}
	}
	if lines := strings.Split(string(text), "\n"); line <= len(lines) && wantsQuotes.MatchString(lines[line-1]) {
		fix = `put what follows the colon in quotes, as in unit: "%"`
	}
	return &fault.Error{Where: path + ":" + strconv.Itoa(line), What: "this is not YAML: " + what, Fix: fix, Err: ErrSyntax}
}

func lineOf(node ast.Node) int {
	if m, ok := node.(*ast.MappingNode); ok && len(m.Values) > 0 {
		node = m.Values[0]
	}
	if m, ok := node.(*ast.MappingValueNode); ok {
		node = m.Key
	}
	if t := node.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line
	}
	return 1
}
