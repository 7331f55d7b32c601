package csvdrop

import (
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/goldthread/goldthread/connectors"
)

// mostKeys bounds the memory in which a trial looks for keys that stand twice, to some 200 MB.
const mostKeys = 2 << 20

// repeats finds the rows of one key, as landing would set them aside: of equal rows all but the first, of different ones all.
type repeats struct {
	key    []string
	hasher *connectors.RowHasher
	rows   map[keyHash]keyed
	more   []repeat
	past   bool // more keys than are compared
}

// A keyHash is the hash of a key, as landing takes it.
type keyHash [16]byte

type keyed struct {
	line    int64
	content uint64 // the first half of the row's hash
	differs bool
}

// A repeat is a row whose key stood on an earlier line.
type repeat struct {
	line int64
	key  keyHash
}

func newRepeats(ds connectors.Dataset) *repeats {
	return &repeats{key: ds.Key, hasher: connectors.NewRowHasher(ds.Schema(), ds.Key), rows: map[keyHash]keyed{}}
}

func (r *repeats) add(rows arrow.RecordBatch) {
	if len(r.key) == 0 {
		return
	}
	lines := rows.Column(int(rows.NumCols()) - 1).(*array.Int64)
	keys, contents := r.hasher.Hash(rows)
	defer keys.Release()
	defer contents.Release()
	for i := range lines.Len() {
		r.row(lines.Value(i), keyHash(keys.Value(i)), binary.BigEndian.Uint64(contents.Value(i)))
	}
}

func (r *repeats) row(line int64, key keyHash, content uint64) {
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
	told := map[keyHash]bool{}
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
		trial.Rejects = append(trial.Rejects, connectors.Reject{Row: line, Column: strings.Join(r.key, ", "), Reason: reason, Repeat: true})
	}
}
