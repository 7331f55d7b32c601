package catalog

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/goldthread/goldthread/warehouse/duckdb"
)

// A relation is a table or view of PostgreSQL's catalogue: a line of relations.txt, which has its schema, name, OID and kind
// and then each column with its type.
type relation struct {
	schema, name, oid, kind string
	columns                 []relationColumn
}

type relationColumn struct{ name, kind string }

func readRelation(line string) relation {
	fields := strings.Fields(line)
	r := relation{schema: fields[0], name: fields[1], oid: fields[2], kind: fields[3]}
	for _, f := range fields[4:] {
		name, kind, _ := strings.Cut(f, ":")
		r.columns = append(r.columns, relationColumn{name, strings.ReplaceAll(kind, "_", " ")})
	}
	return r
}

// engineTypes are the engine's for PostgreSQL's; what is not here is a text. A vector is the text that drivers read it as.
var engineTypes = map[string]string{
	"oid": "uinteger", "regproc": "uinteger", "regtype": "uinteger", "xid": "uinteger", "boolean": "boolean", "smallint": "smallint",
	"integer": "integer", "int4": "integer", "bigint": "bigint", "real": "float", "numeric": "decimal(38, 10)", "interval": "interval",
	"timestamp with time zone": "timestamptz", "timestamptz": "timestamptz", "bytea": "blob",
}

func engineType(kind string) string {
	element, isArray := strings.CutSuffix(kind, "[]")
	t, known := engineTypes[element]
	if !known {
		t = "varchar"
	}
	if isArray {
		t += "[]"
	}
	return t
}

// systemColumns are those that PostgreSQL's tables have besides, of which clients ask for these.
var systemColumns = []relationColumn{{"tableoid", "oid"}, {"xmin", "xid"}, {"ctid", "text"}}

// statements make the table, and note it as one of those there are.
func (r relation) statements() []string {
	columns := r.columns
	if r.kind == "r" {
		columns = append(slices.Clip(columns), systemColumns...)
	}
	schema := map[string]string{schemaCatalog: "pg_catalog", schemaInformation: "information_schema"}[r.schema]
	var made, noted []string
	for i, c := range columns {
		definition := duckdb.Name(c.name) + " " + engineType(c.kind)
		switch c.name {
		case "tableoid":
			definition += " default " + r.oid
		case "xmin":
			definition += " default 1"
		case "ctid":
			definition += " default '(0,1)'"
		}
		made = append(made, definition)
		if i < len(r.columns) {
			noted = append(noted, fmt.Sprintf("(%s, '%s', '%s', '%s', %s, '%s', '%s')", r.oid, r.kind, schema, r.name, strconv.Itoa(i+1), c.name, c.kind))
		}
	}
	return []string{
		fmt.Sprintf("create table %s.%s (%s)", Database, duckdb.Name(r.schema, r.name), strings.Join(made, ", ")),
		"insert into described values " + strings.Join(noted, ", "),
	}
}
