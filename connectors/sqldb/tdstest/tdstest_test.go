package tdstest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	mssql "github.com/microsoft/go-mssqldb"
	"github.com/microsoft/go-mssqldb/msdsn"

	"github.com/golang-sql/civil"
)

// settings are those of a client that signs in.
func settings(s *Server) msdsn.Config {
	return msdsn.Config{
		Host: s.Host, Port: uint64(s.Port), Database: "care", User: User, Password: Secret, AppName: "tdstest",
		Encryption: msdsn.EncryptionDisabled, Protocols: []string{"tcp"}, ReadOnlyIntent: true, DisableRetry: true,
	}
}

func open(t *testing.T, config msdsn.Config) *sql.DB {
	t.Helper()
	db := sql.OpenDB(mssql.NewConnectorConfig(config))
	t.Cleanup(func() { db.Close() })
	return db
}

// A sample is a value of a type and what the driver makes of it.
type sample struct {
	declared, text string
	want           any
}

var samples = []sample{
	{"bit", "1", true},
	{"bit not null", "0", false},
	{"tinyint", "255", int64(255)},
	{"smallint not null", "-32768", int64(-32768)},
	{"int", "-2147483648", int64(-2147483648)},
	{"bigint not null", "9223372036854775807", int64(9223372036854775807)},
	{"real", "1.5", 1.5},
	{"float not null", "0.1", 0.1},
	{"smallmoney", "-214748.3648", "-214748.3648"},
	{"money", "922337203685477.5807", "922337203685477.5807"},
	{"money not null", "-0.0001", "-0.0001"},
	{"decimal(38,10)", "-9999999999999999999999999999.9999999999", "-9999999999999999999999999999.9999999999"},
	{"numeric(5,0)", "12345", "12345"},
	{"date", "9999-12-31", time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)},
	{"time(7)", "23:59:59.9999999", time.Date(1, 1, 1, 23, 59, 59, 999999900, time.UTC)},
	{"time(0)", "23:59:59", time.Date(1, 1, 1, 23, 59, 59, 0, time.UTC)},
	{"smalldatetime", "2079-06-06 23:59", time.Date(2079, 6, 6, 23, 59, 0, 0, time.UTC)},
	{"datetime", "1753-01-01 00:00:00.003", time.Date(1753, 1, 1, 0, 0, 0, 3e6, time.UTC)},
	{"datetime not null", "9999-12-31 23:59:59.997", time.Date(9999, 12, 31, 23, 59, 59, 997e6, time.UTC)},
	{"datetime2(7)", "0001-01-01 00:00:00.0000001", time.Date(1, 1, 1, 0, 0, 0, 100, time.UTC)},
	{"datetime2(3)", "2026-05-01 10:11:12.123", time.Date(2026, 5, 1, 10, 11, 12, 123e6, time.UTC)},
	{"datetimeoffset(7)", "2026-05-01 00:30:00.1234567 +01:00", time.Date(2026, 5, 1, 0, 30, 0, 123456700, time.FixedZone("", 3600))},
	{"char(5)", "é€", "é€   "},
	{"varchar(20)", "naïve", "naïve"},
	{"varchar(max)", "", ""},
	{"nchar(3)", "ab", "ab "},
	{"nvarchar(20)", "日本 🙂", "日本 🙂"},
	{"nvarchar(max)", strings.Repeat("ż", 9000), strings.Repeat("ż", 9000)},
	{"xml", "<a>é</a>", "<a>é</a>"},
	{"text", "legacy", "legacy"},
	{"ntext", "legacy 日", "legacy 日"},
	{"image", "0x00FF", "\x00\xff"},
	{"varbinary(max)", "0x", ""},
	{"binary(2)", "0x0102", "\x01\x02"},
	{"rowversion", "0x00000000000007D1", "\x00\x00\x00\x00\x00\x00\x07\xd1"},
	{"uniqueidentifier", "6F9619FF-8B86-D011-B42D-00C04FC964FF", "\xff\x19\x96\x6f\x86\x8b\x11\xd0\xb4\x2d\x00\xc0\x4f\xc9\x64\xff"},
}

func TestEachTypeReachesTheDriver(t *testing.T) {
	s := Start(t, Plain)
	var answer Answer
	var full, empty []any
	for i, one := range samples {
		answer.Columns = append(answer.Columns, Column{fmt.Sprint("c", i), one.declared})
		full, empty = append(full, one.text), append(empty, any(nil))
		if strings.HasSuffix(one.declared, "not null") {
			empty[i] = one.text
		}
	}
	answer.Rows = [][]any{full, empty, full}
	s.On("select", answer)
	rows, err := open(t, settings(s)).Query("select 1")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for n := 0; rows.Next(); n++ {
		got := make([]any, len(samples))
		to := make([]any, len(samples))
		for i := range to {
			to[i] = &got[i]
		}
		if err := rows.Scan(to...); err != nil {
			t.Fatal(err)
		}
		for i, one := range samples {
			want := one.want
			if answer.Rows[n][i] == nil {
				want = nil
			}
			if !same(got[i], want) {
				t.Errorf("row %d, %s: got %#v, want %#v", n, one.declared, got[i], want)
			}
		}
	}
	if err := rows.Err(); err != nil {
		t.Error(err)
	}
}

func same(got, want any) bool {
	if bytes, ok := got.([]byte); ok && bytes != nil {
		got = string(bytes)
	}
	if at, ok := want.(time.Time); ok {
		moment, ok := got.(time.Time)
		return ok && moment.Format(time.RFC3339Nano) == at.Format(time.RFC3339Nano)
	}
	return got == want
}

func TestParametersComeAsTheyWereBound(t *testing.T) {
	s := Start(t, Plain)
	s.On("select", Answer{})
	at := time.Date(2026, 5, 1, 10, 11, 12, 123456700, time.UTC)
	_, err := open(t, settings(s)).Exec("select @p1, @p2", int64(-1), "é",
		mssql.VarChar("v"), mssql.DateTime1(at), civil.DateTimeOf(at), mssql.DateTimeOffset(at.In(time.FixedZone("", -3600))),
		[]byte{0, 7}, nil, civil.DateOf(at), civil.TimeOf(at), 0.5, true, strings.Repeat("x", 5000))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"@p1 bigint = -1", "@p2 nvarchar(1) = é", "@p3 varchar(1) = v", "@p4 datetime = 2026-05-01 10:11:12.123",
		"@p5 datetime2(7) = 2026-05-01 10:11:12.1234567", "@p6 datetimeoffset(7) = 2026-05-01 09:11:12.1234567 -01:00",
		"@p7 varbinary(2) = 0x0007", "@p8 nvarchar(1) = <nil>", "@p9 date = 2026-05-01", "@p10 time = 10:11:12.1234567",
		"@p11 float = 0.5", "@p12 bit = 1", "@p13 nvarchar(max) = " + strings.Repeat("x", 5000),
	}
	params := s.Requests()[0].Params
	for i := range max(len(want), len(params)) {
		if i >= len(want) || i >= len(params) || params[i].String() != want[i] {
			t.Errorf("parameter %d of %v, want %v", i+1, params, want)
			break
		}
	}
}

func TestTransactionsAreTold(t *testing.T) {
	s := Start(t, Plain)
	s.On("select 1", Answer{Columns: []Column{{"n", "int"}}, Rows: [][]any{{1}}})
	db := open(t, settings(s))
	for _, level := range []sql.IsolationLevel{sql.LevelSnapshot, sql.LevelReadCommitted} {
		tx, err := db.BeginTx(context.Background(), &sql.TxOptions{Isolation: level})
		if err != nil {
			t.Fatal(err)
		}
		var n int
		if err := tx.QueryRow("select 1").Scan(&n); err != nil {
			t.Error(err)
		}
		end := tx.Rollback
		if level == sql.LevelReadCommitted {
			end = tx.Commit
		}
		if err := end(); err != nil {
			t.Error(err)
		}
	}
	var got []string
	for _, r := range s.Requests() {
		got = append(got, fmt.Sprintf("%s %s%s %t", r.Kind, r.Isolation, r.SQL, r.InTransaction))
	}
	want := "begin snapshot false, statement select 1 true, rollback  true, begin read committed false, statement select 1 true, commit  true"
	if strings.Join(got, ", ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, ", "), want)
	}
}

func TestErrorsComeAfterTheRows(t *testing.T) {
	for _, raised := range []Error{Deadlock, LockTimeout, SnapshotConflict} {
		for _, remote := range []bool{false, true} {
			s := Start(t, Plain)
			s.On("select", Answer{Columns: []Column{{"n", "int"}}, Rows: [][]any{{1}, {2}}, Error: &raised})
			tx, err := open(t, settings(s)).Begin()
			if err != nil {
				t.Fatal(err)
			}
			var arguments []any
			if remote {
				arguments = []any{1}
			}
			n, err := count(tx.Query("select 1", arguments...))
			var told mssql.Error
			if n != 2 || !errors.As(err, &told) || told.Number != raised.Number || told.Message != raised.Message {
				t.Errorf("%d rows and %v, want two and %d", n, err, raised.Number)
			}
			if err := tx.Rollback(); err != nil {
				t.Error(err)
			}
		}
	}
}

// count reads rows to their end.
func count(rows *sql.Rows, err error) (int, error) {
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		n++
	}
	return n, rows.Err()
}

func TestConnectionsAreCut(t *testing.T) {
	rows := make([][]any, 1000)
	for i := range rows {
		rows[i] = []any{i}
	}
	for how, seen := range map[Cut]string{Reset: "connection reset by peer", Closed: "EOF", Silence: "i/o timeout"} {
		for _, after := range []int{0, 10, 500, 1000} {
			t.Run(fmt.Sprint(how, after), func(t *testing.T) {
				s := Start(t, Plain)
				s.On("select", Answer{Columns: []Column{{"n", "int"}}, Rows: rows, Cut: how, After: after})
				config := settings(s)
				config.ConnTimeout = 100 * time.Millisecond
				n, err := count(open(t, config).Query("select n"))
				if err == nil || !strings.Contains(err.Error(), seen) {
					t.Errorf("%d rows and %v", n, err)
				}
				if n > after {
					t.Errorf("%d rows came of %d", n, after)
				}
			})
		}
	}
}

func TestAClientBreaksOff(t *testing.T) {
	s := Start(t, Plain)
	s.On("select n", Answer{Columns: []Column{{"n", "int"}}, Rows: [][]any{{1}}, Cut: Waiting, After: 1})
	s.On("select 2", Answer{Columns: []Column{{"n", "int"}}, Rows: [][]any{{2}}})
	db := open(t, settings(s))
	db.SetMaxOpenConns(1)
	ctx, cancel := context.WithCancel(context.Background())
	rows, err := db.QueryContext(ctx, "select n")
	if err != nil {
		t.Fatal(err)
	}
	if !rows.Next() {
		t.Fatal(rows.Err())
	}
	cancel()
	for rows.Next() {
		t.Error("a row came after the cancel")
	}
	if !errors.Is(rows.Err(), context.Canceled) || s.Attentions() == 0 {
		t.Errorf("got %v after %d attentions", rows.Err(), s.Attentions())
	}
	if n, err := count(db.Query("select 2")); n != 1 || err != nil {
		t.Errorf("the connection then gives %d rows and %v", n, err)
	}
	if last := s.Requests()[1]; last.Conn != 1 || !last.Reset {
		t.Errorf("the second statement came on connection %d, reset %t", last.Conn, last.Reset)
	}
}

func TestOnlyWhoKnowsTheSecretSignsIn(t *testing.T) {
	s := Start(t, Plain)
	config := settings(s)
	config.Password = "guess"
	if err := open(t, config).Ping(); err == nil || !strings.Contains(err.Error(), "Login failed for user") {
		t.Errorf("got %v", err)
	}
	if want := (Login{User: User, Database: "care", App: "tdstest", ReadOnly: true, Refused: true}); s.Logins()[0] != want {
		t.Errorf("got %+v", s.Logins())
	}
}

func TestWindowsAccountsSignInByNTLM(t *testing.T) {
	s := Start(t, Required)
	s.On("select 1", Answer{Columns: []Column{{"n", "int"}}, Rows: [][]any{{1}}})
	config := trusting(t, s)
	config.User, config.Parameters = WindowsUser, map[string]string{"authenticator": "ntlm"}
	if err := open(t, config).Ping(); err != nil {
		t.Error(err)
	}
	config.Password = "guess"
	if err := open(t, config).Ping(); err == nil || !strings.Contains(err.Error(), "Login failed for user") {
		t.Errorf("got %v", err)
	}
	for i, login := range s.Logins() {
		if login.User != WindowsUser || login.Refused != (i == 1) {
			t.Errorf("got %+v", login)
		}
	}
}

// trusting are the settings of a client that knows the server's certificate.
func trusting(t *testing.T, s *Server) msdsn.Config {
	t.Helper()
	pem, err := os.ReadFile(s.CAFile)
	if err != nil {
		t.Fatal(err)
	}
	config := settings(s)
	config.Encryption, config.TLSConfig = msdsn.EncryptionRequired, &tls.Config{ServerName: s.Host, RootCAs: x509.NewCertPool()}
	config.TLSConfig.RootCAs.AppendCertsFromPEM(pem)
	return config
}

func TestTLSIsReal(t *testing.T) {
	s := Start(t, Required)
	s.On("select", Answer{Columns: []Column{{"n", "int"}}, Rows: [][]any{{1}}})
	config := settings(s)
	config.Encryption = msdsn.EncryptionRequired
	config.TLSConfig = &tls.Config{ServerName: s.Host}
	if err := open(t, config).Ping(); err == nil || !strings.Contains(err.Error(), "certificate signed by unknown authority") {
		t.Errorf("a client that does not know the certificate gets %v", err)
	}
	if n, err := count(open(t, trusting(t, s)).Query("select 1")); n != 1 || err != nil {
		t.Errorf("got %d rows and %v", n, err)
	}
	if logins := s.Logins(); len(logins) != 1 || !logins[0].Encrypted {
		t.Errorf("got %+v", logins)
	}
}

func TestAPlainServerIsRefusedWhereTLSIsAsked(t *testing.T) {
	config := settings(Start(t, Plain))
	config.Encryption = msdsn.EncryptionRequired
	if err := open(t, config).Ping(); err == nil || !strings.Contains(err.Error(), "server does not support encryption") {
		t.Errorf("got %v", err)
	}
}
