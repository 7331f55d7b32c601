package sqldb

import (
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/connectors/sqldb/tdstest"
)

// A msValue is a value of a type at the server, and what lands of it under a type of a contract.
type msValue struct {
	declared string
	value    any
	contract string
	want     string // after "! " why it is set aside
}

const longest = "-9999999999999999999999999999.9999999999"

// tooFine is why a time is set aside that a timestamp would have to cut.
const tooFine = `! column "c": has more than six decimal places of a second, which a timestamp cannot hold; as text all of them are kept`

var msValues = []msValue{
	{"bit", 1, "boolean", "true"},
	{"bit", 0, "text", "false"},
	{"tinyint", 255, "integer", "255"},
	{"smallint not null", -32768, "integer", "-32768"},
	{"int", -2147483648, "integer", "-2147483648"},
	{"bigint", "-9223372036854775808", "integer", "-9223372036854775808"},
	{"bigint not null", "9223372036854775807", `"decimal(19,0)"`, "9223372036854775807"},
	{"real", "1.1", "text", "1.1"},
	{"float", "0.1", `"decimal(10,2)"`, "0.1"},
	{"float", "1e-7", "text", "0.0000001"},
	{"smallmoney", "-214748.3648", `"decimal(10,4)"`, "-214748.3648"},
	{"money", "922337203685477.5807", `"decimal(19,4)"`, "922337203685477.5807"},
	{"money not null", "-922337203685477.5808", "text", "-922337203685477.5808"},
	{"money", "1.005", `"decimal(19,2)"`, `! column "c": has more than 2 decimal places, expected decimal(19,2)`},
	{"decimal(38,10)", longest, `"decimal(38,10)"`, longest},
	{"decimal(38,10)", longest, "text", longest},
	{"decimal(38,38)", "0.00000000000000000000000000000000000001", `"decimal(38,38)"`, "1e-38"},
	{"numeric(5,2)", "-0.01", `"decimal(38,10)"`, "-0.01"},
	{"date", "0001-01-01", "date", "0001-01-01"},
	{"date", "9999-12-31", "text", "9999-12-31"},
	{"time(7)", "23:59:59.9999999", "text", "23:59:59.9999999"},
	{"time(0)", "00:00:00", "text", "00:00:00"},
	{"smalldatetime", "2026-01-05 23:59", "timestamp", "2026-01-05T23:59:00Z"},
	{"datetime", "2026-07-05 10:11:12.003", "timestamp", "2026-07-05T09:11:12.003Z"},
	{"datetime", "1753-01-01 00:00:00.000", "date", "1753-01-01"},
	{"datetime", "2026-07-05 00:00:00.003", "date", `! column "c": not a date (day/month/year)`},
	{"datetime not null", "9999-12-31 23:59:59.997", "text", "9999-12-31 23:59:59.997"},
	{"datetime2(7)", "2026-01-05 10:11:12.1234560", "timestamp", "2026-01-05T10:11:12.123456Z"},
	{"datetime2(7)", "2026-01-05 10:11:12.1234567", "timestamp", tooFine},
	{"datetime2(7)", "2026-01-05 10:11:12.0000001", "timestamp", tooFine},
	{"datetime2(7)", "2026-01-05 00:00:00.0000001", "date", `! column "c": not a date (day/month/year)`},
	{"datetime2(7)", "2026-01-05 10:11:12.1234567", "text", "2026-01-05 10:11:12.1234567"},
	{"datetime2(7)", "0001-01-01 00:00:00.0000001", "text", "0001-01-01 00:00:00.0000001"},
	{"datetime2(3)", "2026-03-29 01:30:00.000", "timestamp", `! column "c": a time that did not exist, as the clocks went forward over it`},
	{"datetimeoffset(7)", "2026-07-05 00:30:00.1234560 +01:00", "timestamp", "2026-07-04T23:30:00.123456Z"},
	{"datetimeoffset(7)", "2026-07-05 00:30:00.1234567 +01:00", "timestamp", tooFine},
	{"datetimeoffset(7)", "2026-07-05 00:30:00.1234567 +01:00", "text", "2026-07-05 00:30:00.1234567 +01:00"},
	{"datetimeoffset(0)", "2026-07-05 00:30:00 -05:30", "text", "2026-07-05 00:30:00 -05:30"},
	{"char(5)", "é€", "text", "é€   "},
	{"char(5)", "12", "integer", "12"},
	{"varchar(20)", "00123", "text", "00123"},
	{"varchar(max)", "", "text", ""},
	{"nvarchar(40)", "日本 🙂", "text", "日本 🙂"},
	{"nvarchar(max)", strings.Repeat("ż", 20000), "text", strings.Repeat("ż", 20000)},
	{"text", "legacy", "text", "legacy"},
	{"ntext", "légacy 日", "text", "légacy 日"},
	{"xml", "<a>é</a>", "text", "<a>é</a>"},
	{"uniqueidentifier", "6F9619FF-8B86-D011-B42D-00C04FC964FF", "text", "6F9619FF-8B86-D011-B42D-00C04FC964FF"},
	{"varbinary(max)", "0x00FF10", "text", "0x00FF10"},
	{"binary(2)", "0x0A0B", "text", "0x0A0B"},
	{"image", "0xFF", "text", "0xFF"},
	{"rowversion", "0x00000000000007D1", "text", "0x00000000000007D1"},
	{"int", nil, "integer", "(null)"},
	{"nvarchar(max)", nil, "text", "(null)"},
	{"datetime2(7)", nil, "timestamp", "(null)"},
	{"uniqueidentifier", nil, "text", "(null)"},
	{"ntext", nil, "text", "(null)"},
}

func TestSQLServerValuesLandExactly(t *testing.T) {
	for _, one := range msValues {
		t.Run(one.declared+" as "+one.contract, func(t *testing.T) {
			table := &tdstest.Table{Columns: append(tdstest.ColumnsOf("id int not null"), tdstest.Column{Name: "c", Type: one.declared}), Rows: [][]any{{1, one.value}}}
			dataset := "    mode: snapshot\n    max_quarantined: 1\n    columns: {id: {type: integer}, c: {type: " + one.contract + "}}\n"
			r := readOnce(t, msSource(t, table.Serve(t, tdstest.Plain), "", dataset), nil)
			got := ""
			switch {
			case r.err != nil || !r.kept:
				t.Fatalf("%+v", r)
			case len(r.rejects) == 1:
				got = "! " + r.rejects[0].Reason
			case len(r.rows) == 1:
				got = strings.TrimPrefix(r.rows[0], "1|")
			}
			if got != one.want {
				t.Errorf("got %q, want %q", got, one.want)
			}
		})
	}
}

// A row with a time that is too fine is set aside by its key, and the rows around it land.
func TestSQLServerTimesAreNeverCut(t *testing.T) {
	table := &tdstest.Table{Columns: tdstest.ColumnsOf("id int not null", "at datetime2(7)"), Key: "id", Rows: [][]any{
		{1, "2026-01-05 10:11:12.1234560"}, {2, "2026-01-05 10:11:12.1234561"}, {3, "2026-01-05 10:11:12.0000000"},
	}}
	dataset := "    mode: snapshot\n    key: [id]\n    columns: {id: {type: integer}, at: {type: timestamp}}\n"
	r := readOnce(t, msSource(t, table.Serve(t, tdstest.Plain), "", dataset), nil)
	if len(r.rows) != 2 || len(r.rejects) != 1 || r.rejects[0].Text != "2026-01-05 10:11:12.1234561" || !strings.HasSuffix(r.rejects[0].Reason, "(the row with id 2)") {
		t.Errorf("%q, %+v", r.rows, r.rejects)
	}
}

// Each of the 300 ticks of a second must come back from its own text, as the cursor of a datetime does.
func TestSQLServerTicksComeBackFromTheirTexts(t *testing.T) {
	table := &tdstest.Table{Columns: tdstest.ColumnsOf("at datetime")}
	for tick := range 300 {
		table.Rows = append(table.Rows, []any{fmt.Sprintf("2026-01-05 10:11:12.%03d", (tick*10+1)/3)})
	}
	r := readOnce(t, msSource(t, table.Serve(t, tdstest.Plain), "", "    mode: snapshot\n    columns: {at: {type: text}}\n"), nil)
	if len(r.rows) != 300 {
		t.Fatalf("%+v", r)
	}
	for tick, row := range r.rows {
		if want := strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("2026-01-05 10:11:12.%03d", (tick*10+1)/3), "0"), "."); row != want {
			t.Errorf("tick %d: got %q, want %q", tick, row, want)
		}
	}
}

func FuzzDecimalCell(f *testing.F) {
	for _, text := range []string{"0", "-1.50", "922337203685477.5807", longest, "1.", ".5", "-", "", "1e5", "1.2.3", "--1", "000000000000000000000"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var cell connectors.Cell
		decimalCell([]byte(text), &cell)
		if cell.Kind == connectors.TextCell {
			if string(cell.Text) != text {
				t.Errorf("%q became %q", text, cell.Text)
			}
			return
		}
		want, ok := new(big.Rat).SetString(text)
		got := new(big.Rat).SetFrac(big.NewInt(cell.Int), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(cell.Scale)), nil))
		if !ok || want.Cmp(got) != 0 {
			t.Errorf("%q became %d with %d places", text, cell.Int, cell.Scale)
		}
	})
}
