package tdstest

import (
	"fmt"
	"strconv"
	"strings"
)

// A form is how a type is described and how long its values are told to be, [MS-TDS] 2.2.5.4.
type form byte

const (
	counted  form = iota // described by its size; a value has its size in a byte before it
	scaled               // described by its scale; a value likewise
	bare                 // not described; a value likewise
	numbered             // described by size, precision and scale; a value likewise
	short                // described by its size in two bytes; a value likewise, or in chunks
	chunked              // described by a zero; a value comes in chunks
	pointed              // described by its size in four bytes; a value has a pointer before it
)

// A typeOf is a type of SQL Server on the wire.
type typeOf struct {
	token byte
	// fixed is the token of the same type where a column cannot be null; 0 where there is none.
	fixed  byte
	form   form
	size   int // of a value; 0 where the declaration says it
	user   uint32
	texts  bool // it has a collation
	encode func(d declared, text string) ([]byte, error)
	decode func(d declared, data []byte) string // of types that parameters have
}

// unlimited is the size of a type declared as (max).
const unlimited = 0xFFFF

// types are all that a column may be declared as.
var types = map[string]typeOf{
	"bit":              {token: 0x68, fixed: 0x32, size: 1, encode: wholes, decode: fromWhole},
	"tinyint":          {token: 0x26, fixed: 0x30, size: 1, encode: wholes, decode: fromWhole},
	"smallint":         {token: 0x26, fixed: 0x34, size: 2, encode: wholes, decode: fromWhole},
	"int":              {token: 0x26, fixed: 0x38, size: 4, encode: wholes, decode: fromWhole},
	"bigint":           {token: 0x26, fixed: 0x7F, size: 8, encode: wholes, decode: fromWhole},
	"real":             {token: 0x6D, fixed: 0x3B, size: 4, encode: floats, decode: fromFloat},
	"float":            {token: 0x6D, fixed: 0x3E, size: 8, encode: floats, decode: fromFloat},
	"smallmoney":       {token: 0x6E, fixed: 0x7A, size: 4, encode: moneys},
	"money":            {token: 0x6E, fixed: 0x3C, size: 8, encode: moneys},
	"smalldatetime":    {token: 0x6F, fixed: 0x3A, size: 4, encode: minutes},
	"datetime":         {token: 0x6F, fixed: 0x3D, size: 8, encode: ticks, decode: fromTicks},
	"uniqueidentifier": {token: 0x24, size: 16, encode: guids, decode: fromGUID},
	"decimal":          {token: 0x6A, form: numbered, encode: decimals},
	"numeric":          {token: 0x6C, form: numbered, encode: decimals},
	"date":             {token: 0x28, form: bare, size: 3, encode: days, decode: fromDay},
	"time":             {token: 0x29, form: scaled, encode: clocks, decode: fromClock},
	"datetime2":        {token: 0x2A, form: scaled, encode: moments, decode: fromMoment},
	"datetimeoffset":   {token: 0x2B, form: scaled, encode: offsets, decode: fromOffset},
	"char":             {token: 0xAF, form: short, texts: true, encode: narrow, decode: fromNarrow},
	"varchar":          {token: 0xA7, form: short, texts: true, encode: narrow, decode: fromNarrow},
	"nchar":            {token: 0xEF, form: short, texts: true, encode: wide, decode: fromWide},
	"nvarchar":         {token: 0xE7, form: short, texts: true, encode: wide, decode: fromWide},
	"binary":           {token: 0xAD, form: short, encode: hexes, decode: fromHex},
	"varbinary":        {token: 0xA5, form: short, encode: hexes, decode: fromHex},
	"rowversion":       {token: 0xAD, form: short, size: 8, user: 0x50, encode: hexes},
	"xml":              {token: 0xF1, form: chunked, encode: wide},
	"text":             {token: 0x23, form: pointed, texts: true, encode: narrow},
	"ntext":            {token: 0x63, form: pointed, texts: true, encode: wide},
	"image":            {token: 0x22, form: pointed, encode: hexes},
}

// A declared type is one with its arguments.
type declared struct {
	typeOf
	name      string
	size      int // in bytes
	precision int
	scale     int
	notNull   bool
}

// declare reads a type as it stands in SQL.
func declare(text string) (declared, error) {
	name, notNull := strings.CutSuffix(text, " not null")
	name, arguments, _ := strings.Cut(strings.TrimSuffix(name, ")"), "(")
	kind, known := types[name]
	if !known {
		return declared{}, fmt.Errorf("%w: no type is called %q", errProtocol, text)
	}
	d := declared{typeOf: kind, name: name, size: kind.size, notNull: notNull && kind.fixed != 0}
	first, second, _ := strings.Cut(arguments, ",")
	n, _ := strconv.Atoi(first)
	switch kind.form {
	case numbered:
		d.precision = n
		d.scale, _ = strconv.Atoi(strings.TrimSpace(second))
		d.size = decimalSize(n)
	case scaled:
		d.scale = n
	case short:
		d.size = max(d.size, n)
		if name[0] == 'n' {
			d.size *= 2
		}
		if first == "max" {
			d.size = unlimited
		}
	}
	return d, nil
}

func decimalSize(precision int) int {
	switch {
	case precision <= 9:
		return 5
	case precision <= 19:
		return 9
	case precision <= 28:
		return 13
	}
	return 17
}

// describe writes TYPE_INFO.
func (o *out) describe(d declared) {
	if d.notNull {
		o.bytes(d.fixed)
		return
	}
	o.bytes(d.token)
	switch d.form {
	case counted:
		o.bytes(byte(d.size))
	case scaled:
		o.bytes(byte(d.scale))
	case numbered:
		o.bytes(byte(d.size), byte(d.precision), byte(d.scale))
	case short:
		o.uint16(uint16(d.size))
	case chunked:
		o.bytes(0)
	case pointed:
		o.uint32(0x7FFFFFFF)
	}
	if d.texts {
		o.bytes(collation...)
	}
	if d.form == pointed { // of a table whose name has one part
		o.bytes(1)
		o.longText("table")
	}
}

const (
	nullable = 0x01
	noChunks = 0xFFFFFFFFFFFFFFFF // what stands for null where values come in chunks
)

// columns writes COLMETADATA.
func (o *out) columns(columns []Column) ([]declared, error) {
	if len(columns) == 0 {
		return nil, nil
	}
	o.bytes(tokenColumns)
	o.uint16(uint16(len(columns)))
	kinds := make([]declared, len(columns))
	for i, column := range columns {
		d, err := declare(column.Type)
		if err != nil {
			return nil, err
		}
		kinds[i] = d
		o.uint32(d.user)
		if d.notNull {
			o.uint16(0)
		} else {
			o.uint16(nullable)
		}
		o.describe(d)
		o.shortText(column.Name)
	}
	return kinds, nil
}

// row writes ROW, or NBCROW where there is a null among the values.
func (o *out) row(kinds []declared, values []any) error {
	if len(values) != len(kinds) {
		return fmt.Errorf("%w: a row of %d values under %d columns", errProtocol, len(values), len(kinds))
	}
	nulls := make([]byte, (len(kinds)+7)/8)
	token := byte(tokenRow)
	for i, value := range values {
		if value == nil {
			token = tokenRowWithNulls
			nulls[i/8] |= 1 << (i % 8)
		}
	}
	o.bytes(token)
	if token == tokenRowWithNulls {
		o.bytes(nulls...)
	}
	for i, value := range values {
		if value == nil {
			continue
		}
		data, err := kinds[i].encode(kinds[i], fmt.Sprint(value))
		if err != nil {
			return fmt.Errorf("%w: %v is no %s: %w", errProtocol, value, kinds[i].name, err)
		}
		o.value(kinds[i], data)
	}
	return nil
}

// value writes a value with its size.
func (o *out) value(d declared, data []byte) {
	switch {
	case d.notNull:
	case d.form == chunked || d.form == short && d.size == unlimited:
		o.chunks(data)
		return
	case d.form == short:
		o.uint16(uint16(len(data)))
	case d.form == pointed:
		o.bytes(16)
		o.bytes(make([]byte, 16+8)...) // the pointer and a timestamp
		o.uint32(uint32(len(data)))
	default:
		o.bytes(byte(len(data)))
	}
	o.bytes(data...)
}

// chunks writes a value in two chunks, so that who reads it has to put it together.
func (o *out) chunks(data []byte) {
	o.uint64(uint64(len(data)))
	half := len(data) / 2
	for _, chunk := range [][]byte{data[:half], data[half:]} {
		if len(chunk) > 0 {
			o.uint32(uint32(len(chunk)))
			o.bytes(chunk...)
		}
	}
	o.uint32(0)
}

// param reads a parameter: its name, how it is passed, its type and its value.
func (i *in) param() Param {
	p := Param{Name: i.shortText()}
	i.byte() // status
	token := i.byte()
	const nullType = 0x1F
	if token == nullType {
		return p
	}
	d := i.described(token)
	if data, null := i.value(d); !null && i.err == nil {
		p.Value = d.decode(d, data)
	}
	return p
}

// described reads TYPE_INFO.
func (i *in) described(token byte) declared {
	var d declared
	for name, kind := range types {
		if kind.token == token && kind.decode != nil {
			d = declared{typeOf: kind, name: name}
		}
	}
	if d.decode == nil && i.err == nil {
		i.err = fmt.Errorf("%w: a parameter of type %#x", errProtocol, token)
	}
	switch d.form {
	case counted:
		d.size = int(i.byte())
	case scaled:
		d.scale = int(i.byte())
	case short:
		d.size = i.uint16()
	}
	if d.texts {
		i.take(len(collation))
	}
	return d
}

// value reads a value with its size.
func (i *in) value(d declared) (data []byte, null bool) {
	switch {
	case d.form == short && d.size == unlimited:
		return i.chunks()
	case d.form == short:
		size := i.uint16()
		if size == unlimited {
			return nil, true
		}
		return i.take(size), false
	}
	size := int(i.byte())
	return i.take(size), size == 0
}

func (i *in) chunks() (data []byte, null bool) {
	if low, high := uint64(i.uint32()), uint64(i.uint32()); low|high<<32 == noChunks {
		return nil, true
	}
	for i.err == nil {
		size := i.uint32()
		if size == 0 {
			break
		}
		data = append(data, i.take(size)...)
	}
	return data, false
}
