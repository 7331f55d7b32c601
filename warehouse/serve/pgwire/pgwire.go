// Package pgwire lets tools that speak the PostgreSQL protocol read releases: psql, pgx, psycopg, pgJDBC and what is built
// on them. A session reads one release of its account's audience from beginning to end; nothing can be written.
//
// What it does not speak is refused with a SQLSTATE and words, never answered half.
package pgwire

import (
	"context"
	"crypto/tls"
	"database/sql"
	"time"

	"github.com/rs/zerolog"

	"github.com/goldthread/goldthread/warehouse"
	"github.com/goldthread/goldthread/warehouse/duckdb"
	"github.com/goldthread/goldthread/warehouse/serve/accounts"
)

// Accounts are who may read.
type Accounts interface {
	// Verifier gives that of an account; of one that is unknown or may not come in, a made-up one that no secret fits.
	Verifier(name string) accounts.Verifier
	// Answer notes whether a guess from an address was right, and says whether it may be answered with yes.
	Answer(name, from string, ok bool) bool
}

// A Checked is a statement that the gate let through.
type Checked struct {
	Fingerprint string // without literals
}

// A Gate says whether a statement may be run. Its error is a *Refusal where the reader is to be told why.
type Gate func(ctx context.Context, conn *sql.Conn, statement string) (Checked, error)

// An Entry is one statement, or one attempt to come in, for the audit log.
type Entry struct {
	At          time.Time
	Account     string
	From        string
	Application string
	Audience    string
	Release     int64
	Action      string // sign-in or statement
	Fingerprint string
	Rows        int64
	Duration    time.Duration
	Outcome     string // ok, or the SQLSTATE of what went wrong
}

// An Audit keeps entries for good. A statement whose entry cannot be kept is not answered.
type Audit interface {
	Append(Entry) error
}

// Limits bound what readers may use.
type Limits struct {
	Connections int           // at once
	Running     int           // statements at once; more wait their turn
	Statement   time.Duration // longest time a statement may take, waiting included
	Idle        time.Duration // longest time a session may be silent
	Session     time.Duration // longest time a session may last
	SignIn      time.Duration // longest time from connecting to being let in
	Message     int           // longest message in bytes
	Prepared    int           // statements and portals a session may keep
	Overrun     time.Duration // longest time that the engine may take to stop a statement
	Stop        time.Duration // longest time that running statements are given when the server is stopped
}

// DefaultLimits suit ten people in BI tools on one ordinary server.
func DefaultLimits() Limits {
	return Limits{
		Connections: 50, Running: 4, Statement: 10 * time.Minute, Idle: time.Hour, Session: 24 * time.Hour,
		SignIn: 20 * time.Second, Message: 4 << 20, Prepared: 1000, Overrun: 10 * time.Second, Stop: 10 * time.Second,
	}
}

// Config is what a server needs.
type Config struct {
	Releases *warehouse.Releases
	Accounts Accounts
	Gate     Gate
	Audit    Audit
	Engine   duckdb.Settings // memory, disk, threads and time zone of each engine; each spills into a folder of its own below TempFolder
	Limits   Limits
	Whole    bool        // answers are made whole before their first row is sent
	TLS      *tls.Config // none: readers on this machine only
	Now      func() time.Time
	Log      zerolog.Logger
}
