package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/duckdb/duckdb-go/v2"
)

// A jsonRow is a row as a JSON object whose names keep the order of the columns.
type jsonRow struct {
	names []string
	cells []any
}

// MarshalJSON writes decimals as numbers with all their digits.
func (r jsonRow) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, name := range r.names {
		if i > 0 {
			b.WriteByte(',')
		}
		key, err := json.Marshal(name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(jsonValue(r.cells[i]))
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", name, err)
		}
		b.Write(key)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func jsonValue(value any) any {
	switch v := value.(type) {
	case time.Time:
		return plain(v)
	case duckdb.Decimal:
		return json.Number(plain(v))
	case *big.Int:
		return json.Number(v.String())
	case duckdb.UUID:
		return v.String()
	default:
		return v
	}
}

// trimDecimal takes the noughts off a decimal's end that say nothing.
func trimDecimal(text string) string {
	if !strings.Contains(text, ".") {
		return text
	}
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

// count says how many there are of a thing: "1 row", "3 rows".
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
