package pgwire

import (
	"fmt"
	"strings"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/jackc/pgx/v5/pgtype"
)

// A dataType is how a column or parameter is announced.
type dataType struct {
	oid      uint32
	size     int16 // in bytes; -1 where it varies
	modifier int32 // of numeric its precision and scale, else -1
	element  uint32
}

var (
	textType    = dataType{pgtype.TextOID, -1, -1, 0}
	numericType = dataType{pgtype.NumericOID, -1, -1, 0}
	oidType     = dataType{pgtype.OIDOID, 4, -1, 0}
)

// scalarTypes are the engine's types that have one of PostgreSQL's with the same values. An unsigned one goes to the next
// wider, as PostgreSQL has none.
var scalarTypes = map[duckdb.Type]dataType{
	duckdb.TYPE_BOOLEAN:      {pgtype.BoolOID, 1, -1, 0},
	duckdb.TYPE_TINYINT:      {pgtype.Int2OID, 2, -1, 0},
	duckdb.TYPE_UTINYINT:     {pgtype.Int2OID, 2, -1, 0},
	duckdb.TYPE_SMALLINT:     {pgtype.Int2OID, 2, -1, 0},
	duckdb.TYPE_USMALLINT:    {pgtype.Int4OID, 4, -1, 0},
	duckdb.TYPE_INTEGER:      {pgtype.Int4OID, 4, -1, 0},
	duckdb.TYPE_UINTEGER:     oidType,
	duckdb.TYPE_BIGINT:       {pgtype.Int8OID, 8, -1, 0},
	duckdb.TYPE_UBIGINT:      numericType,
	duckdb.TYPE_HUGEINT:      numericType,
	duckdb.TYPE_FLOAT:        {pgtype.Float4OID, 4, -1, 0},
	duckdb.TYPE_DOUBLE:       {pgtype.Float8OID, 8, -1, 0},
	duckdb.TYPE_VARCHAR:      textType,
	duckdb.TYPE_ENUM:         textType,
	duckdb.TYPE_SQLNULL:      textType,
	duckdb.TYPE_STRUCT:       textType,
	duckdb.TYPE_MAP:          textType,
	duckdb.TYPE_BLOB:         {pgtype.ByteaOID, -1, -1, 0},
	duckdb.TYPE_UUID:         {pgtype.UUIDOID, 16, -1, 0},
	duckdb.TYPE_DATE:         {pgtype.DateOID, 4, -1, 0},
	duckdb.TYPE_TIME:         {pgtype.TimeOID, 8, -1, 0},
	duckdb.TYPE_TIMESTAMP:    {pgtype.TimestampOID, 8, -1, 0},
	duckdb.TYPE_TIMESTAMP_S:  {pgtype.TimestampOID, 8, -1, 0},
	duckdb.TYPE_TIMESTAMP_MS: {pgtype.TimestampOID, 8, -1, 0},
	duckdb.TYPE_TIMESTAMP_NS: {pgtype.TimestampOID, 8, -1, 0},
	duckdb.TYPE_TIMESTAMP_TZ: {pgtype.TimestamptzOID, 8, -1, 0},
	duckdb.TYPE_INTERVAL:     {pgtype.IntervalOID, 16, -1, 0},
}

// arrayTypes are PostgreSQL's lists by the type of their elements.
var arrayTypes = map[uint32]uint32{
	pgtype.BoolOID: pgtype.BoolArrayOID, pgtype.Int2OID: pgtype.Int2ArrayOID, pgtype.Int4OID: pgtype.Int4ArrayOID,
	pgtype.Int8OID: pgtype.Int8ArrayOID, pgtype.NumericOID: pgtype.NumericArrayOID, pgtype.Float4OID: pgtype.Float4ArrayOID,
	pgtype.Float8OID: pgtype.Float8ArrayOID, pgtype.TextOID: pgtype.TextArrayOID, pgtype.ByteaOID: pgtype.ByteaArrayOID,
	pgtype.UUIDOID: pgtype.UUIDArrayOID, pgtype.DateOID: pgtype.DateArrayOID, pgtype.TimeOID: pgtype.TimeArrayOID,
	pgtype.TimestampOID: pgtype.TimestampArrayOID, pgtype.TimestamptzOID: pgtype.TimestamptzArrayOID,
	pgtype.IntervalOID: pgtype.IntervalArrayOID, pgtype.OIDOID: pgtype.OIDArrayOID,
}

// announced gives the type that a column of the engine's is announced with.
func announced(info duckdb.TypeInfo) (dataType, error) {
	kind := info.InternalType()
	switch details := info.Details().(type) {
	case *duckdb.DecimalDetails:
		return decimalType(details), nil
	case *duckdb.ListDetails:
		return listType(details.Child)
	case *duckdb.ArrayDetails:
		return listType(details.Child)
	}
	if t, known := scalarTypes[kind]; known {
		return t, nil
	}
	return dataType{}, refuse(codeNotSupported, "a column is of a type that cannot be sent (%v)", kind).hint("cast it: cast(… as varchar)")
}

func decimalType(d *duckdb.DecimalDetails) dataType {
	t := numericType
	t.modifier = (int32(d.Width)<<16 | int32(d.Scale)) + 4
	return t
}

// listType announces a list of plain values as an array, and any other as the text of it.
func listType(child duckdb.TypeInfo) (dataType, error) {
	element, err := announced(child)
	if err != nil {
		return element, err
	}
	array, known := arrayTypes[element.oid]
	if !known || element.element != 0 {
		return textType, nil
	}
	return dataType{array, -1, -1, element.oid}, nil
}

// castNames are the engine's words for the types of parameters. A text and a numeric have none: a text needs no cast, and a
// numeric's depends on its value.
var castNames = map[uint32]string{
	pgtype.BoolOID: "boolean", pgtype.Int2OID: "smallint", pgtype.Int4OID: "integer", pgtype.Int8OID: "bigint",
	pgtype.OIDOID: "bigint", pgtype.Float4OID: "float", pgtype.Float8OID: "double", pgtype.UUIDOID: "uuid", pgtype.DateOID: "date",
	pgtype.TimeOID: "time", pgtype.TimestampOID: "timestamp", pgtype.TimestamptzOID: "timestamptz", pgtype.IntervalOID: "interval",
	pgtype.BoolArrayOID: "boolean[]", pgtype.Int2ArrayOID: "smallint[]", pgtype.Int4ArrayOID: "integer[]",
	pgtype.Int8ArrayOID: "bigint[]", pgtype.TextArrayOID: "varchar[]", pgtype.VarcharArrayOID: "varchar[]",
	pgtype.Float8ArrayOID: "double[]", pgtype.OIDArrayOID: "bigint[]",
}

// castFor is the type that a parameter's text is cast to in the engine; none where it stays a text.
func castFor(oid uint32, text string) string {
	if oid != pgtype.NumericOID {
		return castNames[oid]
	}
	_, fraction, _ := strings.Cut(text, ".")
	if len(fraction) > 37 || strings.ContainsAny(text, "eEnN") {
		return "double"
	}
	return fmt.Sprintf("decimal(38, %d)", len(fraction))
}

// A column is one of an answer.
type column struct {
	name string
	dataType
}

// named gives a column of an expression the name that PostgreSQL would: that of its function, or ?column?.
func named(engine string) string {
	open := strings.IndexByte(engine, '(')
	if open < 0 || !strings.HasSuffix(engine, ")") {
		return engine
	}
	if open == 0 {
		return "?column?"
	}
	function := engine[:open]
	if strings.Trim(function, "abcdefghijklmnopqrstuvwxyz_0123456789") != "" {
		return engine
	}
	return strings.TrimSuffix(function, "_star")
}
