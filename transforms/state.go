package transforms

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"strings"
	"time"
)

// A TableState is what is remembered of a model that was built.
type TableState struct {
	Name        string // schema.table, or MacrosState
	Version     string // what it was made of: its SQL, its macros and its inputs' contents, each by its hash
	ContentHash string // of its columns and rows
	CommentHash string // of its descriptions
	Rows        int64
	Build       int64 // number of the build that made it
	// Partitions are those of a partition table, by their keys. One that is gone stays with no rows.
	Partitions map[string]PartitionState
}

// A PartitionState is what is remembered of one partition of a table.
type PartitionState struct {
	Content string `json:"content"` // of its columns and rows
	Rows    int64  `json:"rows"`
	Build   int64  `json:"build"` // number of the build that last changed it
}

// MacrosState is the name under which the macros are remembered among the tables.
const MacrosState = "main.macros"

// A TestState is what is remembered of a test: its answer belongs to the version it was asked of.
type TestState struct {
	Table    string
	Name     string
	Version  string // of the test and of what it reads beside its table
	Content  string // what told the rows of its table
	Build    int64  // number of the build in which it was asked
	Severity Severity
	Passed   bool
	Failing  int64
	Examples []string // keys of up to five failing rows
}

// A State remembers what was built. Saves are made in the transaction of the build they are about, so that neither
// stands without the other. It is used by one goroutine.
type State interface {
	// InputVersion changes whenever the rows of a relation that no model makes may have changed.
	InputVersion(ctx context.Context, relation string) (string, error)
	// Tables and Tests are all that was saved and not dropped since.
	Tables(ctx context.Context) ([]TableState, error)
	Tests(ctx context.Context) ([]TestState, error)
	// SaveTable and SaveTest replace what is remembered under the same name (for a test, table and name).
	SaveTable(ctx context.Context, tx *sql.Tx, t TableState) error
	SaveTest(ctx context.Context, tx *sql.Tx, t TestState) error
	// DropTable forgets a table and its tests.
	DropTable(ctx context.Context, tx *sql.Tx, name string) error
}

// An Outcome is what a build did with a model.
type Outcome string

// The outcomes of a model. Skipped means that something it reads failed; the table is as it was.
const (
	Built   Outcome = "built"
	Kept    Outcome = "kept"
	Failed  Outcome = "failed"
	Skipped Outcome = "skipped"
)

// A ModelResult is what became of one model.
type ModelResult struct {
	Name     string
	Outcome  Outcome
	Changed  bool // it was built and its rows or columns differ from before
	Rows     int64
	Duration time.Duration
	Err      error
}

// A TestResult is the answer of one test.
type TestResult struct {
	TestState
	Where string // file:line of the test
	Fresh bool   // asked in this build, not remembered
}

// A Result is what a build did.
type Result struct {
	Models  []ModelResult
	Dropped []string
	Tests   []TestResult
}

// Red are the tests that failed and stop a release.
func (r Result) Red() []TestResult {
	var red []TestResult
	for _, t := range r.Tests {
		if !t.Passed && t.Severity == SeverityError {
			red = append(red, t)
		}
	}
	return red
}

// hashOf is a hash of texts, each of which counts as one.
func hashOf(texts ...string) string {
	h := sha256.New()
	for _, text := range texts {
		h.Write([]byte(text))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// descriptions is a text of all the comments of a model.
func (m *Model) descriptions() string {
	parts := []string{m.Description}
	for _, column := range m.Columns {
		parts = append(parts, column.Name, column.Description)
	}
	return strings.Join(parts, "\x00")
}
