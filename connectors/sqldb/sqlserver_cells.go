package sqldb

import (
	"database/sql/driver"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"

	mssql "github.com/microsoft/go-mssqldb"

	"github.com/goldthread/goldthread/connectors"
)

// A msDecoder makes a cell of a value that is not null.
type msDecoder func(value driver.Value, cell *connectors.Cell) error

// msRows are rows that know their types.
type msRows interface {
	driver.Rows
	driver.RowsColumnTypeDatabaseTypeName
	driver.RowsColumnTypePrecisionScale
}

// msDecoderOf gives how the values of a column are read, by the driver's name of its type.
func msDecoderOf(rows msRows, i int) msDecoder {
	switch rows.ColumnTypeDatabaseTypeName(i) {
	case "BIT":
		return msBool
	case "TINYINT", "SMALLINT", "INT", "BIGINT":
		return msInteger
	case "REAL":
		return msFloat(32)
	case "FLOAT":
		return msFloat(64)
	case "DECIMAL", "MONEY", "SMALLMONEY":
		return msDecimal
	case "DATE":
		return msDate
	case "SMALLDATETIME", "DATETIME":
		return msLocal(momentForms[3])
	case "DATETIME2", "DATETIMEOFFSET", "TIME":
		return msTimes(rows, i)
	case "UNIQUEIDENTIFIER":
		return msGUID
	case "BINARY", "VARBINARY", "IMAGE":
		return msBytes
	case "CHAR", "VARCHAR", "TEXT", "NCHAR", "NVARCHAR", "NTEXT", "XML":
		return msText
	case "SQL_VARIANT":
		return msVariant
	}
	return msBytes
}

// momentForms and clockForms are how the server shows times, by the decimal places of a second.
var (
	momentForms = [...]string{"2006-01-02 15:04:05", "2006-01-02 15:04:05.0", "2006-01-02 15:04:05.00", "2006-01-02 15:04:05.000", "2006-01-02 15:04:05.0000", "2006-01-02 15:04:05.00000", "2006-01-02 15:04:05.000000", "2006-01-02 15:04:05.0000000"}
	offsetForm  = " -07:00"
)

const dateLength = len("2006-01-02 ")

// msTimes reads the types that have a precision.
func msTimes(rows msRows, i int) msDecoder {
	_, scale, _ := rows.ColumnTypePrecisionScale(i)
	form := momentForms[min(max(scale, 0), int64(len(momentForms)-1))]
	switch rows.ColumnTypeDatabaseTypeName(i) {
	case "DATETIMEOFFSET":
		return msMoment(form + offsetForm)
	case "TIME":
		return msClock(form[dateLength:])
	}
	return msLocal(form)
}

func msBool(value driver.Value, cell *connectors.Cell) error {
	is, ok := value.(bool)
	if !ok {
		return msUnexpected("bit", value)
	}
	cell.Kind, cell.Int = connectors.BooleanCell, 0
	if is {
		cell.Int = 1
	}
	return nil
}

func msInteger(value driver.Value, cell *connectors.Cell) (err error) {
	n, ok := value.(int64)
	if !ok {
		return msUnexpected("whole number", value)
	}
	cell.Kind, cell.Int = connectors.IntegerCell, n
	return nil
}

// msFloat gives the shortest text that means the very same number.
func msFloat(bits int) msDecoder {
	return func(value driver.Value, cell *connectors.Cell) error {
		f, ok := value.(float64)
		if !ok {
			return msUnexpected("float", value)
		}
		cell.Kind, cell.Text = connectors.TextCell, strconv.AppendFloat(nil, f, 'f', -1, bits)
		return nil
	}
}

// msDecimal reads the digits that the driver makes of decimals and money.
func msDecimal(value driver.Value, cell *connectors.Cell) error {
	digits, ok := value.([]byte)
	if !ok {
		return msUnexpected("decimal", value)
	}
	decimalCell(digits, cell)
	return nil
}

// decimalCell holds a number that is given by its digits: as a whole number and a scale where that has room, else as the
// text it is. A text that is no plain number stays one.
func decimalCell(digits []byte, cell *connectors.Cell) {
	const most = 18 // digits surely fit
	cell.Kind, cell.Text = connectors.TextCell, digits
	rest, negative := digits, len(digits) > 0 && digits[0] == '-'
	if negative {
		rest = rest[1:]
	}
	n, count, scale, point := int64(0), 0, int32(0), false
	for _, c := range rest {
		switch {
		case c == '.' && !point:
			point = true
		case c >= '0' && c <= '9' && count < most:
			n, count = n*10+int64(c-'0'), count+1
			if point {
				scale++
			}
		default:
			return
		}
	}
	if count == 0 {
		return
	}
	if negative {
		n = -n
	}
	cell.Kind, cell.Int, cell.Scale, cell.Text = connectors.DecimalCell, n, scale, nil
}

const secondsADay = 24 * 60 * 60

func msDate(value driver.Value, cell *connectors.Cell) error {
	at, ok := value.(time.Time)
	if !ok {
		return msUnexpected("date", value)
	}
	cell.Kind, cell.Int = connectors.DateCell, at.Unix()/secondsADay // at midnight, so nothing is left over
	return nil
}

// msLocal reads times without an offset. Where a seventh decimal place of a second says something, the text keeps it.
func msLocal(form string) msDecoder {
	return func(value driver.Value, cell *connectors.Cell) error {
		at, ok := value.(time.Time)
		if !ok {
			return msUnexpected("time", value)
		}
		cell.Kind, cell.Int = connectors.LocalCell, at.UnixMicro()
		if cell.Finer = finer(at); cell.Finer {
			cell.Text = at.AppendFormat(nil, form)
		}
		return nil
	}
}

// msMoment reads times with an offset, which only the text keeps.
func msMoment(form string) msDecoder {
	return func(value driver.Value, cell *connectors.Cell) error {
		at, ok := value.(time.Time)
		if !ok {
			return msUnexpected("time", value)
		}
		cell.Kind, cell.Int, cell.Text = connectors.MomentCell, at.UnixMicro(), at.AppendFormat(nil, form)
		cell.Finer = finer(at)
		return nil
	}
}

// finer says whether a time has parts of a second past microseconds.
func finer(at time.Time) bool { return at.Nanosecond()%1000 != 0 }

func msClock(form string) msDecoder {
	return func(value driver.Value, cell *connectors.Cell) error {
		at, ok := value.(time.Time)
		if !ok {
			return msUnexpected("time of day", value)
		}
		cell.Kind, cell.Text = connectors.TextCell, at.AppendFormat(nil, form)
		return nil
	}
}

// msGUID writes an identifier as the server does. On the wire its first three numbers have their lower bytes first.
func msGUID(value driver.Value, cell *connectors.Cell) error {
	var id mssql.UniqueIdentifier
	if err := id.Scan(value); err != nil {
		return msUnexpected("uniqueidentifier", value)
	}
	cell.Kind, cell.Text = connectors.TextCell, []byte(id.String())
	return nil
}

func msText(value driver.Value, cell *connectors.Cell) error {
	text, ok := value.(string)
	if !ok {
		return msUnexpected("text", value)
	}
	cell.Kind, cell.Text = connectors.TextCell, []byte(text)
	return nil
}

// msBytes writes bytes as the server does.
func msBytes(value driver.Value, cell *connectors.Cell) error {
	data, ok := value.([]byte)
	if !ok {
		return msUnexpected("binary", value)
	}
	cell.Kind, cell.Text = connectors.TextCell, upperHex([]byte("0x"), data)
	return nil
}

func upperHex(to, data []byte) []byte {
	at := len(to)
	to = hex.AppendEncode(to, data)
	for i := at; i < len(to); i++ {
		if to[i] >= 'a' {
			to[i] -= 'a' - 'A'
		}
	}
	return to
}

func msVariant(_ driver.Value, cell *connectors.Cell) error {
	cell.Kind, cell.Fault = connectors.TextCell, "a sql_variant, of which each value has a type of its own; convert it to one type in a query of a file"
	return nil
}

// msUnexpected is a value that the driver never gives for its type; it is not shown.
func msUnexpected(kind string, value driver.Value) error {
	return refuse("the driver gave a %s as %s", kind, fmt.Sprintf("%T", value))
}
