package sqldb

import (
	"database/sql/driver"
	"fmt"
	"io"
	"log"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	ora "github.com/sijms/go-ora/v2"
	"github.com/sijms/go-ora/v2/network"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/connectors/connectortest"
	"github.com/goldthread/goldthread/connectors/sqldb/tdstest"
)

const oraIncrement = `    table: HOUSING.TENANCIES
    mode: increment
    key: [id]
    cursor: {column: changed}
    full_comparison: never
    totals: [rent]
    columns:
      id: {type: integer}
      rent: {type: "decimal(10,2)"}
      changed: {type: text}
`

func tenancies() *oraTape {
	return oraTable(
		[][]driver.Value{{"ID", "NUMBER(10,0)", "N"}, {"RENT", "NUMBER", "Y"}, {"CHANGED", "TIMESTAMP(9)", "Y"}, {"NOTE", "CLOB", "Y"}},
		[]driver.Value{"2", "1780000000", "2", "2026-05-01 10:00:00.123456789", nil, "1", "2", "10.75"},
		[]oraType{{"ID", "NUMBER"}, {"RENT", "NUMBER"}, {"GOLDTHREAD_LOCAL", "NCHAR"}},
		[]driver.Value{"1", "10.25", " 2026-05-01 09:00:00.000000000"}, []driver.Value{"2", "0.5", " 2026-05-01 10:00:00.123456789"},
	)
}

func TestOracleIsAskedInThisWay(t *testing.T) {
	tape := tenancies()
	source := oraSource(t, tape, "", oraIncrement)
	first := readOnce(t, source, nil)
	if want := "[1|10.25|2026-05-01 09:00:00 2|0.5|2026-05-01 10:00:00.123456789]"; fmt.Sprint(first.rows) != want || at(t, first.cursor) != "2026-05-01 10:00:00.123456789" {
		t.Fatalf("got %v, cursor %s: %+v", first.rows, first.cursor, first)
	}
	before := len(tape.asked)
	readOnce(t, source, first.cursor)
	const number = `regexp_replace(to_char(%s, 'TM9'), '^(-?)\.', '\10.')`
	const stamp = "'YYYY-MM-DD HH24:MI:SS.FF9')"
	const since = `where ("CHANGED" >= (to_timestamp(:%d, ` + stamp + ` - numtodsinterval(7200, 'SECOND')) or "CHANGED" is null)`
	const latest = " / 2026-05-01 10:00:00.123456789"
	survey := `select count(*), round((cast(sys_extract_utc(systimestamp) as date) - date '1970-01-01') * 86400), count("CHANGED"), ` +
		`to_char(case when max("CHANGED") > localtimestamp then localtimestamp else max("CHANGED") end, ` + stamp + `, ` +
		`case when localtimestamp < to_timestamp(:1, ` + stamp + ` then 'clock' when max("CHANGED") >= to_timestamp(:2, ` + stamp + ` then '' else 'rows' end, ` +
		fmt.Sprintf(number, `min("ID")`) + ", " + fmt.Sprintf(number, `max("ID")`) + ", " + fmt.Sprintf(number, `sum("RENT")`) +
		` from "HOUSING"."TENANCIES" ` + fmt.Sprintf(since, 3) + latest + latest + latest
	rows := `select "ID", "RENT", to_char("CHANGED", 'SYYYY-MM-DD HH24:MI:SS.FF9') as goldthread_local from "HOUSING"."TENANCIES" ` +
		fmt.Sprintf(since, 1) + ` order by "CHANGED", "ID"` + latest
	asked := tape.asked[before:]
	for i, want := range []string{survey, rows} {
		if got := asked[len(asked)-2+i]; got != want {
			t.Errorf("asked %s\nwant  %s", got, want)
		}
	}
}

func TestOracleSessionsOnlyRead(t *testing.T) {
	tape := tenancies()
	readOnce(t, oraSource(t, tape, "", oraIncrement), nil)
	_, offset := time.Now().In(london(t)).Zone()
	want := []string{
		"alter session set nls_numeric_characters = '.,' nls_comp = binary nls_sort = binary",
		fmt.Sprintf("alter session set time_zone = '+%02d:00'", offset/3600),
		"set transaction read only",
	}
	if got := tape.asked[:3]; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// An oraValue is a value as the driver gives it, of a column of a type, and what lands of it.
type oraValue struct {
	kind     string // of the column
	column   oraType
	value    driver.Value
	contract string
	want     string
}

var oraValues = []oraValue{
	{"NUMBER", oraType{"C", "NUMBER"}, "12345678901234567890123456789012345678", `"decimal(38,0)"`, "12345678901234567890123456789012345678"},
	{"NUMBER", oraType{"C", "NUMBER"}, "1234567890.1234567890123456789", "text", "1234567890.1234567890123456789"},
	{"NUMBER", oraType{"C", "NUMBER"}, "0.1", `"decimal(10,2)"`, "0.1"},
	{"NUMBER", oraType{"C", "NUMBER"}, "9007199254740993", "integer", "9007199254740993"},
	{"NUMBER", oraType{"C", "NUMBER"}, "1.5", "integer", `! column "c": has decimal places, expected a whole number`},
	{"NUMBER(10,-2)", oraType{"C", "NUMBER"}, "1200", "integer", "1200"},
	{"FLOAT(126)", oraType{"C", "NUMBER"}, "-0.3", `"decimal(10,2)"`, "-0.3"},
	{"BINARY_FLOAT", oraType{"GOLDTHREAD_FLOAT", "IBDouble"}, float64(float32(0.29)), "text", "0.29"},
	{"BINARY_DOUBLE", oraType{"C", "IBDouble"}, 0.1, "text", "0.1"},
	{"VARCHAR2(10)", oraType{"C", "NCHAR"}, "é日", "text", "é日"},
	{"VARCHAR2(10)", oraType{"C", "NCHAR"}, nil, "text", "(null)"}, // an empty text, which is null to Oracle
	{"CHAR(5)", oraType{"C", "CHAR"}, "ab   ", "text", "ab   "},
	{"CLOB", oraType{"C", "OCIClobLocator"}, strings.Repeat("long ", 20000), "text", strings.Repeat("long ", 20000)},
	{"DATE", oraType{"GOLDTHREAD_LOCAL", "NCHAR"}, " 2026-07-05 13:14:15", "timestamp", "2026-07-05T12:14:15Z"},
	{"DATE", oraType{"GOLDTHREAD_LOCAL", "NCHAR"}, " 2026-07-05 00:00:00", "date", "2026-07-05"},
	{"DATE", oraType{"GOLDTHREAD_LOCAL", "NCHAR"}, " 2026-07-05 13:14:15", "date", `! column "c": not a date (day/month/year)`},
	{"DATE", oraType{"GOLDTHREAD_LOCAL", "NCHAR"}, "-4712-01-01 00:00:00", "timestamp", `! column "c": not a date and time (day/month/year hours:minutes)`},
	{"TIMESTAMP(9)", oraType{"GOLDTHREAD_LOCAL", "NCHAR"}, " 2026-07-05 13:14:15.123456789", "timestamp", tooFine},
	{"TIMESTAMP(9)", oraType{"GOLDTHREAD_LOCAL", "NCHAR"}, " 2026-07-05 13:14:15.123456000", "timestamp", "2026-07-05T12:14:15.123456Z"},
	{"TIMESTAMP(9) WITH TIME ZONE", oraType{"GOLDTHREAD_MOMENT", "NCHAR"}, " 2026-07-05 13:14:15.000000001 -05:30", "timestamp", tooFine},
	{"TIMESTAMP(9)", oraType{"GOLDTHREAD_LOCAL", "NCHAR"}, " 2026-07-05 13:14:15.123456789", "text", "2026-07-05 13:14:15.123456789"},
	{"TIMESTAMP(6) WITH TIME ZONE", oraType{"GOLDTHREAD_MOMENT", "NCHAR"}, " 2026-07-05 13:14:15.123456000 -05:30", "timestamp", "2026-07-05T18:44:15.123456Z"},
	{"TIMESTAMP(6) WITH TIME ZONE", oraType{"GOLDTHREAD_MOMENT", "NCHAR"}, " 2026-07-05 13:14:15.123456000 -05:30", "text", "2026-07-05 13:14:15.123456000 -05:30"},
	{"TIMESTAMP(6) WITH LOCAL TIME ZONE", oraType{"GOLDTHREAD_MOMENT", "NCHAR"}, " 2026-07-05 13:14:15.000000000 +01:00", "timestamp", "2026-07-05T12:14:15Z"},
	{"INTERVAL DAY(2) TO SECOND(6)", oraType{"C", "NCHAR"}, "-00 01:02:03.123456", "text", "-00 01:02:03.123456"},
	{"RAW(16)", oraType{"C", "NCHAR"}, "0AFF", "text", "0AFF"},
	{"BLOB", oraType{"C", "OCIBlobLocator"}, []byte{10, 255}, "text", "0AFF"},
	{"NUMBER", oraType{"C", "NUMBER"}, nil, "integer", "(null)"},
}

func TestOracleValuesLandExactly(t *testing.T) {
	for _, one := range oraValues {
		t.Run(one.kind+" as "+one.contract, func(t *testing.T) {
			tape := oraTable([][]driver.Value{{"C", one.kind, "Y"}}, []driver.Value{"1", "1780000000"}, []oraType{one.column}, []driver.Value{one.value})
			dataset := "    table: HOUSING.TENANCIES\n    mode: snapshot\n    max_quarantined: 1\n    columns: {c: {type: " + one.contract + "}}\n"
			r := readOnce(t, oraSource(t, tape, "", dataset), nil)
			got := ""
			switch {
			case !r.kept:
				t.Fatalf("%+v", r)
			case len(r.rejects) == 1:
				got = "! " + r.rejects[0].Reason
			case len(r.rows) == 1:
				got = r.rows[0]
			}
			if got != one.want {
				t.Errorf("got %q, want %q", got, one.want)
			}
		})
	}
}

func TestOracleColumnsAreSelectedAsTexts(t *testing.T) {
	for kind, want := range map[string]string{
		"NUMBER(10,2)":                      `"C"`,
		"VARCHAR2(10)":                      `"C"`,
		"CLOB":                              `"C"`,
		"DATE":                              `to_char("C", 'SYYYY-MM-DD HH24:MI:SS') as goldthread_local`,
		"TIMESTAMP(6)":                      `to_char("C", 'SYYYY-MM-DD HH24:MI:SS.FF9') as goldthread_local`,
		"TIMESTAMP(6) WITH TIME ZONE":       `to_char("C", 'SYYYY-MM-DD HH24:MI:SS.FF9 TZH:TZM') as goldthread_moment`,
		"TIMESTAMP(6) WITH LOCAL TIME ZONE": `to_char("C", 'SYYYY-MM-DD HH24:MI:SS.FF9 TZH:TZM') as goldthread_moment`,
		"INTERVAL DAY(2) TO SECOND(6)":      `to_char("C")`,
		"INTERVAL YEAR(2) TO MONTH":         `to_char("C")`,
		"RAW(16)":                           `rawtohex("C")`,
		"BINARY_FLOAT":                      `cast("C" as binary_double) as goldthread_float`,
		"XMLTYPE":                           `xmlserialize(content "C" as clob)`,
		"ROWID":                             `rowidtochar("C")`,
	} {
		if got := (oracle{}).selected(`"C"`, oraColumn("C", kind, true)); got != want {
			t.Errorf("%s: got %s, want %s", kind, got, want)
		}
	}
}

func TestOracleCursorsAreBoundInTheirOwnType(t *testing.T) {
	hour := lookBack{Time: time.Hour, Units: 10}
	for kind, want := range map[string][2]string{
		"DATE":                        {`to_date(:1, 'YYYY-MM-DD HH24:MI:SS')`, `(to_date(:1, 'YYYY-MM-DD HH24:MI:SS') - numtodsinterval(3600, 'SECOND'))`},
		"TIMESTAMP(3)":                {`to_timestamp(:1, 'YYYY-MM-DD HH24:MI:SS.FF9')`, `(to_timestamp(:1, 'YYYY-MM-DD HH24:MI:SS.FF9') - numtodsinterval(3600, 'SECOND'))`},
		"TIMESTAMP(6) WITH TIME ZONE": {`to_timestamp_tz(:1, 'YYYY-MM-DD HH24:MI:SS.FF9 TZH:TZM')`, `(to_timestamp_tz(:1, 'YYYY-MM-DD HH24:MI:SS.FF9 TZH:TZM') - numtodsinterval(3600, 'SECOND'))`},
		"NUMBER":                      {`to_number(:1)`, `(to_number(:1) - 10)`},
		"VARCHAR2(10)":                {`:1`, `:1`},
	} {
		c := oraColumn("C", kind, true)
		if got := [2]string{oracle{}.bound(1, c, lookBack{}), oracle{}.bound(1, c, hour)}; got != want {
			t.Errorf("%s: got %q, want %q", kind, got, want)
		}
	}
}

func TestOracleClocksAreOfTheCursorsType(t *testing.T) {
	for kind, want := range map[string]string{
		"DATE": "current_date", "TIMESTAMP(6)": "localtimestamp", "TIMESTAMP(6) WITH TIME ZONE": "current_timestamp",
		"TIMESTAMP(6) WITH LOCAL TIME ZONE": "cast(current_timestamp as timestamp with local time zone)", "NUMBER": "",
	} {
		if got := (oracle{}).clock(oraColumn("C", kind, true)); got != want {
			t.Errorf("%s: got %s, want %s", kind, got, want)
		}
	}
}

func TestOracleIsASource(t *testing.T) {
	broken := tenancies()
	broken.answers[5].err = &network.OracleError{ErrCode: 3113}
	connectortest.Run(t, connectortest.Case{
		Open:   func(t *testing.T) connectors.Source { return oraSource(t, tenancies(), "batch_rows: 1", oraIncrement) },
		Broken: func(t *testing.T) connectors.Source { return oraSource(t, broken, "batch_rows: 1", oraIncrement) },
		Again:  map[string]int{"tenancies": 2},
		Bad: map[string]connectors.Config{
			"no host": &Config{Source: "s", Engine: "oracle", Database: "D", User: "u", TLS: "verify", BatchRows: 1, Tries: 1},
		},
	})
}

func TestOracleNamesStandInCapitals(t *testing.T) {
	tape := tenancies()
	tape.answers[0].rows = nil
	source := oraSource(t, tape, "", strings.Replace(oraIncrement, "HOUSING.TENANCIES", "housing.tenancies", 1))
	if last := readOnce(t, source, nil).last(); last.Outcome != connectors.Refused || last.Reason != `there is no table or view "housing"."tenancies", or the account may not see it` {
		t.Errorf("%+v", last)
	}
	found := &oraOnce{oraTape: tenancies(), contains: "/ tenancies"}
	source.dialect = oracle{connector: func(target, *wire) (driver.Connector, error) { return found, nil }}
	want := `there is no table or view "housing"."tenancies", but there is "HOUSING"."TENANCIES": write its name in capitals, as Oracle keeps it`
	if last := readOnce(t, source, nil).last(); last.Outcome != connectors.Refused || last.Reason != want {
		t.Errorf("%+v", last)
	}
}

func TestOracleErrorsAreExplained(t *testing.T) {
	for name, one := range map[string]struct {
		err    error
		words  string
		passes bool
	}{
		"a wrong secret":     {&network.OracleError{ErrCode: 1017, ErrMsg: "ORA-01017: invalid username/password"}, oraSignIn, false},
		"too old a snapshot": {fmt.Errorf("x: %w", &network.OracleError{ErrCode: 1555}), oraMeanings[1555].words, true},
		"no column":          {&network.OracleError{ErrCode: 904, ErrMsg: `ORA-00904: "X": invalid identifier`}, `the server does not understand the query: ORA-00904: "X": invalid identifier`, false},
		"a value":            {&network.OracleError{ErrCode: 1722, ErrMsg: `ORA-01722: unable to convert string value containing 'Mrs Smith'`}, oraNumbers, false},
		"unknown":            {&network.OracleError{ErrCode: 600, ErrMsg: "Mrs Smith"}, "the server reports error ORA-00600", false},
		"a broken line":      {driver.ErrBadConn, "the connection was cut", true},
	} {
		t.Run(name, func(t *testing.T) {
			if words, passes := (oracle{}).explain(one.err); words != one.words || passes != one.passes {
				t.Errorf("got %q, %t", words, passes)
			}
		})
	}
}

func TestOracleErrorsLeaveNothing(t *testing.T) {
	tape := tenancies()
	tape.answers[5].err = &network.OracleError{ErrCode: 1555}
	failed(t, readOnce(t, oraSource(t, tape, "", oraIncrement), nil), "the reading took longer than the server keeps what rows were before")
}

// The real driver, as far as it comes without a server that speaks its protocol.
func TestOracleIsNotReached(t *testing.T) {
	source := func(t *testing.T, host string, port int) *Source {
		s := oraSource(t, nil, "", oraIncrement)
		s.dialect = oracle{connector: oraConnector}
		s.config.Host, s.config.Port, s.config.ConnectTimeout = host, port, "1s"
		return s
	}
	t.Run("nobody there", func(t *testing.T) {
		failed(t, readOnce(t, source(t, "127.0.0.1", 1), nil), "nothing listens there")
	})
	t.Run("silence", func(t *testing.T) {
		s := tdstest.StartSilent(t)
		quiet := source(t, s.Host, s.Port)
		quiet.config.TLS = tlsOff
		failed(t, readOnce(t, quiet, nil), "the server fell silent")
	})
	t.Run("a certificate that nobody vouches for", func(t *testing.T) {
		s := httptest.NewUnstartedServer(nil)
		s.Config.ErrorLog = log.New(io.Discard, "", 0)
		s.StartTLS()
		defer s.Close()
		var port int
		if _, err := fmt.Sscanf(s.Listener.Addr().String(), "127.0.0.1:%d", &port); err != nil {
			t.Fatal(err)
		}
		failed(t, readOnce(t, source(t, "127.0.0.1", port), nil), "the server's certificate is not trusted")
	})
}

func TestOracleSecretsReachTheDriverWhole(t *testing.T) {
	const secret = `p@s:s/w?o#r%d&"+ é[]\`
	config, err := ora.ParseConfig(ora.BuildUrl("db1", 1521, "HOUSING", "reader", secret, map[string]string{"TIMEOUT": "0"}))
	if err != nil || config.Password != secret || config.UserID != "reader" || config.ServiceName != "HOUSING" {
		t.Errorf("got %+v, %v", config, err)
	}
	if _, err := oraConnector(target{Host: "a b", Port: 1, Password: secret, TLS: tlsTerms{off: true}}, &wire{}); err == nil || strings.Contains(err.Error(), "p@s") {
		t.Errorf("got %v", err)
	}
}

// What the driver makes of a number is a text of its digits; here from the very bytes of the protocol.
func TestOracleNumbersAreTextsToTheDriver(t *testing.T) {
	for _, digits := range []string{"0", "1", "-1", "0.5", "-0.01", "100", "99999999999999999999999999999999999999", "9007199254740993.000000000000000000001"} {
		n, err := ora.NewNumberFromString(digits)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := n.String(); got != digits || err != nil {
			t.Errorf("%s came as %s, %v", digits, got, err)
		}
	}
}

func FuzzOracleTime(f *testing.F) {
	for _, text := range []string{" 2026-07-05 13:14:15", " 2026-07-05 13:14:15.123456789", "-4712-01-01 00:00:00", " 9999-12-31 23:59:59.999999999", "", " ", " 2026-07-05 13:14:15.123456000 -05:30"} {
		f.Add(text)
	}
	read := oraTime(connectors.LocalCell, "2006-01-02 15:04:05.999999999")
	f.Fuzz(func(t *testing.T, text string) {
		var cell connectors.Cell
		if err := read(text, &cell); err != nil {
			t.Fatal(err)
		}
		shown := strings.TrimPrefix(text, " ")
		if got := string(cell.AppendText(nil)); cell.Kind == connectors.TextCell && got != shown {
			t.Errorf("%q became %q", text, got)
		} else if cell.Kind == connectors.LocalCell {
			was, err1 := time.Parse("2006-01-02 15:04:05.999999999", shown)
			is, err2 := time.Parse("2006-01-02 15:04:05.999999999", got)
			if err1 != nil || err2 != nil || !was.Equal(is) {
				t.Errorf("%q became %q: %v, %v", text, got, err1, err2)
			}
		}
	})
}
