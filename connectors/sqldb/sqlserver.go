package sqldb

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/goldthread/goldthread/connectors"
)

// sqlserver speaks to SQL Server, 2016 and later, and to Azure SQL.
type sqlserver struct{}

// port is none: a named instance says itself where it listens, and the driver knows the usual one.
func (sqlserver) port() int { return 0 }

func (sqlserver) quote(name string) string { return "[" + strings.ReplaceAll(name, "]", "]]") + "]" }

//go:embed statements/sqlserver_relation.sql
var msRelation string

//go:embed statements/sqlserver_key.sql
var msKey string

//go:embed statements/sqlserver_columns.sql
var msColumns string

//go:embed statements/sqlserver_query.sql
var msQuery string

//go:embed statements/sqlserver_writes.sql
var msWrites string

func (d sqlserver) shape(ctx context.Context, s session, r relation) (found shape, err error) {
	found.About = slices.Clone(s.(*msSession).about)
	if r.Query != "" {
		return found, d.shapeOfQuery(ctx, s, r, &found)
	}
	name, object := fromOf(d, r), ""
	err = s.query(ctx, msRelation, []string{name}, func(row []connectors.Cell) error {
		object = string(row[0].Text)
		if row[1].Kind != connectors.NullCell {
			mark := sha256.Sum256(row[1].Text)
			found.View = hex.EncodeToString(mark[:])
		}
		return nil
	})
	if err == nil && object == "" {
		return found, refuse("there is no table or view %s, or the account may not see it", name)
	}
	if err != nil {
		return found, err
	}
	err = s.query(ctx, msKey, []string{object}, func(row []connectors.Cell) error {
		found.Key = append(found.Key, string(row[0].Text))
		return nil
	})
	if err != nil {
		return found, err
	}
	err = s.query(ctx, msColumns, []string{object}, func(row []connectors.Cell) error {
		c := msColumn(row)
		found.Columns = append(found.Columns, c)
		if row[4].Kind != connectors.NullCell {
			found.About = append(found.About, fmt.Sprintf("the server shows this account the column %q %s, not what is stored", c.Name, row[4].Text))
		}
		return nil
	})
	return found, err
}

// shapeOfQuery asks the server what a query gives. Nothing is said there of keys.
func (d sqlserver) shapeOfQuery(ctx context.Context, s session, r relation, found *shape) error {
	args := []string{"select * from " + fromOf(d, r)} // described, and never run
	return s.query(ctx, msQuery, args, func(row []connectors.Cell) error {
		if row[4].Kind != connectors.NullCell {
			return refuse("the server does not understand the query: %s", row[4].Text)
		}
		found.Columns = append(found.Columns, msColumn(row))
		return nil
	})
}

// msColumn is a column by its name, type, whether it may be null, and collation.
func msColumn(row []connectors.Cell) column {
	c := column{Name: string(row[0].Text), Type: string(row[1].Text), Nullable: row[2].Int != 0, Collation: string(row[3].Text)}
	c.Class = msClass(c.Type)
	return c
}

// msName is the name of a type without its arguments.
func msName(c column) string {
	name, _, _ := strings.Cut(c.Type, "(")
	return name
}

// msRowVersion is what the server itself calls a rowversion.
const msRowVersion = "timestamp"

// msClass is what can be done with a type. A rowversion counts as a number: it is one, of eight bytes, that only grows.
func msClass(kind string) class {
	switch msName(column{Type: kind}) {
	case "tinyint", "smallint", "int", "bigint", "decimal", "numeric", "money", "smallmoney", msRowVersion:
		return number
	case "float", "real":
		return float
	case "char", "varchar", "nchar", "nvarchar", "uniqueidentifier":
		return text
	case "date":
		return day
	case "datetime", "datetime2", "smalldatetime":
		return local
	case "datetimeoffset":
		return moment
	case "bit":
		return boolean
	}
	return other
}

// selected reads the types of the server's own runtime, and xml, as the texts that the server makes of them.
func (sqlserver) selected(quoted string, c column) string {
	switch c.Type {
	case "geography", "geometry", "hierarchyid":
		return quoted + ".ToString()"
	case "xml":
		return "convert(nvarchar(max), " + quoted + ")"
	}
	return quoted
}

// asText asks for each type's text in the one style that keeps all of it, whatever the session's language.
func (sqlserver) asText(expression string, c column) string {
	switch msName(c) {
	case msRowVersion:
		return "convert(varchar(18), convert(binary(8), " + expression + "), 1)"
	case "money", "smallmoney":
		return "convert(varchar(40), " + expression + ", 2)"
	case "float", "real":
		return "convert(varchar(40), " + expression + ", 3)"
	case "datetime", "smalldatetime":
		return "convert(varchar(23), convert(" + c.Type + ", " + expression + "), 121)"
	case "date", "datetime2", "datetimeoffset", "time":
		return "convert(varchar(34), " + expression + ", 121)"
	case "binary", "varbinary":
		return "convert(varchar(max), " + expression + ", 1)"
	case "nchar", "nvarchar", "char", "varchar":
		return expression
	}
	return "convert(varchar(60), " + expression + ")"
}

// sum widens before it adds, so that no sum is too large for its type. No sum of a float is exact here.
func (sqlserver) sum(quoted string, c column) string {
	switch msName(c) {
	case "tinyint", "smallint", "int", "bigint":
		return "sum(convert(decimal(38, 0), " + quoted + "))"
	case "money", "smallmoney":
		return "sum(convert(decimal(38, 4), " + quoted + "))"
	case "decimal", "numeric":
		return "sum(" + quoted + ")"
	}
	return ""
}

// bound makes a value of the column's own type of a text, so that the server compares like with like, and by an index where
// there is one.
func (sqlserver) bound(n int, c column, back lookBack) string {
	param := fmt.Sprintf("@p%d", n)
	switch {
	case c.Type == msRowVersion && back.Units > 0:
		whole := "convert(bigint, convert(binary(8), " + param + ", 1))"
		return fmt.Sprintf("convert(binary(8), case when %[1]s > %[2]d then %[1]s - %[2]d else convert(bigint, 0) end)", whole, back.Units)
	case c.Type == msRowVersion:
		return "convert(binary(8), " + param + ", 1)"
	case c.Class == day && back.Time > 0:
		days := math.Ceil(back.Time.Hours() / 24)
		return fmt.Sprintf("dateadd(day, -%.0f, convert(date, %s, 121))", days, param)
	case c.isTime() && back.Time > 0:
		seconds := (back.Time + time.Second - 1) / time.Second
		return fmt.Sprintf("dateadd(second, -%d, convert(%s, %s, 121))", seconds, c.Type, param)
	case c.isTime():
		return fmt.Sprintf("convert(%s, %s, 121)", c.Type, param)
	case c.Class == number && back.Units > 0:
		return fmt.Sprintf("(convert(%s, %s) - %d)", c.Type, param, back.Units)
	}
	return fmt.Sprintf("convert(%s, %s)", c.Type, param)
}

// clock tells the server's clock as the column's type would: by what the session has kept of offset and row version.
func (sqlserver) clock(c column) string {
	const here = "dateadd(minute, convert(smallint, substring(context_info(), 9, 2)), sysutcdatetime())"
	switch {
	case c.Type == msRowVersion:
		return "convert(binary(8), substring(context_info(), 1, 8))"
	case c.Class == moment:
		return "sysdatetimeoffset()"
	case c.isTime():
		return "convert(" + c.Type + ", " + here + ")"
	}
	return ""
}

// now counts from 2000, as seconds since 1970 are soon too many for datediff.
func (sqlserver) now() string {
	return "convert(bigint, datediff(second, '20000101', sysutcdatetime())) + 946684800"
}

func (sqlserver) writes(ctx context.Context, s session) (may string, err error) {
	err = s.query(ctx, msWrites, nil, func(row []connectors.Cell) error {
		may = string(row[0].Text)
		return nil
	})
	return may, err
}
