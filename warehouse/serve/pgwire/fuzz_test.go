package pgwire

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/rs/zerolog"

	"github.com/goldthread/goldthread/warehouse"
	"github.com/goldthread/goldthread/warehouse/duckdb"
	"github.com/goldthread/goldthread/warehouse/serve/accounts"
)

// fuzzServer is a server without a listener, and says whether it had a fault of its own.
func fuzzServer(f *testing.F) (s *Server, faulty func() bool) {
	f.Helper()
	folder := f.TempDir()
	release(f, folder, "first")
	var faults faultCounter
	limits := DefaultLimits()
	limits.Statement, limits.SignIn = 50*time.Millisecond, 5*time.Second
	s = New(Config{
		Releases: warehouse.NewReleases(folder), Audit: &testAudit{}, Limits: limits, Now: time.Now, Log: zerolog.New(&faults),
		Accounts: &testAccounts{verifier: accounts.Verifier{Salt: []byte("salt"), Iterations: 4096, Keys: []accounts.Keys{{}}, Audience: "staff"}},
		Gate:     func(context.Context, *sql.Conn, string) (Checked, error) { return Checked{}, nil },
		Engine:   duckdb.Settings{MemoryLimit: "128MB", Threads: 1, TimeZone: "Europe/London"},
	})
	f.Cleanup(func() {
		if err := s.instances.close(); err != nil {
			f.Error(err)
		}
	})
	return s, func() bool { return faults.n > 0 }
}

// A faultCounter counts lines of the log that tell of a fault of ours.
type faultCounter struct{ n int }

func (c *faultCounter) Write(p []byte) (int, error) { return len(p), nil }

func (c *faultCounter) WriteLevel(level zerolog.Level, p []byte) (int, error) {
	if level >= zerolog.ErrorLevel {
		c.n++
	}
	return len(p), nil
}

// feed sends bytes to one end of a connection, and waits until what serves the other has ended.
func feed(t *testing.T, raw []byte, serve func(net.Conn)) {
	t.Helper()
	client, server := net.Pipe()
	ended, drained := make(chan struct{}), make(chan struct{})
	go func() { serve(server); server.Close(); close(ended) }()
	go func() { _, _ = io.Copy(io.Discard, client); close(drained) }()
	if _, err := client.Write(raw); err != nil && !errors.Is(err, io.ErrClosedPipe) {
		t.Fatal(err)
	}
	client.Close()
	<-ended
	<-drained
}

// FuzzStartUp sends anything as the beginning of a connection.
func FuzzStartUp(f *testing.F) {
	start, err := (&pgproto3.StartupMessage{ProtocolVersion: pgproto3.ProtocolVersion30, Parameters: map[string]string{"user": "reader", "options": "-c a=b"}}).Encode(nil)
	if err != nil {
		f.Fatal(err)
	}
	ssl, err := (&pgproto3.SSLRequest{}).Encode(nil)
	if err != nil {
		f.Fatal(err)
	}
	sasl, err := (&pgproto3.SASLInitialResponse{AuthMechanism: scramName, Data: []byte("n,,n=,r=abc")}).Encode(nil)
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range [][]byte{start, ssl, append(ssl, start...), append(start, sasl...), start[:9], {0, 0, 0, 16, 4, 210, 22, 46, 0, 0, 0, 1, 0, 0, 0, 2}, []byte("GET / HTTP/1.1\r\n\r\n")} {
		f.Add(seed)
	}
	s, faulty := fuzzServer(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		feed(t, raw, func(conn net.Conn) { s.handle(t.Context(), t.Context(), conn) })
		if faulty() {
			t.Error("the server had a fault of its own")
		}
	})
}

// FuzzMessages sends anything in a session that was let in.
func FuzzMessages(f *testing.F) {
	for _, messages := range [][]pgproto3.FrontendMessage{
		{&pgproto3.Query{String: "select 1; show timezone; begin; select 'x'"}},
		{&pgproto3.Parse{Name: "a", Query: "select $1::int + 1", ParameterOIDs: []uint32{23}}, &pgproto3.Describe{ObjectType: 'S', Name: "a"},
			&pgproto3.Bind{PreparedStatement: "a", Parameters: [][]byte{[]byte("1")}, ResultFormatCodes: []int16{1}}, &pgproto3.Execute{MaxRows: 1}, &pgproto3.Execute{}, &pgproto3.Sync{}},
		{&pgproto3.Bind{}, &pgproto3.Execute{}, &pgproto3.Flush{}, &pgproto3.Close{ObjectType: 'P'}, &pgproto3.Sync{}, &pgproto3.Terminate{}},
		{&pgproto3.Query{String: "copy marts.scorecard to stdout csv header"}, &pgproto3.CopyFail{Message: "no"}, &pgproto3.CopyDone{}},
		{&pgproto3.Query{String: "declare c cursor with hold for select * from marts.scorecard; fetch 2 from c; close c"}},
		{&pgproto3.Query{String: "explain select 1"}, &pgproto3.FunctionCall{}, &pgproto3.Query{String: "discard all"}},
	} {
		var raw []byte
		for _, m := range messages {
			var err error
			if raw, err = m.Encode(raw); err != nil {
				f.Fatal(err)
			}
		}
		f.Add(raw)
		f.Add(raw[:len(raw)-3])
	}
	s, faulty := fuzzServer(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		feed(t, raw, func(conn net.Conn) { serveAdmitted(t, s, conn) })
		if faulty() {
			t.Error("the server had a fault of its own")
		}
	})
}

// serveAdmitted serves a connection as if its client had signed in. A panic is not caught here.
func serveAdmitted(t *testing.T, s *Server, conn net.Conn) {
	settings, err := startSettings(map[string]string{"user": "reader"}, s.Engine.TimeZone)
	if err != nil {
		t.Error(err)
		return
	}
	w := newWire(&watchedConn{Conn: conn})
	w.backend.SetMaxBodyLen(s.Limits.Message)
	s.places <- struct{}{}
	one, err := s.open(t.Context(), w, "reader", "staff", settings)
	if err != nil {
		t.Error(err)
		<-s.places
		return
	}
	one.welcome()
	one.run(t.Context(), t.Context())
	s.end(one)
}
