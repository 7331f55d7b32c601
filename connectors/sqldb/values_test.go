package sqldb

import (
	"fmt"
	"strings"
	"testing"

	"github.com/goldthread/goldthread/connectors/sqldb/sqldbtest"
)

// A value at a source, the type under which the contract reads it, and what lands; or why the row is set aside.
type valueCase struct{ source, value, contract, lands, aside string }

var postgresqlValues = []valueCase{
	{"numeric", "123456789012345678.123456", "decimal(38,6)", "123456789012345678.123456", ""},
	{"numeric", "-0.0001", "decimal(18,4)", "-0.0001", ""},
	{"numeric", "10000", "decimal(18,2)", "10000", ""},
	{"numeric(20,3)", "100000000.5", "decimal(20,3)", "100000000.5", ""},
	{"numeric", "1e20", "decimal(38,0)", "100000000000000000000", ""},
	{"numeric", "0.00000001", "decimal(18,8)", "1e-08", ""},
	{"numeric", "1.23456789", "decimal(18,4)", "", "more than 4 decimal places"},
	{"numeric", "'NaN'", "decimal(18,4)", "", "not a number"},
	{"numeric", "'NaN'", "text", "NaN", ""},
	{"numeric", "'-Infinity'", "decimal(18,4)", "", "not a number"},
	{"numeric", "1.50", "text", "1.50", ""},
	{"bigint", "9223372036854775807", "integer", "9223372036854775807", ""},
	{"smallint", "-32768", "integer", "-32768", ""},
	{"double precision", "0.1", "decimal(18,6)", "0.1", ""},
	{"real", "0.1", "text", "0.1", ""},
	{"double precision", "'NaN'", "decimal(18,6)", "", "not a number"},
	{"boolean", "true", "boolean", "true", ""},
	{"boolean", "true", "text", "true", ""},
	{"date", "'2024-02-29'", "date", "2024-02-29", ""},
	{"date", "'infinity'", "date", "", "not a date"},
	{"timestamp", "'2026-03-29 01:30:00'", "timestamp", "", "a time that did not exist"},
	{"timestamp", "'2026-07-01 12:00:00.123456'", "timestamp", "2026-07-01T11:00:00.123456Z", ""},
	{"timestamp", "'2026-07-01 00:00'", "date", "2026-07-01", ""},
	{"timestamptz", "'2026-07-01 12:00:00.123456+05'", "timestamp", "2026-07-01T07:00:00.123456Z", ""},
	{"timestamptz", "'-infinity'", "timestamp", "", "not a date and time"},
	{"interval", "'1 month 2 days 03:04:05.5'", "text", "P1M2DT3H4M5.5S", ""},
	{"integer[]", "'{1,NULL,3}'", "text", "[1,null,3]", ""},
	{"text[]", `array['a"b', 'c']`, "text", `["a\"b","c"]`, ""},
	{"numeric[]", "'{1.10,2}'", "text", "[1.10,2]", ""},
	{"jsonb", `'{"a": 1.10}'`, "text", `{"a": 1.10}`, ""},
	{"uuid", "'00112233-4455-6677-8899-aabbccddeeff'", "text", "00112233-4455-6677-8899-aabbccddeeff", ""},
	{"bytea", `'\x00ff'`, "text", `\x00ff`, ""},
	{"bit(4)", "b'0101'", "text", "0101", ""},
	{"money", "'12.34'::numeric::money", "decimal(18,2)", "12.34", ""},
	{"time", "'23:59:59.999999'", "text", "23:59:59.999999", ""},
	{"timetz", "'12:00+01'", "text", "12:00:00+01", ""},
	{"inet", "'10.0.0.1'", "text", "10.0.0.1", ""},
	{"text", "''", "text", "", ""},
	{"text", "' £é '", "text", " £é ", ""},
	{"varchar(9)", "'E08000009'", "area_code", "E08000009", ""},
	{"char(12)", "'E08000009'", "area_code", "E08000009", ""},
	{"integer", "null", "integer", "(null)", ""},
	{"text", "null", "text", "(null)", ""},
}

var mariadbValues = []valueCase{
	{"decimal(38,6)", "123456789012345678.123456", "decimal(38,6)", "123456789012345678.123456", ""},
	{"decimal(10,4)", "-0.0001", "decimal(18,4)", "-0.0001", ""},
	{"decimal(10,4)", "1.2345", "decimal(18,2)", "", "more than 2 decimal places"},
	{"bigint", "-9223372036854775808", "text", "-9223372036854775808", ""},
	{"bigint unsigned", "18446744073709551615", "decimal(20,0)", "18446744073709551615", ""},
	{"bigint unsigned", "18446744073709551615", "integer", "", "too large"},
	{"tinyint(1)", "1", "boolean", "true", ""},
	{"bit(1)", "b'1'", "boolean", "true", ""},
	{"bit(10)", "b'1000000001'", "integer", "513", ""},
	{"bit(64)", "x'ffffffffffffffff'", "text", "18446744073709551615", ""},
	{"float", "1.1234567", "decimal(18,7)", "1.1234567", ""},
	{"double", "0.1", "decimal(18,6)", "0.1", ""},
	{"date", "'0000-00-00'", "date", "", "not a date"},
	{"date", "'0000-00-00'", "text", "0000-00-00", ""},
	{"date", "'2024-02-29'", "date", "2024-02-29", ""},
	{"datetime", "'0000-00-00 00:00:00'", "timestamp", "", "not a date"},
	{"datetime(6)", "'2026-07-01 12:00:00.123456'", "timestamp", "2026-07-01T11:00:00.123456Z", ""},
	{"timestamp(6)", "'2026-07-01 12:00:00.123456'", "timestamp", "2026-07-01T12:00:00.123456Z", ""},
	{"time(6)", "'838:59:58.999999'", "text", "838:59:58.999999", ""},
	{"time", "'-26:00:00'", "text", "-26:00:00", ""},
	{"year", "2026", "integer", "2026", ""},
	{"varchar(10)", "''", "text", "", ""},
	{"varchar(10)", "' £é '", "text", " £é ", ""},
	{"enum('a','b')", "'b'", "text", "b", ""},
	{"set('a','b')", "'a,b'", "text", "a,b", ""},
	{"blob", "x'00ff'", "text", `\x00ff`, ""},
	{"json", `'{"a": 1.10}'`, "text", `{"a": 1.10}`, ""},
	{"integer", "null", "integer", "(null)", ""},
	{"varchar(10)", "null", "text", "(null)", ""},
}

func TestValuesLandExactlyOrAreSetAside(t *testing.T) {
	onEachServer(t, func(t *testing.T, server *sqldbtest.Server) {
		cases, zeros := postgresqlValues, ""
		if server.Engine == "mariadb" {
			cases, zeros = mariadbValues, "set sql_mode = '', time_zone = '+00:00'; "
		}
		for n, c := range cases {
			t.Run(fmt.Sprintf("%s %s as %s", c.source, c.value, c.contract), func(t *testing.T) {
				server.Exec(t, fmt.Sprintf("%screate table v%d (id integer primary key, value %s); insert into v%[2]d values (7, %[4]s)", zeros, n, c.source, c.value))
				source := open(t, strings.Replace(settings(server), "datasets:", "time_zone: Europe/London\ndatasets:", 1)+fmt.Sprintf(`
  - {name: values, table: v%d, mode: snapshot, key: [id], max_quarantined: 1, columns: {id: {type: integer}, value: {type: %q}}}
`, n, c.contract))
				g := source.readAll(t, "values", nil)
				switch {
				case c.aside == "" && (len(g.rows) != 1 || g.rows[0] != "7|"+c.lands):
					t.Errorf("landed %q, want %q; %v; %s", g.rows, c.lands, g.rejects, g.look())
				case c.aside != "" && (len(g.rejects) != 1 || !strings.Contains(g.rejects[0].Reason, c.aside) || !strings.HasSuffix(g.rejects[0].Reason, "(the row with id 7)") || g.rejects[0].Column != "value"):
					t.Errorf("set aside %+v, want %q; %q", g.rejects, c.aside, g.rows)
				}
			})
		}
	})
}
