package sqldb

import (
	"encoding/binary"
	"math/big"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/goldthread/goldthread/connectors"
)

// What a server sends is read or refused, and where the driver's upper half reads a number too, as the same number.
func FuzzNumericsAreThoseOfTheDriver(f *testing.F) {
	for _, seed := range []string{"0", "1", "-1.50", "10000", "123456789012345678.123456", "0.00000001", "100000000000000000000", "NaN", "9999.9999", "100000000.5"} {
		var n pgtype.Numeric
		if err := n.Scan(seed); err != nil {
			f.Fatal(err)
		}
		value, err := pgtype.NumericCodec{}.PlanEncode(nil, pgtype.NumericOID, pgtype.BinaryFormatCode, n).Encode(n, nil)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value []byte) {
		var cell connectors.Cell
		if pgNumeric(value, &cell) != nil || !likeAServer(value) {
			return
		}
		var theirs pgtype.Numeric
		if err := (pgtype.NumericCodec{}).PlanScan(nil, pgtype.NumericOID, pgtype.BinaryFormatCode, &theirs).Scan(value, &theirs); err != nil {
			t.Fatalf("the driver: %v", err)
		}
		text := string(cell.AppendText(nil))
		if theirs.NaN || theirs.InfinityModifier != pgtype.Finite {
			if cell.Kind != connectors.TextCell {
				t.Errorf("%x is %q", value, text)
			}
			return
		}
		ours, ok := new(big.Rat).SetString(text)
		if want := rat(theirs); !ok || ours.Cmp(want) != 0 {
			t.Errorf("%x is %s, the driver has %s", value, text, want)
		}
	})
}

// likeAServer says whether a numeric is as servers write them: digits no further behind the point than its scale says, no
// group of zeros at either end, and of a size that a test can bear.
func likeAServer(value []byte) bool {
	groups := value[8:]
	n, weight, scale := len(groups)/2, int(int16(binary.BigEndian.Uint16(value[2:]))), int(binary.BigEndian.Uint16(value[6:]))
	if weight > 200 || weight < -200 || scale > 1000 || n == 0 {
		return false
	}
	for i := 0; i < len(groups); i += 2 {
		if binary.BigEndian.Uint16(groups[i:]) > 9999 {
			return false
		}
	}
	last := int64(binary.BigEndian.Uint16(groups[len(groups)-2:]))
	behind := (n - 1 - weight) * 4 // places up to the end of the last group
	return last != 0 && binary.BigEndian.Uint16(groups) != 0 && (behind <= scale || behind-scale < 4 && last%pow10(behind-scale) == 0)
}

func rat(n pgtype.Numeric) *big.Rat {
	r := new(big.Rat).SetInt(n.Int)
	ten := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(n.Exp, -n.Exp))), nil)
	if n.Exp < 0 {
		return r.Quo(r, new(big.Rat).SetInt(ten))
	}
	return r.Mul(r, new(big.Rat).SetInt(ten))
}

func FuzzValuesOfPostgreSQL(f *testing.F) {
	for _, oid := range []uint32{16, 20, 25, 700, 1082, 1114, 1184, 1700, 2950, 999} {
		f.Add(oid, []byte{0, 1, 0, 0, 0, 0, 0, 0, 0, 1})
		f.Add(oid, []byte{0x7F, 0xFF, 0xFF, 0xFF})
	}
	f.Fuzz(func(t *testing.T, oid uint32, value []byte) {
		decode, _ := pgDecoderOf(oid)
		var cell connectors.Cell
		if err := decode(value, &cell); err == nil && cell.Kind == connectors.NullCell {
			t.Errorf("type %d: %x became a null", oid, value)
		}
		_ = cell.AppendText(nil)
	})
}

func FuzzGrantsOfMySQL(f *testing.F) {
	f.Add("GRANT SELECT, INSERT (`a`, `b`) ON `housing`.* TO `gold`@`%`")
	f.Add("GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost` WITH GRANT OPTION")
	f.Add(", ON `NSERT (`a`T SELECT, Ihousing`.* TO ")
	f.Fuzz(func(t *testing.T, grant string) {
		told := mysqlWrites(grant)
		if told == "" {
			return
		}
		_, rest, _ := strings.Cut(strings.TrimPrefix(grant, "GRANT "), " ON ")
		if on, _, _ := strings.Cut(rest, " TO "); !strings.HasPrefix(told, on+" (") {
			t.Errorf("%q lets write to %q", grant, told)
		}
	})
}
