package pgwire

import (
	"math"
	"time"

	engine "github.com/duckdb/duckdb-go/v2"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/goldthread/goldthread/warehouse/duckdb"
)

// PostgreSQL counts from the year 2000, the engine from 1970.
const (
	microsOfDay  = 24 * 3600 * 1e6
	daysTo2000   = 10957
	microsTo2000 = daysTo2000 * microsOfDay
)

// forever are the engine's marks for a day or moment before or after all others.
func forever(n int64, days bool) bool {
	if days {
		return n == math.MaxInt32 || n == -math.MaxInt32
	}
	return n == math.MaxInt64 || n == -math.MaxInt64
}

// moments reads a column of days (since 1970), times of day or moments (in microseconds); nil for any other.
func moments(v *duckdb.Vector) func(row int) int64 {
	in := func(micros func(int64) int64) func(int) int64 {
		return func(row int) int64 {
			n := duckdb.At[int64](v, row)
			if forever(n, false) {
				return n
			}
			return micros(n)
		}
	}
	switch v.Type {
	case engine.TYPE_DATE:
		return wholeNumbers(v)
	case engine.TYPE_TIME, engine.TYPE_TIMESTAMP, engine.TYPE_TIMESTAMP_TZ:
		return func(row int) int64 { return duckdb.At[int64](v, row) }
	case engine.TYPE_TIMESTAMP_S:
		return in(func(n int64) int64 { return n * 1e6 })
	case engine.TYPE_TIMESTAMP_MS:
		return in(func(n int64) int64 { return n * 1e3 })
	case engine.TYPE_TIMESTAMP_NS:
		return in(func(n int64) int64 { return floor(n, 1000) })
	}
	return nil
}

// floor divides rounding down.
func floor(n, by int64) int64 {
	if n < 0 {
		return -((by - 1 - n) / by)
	}
	return n / by
}

// momentText writes a column of days, times of day or moments as text; nil for any other.
func momentText(v *duckdb.Vector, zone *time.Location) encoder {
	moment := moments(v)
	switch v.Type {
	case engine.TYPE_DATE:
		var day day
		return func(to []byte, row int) []byte {
			days := moment(row)
			if forever(days, true) {
				return appendForever(to, days)
			}
			return appendEra(day.append(to, days), day.before)
		}
	case engine.TYPE_TIME:
		return func(to []byte, row int) []byte { return appendClock(to, moment(row)) }
	case engine.TYPE_TIMESTAMP_TZ:
		clock := calendar{offsets: &offsets{zone: zone}}
		return func(to []byte, row int) []byte { return clock.append(to, moment(row)) }
	}
	if moment == nil {
		return nil
	}
	var clock calendar
	return func(to []byte, row int) []byte { return clock.append(to, moment(row)) }
}

func appendForever(to []byte, n int64) []byte {
	if n < 0 {
		return append(to, "-infinity"...)
	}
	return append(to, "infinity"...)
}

// A calendar writes moments; with their offset where it has those of a zone.
type calendar struct {
	day     day
	offsets *offsets
}

func (c *calendar) append(to []byte, micros int64) []byte {
	if forever(micros, false) {
		return appendForever(to, micros)
	}
	offset := int64(0)
	if c.offsets != nil {
		offset = c.offsets.at(micros)
	}
	local := micros + offset*1e6
	days := floor(local, microsOfDay)
	to = c.day.append(to, days)
	to = appendClock(append(to, ' '), local-days*microsOfDay)
	if c.offsets != nil {
		to = appendOffset(to, offset)
	}
	return appendEra(to, c.day.before)
}

// Offsets are those of a time zone, of which the one in use is remembered: moments of a column are mostly near each other.
type offsets struct {
	zone        *time.Location
	from, until int64 // in seconds
	seconds     int64
}

func (o *offsets) at(micros int64) int64 {
	second := floor(micros, 1e6)
	if second >= o.from && second < o.until {
		return o.seconds
	}
	moment := time.Unix(second, 0).In(o.zone)
	_, seconds := moment.Zone()
	from, until := moment.ZoneBounds()
	o.from, o.until, o.seconds = math.MinInt64, math.MaxInt64, int64(seconds)
	if !from.IsZero() {
		o.from = from.Unix()
	}
	if !until.IsZero() {
		o.until = until.Unix()
	}
	return o.seconds
}

func appendOffset(to []byte, seconds int64) []byte {
	if seconds < 0 {
		to = append(to, '-')
	} else {
		to = append(to, '+')
	}
	size := uint64(absolute(seconds))
	to = appendPadded(to, size/3600, 2)
	if size%3600 != 0 {
		to = appendPadded(append(to, ':'), size/60%60, 2)
	}
	if size%60 != 0 {
		to = appendPadded(append(to, ':'), size%60, 2)
	}
	return to
}

// appendClock writes microseconds as hh:mm:ss with what there is of a fraction.
func appendClock(to []byte, micros int64) []byte {
	seconds, fraction := uint64(micros)/1e6, uint64(micros)%1e6
	to = appendPadded(to, seconds/3600, max(2, decimalWidth(seconds/3600)))
	to = appendPadded(append(to, ':'), seconds/60%60, 2)
	to = appendPadded(append(to, ':'), seconds%60, 2)
	if fraction == 0 {
		return to
	}
	to = appendPadded(append(to, '.'), fraction, 6)
	for to[len(to)-1] == '0' {
		to = to[:len(to)-1]
	}
	return to
}

// decimalWidth is in how many digits a number is written.
func decimalWidth(n uint64) (digits int) {
	for digits = 1; n > 9; n /= 10 {
		digits++
	}
	return digits
}

// A day writes days, and remembers the last one: those of a column often come in runs.
type day struct {
	text   []byte
	days   int64
	before bool // it is before our era, whose years are counted back from 1 BC
}

// append writes a day that is given as days since 1970.
func (d *day) append(to []byte, days int64) []byte {
	if d.days != days || d.text == nil {
		d.write(days)
	}
	return append(to, d.text...)
}

func (d *day) write(days int64) {
	year, month, dayOf := civil(days)
	d.days, d.before = days, year < 1
	if d.before {
		year = 1 - year
	}
	d.text = appendPadded(d.text[:0], uint64(year), max(4, decimalWidth(uint64(year))))
	d.text = appendPadded(append(d.text, '-'), month, 2)
	d.text = appendPadded(append(d.text, '-'), dayOf, 2)
}

func appendEra(to []byte, before bool) []byte {
	if before {
		return append(to, " BC"...)
	}
	return to
}

// civil gives the date of a day since 1970. It counts years from March, so that the day that a leap year has is a year's
// last, in eras of 400 years, which all have as many days.
func civil(days int64) (year int64, month, day uint64) {
	const daysOfEra, daysToMarch0 = 146097, 719468
	days += daysToMarch0
	era := floor(days, daysOfEra)
	of := uint64(days - era*daysOfEra)
	yearOf := (of - of/1460 + of/36524 - of/146096) / 365
	dayOf := of - (365*yearOf + yearOf/4 - yearOf/100)
	month = (5*dayOf + 2) / 153
	day = dayOf - (153*month+2)/5 + 1
	year = int64(yearOf) + era*400
	if month < 10 {
		return year, month + 3, day
	}
	return year + 1, month - 9, day
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
