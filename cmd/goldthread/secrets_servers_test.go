package main

import (
	"encoding/hex"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/goldthread/goldthread/connectors/sqldb/tdstest"
)

// echoing answers as the first part of the path says, each time with all that it was sent.
type echoing struct{ asked atomic.Int64 }

// ServeHTTP answers.
func (e *echoing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	how := strings.SplitN(strings.TrimPrefix(r.URL.Path, "/"), "/", 2)[0]
	query, _ := url.QueryUnescape(r.URL.RawQuery)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Retry-After", "0")
	if status, err := strconv.Atoi(how); err == nil {
		w.Header().Set("Location", "https://elsewhere.example/?"+r.URL.RawQuery)
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"errors":[{"message":%q,"errorCode":%q}]}`, query+" "+r.URL.RawQuery, hex.EncodeToString([]byte(query)))
		return
	}
	record := `[{"metricTypeIdentifier":"1","areaIdentifier":"E09000022","periodIdentifier":"cal_2020","valueTypeIdentifier":"raw","value":"%s"}]`
	switch how {
	case "cut":
		if e.asked.Add(1) > 1 {
			fmt.Fprintf(w, record, "3")
			return
		}
		w.Header().Set("Content-Length", "100000")
		fmt.Fprint(w, `["`+query)
	case "object":
		fmt.Fprintf(w, `{"errors":[{"message":%q}]}`, strings.Repeat("x", 170)+query)
	case "rows":
		fmt.Fprintf(w, record, strings.ReplaceAll(query, `"`, `\"`))
	case "escaped":
		fmt.Fprintf(w, record, escapedWhole(query))
	case "broken":
		fmt.Fprintf(w, `[{"metricTypeIdentifier": %s`, query)
	case "page":
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, "<html>%s", query)
	case "headers":
		for _, name := range []string{"Content-Type", "Content-Encoding", "Date", "Set-Cookie", "X-Asked"} {
			w.Header().Set(name, r.URL.RawQuery)
		}
		fmt.Fprint(w, `[]`)
	}
}

// escapedWhole writes each byte of a text as an escape of JSON.
func escapedWhole(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		fmt.Fprintf(&b, `\u%04x`, c)
	}
	return b.String()
}

// startEcho starts echoing servers without TLS and with a certificate that nobody vouches for.
func startEcho(t *testing.T) (plain, secure string) {
	t.Helper()
	for _, start := range []func(*httptest.Server){(*httptest.Server).Start, (*httptest.Server).StartTLS} {
		server := httptest.NewUnstartedServer(&echoing{})
		server.Config.ErrorLog = log.New(io.Discard, "", 0) // that its certificate is not believed
		start(server)
		t.Cleanup(server.Close)
		plain, secure = secure, server.URL
	}
	return plain, secure
}

// startTCP starts a server that does one thing with each connection. It ends with the test, and its connections with it.
func startTCP(t *testing.T, serve func(conn net.Conn)) (port int) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			serving.Go(func() {
				defer conn.Close()
				serve(conn)
			})
		}
	})
	t.Cleanup(func() {
		listener.Close()
		serving.Wait()
	})
	return listener.Addr().(*net.TCPAddr).Port
}

// mirror sends back the first that it is sent, and ends.
func mirror(conn net.Conn) {
	buffer := make([]byte, 4096)
	n, _ := conn.Read(buffer)
	_, _ = conn.Write(buffer[:n])
}

// silent says nothing until the client goes.
func silent(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }

// quotingPostgreSQL asks for the password in clear text and repeats it in its refusal.
func quotingPostgreSQL(conn net.Conn) {
	server := pgproto3.NewBackend(conn, conn)
	if _, err := server.ReceiveStartupMessage(); err != nil {
		return
	}
	server.Send(&pgproto3.AuthenticationCleartextPassword{})
	if server.Flush() != nil || server.SetAuthType(pgproto3.AuthTypeCleartextPassword) != nil {
		return
	}
	message, err := server.Receive()
	if password, is := message.(*pgproto3.PasswordMessage); err == nil && is {
		words := "the server has no place for " + password.Password
		server.Send(&pgproto3.ErrorResponse{Severity: "FATAL", Code: "42501", Message: words, Detail: words, Hint: words})
		_ = server.Flush()
	}
}

// quotingSQLServer lets one in and then repeats the password in an error of a class whose words are passed on.
func quotingSQLServer(t *testing.T) *tdstest.Server {
	t.Helper()
	server := (&tdstest.Table{Columns: tdstest.ColumnsOf("id int not null"), Key: "id"}).Serve(t, tdstest.Required)
	server.On("set nocount on", tdstest.Answer{Error: &tdstest.Error{Number: 102, Class: 15, Message: "incorrect syntax near " + tdstest.Secret}})
	return server
}
