package sqldb

import (
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/goldthread/goldthread/connectors"
)

// mysqlDecoder gives how the values of a type become cells.
func mysqlDecoder(t *sql.ColumnType) sqlDecoder {
	if t.Name() == singleName {
		return mysqlSingle
	}
	switch t.DatabaseTypeName() {
	case "TIMESTAMP":
		return mysqlMoment
	case "BIT":
		return mysqlBit
	case "BLOB", "BINARY", "VARBINARY", "GEOMETRY":
		return mysqlBytes
	}
	return plainly
}

// mysqlMoment says of a time that it is in UTC, which the session is in. A zero date is left as it is.
func mysqlMoment(value any, cell *connectors.Cell) error {
	if err := plainly(value, cell); err != nil {
		return err
	}
	if len(cell.Text) > 0 && !strings.HasPrefix(string(cell.Text), "0000") {
		cell.Text = append(slices.Clone(cell.Text), 'Z')
	}
	return nil
}

// mysqlSingle takes back the digits that a float gains where it is made a double.
func mysqlSingle(value any, cell *connectors.Cell) error {
	if f, ok := value.(float64); ok {
		value = float32(f)
	}
	return plainly(value, cell)
}

// mysqlBit reads bits as the whole number they are.
func mysqlBit(value any, cell *connectors.Cell) error {
	bytes, ok := value.([]byte)
	if !ok || len(bytes) > 8 {
		return plainly(value, cell)
	}
	var whole [8]byte
	copy(whole[8-len(bytes):], bytes)
	n := binary.BigEndian.Uint64(whole[:])
	if n > 1<<63-1 {
		return plainly(n, cell)
	}
	return plainly(int64(n), cell)
}

// mysqlBytes writes bytes as PostgreSQL does.
func mysqlBytes(value any, cell *connectors.Cell) error {
	bytes, ok := value.([]byte)
	if !ok {
		return plainly(value, cell)
	}
	cell.Kind, cell.Text = connectors.TextCell, hex.AppendEncode([]byte(`\x`), bytes)
	return nil
}
