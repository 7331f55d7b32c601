package sqldb

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	mssql "github.com/microsoft/go-mssqldb"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/connectors/sqldb/tdstest"
)

// failed checks that nothing landed and what is said of it.
func failed(t *testing.T, r msReading, reason string) {
	t.Helper()
	if last := r.last(); r.kept || len(r.rows) > 0 || r.err != nil || last.Outcome != connectors.Failed || !strings.Contains(last.Reason, reason) {
		t.Errorf("kept %t, %d rows, %v, %s: %s\nwant %s", r.kept, len(r.rows), r.err, last.Outcome, last.Reason, reason)
	}
	if strings.Contains(fmt.Sprint(r), tdstest.Secret) {
		t.Error("the secret is told")
	}
}

var msRaised = map[string]struct {
	error tdstest.Error
	words string
}{
	"deadlock":          {tdstest.Deadlock, "the server ended the reading in favour of another session (deadlock) (tried 2 times); this may pass"},
	"lock time-out":     {tdstest.LockTimeout, "another session holds a lock for longer than lock_timeout (tried 2 times); this may pass"},
	"snapshot conflict": {tdstest.SnapshotConflict, "the server ended the reading in favour of another session (a conflict of snapshots) (tried 2 times); this may pass"},
}

func TestSQLServerErrorsLeaveNothing(t *testing.T) {
	for name, one := range msRaised {
		t.Run(name, func(t *testing.T) {
			table := cases(1000)
			table.Fails = func(int) tdstest.Answer { return tdstest.Answer{Error: &one.error} }
			failed(t, readOnce(t, msSource(t, table.Serve(t, tdstest.Plain), "tries: 2\nbatch_rows: 100", msIncrement), nil), one.words)
		})
	}
}

func TestSQLServerIsAskedAgainAfterAnError(t *testing.T) {
	for name, one := range msRaised {
		t.Run(name, func(t *testing.T) {
			table := cases(1000)
			table.Fails = func(n int) tdstest.Answer {
				if n == 1 {
					return tdstest.Answer{Error: &one.error}
				}
				return tdstest.Answer{}
			}
			r := readOnce(t, msSource(t, table.Serve(t, tdstest.Plain), "batch_rows: 100", msIncrement), nil)
			if len(r.rows) != 1000 || r.last().Outcome != connectors.Landed || !strings.Contains(fmt.Sprint(r.last().Notes), "try 1 came to nothing") {
				t.Errorf("%d rows, %+v", len(r.rows), r.last())
			}
		})
	}
}

func TestSQLServerCutsLeaveNothing(t *testing.T) {
	words := map[tdstest.Cut]string{tdstest.Reset: "the connection was cut", tdstest.Closed: "the connection was cut", tdstest.Silence: "the server fell silent"}
	for _, encryption := range []tdstest.Encryption{tdstest.Plain, tdstest.Required} {
		for how, reason := range words {
			for _, after := range []int{0, 10, 500, 1000} {
				t.Run(fmt.Sprint(encryption, how, after), func(t *testing.T) {
					t.Parallel()
					table := cases(1000)
					table.Fails = func(n int) tdstest.Answer {
						if n == 1 {
							return tdstest.Answer{Cut: how, After: after}
						}
						return tdstest.Answer{}
					}
					s := table.Serve(t, encryption)
					source := msSource(t, s, "tries: 1\nsilence: 1s\nbatch_rows: 100", msIncrement)
					failed(t, readOnce(t, source, nil), reason)
					if r := readOnce(t, source, nil); len(r.rows) != 1000 || !r.kept {
						t.Errorf("the next reading gives %d rows, %+v", len(r.rows), r.last())
					}
				})
			}
		}
	}
}

func TestSQLServerIsToldThatAReadingIsLeft(t *testing.T) {
	table := cases(1000)
	table.Fails = func(int) tdstest.Answer { return tdstest.Answer{Cut: tdstest.Waiting, After: 500} }
	s := table.Serve(t, tdstest.Plain)
	source := msSource(t, s, "batch_rows: 100", msIncrement)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	datasets, _ := source.Datasets(ctx)
	var last error
	for batch, err := range source.Read(ctx, datasets[0], nil) {
		texts(batch)
		last = err
		cancel()
	}
	if !errors.Is(last, context.Canceled) || s.Attentions() == 0 {
		t.Errorf("ended with %v after %d attentions", last, s.Attentions())
	}
}

func TestSQLServerStatementsHaveAnEnd(t *testing.T) {
	table := cases(10)
	table.Fails = func(int) tdstest.Answer { return tdstest.Answer{Cut: tdstest.Waiting, After: 5} }
	s := table.Serve(t, tdstest.Plain)
	failed(t, readOnce(t, msSource(t, s, "tries: 1\ntimeout: 1s", msIncrement), nil), "the statement took longer than timeout; this may pass")
	if s.Attentions() == 0 {
		t.Errorf("the server was told %d times", s.Attentions())
	}
}

func TestSQLServerTakesAccountsOfWindows(t *testing.T) {
	s := cases(1).Serve(t, tdstest.Required)
	source := msSource(t, s, "", msIncrement)
	source.config.User = tdstest.WindowsUser
	if r := readOnce(t, source, nil); len(r.rows) != 1 || s.Logins()[0].User != tdstest.WindowsUser {
		t.Errorf("%+v", r)
	}
}

func TestSQLServerSaysWhyNobodyGetsIn(t *testing.T) {
	t.Run("a wrong secret", func(t *testing.T) {
		s := cases(1).Serve(t, tdstest.Plain)
		source := msSource(t, s, "", msIncrement)
		source.deps.Getenv = func(string) string { return "canaryWRONG" }
		r := readOnce(t, source, nil)
		failed(t, r, "the server did not accept user and password, or does not let this account in")
		if len(s.Logins()) != 1 || strings.Contains(fmt.Sprint(r), "canaryWRONG") {
			t.Errorf("%d tries; a locked account is worse than a failed run: %+v", len(s.Logins()), r)
		}
	})
	t.Run("a certificate that nobody vouches for", func(t *testing.T) {
		s := cases(1).Serve(t, tdstest.Required)
		s.CAFile = ""
		source := msSource(t, s, "", msIncrement)
		source.config.TLS = tlsVerify
		failed(t, readOnce(t, source, nil), "the server's certificate is not trusted: certificate signed by unknown authority")
		if len(s.Logins()) != 0 {
			t.Error("someone signed in")
		}
	})
	t.Run("a certificate for another host", func(t *testing.T) {
		s := cases(1).Serve(t, tdstest.Required)
		s.Host = "localhost"
		failed(t, readOnce(t, msSource(t, s, "", msIncrement), nil), "the server's certificate is not trusted: certificate is valid for")
	})
	t.Run("a server without TLS", func(t *testing.T) {
		s := cases(1).Serve(t, tdstest.Plain)
		source := msSource(t, s, "", msIncrement)
		source.config.TLS = tlsVerify
		failed(t, readOnce(t, source, nil), noTLS)
		if len(s.Logins()) != 0 {
			t.Error("someone signed in")
		}
	})
	t.Run("nobody there", func(t *testing.T) {
		s := cases(1).Serve(t, tdstest.Plain)
		source := msSource(t, s, "tries: 1", msIncrement)
		source.config.Port = 1
		failed(t, readOnce(t, source, nil), "nothing listens there")
	})
	t.Run("silence before the login", func(t *testing.T) {
		s := tdstest.StartSilent(t)
		failed(t, readOnce(t, msSource(t, s, "tries: 1\nconnect_timeout: 1s", msIncrement), nil), "the server fell silent")
	})
}

func TestSQLServerErrorsAreExplained(t *testing.T) {
	for name, one := range map[string]struct {
		err    error
		words  string
		passes bool
	}{
		"no right":      {mssql.Error{Number: 229, Class: 14, Message: "The SELECT permission was denied on the object 'cases'"}, "the account has no right to read this: The SELECT permission was denied on the object 'cases'", false},
		"no table":      {mssql.Error{Number: 208, Class: 16, Message: "Invalid object name 'x'."}, "the server does not understand the query: Invalid object name 'x'.", false},
		"grammar":       {mssql.Error{Number: 102, Class: 15, Message: "Incorrect syntax near ','."}, "the server does not understand the query: Incorrect syntax near ','.", false},
		"a value":       {mssql.Error{Number: 245, Class: 16, Message: "Conversion failed when converting the varchar value 'Mrs Smith' to data type int."}, "a view or query makes a number or date of a value that is none", false},
		"unknown":       {mssql.Error{Number: 60001, Class: 16, Message: "Mrs Smith"}, "the server reports error 60001", false},
		"unwell":        {mssql.Error{Number: 60001, Class: 21, Message: "Mrs Smith"}, "the server reports error 60001", true},
		"a full tempdb": {fmt.Errorf("x: %w", mssql.Error{Number: 3958, Class: 16}), "the server has no room left: for locks, memory or disk (for the old versions of rows, in tempdb)", true},
	} {
		t.Run(name, func(t *testing.T) {
			if words, passes := (sqlserver{}).explain(one.err); words != one.words || passes != one.passes {
				t.Errorf("got %q, %t", words, passes)
			}
		})
	}
}
