// Package connectors says what a source is and runs one: it counts and hashes what the source yields, adds the columns
// that say where a row came from, keeps the raw input in the archive, and hands the rows on load by load.
//
// A kind of source is a package of its own below this one. It knows its system and nothing of the warehouse.
package connectors

import (
	"context"
	"encoding/json"
	"iter"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
)

// A Source yields the datasets of one system as they stand there.
type Source interface {
	// Datasets lists what can be read, with columns and key.
	Datasets(ctx context.Context) ([]Dataset, error)
	// Read yields ds in batches: the rows that changed since the cursor, or all of them where it is empty.
	// An error is the last thing it yields, and then nothing of the load it interrupts is kept.
	// Batches are yielded from the caller's goroutine; the rows of one must be released by who takes it.
	Read(ctx context.Context, ds Dataset, since Cursor) iter.Seq2[Batch, error]
}

// A Cursor says how far a source has been read: an opaque JSON text of the source's own, or nothing.
type Cursor json.RawMessage

// A Batch is rows that fit the contract, rows that do not, and how far the source has now been read.
type Batch struct {
	// Extract is set on the first batch of each file, page or query, and only there.
	Extract *Extract
	// Rows has the columns of Dataset.Schema; nil where the batch holds none.
	Rows arrow.RecordBatch
	// Rejects are the rows set aside.
	Rejects []Reject
	// Blank counts rows without any text, which are skipped.
	Blank int64
	// Cursor is how far the source has been read after this batch; the last one of a load is kept with it.
	Cursor Cursor
	// EndOfLoad closes the load: what came since the last close is stored in one transaction. The end of Read closes too.
	EndOfLoad bool
	// Expected is set on the first batch of a load whose rows the source has counted before it reads them.
	Expected int64
	// Whole is set on a batch of a load that is everything there is, whatever the dataset's mode: what it lacks has vanished.
	Whole bool
	// Discard drops everything since the last end of load, as when a file turns out to be refused after rows of it were
	// yielded. Extract then says what came of the file.
	Discard bool
}

// An Outcome is what became of one look at a file, page or query.
type Outcome string

const (
	Landed    Outcome = "landed"    // rows were read from it
	SameHash  Outcome = "same_hash" // its content has been read before
	Unchanged Outcome = "unchanged" // the source says that nothing changed
	Refused   Outcome = "refused"   // it breaks the contract as a whole
	Failed    Outcome = "failed"    // it could not be read
)

// An Extract is one look at a file, page or query.
type Extract struct {
	Place       string    // path within the council's folder, or URL without secrets, or query name
	SHA256      string    // of the raw content, in hex
	Size        int64     // bytes
	ModifiedAt  time.Time // as the file system or the source says
	PublishedAt time.Time // the source's edition, a date at midnight UTC; zero where it has none
	Outcome     Outcome
	Reason      string   // why it was refused or failed, in words an analyst understands
	Notes       []string // what was odd and still accepted, such as an ignored new column
}

// A Reject is a row set aside. Text is the raw text of the offending field, or of the record where no single field is at
// fault; it is never logged.
type Reject struct {
	Row    int64  // physical line on which the record begins
	Column string // empty where the record as a whole is at fault
	Text   string
	Reason string
}
