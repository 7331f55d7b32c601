package inspect

import (
	"bytes"
	"time"

	"github.com/goldthread/goldthread/connectors"
)

const (
	// mostDistinct is how many different texts of a column are remembered.
	mostDistinct = 2000
	// mostOdd is how many different texts may not fit a type that all others fit.
	mostOdd = 3
	// longOdd is beyond what stands for "no value"; a longer text is one of its own.
	longOdd = 24
	// deepScale is the most places behind a point that are looked for.
	deepScale = 15
)

// A profile is what the values of one column are.
type profile struct {
	header   string
	index    int
	vague    bool  // its header in the file is empty or stands twice, and header is its place
	n        int64 // rows
	blank    int64
	marks    map[string]int64
	distinct map[string]bool // nil once there are too many
	types    []*candidate
	digits   digits
	length   int64 // of all texts
	padded   int64
	zeros    bool // a whole number begins with a nought, as codes do
	exponent bool // a number is written like 1E-05
	last     []byte
}

// A candidate is a type that the values may have.
type candidate struct {
	terms connectors.Column
	judge *connectors.Judge
	odd   map[string]int64 // texts that do not fit
	line  int64            // of the first of them
	fits  int64
	dead  bool
}

// candidateTypes are judged on every value by the converters that will read it.
func candidateTypes() []connectors.Column {
	every := connectors.NumberForms
	types := []connectors.Column{
		{Kind: connectors.AreaCode}, {Kind: connectors.Boolean, Yes: []string{"true", "yes", "y"}, No: []string{"false", "no", "n"}},
		{Kind: connectors.Integer, Number: every}, {Kind: connectors.Decimal, Precision: 38, Scale: deepScale, Number: every},
	}
	for _, kind := range []connectors.Kind{connectors.Date, connectors.Timestamp} {
		for _, order := range connectors.DateOrders {
			types = append(types, connectors.Column{Kind: kind, DateOrder: order})
		}
	}
	return types
}

func newProfile(header string, index int, zone *time.Location) (*profile, error) {
	p := &profile{header: header, index: index, marks: map[string]int64{}, distinct: map[string]bool{}}
	for _, terms := range candidateTypes() {
		judge, err := connectors.NewJudge(terms, zone)
		if err != nil {
			return nil, err
		}
		p.types = append(p.types, &candidate{terms: terms, judge: judge, odd: map[string]int64{}})
	}
	return p, nil
}

// add takes one value into account. Files often hold few texts again and again, which are judged once.
func (p *profile) add(raw []byte, line int64) {
	p.n++
	text := bytes.TrimSpace(raw)
	if len(text) != len(raw) {
		p.padded++
	}
	p.length += int64(len(text))
	if len(text) == 0 {
		p.blank++
		return
	}
	if bytes.Equal(text, p.last) || p.distinct[string(text)] {
		p.again(text)
		return
	}
	p.last = append(p.last[:0], text...)
	if p.distinct != nil {
		if p.distinct[string(text)] = true; len(p.distinct) > mostDistinct {
			p.distinct = nil
		}
	}
	if isMark(string(text)) {
		p.marks[string(text)]++
		return
	}
	p.judge(text, line)
}

// again counts a text that has been judged.
func (p *profile) again(text []byte) {
	if _, mark := p.marks[string(text)]; mark {
		p.marks[string(text)]++
		return
	}
	for _, c := range p.types {
		if len(c.odd) > 0 && c.odd[string(text)] > 0 {
			c.odd[string(text)]++
		} else {
			c.fits++
		}
	}
}

// judge asks of a text what it could be.
func (p *profile) judge(text []byte, line int64) {
	p.zeros = p.zeros || len(text) > 1 && text[0] == '0' && isDigits(string(text))
	p.exponent = p.exponent || bytes.ContainsAny(text, "eE") && exponentLike.Match(text)
	for _, c := range p.types {
		if c.add(text, line) && c.terms.Kind == connectors.Decimal {
			p.digits.add(text)
		}
	}
}

// add says whether the text fits.
func (c *candidate) add(text []byte, line int64) bool {
	switch {
	case c.dead:
	case c.judge.Fault(text) == "":
		c.fits++
		return true
	default:
		if len(c.odd) == 0 {
			c.line = line
		}
		c.odd[string(text)]++
		c.dead = len(c.odd) > mostOdd || len(text) > longOdd
		if c.dead {
			c.odd = nil
		}
	}
	return false
}

// odds counts the values that do not fit.
func (c *candidate) odds() (n int64) {
	for _, times := range c.odd {
		n += times
	}
	return n
}

// values counts what is neither blank nor a mark.
func (p *profile) values() int64 {
	n := p.n - p.blank
	for _, times := range p.marks {
		n -= times
	}
	return n
}

// digits are the most that a number of the column has on either side of its point, and the signs beside them.
type digits struct {
	before, behind int
	signs          map[string]bool
}

func (d *digits) add(text []byte) {
	before, behind, point := 0, 0, false
	for _, r := range string(text) {
		switch {
		case r >= '0' && r <= '9' && point:
			behind++
		case r >= '0' && r <= '9':
			before++
		case r == '.':
			point = true
		case r == ',':
			d.sign("thousands")
		case r == '£':
			d.sign("currency")
		case r == '%':
			d.sign("percent")
		case r == '(':
			d.sign("brackets")
		}
	}
	if len(text) > 1 && text[len(text)-1] == '-' {
		d.sign("trailing_minus")
	}
	d.before, d.behind = max(d.before, before), max(d.behind, behind)
}

func (d *digits) sign(name string) {
	if d.signs == nil {
		d.signs = map[string]bool{}
	}
	d.signs[name] = true
}

// number are the signs seen, in the order of the contract's words.
func (d *digits) number() (names []string) {
	for _, name := range connectors.NumberForms {
		if d.signs[name] {
			names = append(names, name)
		}
	}
	return names
}
