package connectors

import (
	"bytes"
	"fmt"
	"math/bits"

	"github.com/apache/arrow-go/v18/arrow/decimal128"
)

// NumberForms are the signs a number may carry beside its digits, a sign and a decimal point, where its column allows them.
var NumberForms = []string{"thousands", "currency", "percent", "brackets", "trailing_minus"}

type numberForms struct{ thousands, currency, percent, brackets, trailingMinus bool }

func newNumberForms(names []string) numberForms {
	var f numberForms
	for _, name := range names {
		switch name {
		case "thousands":
			f.thousands = true
		case "currency":
			f.currency = true
		case "percent":
			f.percent = true
		case "brackets":
			f.brackets = true
		case "trailing_minus":
			f.trailingMinus = true
		}
	}
	return f
}

const (
	notANumber   = "not a number"
	badThousands = "a comma that does not stand before each three digits of a whole number"
	tooManyTimes = "more than one sign"
)

var (
	unicodeMinus = []byte("−")
	pound        = []byte("£")
)

// undress takes off what a number may carry by its forms and leaves digits, commas and a decimal point.
func (f numberForms) undress(text []byte) (digits []byte, negative bool, fault string) {
	signs := 0
	if f.brackets && len(text) > 2 && text[0] == '(' && text[len(text)-1] == ')' {
		text, signs, negative = trim(text[1:len(text)-1]), 1, true
	}
	if f.trailingMinus && len(text) > 1 && text[len(text)-1] == '-' {
		text, signs, negative = trim(text[:len(text)-1]), signs+1, true
	}
	if f.percent && len(text) > 1 && text[len(text)-1] == '%' {
		text = trim(text[:len(text)-1])
	}
	text, minus, signed := sign(text)
	if f.currency && bytes.HasPrefix(text, pound) { // a sign may stand before or behind the pound
		if text = trim(text[len(pound):]); !signed {
			text, minus, signed = sign(text)
		}
	}
	if signed {
		signs++
	}
	if signs > 1 {
		return nil, false, tooManyTimes
	}
	return text, negative || minus, ""
}

// sign takes off a leading sign.
func sign(text []byte) (rest []byte, minus, found bool) {
	switch {
	case len(text) > 0 && text[0] == '-':
		return text[1:], true, true
	case len(text) > 0 && text[0] == '+':
		return text[1:], false, true
	case bytes.HasPrefix(text, unicodeMinus):
		return text[len(unicodeMinus):], true, true
	}
	return text, false, false
}

// A number is an unsigned number of up to 38 digits: value is coefficient / 10^places.
type number struct {
	hi, lo uint64
	places int
}

// read takes in what a number of these forms is without its sign, and says whether that is a minus.
func (n *number) read(text []byte, forms numberForms) (negative bool, fault string) {
	digits, negative, fault := forms.undress(text)
	if fault == "" {
		fault = n.parse(digits, forms)
	}
	return negative, fault
}

// parse reads digits with a decimal point and, where the forms have them, commas between thousands.
func (n *number) parse(text []byte, forms numberForms) (fault string) {
	*n = number{}
	group, grouped, digits, point := 0, false, 0, false
	for _, c := range text {
		switch {
		case c >= '0' && c <= '9':
			if !n.push(c - '0') {
				return "more than 38 digits"
			}
			digits++
			if point {
				n.places++
			} else {
				group++
			}
		case c == '.' && !point:
			if grouped && group != 3 {
				return badThousands
			}
			point = true
		case c == ',' && forms.thousands:
			if point || group == 0 || group > 3 || grouped && group != 3 {
				return badThousands
			}
			grouped, group = true, 0
		default:
			return notANumber
		}
	}
	if digits == 0 {
		return notANumber
	}
	if grouped && !point && group != 3 {
		return badThousands
	}
	return ""
}

// push adds a digit to the coefficient.
func (n *number) push(digit byte) bool {
	if n.hi == 0 && n.lo < 1<<60 {
		n.lo = n.lo*10 + uint64(digit)
		return true
	}
	if n.hi > (1<<63-10)/10 {
		return false
	}
	carry, lo := bits.Mul64(n.lo, 10)
	lo, more := bits.Add64(lo, uint64(digit), 0)
	n.hi, n.lo = n.hi*10+carry+more, lo
	return true
}

// rescale brings the coefficient to the given number of places. Digits that are not zero are never dropped.
func (n *number) rescale(places int) (fault string) {
	for n.places > places {
		hi, rest := n.hi/10, n.hi%10
		lo, rest := bits.Div64(rest, n.lo, 10)
		if rest != 0 {
			return fmt.Sprintf("has more than %d decimal places", places)
		}
		n.hi, n.lo, n.places = hi, lo, n.places-1
	}
	for ; n.places < places; n.places++ {
		if !n.push(0) {
			return "too large a number"
		}
	}
	return ""
}

// mostPlain is how many characters surely fit 64 bits.
const mostPlain = 18

// plainNumber reads a short number of digits and at most one decimal point, as most numbers are. Any other text it leaves
// to number, which says what is wrong with it.
func plainNumber(text []byte) (value int64, places int, ok bool) {
	if len(text) > mostPlain {
		return 0, 0, false
	}
	point := -1
	for i, c := range text {
		if d := c - '0'; d <= 9 {
			value = value*10 + int64(d)
			continue
		}
		if c != '.' || point >= 0 {
			return 0, 0, false
		}
		point = i
	}
	if point < 0 {
		return value, 0, len(text) > 0
	}
	return value, len(text) - point - 1, len(text) > 1
}

// integers reads whole numbers of 64 bits.
type integers struct {
	fixedBuilder[int64]
	forms  numberForms
	number number
	held   int64
}

func (c *integers) parse(text []byte) string {
	if n, places, ok := plainNumber(text); ok && places == 0 {
		c.held = n
		return ""
	}
	negative, fault := c.number.read(text, c.forms)
	if fault == "" && c.number.places > 0 {
		if c.number.rescale(0) != "" {
			return "has decimal places, expected a whole number"
		}
	}
	if fault != "" {
		return fault + ", expected a whole number"
	}
	if c.number.hi > 0 || c.number.lo > 1<<63-1 {
		return "too large for a whole number of 64 bits"
	}
	if c.held = int64(c.number.lo); negative {
		c.held = -c.held
	}
	return ""
}

func (c *integers) append() { c.add(c.held) }

// decimals reads decimal numbers exactly.
type decimals struct {
	fixedBuilder[decimal128.Num]
	forms     numberForms
	expected  string
	scale     int
	limit     decimal128.Num // the greatest number that is not too large
	surelyFit int            // texts that are no longer have no more digits than the column
	number    number
	held      decimal128.Num
}

func newDecimals(c Column, kept *recycler) *decimals {
	return &decimals{
		fixedBuilder: fixedBuilder[decimal128.Num]{kind: c.ArrowType(), memory: kept},
		forms:        newNumberForms(c.Number), scale: int(c.Scale),
		limit: decimal128.GetMaxValue(c.Precision), surelyFit: min(int(c.Precision), mostPlain),
		expected: fmt.Sprintf(", expected decimal(%d,%d)", c.Precision, c.Scale),
	}
}

func (c *decimals) parse(text []byte) string {
	if n, places, ok := plainNumber(text); ok && places <= c.scale && len(text)+c.scale-places <= c.surelyFit {
		for ; places < c.scale; places++ {
			n *= 10
		}
		c.held = decimal128.FromI64(n)
		return ""
	}
	negative, fault := c.number.read(text, c.forms)
	if fault == "" {
		fault = c.number.rescale(c.scale)
	}
	if fault != "" {
		return fault + c.expected
	}
	c.held = decimal128.New(int64(c.number.hi), c.number.lo)
	if c.held.Greater(c.limit) {
		return "too large a number" + c.expected
	}
	if negative {
		c.held = c.held.Negate()
	}
	return ""
}

func (c *decimals) append() { c.add(c.held) }
