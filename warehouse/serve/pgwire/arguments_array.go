package pgwire

import (
	"math"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgtype"
)

// binaryArray reads an array of one dimension as the text that the engine casts to a list.
func binaryArray(raw []byte) (string, error) {
	bad := refuse(codeBadValue, "the array of a parameter cannot be read").hint("send an array of one dimension")
	if len(raw) >= 12 && be.Uint32(raw) == 0 {
		return "[]", nil
	}
	if len(raw) < 20 || be.Uint32(raw) != 1 {
		return "", bad
	}
	element, count, rest := be.Uint32(raw[8:]), be.Uint32(raw[12:]), raw[20:]
	var items []string
	for range count {
		if len(rest) < 4 {
			return "", bad
		}
		size := be.Uint32(rest)
		if rest = rest[4:]; size == math.MaxUint32 {
			items = append(items, "NULL")
			continue
		}
		if uint64(size) > uint64(len(rest)) {
			return "", bad
		}
		item, err := arrayItem(rest[:size], element)
		if err != nil {
			return "", err
		}
		items, rest = append(items, item), rest[size:]
	}
	return "[" + strings.Join(items, ", ") + "]", nil
}

var itemEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

func arrayItem(raw []byte, element uint32) (string, error) {
	if element != pgtype.TextOID && element != pgtype.VarcharOID && element != pgtype.NameOID {
		return binaryArgument(raw, element)
	}
	if text := string(raw); utf8.ValidString(text) && !strings.ContainsRune(text, 0) {
		return `"` + itemEscapes.Replace(text) + `"`, nil
	}
	return "", refuse("22021", "the text of a parameter is not UTF-8")
}
