package connectors

import (
	"context"
	"time"
)

// A Trial is what would come of one file, were it left where a source takes its files from. Nothing of it is kept.
type Trial struct {
	Dataset string `json:"dataset"`
	// Refused says why the file as a whole would not be taken; the counts then show what it holds all the same.
	Refused     string `json:"refused,omitempty"`
	Read        int64  `json:"read"` // stored, set aside and blank together
	Stored      int64  `json:"stored"`
	Quarantined int64  `json:"quarantined"`
	Blank       int64  `json:"blank"`
	// Rejects are the first of the rows that would be set aside.
	Rejects []Reject `json:"rejects"`
	// Missing are columns of the contract that the file lacks, New those of the file that the contract does not name.
	Missing []string `json:"missing_columns"`
	New     []string `json:"new_columns"`
	Notes   []string `json:"notes"`
}

// A Trier is settings under which a file can be tried. An empty dataset is the one whose files have such a name. Moments
// without an offset are local time in zone.
type Trier interface {
	Try(ctx context.Context, dataset, path string, zone *time.Location) (Trial, error)
}

// A Judge says of single texts whether a column would take them.
type Judge struct{ column *column }

// NewJudge begins to judge texts by what a contract says of a column.
func NewJudge(c Column, zone *time.Location) (*Judge, error) {
	column, err := newColumn(c, zone, &recycler{})
	return &Judge{column}, err
}

// Fault says why the column would set a text aside; it is empty where the column takes it.
func (j *Judge) Fault(text []byte) string { return j.column.hold(text) }
