package csvdrop

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/zeebo/xxh3"

	"github.com/goldthread/goldthread/connectors"
)

// mostKeys bounds the memory in which a trial looks for keys that stand twice, to some 200 MB.
const mostKeys = 2 << 20

// repeats finds the rows of one key, as landing would set them aside: of equal rows all but the first, of different ones all.
type repeats struct {
	key  []string
	rows map[xxh3.Uint128]keyed
	more []repeat
	past bool // more keys than are compared
}

type keyed struct {
	line    int64
	content uint64
	differs bool
}

// A repeat is a row whose key stood on an earlier line.
type repeat struct {
	line int64
	key  xxh3.Uint128
}

func newRepeats(ds connectors.Dataset) *repeats {
	return &repeats{key: ds.Key, rows: map[xxh3.Uint128]keyed{}}
}

func (r *repeats) add(rows arrow.RecordBatch) {
	if len(r.key) == 0 {
		return
	}
	last := int(rows.NumCols()) - 1
	lines := rows.Column(last).(*array.Int64)
	var isKey []bool
	for c := range last {
		isKey = append(isKey, slices.Contains(r.key, rows.ColumnName(c)))
	}
	var key, content []byte
	for i := range int(rows.NumRows()) {
		key, content = key[:0], content[:0]
		for c := range last {
			begun := len(content)
			content = appendCell(content, rows.Column(c), i)
			if isKey[c] {
				key = append(key, content[begun:]...)
			}
		}
		r.row(lines.Value(i), xxh3.Hash128(key), xxh3.Hash(content))
	}
}

// appendCell appends a value so that no two rows of values look alike.
func appendCell(b []byte, column arrow.Array, i int) []byte {
	if column.IsNull(i) {
		return append(b, 0)
	}
	b = append(b, 1)
	switch a := column.(type) {
	case *array.Int64:
		return binary.LittleEndian.AppendUint64(b, uint64(a.Value(i)))
	case *array.Decimal128:
		v := a.Value(i)
		return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(b, v.LowBits()), uint64(v.HighBits()))
	case *array.Date32:
		return binary.LittleEndian.AppendUint32(b, uint32(a.Value(i)))
	case *array.Timestamp:
		return binary.LittleEndian.AppendUint64(b, uint64(a.Value(i)))
	}
	text := column.ValueStr(i)
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

func (r *repeats) row(line int64, key xxh3.Uint128, content uint64) {
	known, repeated := r.rows[key]
	switch {
	case repeated:
		known.differs = known.differs || known.content != content
		r.rows[key] = known
		r.more = append(r.more, repeat{line, key})
	case len(r.rows) < mostKeys:
		r.rows[key] = keyed{line: line, content: content}
	default:
		r.past = true
	}
}

// judge takes the rows that would be set aside out of those stored.
func (r *repeats) judge(trial *connectors.Trial) {
	if r.past {
		trial.Notes = append(trial.Notes, fmt.Sprintf("keys were compared in the first %d rows only", mostKeys))
	}
	told := map[xxh3.Uint128]bool{}
	for _, again := range r.more {
		first := r.rows[again.key]
		if first.differs && !told[again.key] {
			told[again.key] = true
			r.aside(trial, first.line, fmt.Sprintf("the key (%s) stands again on line %d with different values", strings.Join(r.key, ", "), again.line))
		}
		reason := fmt.Sprintf("repeats line %d word for word", first.line)
		if first.differs {
			reason = fmt.Sprintf("the key (%s) stands on line %d already with different values", strings.Join(r.key, ", "), first.line)
		}
		r.aside(trial, again.line, reason)
	}
}

func (r *repeats) aside(trial *connectors.Trial, line int64, reason string) {
	trial.Stored--
	trial.Quarantined++
	if len(trial.Rejects) < mostRejects {
		trial.Rejects = append(trial.Rejects, connectors.Reject{Row: line, Column: strings.Join(r.key, ", "), Reason: reason})
	}
}
