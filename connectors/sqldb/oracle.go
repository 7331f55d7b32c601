package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	_ "embed"
	"fmt"
	"strings"

	"github.com/goldthread/goldthread/connectors"
)

// oracle speaks to Oracle Database, 12.1 and later. What can be asked for as text is: the driver takes times apart by zones
// that it guesses and rounds the shorter floats, and the server's own text is exact.
type oracle struct {
	// connector gives what opens connections; tests have one that plays back what the driver gives.
	connector func(t target, w *wire) (driver.Connector, error)
}

func (oracle) port() int { return 1521 }

func (oracle) quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

//go:embed statements/oracle_relation.sql
var oraRelation string

//go:embed statements/oracle_key.sql
var oraKey string

//go:embed statements/oracle_columns.sql
var oraColumns string

//go:embed statements/oracle_writes.sql
var oraWrites string

func (d oracle) shape(ctx context.Context, s session, r relation) (found shape, err error) {
	if r.Query != "" {
		return d.shapeOfQuery(ctx, s.(*oraSession), r)
	}
	place, found, err := d.find(ctx, s, r)
	if err != nil {
		return found, err
	}
	if place == nil {
		return found, d.absent(ctx, s, r)
	}
	err = s.query(ctx, oraKey, place, func(row []connectors.Cell) error {
		found.Key = append(found.Key, string(row[0].Text))
		return nil
	})
	if err != nil {
		return found, err
	}
	return found, s.query(ctx, oraColumns, place, func(row []connectors.Cell) error {
		found.Columns = append(found.Columns, oraColumn(string(row[0].Text), string(row[1].Text), string(row[2].Text) == "Y"))
		return nil
	})
}

// find gives owner and name of what stands at a relation, where there is something, and the mark of a view.
func (oracle) find(ctx context.Context, s session, r relation) (place []string, found shape, err error) {
	err = s.query(ctx, oraRelation, []string{r.Schema, r.Schema, r.Table}, func(row []connectors.Cell) error {
		place, found.View = []string{string(row[0].Text), string(row[1].Text)}, string(row[2].Text)
		return nil
	})
	return place, found, err
}

// absent says that a relation is not there. Names written without quotes stand in capitals in Oracle, and are then told.
func (d oracle) absent(ctx context.Context, s session, r relation) error {
	in := relation{Schema: strings.ToUpper(r.Schema), Table: strings.ToUpper(r.Table)}
	if place, _, err := d.find(ctx, s, in); err == nil && place != nil && in != r {
		return refuse("there is no table or view %s, but there is %s: write its name in capitals, as Oracle keeps it", fromOf(d, r), fromOf(d, in))
	}
	return refuse("there is no table or view %s, or the account may not see it", fromOf(d, r))
}

// shapeOfQuery asks for no row of a query. Nothing is said there of keys.
func (d oracle) shapeOfQuery(ctx context.Context, s *oraSession, r relation) (found shape, err error) {
	types, err := s.describe(ctx, "select source_rows.* from "+fromOf(d, r)+" where 1 = 0")
	for _, t := range types {
		nullable, _ := t.Nullable()
		found.Columns = append(found.Columns, oraColumn(t.Name(), oraTypeOf(t), nullable))
	}
	return found, err
}

// oraDriverTypes are the types of the database by the driver's names for them.
var oraDriverTypes = map[string]string{
	"NCHAR": "VARCHAR2", "TimeStampDTY": "TIMESTAMP", "TimeStampTZ_DTY": "TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ": "TIMESTAMP WITH TIME ZONE",
	"TimeStampLTZ_DTY": "TIMESTAMP WITH LOCAL TIME ZONE", "TimeStampeLTZ": "TIMESTAMP WITH LOCAL TIME ZONE",
	"OCIClobLocator": "CLOB", "OCIBlobLocator": "BLOB", "IBFloat": "BINARY_FLOAT", "IBDouble": "BINARY_DOUBLE",
	"IntervalYM_DTY": "INTERVAL YEAR TO MONTH", "IntervalDS_DTY": "INTERVAL DAY TO SECOND", "OCIXMLType": "XMLTYPE", "XMLType": "XMLTYPE",
}

func oraTypeOf(t *sql.ColumnType) string {
	name := t.DatabaseTypeName()
	if known, ok := oraDriverTypes[name]; ok {
		return known
	}
	if precision, scale, ok := t.DecimalSize(); ok && precision > 0 && scale >= 0 && scale <= precision {
		return fmt.Sprintf("%s(%d,%d)", name, precision, scale)
	}
	return name
}

// oraColumn is a column by its name and type.
func oraColumn(name, kind string, nullable bool) column {
	return column{Name: name, Type: kind, Class: oraClass(kind), Nullable: nullable}
}

// oraName is the name of a type without its arguments, which of some stand in its midst.
func oraName(kind string) string {
	name, rest, _ := strings.Cut(kind, "(")
	_, behind, _ := strings.Cut(rest, ")")
	if name == "INTERVAL DAY" || name == "INTERVAL YEAR" {
		return "INTERVAL"
	}
	return name + behind
}

// Names of types of which more than one place knows.
const (
	oraZoned = "TIMESTAMP WITH TIME ZONE"
	oraHere  = "TIMESTAMP WITH LOCAL TIME ZONE"
)

// oraClass is what can be done with a type. A date has a time of day in Oracle.
func oraClass(kind string) class {
	switch oraName(kind) {
	case "NUMBER", "INTEGER", "FLOAT":
		return number
	case "BINARY_FLOAT", "BINARY_DOUBLE":
		return float
	case "VARCHAR2", "CHAR", "NVARCHAR2", "NCHAR":
		return text
	case "DATE", "TIMESTAMP":
		return local
	case oraZoned, oraHere:
		return moment
	case "BOOLEAN":
		return boolean
	}
	return other
}

// The forms in which times are asked for. A year before Christ has a sign then, and is no date to anything here.
const (
	oraDateForm   = "YYYY-MM-DD HH24:MI:SS"
	oraStampForm  = oraDateForm + ".FF9"
	oraOffsetForm = oraStampForm + " TZH:TZM"
)

// What columns are called whose texts are times, and a float that comes as the double which it exactly is.
const (
	oraLocalName  = "goldthread_local"
	oraMomentName = "goldthread_moment"
)

// selected asks for whatever the driver could alter as the server's own text.
func (oracle) selected(quoted string, c column) string {
	switch name := oraName(c.Type); name {
	case "DATE":
		return "to_char(" + quoted + ", 'S" + oraDateForm + "') as " + oraLocalName
	case "TIMESTAMP":
		return "to_char(" + quoted + ", 'S" + oraStampForm + "') as " + oraLocalName
	case oraZoned, oraHere:
		return "to_char(" + quoted + ", 'S" + oraOffsetForm + "') as " + oraMomentName
	case "BINARY_FLOAT":
		return "cast(" + quoted + " as binary_double) as " + singleName
	case "INTERVAL", "INTERVAL DAY TO SECOND", "INTERVAL YEAR TO MONTH":
		return "to_char(" + quoted + ")"
	case "RAW":
		return "rawtohex(" + quoted + ")"
	case "ROWID", "UROWID":
		return "rowidtochar(" + quoted + ")"
	case "XMLTYPE":
		return "xmlserialize(content " + quoted + " as clob)"
	}
	return quoted
}

func (oracle) asText(expression string, c column) string {
	switch name := oraName(c.Type); {
	case name == "DATE":
		return "to_char(" + expression + ", '" + oraDateForm + "')"
	case c.Class == local:
		return "to_char(" + expression + ", '" + oraStampForm + "')"
	case c.Class == moment:
		return "to_char(" + expression + ", '" + oraOffsetForm + "')"
	case c.Class == number:
		return `regexp_replace(to_char(` + expression + `, 'TM9'), '^(-?)\.', '\10.')` // .5 is told as 0.5
	case c.Class == text:
		return expression
	}
	return "to_char(" + expression + ")"
}

// sum is exact: numbers are decimal here, and of floats nobody asks.
func (oracle) sum(quoted string, _ column) string { return "sum(" + quoted + ")" }

func (oracle) bound(n int, c column, back lookBack) string {
	value := fmt.Sprintf(":%d", n)
	switch name := oraName(c.Type); {
	case name == "DATE":
		value = "to_date(" + value + ", '" + oraDateForm + "')"
	case c.Class == local:
		value = "to_timestamp(" + value + ", '" + oraStampForm + "')"
	case c.Class == moment:
		value = "to_timestamp_tz(" + value + ", '" + oraOffsetForm + "')"
	case c.Class == number && back.Units > 0:
		return fmt.Sprintf("(to_number(%s) - %d)", value, back.Units)
	case c.Class == number:
		return "to_number(" + value + ")"
	}
	if c.isTime() && back.Time > 0 {
		return fmt.Sprintf("(%s - numtodsinterval(%d, 'SECOND'))", value, int64(back.Time.Seconds()+0.999))
	}
	return value
}

// clock tells the server's clock in the session's zone, which is that of the columns.
func (oracle) clock(c column) string {
	switch {
	case oraName(c.Type) == "DATE":
		return "current_date"
	case c.Class == local:
		return "localtimestamp"
	case oraName(c.Type) == oraHere: // of two types with a zone no case can be made
		return "cast(current_timestamp as timestamp with local time zone)"
	case c.Class == moment:
		return "current_timestamp"
	}
	return ""
}

func (oracle) now() string {
	return "round((cast(sys_extract_utc(systimestamp) as date) - date '1970-01-01') * 86400)"
}

func (oracle) writes(ctx context.Context, s session) (may string, err error) {
	err = s.query(ctx, oraWrites, nil, func(row []connectors.Cell) error {
		may = string(row[0].Text)
		return nil
	})
	return may, err
}
