package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/goldthread/goldthread/internal/disk"
)

// A number is a decimal of the database, or nothing.
type number struct {
	duckdb.Decimal
	Valid bool
}

// Scan takes a decimal, a whole number or null.
func (n *number) Scan(from any) error {
	switch v := from.(type) {
	case nil:
		*n = number{}
	case duckdb.Decimal:
		*n = number{v, true}
	case int64:
		*n = number{duckdb.Decimal{Value: big.NewInt(v), Width: 38}, true}
	default:
		return fmt.Errorf("%T is not a decimal", from)
	}
	return nil
}

// show writes the number for people: rounded half away from zero to the measure's places, thousands set off by commas.
func (n number) show(decimals int64) string {
	if !n.Valid {
		return "–"
	}
	// The value is Value / 10^Scale; what is shown is a whole number of 10^-decimals.
	shown := new(big.Int).Set(n.Value)
	for s := int64(n.Scale); s < decimals; s++ {
		shown.Mul(shown, big.NewInt(10))
	}
	if cut := int64(n.Scale) - decimals; cut > 0 {
		unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(cut), nil)
		half := new(big.Int).Rsh(unit, 1)
		half.Mul(half, big.NewInt(int64(shown.Sign())))
		shown.Quo(shown.Add(shown, half), unit)
	}
	return groupThousands(shown, int(decimals))
}

func groupThousands(n *big.Int, decimals int) string {
	digits := new(big.Int).Abs(n).String()
	for len(digits) <= decimals {
		digits = "0" + digits
	}
	whole, part := digits[:len(digits)-decimals], digits[len(digits)-decimals:]
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if part != "" {
		whole += "." + part
	}
	if n.Sign() < 0 {
		whole = "−" + whole
	}
	return whole
}

// text is the number with all its digits, or nil.
func (n number) text() *string {
	if !n.Valid {
		return nil
	}
	text := plain(n.Decimal)
	return &text
}

// plain is the text of a value as it is exported: dates as dates, decimals without noughts that say nothing.
func plain(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case time.Time:
		if v.Equal(v.Truncate(24 * time.Hour)) {
			return v.Format(time.DateOnly)
		}
		return v.Format(time.RFC3339)
	case duckdb.Decimal:
		return trimDecimal(v.String())
	default:
		return fmt.Sprint(v)
	}
}

// trimDecimal takes the noughts off a decimal's end that say nothing.
func trimDecimal(text string) string {
	if !strings.Contains(text, ".") {
		return text
	}
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

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

// count says how many there are of a thing: "1 row", "3 rows".
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// size is a number of bytes as people read it.
func size(bytes int64) string { return disk.Words(uint64(bytes)) }

// shorten is a text as one short line.
func shorten(text string) string {
	const most = 60
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}
