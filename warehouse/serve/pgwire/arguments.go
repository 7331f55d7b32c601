package pgwire

import (
	"fmt"
	"math"
	"math/big"
	"net"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/jackc/pgx/v5/pgtype"
)

// isEnd says whether a read ended because the connection did.
func isEnd(err error) bool {
	return strings.HasSuffix(err.Error(), "EOF") || strings.Contains(err.Error(), net.ErrClosed.Error())
}

// readArguments reads what a Bind brings as texts that the engine can cast; nil is null.
func readArguments(m *pgproto3.Bind, types []uint32) ([]*string, error) {
	if len(m.Parameters) != len(types) {
		return nil, refuse(codeProtocol, "bind message supplies %d parameters, but the prepared statement requires %d", len(m.Parameters), len(types))
	}
	formats := m.ParameterFormatCodes
	if len(formats) > 1 && len(formats) != len(types) {
		return nil, refuse(codeProtocol, "bind message has %d parameter formats but %d parameters", len(formats), len(types))
	}
	arguments := make([]*string, len(types))
	for i, raw := range m.Parameters {
		if raw == nil {
			continue
		}
		format := int16(0)
		if len(formats) > 0 {
			format = formats[min(i, len(formats)-1)]
		}
		text, err := readArgument(raw, types[i], format)
		if err != nil {
			return nil, fmt.Errorf("parameter $%d: %w", i+1, err)
		}
		arguments[i] = &text
	}
	return arguments, nil
}

func readArgument(raw []byte, oid uint32, format int16) (string, error) {
	if format == 1 && oid != pgtype.TextOID && oid != pgtype.VarcharOID {
		if strings.HasSuffix(castNames[oid], "[]") {
			return binaryArray(raw)
		}
		return binaryArgument(raw, oid)
	}
	text := string(raw)
	if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		return "", refuse("22021", "the text of a parameter is not UTF-8")
	}
	if !strings.HasSuffix(castNames[oid], "[]") {
		return text, nil
	}
	if !strings.HasPrefix(text, "{") || !strings.HasSuffix(text, "}") {
		return "", refuse(codeBadValue, "malformed array literal").hint("write it as {1,2}")
	}
	return "[" + text[1:len(text)-1] + "]", nil
}

// binaryArgument reads a parameter in binary with the codecs of the driver's own library.
func binaryArgument(raw []byte, oid uint32) (string, error) {
	switch {
	case oid == pgtype.Int2OID && len(raw) == 2:
		return strconv.Itoa(int(int16(be.Uint16(raw)))), nil
	case oid == pgtype.Int4OID && len(raw) == 4:
		return strconv.Itoa(int(int32(be.Uint32(raw)))), nil
	case oid == pgtype.OIDOID && len(raw) == 4:
		return strconv.FormatUint(uint64(be.Uint32(raw)), 10), nil
	case oid == pgtype.Int8OID && len(raw) == 8:
		return strconv.FormatInt(int64(be.Uint64(raw)), 10), nil
	case oid == pgtype.Float4OID && len(raw) == 4:
		return string(appendFloat(nil, float64(math.Float32frombits(be.Uint32(raw))), 32)), nil
	case oid == pgtype.Float8OID && len(raw) == 8:
		return string(appendFloat(nil, math.Float64frombits(be.Uint64(raw)), 64)), nil
	case oid == pgtype.BoolOID && len(raw) == 1:
		return strconv.FormatBool(raw[0] != 0), nil
	case oid == pgtype.UUIDOID && len(raw) == 16:
		return fmt.Sprintf("%x-%x-%x-%x-%x", raw[:4], raw[4:6], raw[6:8], raw[8:10], raw[10:]), nil
	case oid == pgtype.DateOID && len(raw) == 4:
		return binaryDay(int32(be.Uint32(raw))), nil
	case oid == pgtype.TimeOID && len(raw) == 8:
		return string(appendClock(nil, int64(be.Uint64(raw)))), nil
	case (oid == pgtype.TimestampOID || oid == pgtype.TimestamptzOID) && len(raw) == 8:
		return binaryMoment(int64(be.Uint64(raw)), oid), nil
	case oid == pgtype.NumericOID && len(raw) >= 8:
		return binaryDecimal(raw)
	}
	return "", refuse(codeNotSupported, "a parameter of type %d is not read in binary (%d bytes)", oid, len(raw)).hint("send it as text")
}

func binaryDay(days int32) string {
	if days == math.MaxInt32 || days == math.MinInt32 {
		return string(appendForever(nil, int64(days)))
	}
	moment := new(calendar).append(nil, (int64(days)+daysTo2000)*microsOfDay)
	day, _, _ := strings.Cut(string(moment), " ")
	if strings.HasSuffix(string(moment), " BC") {
		day += " (BC)"
	}
	return day
}

func binaryMoment(micros int64, oid uint32) string {
	if micros == math.MaxInt64 || micros == math.MinInt64 {
		return string(appendForever(nil, micros))
	}
	text := string(new(calendar).append(nil, micros+microsTo2000))
	if oid == pgtype.TimestamptzOID {
		text += "+00"
	}
	return text
}

// binaryDecimal reads digits of base 10,000.
func binaryDecimal(raw []byte) (string, error) {
	count, weight, sign, scale := int(be.Uint16(raw)), int(int16(be.Uint16(raw[2:]))), be.Uint16(raw[4:]), int(be.Uint16(raw[6:]))
	if sign == 0xC000 {
		return "NaN", nil
	}
	if count > 1000 || len(raw) != 8+2*count || sign&^0x4000 != 0 || scale > 1000 || weight > 1000 || weight < -1000 {
		return "", refuse(codeBadValue, "the digits of a numeric parameter cannot be read")
	}
	value, tenThousand := new(big.Int), big.NewInt(10000)
	for i := range count {
		digit := be.Uint16(raw[8+2*i:])
		if digit > 9999 {
			return "", refuse(codeBadValue, "the digits of a numeric parameter cannot be read")
		}
		value.Add(value.Mul(value, tenThousand), big.NewInt(int64(digit)))
	}
	// The digits stand for value × 10000^(weight + 1 - count); they are brought to scale places.
	shift := 4*(weight+1-count) + scale
	ten := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(shift, -shift))), nil)
	if shift >= 0 {
		value.Mul(value, ten)
	} else {
		value.Quo(value, ten)
	}
	if sign != 0 {
		value.Neg(value)
	}
	return string(appendDecimal(nil, value, scale)), nil
}
