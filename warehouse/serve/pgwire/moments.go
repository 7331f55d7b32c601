package pgwire

import (
	"fmt"
	"math"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/jackc/pgx/v5/pgtype"
)

// PostgreSQL counts from the year 2000, the engine from 1970.
const (
	daysTo2000   = 10957
	microsTo2000 = daysTo2000 * 24 * 3600 * 1e6
)

// forever are the engine's marks for a day or moment before or after all others.
func forever(n int64, days bool) bool {
	if days {
		return n == math.MaxInt32 || n == -math.MaxInt32
	}
	return n == math.MaxInt64 || n == -math.MaxInt64
}

// moments reads a column of days (since 1970), times of day or moments (in microseconds); nil for any other.
func moments(values arrow.Array) func(row int) int64 {
	switch a := values.(type) {
	case *array.Date32:
		return func(row int) int64 { return int64(a.Value(row)) }
	case *array.Time64:
		unit := a.DataType().(*arrow.Time64Type).Unit
		return func(row int) int64 { return inMicros(int64(a.Value(row)), unit) }
	case *array.Timestamp:
		unit := a.DataType().(*arrow.TimestampType).Unit
		return func(row int) int64 { return inMicros(int64(a.Value(row)), unit) }
	}
	return nil
}

func inMicros(n int64, unit arrow.TimeUnit) int64 {
	switch {
	case forever(n, false) || unit == arrow.Microsecond:
		return n
	case unit == arrow.Second:
		return n * 1e6
	case unit == arrow.Millisecond:
		return n * 1e3
	}
	return (n - ((n%1000)+1000)%1000) / 1000 // nanoseconds, rounded down
}

func momentText(values arrow.Array, moment func(int) int64, zone *time.Location) encoder {
	switch t := values.DataType().(type) {
	case *arrow.Date32Type:
		return func(to []byte, row int) []byte {
			days := moment(row)
			if forever(days, true) {
				return appendForever(to, days)
			}
			return appendDay(to, time.Unix(days*24*3600, 0).UTC(), "")
		}
	case *arrow.Time64Type:
		return func(to []byte, row int) []byte { return appendClock(to, moment(row)) }
	case *arrow.TimestampType:
		if t.TimeZone == "" {
			zone = nil
		}
	}
	return func(to []byte, row int) []byte { return appendMoment(to, moment(row), zone) }
}

func appendForever(to []byte, n int64) []byte {
	if n < 0 {
		return append(to, "-infinity"...)
	}
	return append(to, "infinity"...)
}

// appendMoment writes a moment; with its offset where a zone is given.
func appendMoment(to []byte, micros int64, zone *time.Location) []byte {
	if forever(micros, false) {
		return appendForever(to, micros)
	}
	at := time.UnixMicro(micros).UTC()
	offset := ""
	if zone != nil {
		at = at.In(zone)
		offset = offsetText(at)
	}
	_, minute, second := at.Clock()
	clock := appendFraction(fmt.Appendf(nil, " %02d:%02d:%02d", at.Hour(), minute, second), int64(at.Nanosecond()/1000))
	return appendDay(to, at, string(clock)+offset)
}

func offsetText(at time.Time) string {
	_, seconds := at.Zone()
	sign, size := '+', seconds
	if seconds < 0 {
		sign, size = '-', -seconds
	}
	text := fmt.Sprintf("%c%02d", sign, size/3600)
	if size%3600 != 0 {
		text += fmt.Sprintf(":%02d", size/60%60)
	}
	if size%60 != 0 {
		text += fmt.Sprintf(":%02d", size%60)
	}
	return text
}

// appendDay writes a day with what follows it; years before our era are counted back from 1 BC.
func appendDay(to []byte, at time.Time, rest string) []byte {
	year, month, day := at.Date()
	era := ""
	if year < 1 {
		year, era = 1-year, " BC"
	}
	return fmt.Appendf(to, "%04d-%02d-%02d%s%s", year, month, day, rest, era)
}

// since2000 is a day or moment as PostgreSQL's binary form counts it.
func since2000(n int64, oid uint32) int64 {
	days := oid == pgtype.DateOID
	switch {
	case oid == pgtype.TimeOID:
		return n
	case forever(n, days) && days:
		return max(math.MinInt32, min(n, math.MaxInt32)) - int64(btoi(n < 0))
	case forever(n, days):
		return n - int64(btoi(n < 0))
	case days:
		return n - daysTo2000
	}
	return n - microsTo2000
}
