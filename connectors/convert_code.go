package connectors

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/goldthread/goldthread/internal/areas"
	"github.com/goldthread/goldthread/internal/periods"
)

// booleans reads yes and no.
type booleans struct {
	*array.BooleanBuilder
	texts    map[string]bool
	expected string
	last     []byte // the text read last: files often repeat one row after row
	held     bool
}

func newBooleans(c Column, builder *array.BooleanBuilder) *booleans {
	yes, no := c.Yes, c.No
	if len(yes)+len(no) == 0 {
		yes, no = []string{"true", "yes", "y", "1"}, []string{"false", "no", "n", "0"}
	}
	b := &booleans{BooleanBuilder: builder, texts: map[string]bool{}}
	for _, t := range yes {
		b.texts[strings.ToLower(t)] = true
	}
	for _, t := range no {
		b.texts[strings.ToLower(t)] = false
	}
	b.expected = fmt.Sprintf("neither yes (%s) nor no (%s)", strings.Join(yes, ", "), strings.Join(no, ", "))
	return b
}

func (c *booleans) parse(text []byte) string {
	if len(text) > 0 && bytes.Equal(text, c.last) {
		return ""
	}
	value, ok := c.texts[string(text)]
	if !ok {
		if value, ok = c.texts[string(bytes.ToLower(text))]; !ok {
			return c.expected
		}
		c.texts[string(text)] = value // as this file writes it
	}
	c.held, c.last = value, append(c.last[:0], text...)
	return ""
}

func (c *booleans) append()     { c.Append(c.held) }
func (c *booleans) appendNull() { c.AppendNull() }

// codes reads texts that stand for a code: the label of a period, or an area code. A column repeats few of them many
// times, so what each comes to is remembered.
type codes struct {
	textBuilder
	known map[string]code
	read  func(label string) code
	last  string // the label read last: files often repeat one row after row
	held  code
}

type code struct{ label, text, fault string }

// mostKnown bounds the memory of a column full of labels that are all different.
const mostKnown = 1 << 14

func (c *codes) parse(text []byte) string {
	if string(text) == c.last {
		return c.held.fault
	}
	known, ok := c.known[string(text)]
	if !ok {
		if len(c.known) >= mostKnown {
			clear(c.known)
		}
		known = c.read(string(text))
		known.label = string(text)
		c.known[known.label] = known
	}
	c.last, c.held = known.label, known
	return known.fault
}

func (c *codes) append() { c.addString(c.held.text) }

func newCodes(kept *recycler, read func(label string) code) *codes {
	return &codes{textBuilder: textBuilder{memory: kept}, known: map[string]code{}, read: read}
}

// periodCode reads a label under the forms the contract names, the first that it fits.
func periodCode(c Column, label string) code {
	var faults []string
	for _, form := range c.Forms {
		period, err := periods.Parse(form, c.Basis, label)
		if err == nil {
			return code{text: period.Code}
		}
		faults = append(faults, err.Error())
	}
	return code{fault: strings.Join(faults, "; ")}
}

// areaCode takes a GSS code as it is.
func areaCode(label string) code {
	if !areas.IsCode(label) {
		return code{fault: "not an area code, which is a letter and eight digits such as E08000009"}
	}
	return code{text: label}
}
