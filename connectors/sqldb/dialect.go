package sqldb

import (
	"context"
	"time"

	"github.com/goldthread/goldthread/connectors"
)

// A dialect is one engine's own way of doing what all of them can. The statements themselves are put together in
// statements.go from the pieces it gives.
type dialect interface {
	// port is where the engine listens where nobody says otherwise.
	port() int
	// connect opens one connection whose session may only read, sees one snapshot until it is closed, gives up on a lock
	// and on a statement after the target's times, and lets others go first where the engine has priorities.
	connect(ctx context.Context, t target) (session, error)
	// quote makes one identifier of a name, whatever characters it has.
	quote(name string) string
	// shape says what stands at a relation: columns, primary key and a mark of a view's definition. A relation that is not
	// there, or that the account may not see, is an error.
	shape(ctx context.Context, s session, r relation) (shape, error)
	// selected is the expression by which a column is read, so that nothing of it is lost on the way to a cell.
	selected(quoted string, c column) string
	// asText is the expression for the engine's own text of an expression of the column's type, at its full precision. It
	// is what a saved cursor and control totals are compared by.
	asText(expression string, c column) string
	// sum is the expression for the exact sum of a column, before asText; empty where the engine has none for its type.
	sum(quoted string, c column) string
	// bound is the expression that stands for parameter n, from 1: a text that asText once gave, as a value of the
	// column's type, moved back by the look-back.
	bound(n int, c column, back lookBack) string
	// clock is the expression for the source's own clock in terms of the column's type; empty where it is no time.
	clock(c column) string
	// now selects the source's clock as whole seconds since 1970.
	now() string
	// writes says in a few words what the account could write to; empty where nothing.
	writes(ctx context.Context, s session) (string, error)
	// explain says what an error of this engine means in an analyst's words, and whether it may pass by itself. The words
	// are empty where the engine has none of its own for it.
	explain(err error) (words string, passes bool)
}

// A target is where a session is opened, and how it is to behave there.
type target struct {
	Host, Database, User string
	Port                 int
	Password             string
	AsWindows            bool // as the account that the program runs under
	TLS                  tlsTerms
	Zone                 string        // in which the source's clock is told to columns without an offset
	ConnectTimeout       time.Duration // until the session stands
	StatementTimeout     time.Duration // that a statement may take from beginning to end
	LockTimeout          time.Duration // that a statement may wait for a lock
	Dial                 dialFunc      // gives up on a server that falls silent
}

// A session is one connection within its one transaction. It is not safe for concurrent use.
type session interface {
	// query runs one statement and hands on its rows as they come. The cells are the session's own until take returns; an
	// error of take ends the query and comes back.
	query(ctx context.Context, statement string, args []string, take func(row []connectors.Cell) error) error
	// close ends transaction and connection; it does not wait for a server that says nothing.
	close()
}

// A relation is what a dataset reads: a table or view, or the query of a file.
type relation struct {
	Schema, Table string
	Query         string
}

// A shape is what a relation looked like when it was read.
type shape struct {
	Columns []column
	Key     []string // the primary key's columns; nil where there is none or a query hides it
	View    string   // a mark of what a view selects; empty for a table
	// About is what has to be said of how the session reads it.
	About []string `json:"-"`
}

// A class is what can be done with the values of a type.
type class string

const (
	text    class = "text"
	number  class = "number" // exact
	float   class = "float"
	day     class = "date"
	moment  class = "moment" // with an offset, or in UTC
	local   class = "local"  // date and time without an offset
	boolean class = "boolean"
	other   class = "other"
)

// A column is one of a relation, as its engine describes it.
type column struct {
	Name      string `json:"name"`
	Type      string `json:"type"` // in the engine's words, with length or precision
	Class     class  `json:"class"`
	Nullable  bool   `json:"nullable,omitempty"`
	Collation string `json:"collation,omitempty"`
}

// isTime says whether the clock can be compared with values of the column.
func (c column) isTime() bool { return c.Class == moment || c.Class == local || c.Class == day }

// A lookBack is how far before a saved cursor reading begins: a time, or a number of units.
type lookBack struct {
	Time  time.Duration
	Units int64
}
