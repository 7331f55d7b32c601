package tdstest

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/encoding/charmap"
)

// The texts of moments, as the server shows them.
const (
	dateForm   = "2006-01-02"
	momentForm = dateForm + " 15:04:05.9999999"
	offsetForm = momentForm + " -07:00"
)

func wholes(d declared, text string) ([]byte, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	return binary.LittleEndian.AppendUint64(nil, uint64(n))[:d.size], err
}

func fromWhole(d declared, data []byte) string {
	switch len(data) {
	case 1:
		return strconv.Itoa(int(data[0]))
	case 2:
		return strconv.Itoa(int(int16(binary.LittleEndian.Uint16(data))))
	case 4:
		return strconv.Itoa(int(int32(binary.LittleEndian.Uint32(data))))
	}
	return strconv.FormatInt(int64(binary.LittleEndian.Uint64(data)), 10)
}

func floats(d declared, text string) ([]byte, error) {
	f, err := strconv.ParseFloat(text, 8*d.size)
	if d.size == 4 {
		return binary.LittleEndian.AppendUint32(nil, math.Float32bits(float32(f))), err
	}
	return binary.LittleEndian.AppendUint64(nil, math.Float64bits(f)), err
}

func fromFloat(d declared, data []byte) string {
	if len(data) == 4 {
		return strconv.FormatFloat(float64(math.Float32frombits(binary.LittleEndian.Uint32(data))), 'g', -1, 32)
	}
	return strconv.FormatFloat(math.Float64frombits(binary.LittleEndian.Uint64(data)), 'g', -1, 64)
}

// scaledBy is a decimal number as a whole one, times ten to the power of scale.
func scaledBy(text string, scale int) (*big.Int, error) {
	number, ok := new(big.Rat).SetString(text)
	if !ok {
		return nil, strconv.ErrSyntax
	}
	number.Mul(number, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)))
	if !number.IsInt() {
		return nil, strconv.ErrRange
	}
	return number.Num(), nil
}

// moneys are ten-thousandths; of eight bytes the upper four come first.
func moneys(d declared, text string) ([]byte, error) {
	n, err := scaledBy(text, 4)
	if err != nil {
		return nil, err
	}
	if d.size == 4 {
		return binary.LittleEndian.AppendUint32(nil, uint32(n.Int64())), nil
	}
	high := binary.LittleEndian.AppendUint32(nil, uint32(n.Int64()>>32))
	return binary.LittleEndian.AppendUint32(high, uint32(n.Int64())), nil
}

// decimals have a sign, 1 for plus, and then a whole number.
func decimals(d declared, text string) ([]byte, error) {
	n, err := scaledBy(text, d.scale)
	if err != nil {
		return nil, err
	}
	data := make([]byte, d.size)
	if n.Sign() >= 0 {
		data[0] = 1
	}
	n.FillBytes(data[1:])
	slices.Reverse(data[1:])
	return data, nil
}

// sinceDay counts the whole days from a first one to a moment, and what is left of it.
func sinceDay(first, moment time.Time) (int, time.Duration) {
	seconds := moment.Unix() - first.Unix()
	days := seconds / 86400
	return int(days), time.Duration(seconds-days*86400)*time.Second + time.Duration(moment.Nanosecond())
}

var (
	day1    = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	day1900 = time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)
)

func minutes(_ declared, text string) ([]byte, error) {
	moment, err := time.Parse("2006-01-02 15:04", text)
	days, rest := sinceDay(day1900, moment)
	data := binary.LittleEndian.AppendUint16(nil, uint16(days))
	return binary.LittleEndian.AppendUint16(data, uint16(rest/time.Minute)), err
}

// ticks are days since 1900 and three-hundredths of a second.
func ticks(_ declared, text string) ([]byte, error) {
	moment, err := time.Parse(momentForm, text)
	days, rest := sinceDay(day1900, moment)
	if rest < 0 { // before 1900
		days, rest = days-1, rest+24*time.Hour
	}
	data := binary.LittleEndian.AppendUint32(nil, uint32(int32(days)))
	return binary.LittleEndian.AppendUint32(data, uint32((int64(rest)*3+5e6)/1e7)), err
}

func fromTicks(_ declared, data []byte) string {
	if len(data) == 4 {
		at := day1900.AddDate(0, 0, int(binary.LittleEndian.Uint16(data)))
		return at.Add(time.Duration(binary.LittleEndian.Uint16(data[2:])) * time.Minute).Format("2006-01-02 15:04")
	}
	at := day1900.AddDate(0, 0, int(int32(binary.LittleEndian.Uint32(data))))
	n := int64(binary.LittleEndian.Uint32(data[4:]))
	milliseconds := n/300*1000 + (n%300*10+1)/3 // .003, .007 and .010 are one, two and three ticks
	return at.Add(time.Duration(milliseconds) * time.Millisecond).Format("2006-01-02 15:04:05.000")
}

func guids(_ declared, text string) ([]byte, error) {
	data, err := hex.DecodeString(strings.ReplaceAll(text, "-", ""))
	if err == nil && len(data) != 16 {
		err = strconv.ErrSyntax
	}
	if err == nil {
		turnGUID(data)
	}
	return data, err
}

// turnGUID turns the first three numbers of an identifier, which come with their lower bytes first.
func turnGUID(data []byte) {
	slices.Reverse(data[:4])
	slices.Reverse(data[4:6])
	slices.Reverse(data[6:8])
}

func fromGUID(_ declared, data []byte) string {
	data = slices.Clone(data)
	turnGUID(data)
	return strings.ToUpper(fmt.Sprintf("%x-%x-%x-%x-%x", data[:4], data[4:6], data[6:8], data[8:10], data[10:]))
}

func threeBytes(n int) []byte { return []byte{byte(n), byte(n >> 8), byte(n >> 16)} }

func dayAt(data []byte) time.Time {
	return day1.AddDate(0, 0, int(data[0])|int(data[1])<<8|int(data[2])<<16)
}

func days(_ declared, text string) ([]byte, error) {
	moment, err := time.Parse(dateForm, text)
	n, _ := sinceDay(day1, moment)
	return threeBytes(n), err
}

func fromDay(_ declared, data []byte) string { return dayAt(data).Format(dateForm) }

// clockBytes counts units of ten to the power of minus scale seconds, in as many bytes as the scale asks for.
func clockBytes(scale int, clock time.Duration) []byte {
	size := []int{3, 3, 3, 4, 4, 5, 5, 5}[scale]
	unit := int64(math.Pow10(9 - scale))
	return binary.LittleEndian.AppendUint64(nil, uint64(int64(clock)/unit))[:size]
}

func clockOf(scale int, data []byte) time.Duration {
	whole := append(slices.Clone(data), make([]byte, 8-len(data))...)
	return time.Duration(binary.LittleEndian.Uint64(whole)) * time.Duration(math.Pow10(9-scale))
}

func clocks(d declared, text string) ([]byte, error) {
	moment, err := time.Parse(momentForm, "0001-01-01 "+text)
	return clockBytes(d.scale, moment.Sub(day1)), err
}

func fromClock(d declared, data []byte) string {
	return day1.Add(clockOf(d.scale, data)).Format("15:04:05.0000000")
}

func moments(d declared, text string) ([]byte, error) {
	moment, err := time.Parse(momentForm, text)
	n, rest := sinceDay(day1, moment)
	return append(clockBytes(d.scale, rest), threeBytes(n)...), err
}

func fromMoment(d declared, data []byte) string {
	clock := len(data) - 3
	return dayAt(data[clock:]).Add(clockOf(d.scale, data[:clock])).Format("2006-01-02 15:04:05.0000000")
}

// offsets are a moment in UTC and the minutes of its offset.
func offsets(d declared, text string) ([]byte, error) {
	moment, err := time.Parse(offsetForm, text)
	_, seconds := moment.Zone()
	n, rest := sinceDay(day1, moment)
	data := append(clockBytes(d.scale, rest), threeBytes(n)...)
	return binary.LittleEndian.AppendUint16(data, uint16(int16(seconds/60))), err
}

func fromOffset(d declared, data []byte) string {
	clock := len(data) - 5
	moment := dayAt(data[clock:]).Add(clockOf(d.scale, data[:clock]))
	zone := time.FixedZone("", 60*int(int16(binary.LittleEndian.Uint16(data[clock+3:]))))
	return moment.In(zone).Format("2006-01-02 15:04:05.0000000 -07:00")
}

// padded fills what has a fixed width with spaces.
func padded(d declared, data []byte, space ...byte) []byte {
	for strings.HasSuffix(d.name, "char") && !strings.Contains(d.name, "var") && len(data) < d.size {
		data = append(data, space...)
	}
	return data
}

func narrow(d declared, text string) ([]byte, error) {
	data, err := charmap.Windows1252.NewEncoder().Bytes([]byte(text))
	return padded(d, data, ' '), err
}

func fromNarrow(_ declared, data []byte) string {
	text, _ := charmap.Windows1252.NewDecoder().Bytes(data)
	return string(text)
}

func wide(d declared, text string) ([]byte, error) { return padded(d, utf16Bytes(text), ' ', 0), nil }

func fromWide(_ declared, data []byte) string { return utf16Text(data) }

func hexes(_ declared, text string) ([]byte, error) {
	digits, ok := strings.CutPrefix(text, "0x")
	if !ok {
		return nil, strconv.ErrSyntax
	}
	return hex.DecodeString(digits)
}

func fromHex(_ declared, data []byte) string { return "0x" + strings.ToUpper(hex.EncodeToString(data)) }
