package pgwire

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/goldthread/goldthread/warehouse"
)

func state(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return fmt.Sprint(err)
}

// TestResultsAreTheSameInTextAndBinary reads each type both ways through the driver.
func TestResultsAreTheSameInTextAndBinary(t *testing.T) {
	conn := serve(t, nil).connect("")
	var read [2][]any
	for i, format := range []int16{pgx.TextFormatCode, pgx.BinaryFormatCode} {
		rows, err := conn.Query(t.Context(), everyType, pgx.QueryResultFormats{format})
		if err != nil {
			t.Fatal(err)
		}
		if read[i], err = pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) ([]any, error) { return row.Values() }); err != nil {
			t.Fatal(err)
		}
	}
	for i := range read[0] {
		text, binary := shown(t, read[0][i]), shown(t, read[1][i])
		if text != binary {
			t.Errorf("%s is %s as text and %s in binary", everyText[i], text, binary)
		}
	}
}

// shown writes a value so that two decimals of the same amount are alike, whatever the driver keeps them as.
func shown(t *testing.T, value any) string {
	t.Helper()
	switch v := value.(type) {
	case pgtype.Numeric:
		text, err := v.Value()
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(text)
	case time.Time:
		return v.UTC().String()
	case []any:
		var all []string
		for _, one := range v {
			all = append(all, shown(t, one))
		}
		return strings.Join(all, ",")
	}
	return fmt.Sprint(value)
}

// TestPortalGivesItsRowsInParts asks for two rows at a time, as pgJDBC does with a fetch size.
func TestPortalGivesItsRowsInParts(t *testing.T) {
	front := serve(t, nil).front()
	for _, m := range []pgproto3.FrontendMessage{
		&pgproto3.Query{String: "begin"},
		&pgproto3.Parse{Query: "select rank from marts.scorecard order by 1"}, &pgproto3.Bind{}, &pgproto3.Describe{ObjectType: 'P'},
		&pgproto3.Execute{MaxRows: 2}, &pgproto3.Execute{MaxRows: 2}, &pgproto3.Sync{},
	} {
		front.Send(m)
	}
	want := "CommandComplete ReadyForQuery ParseComplete BindComplete RowDescription DataRow DataRow PortalSuspended DataRow CommandComplete ReadyForQuery"
	if got := receive(t, front, 2); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestThreeStatementsInOnePipeline sends what Npgsql 4 does when it loads types: three statements and one Sync.
func TestThreeStatementsInOnePipeline(t *testing.T) {
	front := serve(t, nil).front()
	for range 3 {
		for _, m := range []pgproto3.FrontendMessage{&pgproto3.Parse{Query: "select 1 as a"}, &pgproto3.Bind{}, &pgproto3.Describe{ObjectType: 'P'}, &pgproto3.Execute{}} {
			front.Send(m)
		}
	}
	front.Send(&pgproto3.Sync{})
	one := "ParseComplete BindComplete RowDescription DataRow CommandComplete "
	if got := receive(t, front, 1); got != one+one+one+"ReadyForQuery" {
		t.Errorf("got %s", got)
	}
	front.Send(&pgproto3.Parse{Query: "insert into x values (1)"})
	front.Send(&pgproto3.Bind{})
	front.Send(&pgproto3.Sync{})
	if got := receive(t, front, 1); got != "ErrorResponse ReadyForQuery" {
		t.Errorf("after an error in a pipeline: %s", got)
	}
}

// front is a client without a driver, signed in.
func (s *testServer) front() *pgproto3.Frontend {
	s.t.Helper()
	hijacked, err := s.connect("").PgConn().Hijack()
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { hijacked.Conn.Close() })
	return hijacked.Frontend
}

// receive names the messages up to the given number of ReadyForQuery.
func receive(t *testing.T, front *pgproto3.Frontend, ready int) string {
	t.Helper()
	if err := front.Flush(); err != nil {
		t.Fatal(err)
	}
	var names []string
	for ready > 0 {
		m, err := front.Receive()
		if err != nil {
			t.Fatal(names, err)
		}
		name := strings.TrimPrefix(fmt.Sprintf("%T", m), "*pgproto3.")
		if names = append(names, name); name == "ReadyForQuery" {
			ready--
		}
	}
	return strings.Join(names, " ")
}

func TestErrorsBearTheirSQLState(t *testing.T) {
	conn := serve(t, nil).connect("")
	for statement, want := range map[string]string{
		"selec 1": "25006", "select from where": codeSyntax, "select * from marts.nothing": codeNoTable, "select nothing from marts.scorecard": codeNoColumn,
		"select nothing(1)": codeNoFunction, "select 'x'::integer": codeBadValue, "drop table marts.scorecard": codeReadOnly, "explain analyze select 1": codeNotSupported, "explain drop table x": codeReadOnly, "explain select * from marts.nothing": codeNoTable,
		"fetch 1 from nothing": codeNoPortal, "declare c scroll cursor for select 1": codeNotSupported, "declare c cursor for drop table x": codeReadOnly,
		"show nothing": codeNoSetting, "set client_encoding = 'latin1'": codeNotSupported, "copy marts.scorecard to '/etc/x'": codePermission,
		"copy marts.scorecard from stdin": codeReadOnly, "deallocate nothing": codeNoStatement, "begin read write": codeReadOnly,
	} {
		if _, err := conn.Exec(t.Context(), statement); state(err) != want {
			t.Errorf("%s: %v", statement, err)
		}
	}
}

func TestTransactionsAnswerAsAReadOnlySessionDoes(t *testing.T) {
	conn := serve(t, nil).connect("")
	for _, step := range []struct{ statement, want string }{
		{"begin transaction isolation level repeatable read, read only", "<nil>"}, {"savepoint a", "<nil>"}, {"selec", codeReadOnly},
		{"select 1", codeFailed}, {"rollback to savepoint a", "<nil>"}, {"select 1", "<nil>"}, {"commit", "<nil>"},
		{"set extra_float_digits = 3", "<nil>"}, {"set session characteristics as transaction read only", "<nil>"},
		{"set application_name to 'x'", "<nil>"}, {"discard all", "<nil>"}, {"show standard_conforming_strings", "<nil>"}, {"", "<nil>"},
	} {
		_, err := conn.Exec(t.Context(), step.statement, pgx.QueryExecModeSimpleProtocol)
		if got := state(err); got != step.want {
			t.Errorf("%s: %s", step.statement, got)
		}
	}
}

// endless runs until it is stopped.
const endless = "select count(*) from range(100000000000) a, range(1000) b where a.range * b.range % 7 = 3"

func TestAStatementIsStopped(t *testing.T) {
	s := serve(t, nil)
	conn := s.connect("&statement_timeout=200")
	if _, err := conn.Exec(t.Context(), endless); state(err) != codeCancelled {
		t.Errorf("timeout: %v", err)
	}
	conn = s.connect("")
	front := s.front()
	front.Send(&pgproto3.Query{String: endless})
	if err := front.Flush(); err != nil {
		t.Fatal(err)
	}
	failed := make(chan error, 1)
	go func() { _, err := conn.Exec(context.Background(), endless); failed <- err }()
	for tried := false; !tried; {
		select {
		case err := <-failed:
			tried = true
			if state(err) != codeCancelled {
				t.Errorf("cancel: %v", err)
			}
		default:
			if err := conn.PgConn().CancelRequest(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestAClientThatVanishesStopsItsStatement leaves an endless statement, for which there is one place only.
func TestAClientThatVanishesStopsItsStatement(t *testing.T) {
	s := serve(t, func(c *Config) { c.Limits.Running = 1 })
	hijacked, err := s.connect("").PgConn().Hijack()
	if err != nil {
		t.Fatal(err)
	}
	hijacked.Frontend.Send(&pgproto3.Query{String: endless})
	if err := errors.Join(hijacked.Frontend.Flush(), hijacked.Conn.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.connect("&statement_timeout=10s").Exec(t.Context(), "select 1"); err != nil {
		t.Error(err)
	}
}

func TestNewSessionsReadTheNewRelease(t *testing.T) {
	s := serve(t, nil)
	before := s.connect("")
	release(t, s.folder, "second")
	after, held := s.connect(""), s.connect("&options=-c%20goldthread.release%3D1")
	for want, conns := range map[string][]*pgx.Conn{"first": {before, held}, "second": {after}} {
		for _, conn := range conns {
			var mark string
			if err := conn.QueryRow(t.Context(), "select min(mark) from scorecard").Scan(&mark); err != nil || mark != want {
				t.Errorf("%q, %v; wanted %q", mark, err, want)
			}
		}
	}
	for _, release := range []string{"9", "no-such-name"} {
		if _, err := pgx.Connect(t.Context(), s.url("&options=-c%20goldthread.release%3D"+release)); state(err) != codeNoRelease {
			t.Errorf("release %s, which is not kept: %v", release, err)
		}
	}
}

func TestASessionAsksForAReleaseByNameWithAnOptionOrItsDatabase(t *testing.T) {
	s := serve(t, nil)
	if err := warehouse.NewReleases(s.folder).Name(warehouse.Naming{Release: 1, Name: "cabinet-2026-q1", By: "ann"}); err != nil {
		t.Fatal(err)
	}
	release(t, s.folder, "second")
	for _, asked := range []string{
		"&options=-c%20goldthread.release%3Dcabinet-2026-q1", "&database=goldthread%40cabinet-2026-q1", "&database=goldthread%401",
		"&database=goldthread%402&options=-c%20goldthread.release%3D1",
	} {
		var mark string
		if err := s.connect(asked).QueryRow(t.Context(), "select min(mark) from scorecard").Scan(&mark); err != nil || mark != "first" {
			t.Errorf("%s reads %q, %v", asked, mark, err)
		}
	}
}

func TestConnectionsAreLimited(t *testing.T) {
	s := serve(t, func(c *Config) { c.Limits.Connections = 1 })
	s.connect("")
	if _, err := pgx.Connect(t.Context(), s.url("")); state(err) != codeTooMany {
		t.Errorf("a second connection: %v", err)
	}
}

func TestTLSIsWantedWhereThereIsACertificate(t *testing.T) {
	config, _, err := TrialCertificate(t.TempDir(), time.Now(), "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	s := serve(t, func(c *Config) { c.TLS = config })
	if _, err := pgx.Connect(t.Context(), s.url("")); state(err) != codeNoSignIn {
		t.Errorf("in clear: %v", err)
	}
	for _, version := range []uint16{tls.VersionTLS11, tls.VersionTLS12, tls.VersionTLS13} {
		client, err := pgx.ParseConfig(strings.Replace(s.url(""), "sslmode=disable", "sslmode=require", 1))
		if err != nil {
			t.Fatal(err)
		}
		client.TLSConfig.MinVersion, client.TLSConfig.MaxVersion = version, version
		conn, err := pgx.ConnectConfig(t.Context(), client)
		if (err == nil) != (version >= tls.VersionTLS12) {
			t.Errorf("%s: %v", tls.VersionName(version), err)
		}
		if err == nil {
			_ = conn.Close(t.Context())
		}
	}
}

// TestHostileMessagesEndAConnectionAlone sends what breaks the protocol, and then asks as a client should.
func TestHostileMessagesEndAConnectionAlone(t *testing.T) {
	s := serve(t, nil)
	for name, raw := range map[string]string{
		"nothing": "", "a huge start": "\x7f\xff\xff\xff\x00\x03\x00\x00", "a short start": "\x00\x00\x00\x04", "no version": "\x00\x00\x00\x08\x00\x09\x00\x00",
		"a page request": "GET / HTTP/1.1\r\n\r\n", "no end of a name": "\x00\x00\x00\x0c\x00\x03\x00\x00user", "a query first": "Q\x00\x00\x00\x0dselect 1\x00",
		"a start twice": "\x00\x00\x00\x09\x00\x03\x00\x00\x00\x00\x00\x00\x09\x00\x03\x00\x00\x00",
	} {
		conn, err := net.Dial("tcp", s.address)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, raw); err != nil {
			t.Fatal(err)
		}
		_ = conn.(*net.TCPConn).CloseWrite()
		_, _ = io.Copy(io.Discard, conn) // ends when the server ends the connection
		conn.Close()
		_ = name
	}
	for name, raw := range map[string]string{
		"a huge message": "Q\x7f\xff\xff\xff", "a kind there is not": "!\x00\x00\x00\x04", "a length below none": "Q\x00\x00\x00\x01",
		"a bind cut off": "B\x00\x00\x00\x06\x00\x00", "a sign-in again": "p\x00\x00\x00\x05x",
	} {
		hijacked, err := s.connect("").PgConn().Hijack()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(hijacked.Conn, raw); err != nil {
			t.Fatal(name, err)
		}
		if _, err := io.Copy(io.Discard, hijacked.Conn); err != nil && !errors.Is(err, net.ErrClosed) && !strings.Contains(err.Error(), "reset") {
			t.Errorf("%s: %v", name, err)
		}
		hijacked.Conn.Close()
	}
	if got := s.psql("-c", "select 1"); got != "1\n" {
		t.Errorf("afterwards: %q", got)
	}
}

func FuzzReadCommand(f *testing.F) {
	for _, text := range []string{"set a = 1", "set session time zone 'x'", "copy (select 1) to stdout", "deallocate", "show", "begin read write", "rollback to a", `e'\`, "$a$", "/*"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, one := range split(text) {
			_, _ = readCommand(one)
			folded(one)
		}
	})
}
