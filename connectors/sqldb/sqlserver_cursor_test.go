package sqldb

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/connectors/sqldb/tdstest"
)

// changing is a dataset of ids by a cursor of some type.
func changing(lookBack string) string {
	return "    mode: increment\n    key: [id]\n    cursor: {column: changed, look_back: " + lookBack + "}\n    full_comparison: never\n    columns: {id: {type: integer}, changed: {type: text}}\n"
}

func changed(kind string, values ...any) *tdstest.Table {
	t := &tdstest.Table{Columns: tdstest.ColumnsOf("id int not null", "changed "+kind), Key: "id", Cursor: "changed"}
	for i, value := range values {
		t.Rows = append(t.Rows, []any{i + 1, value})
	}
	return t
}

func at(t *testing.T, c connectors.Cursor) string {
	t.Helper()
	var saved cursor
	if err := json.Unmarshal(c, &saved); err != nil {
		t.Fatal(err)
	}
	if saved.At == nil {
		return ""
	}
	return *saved.At
}

// A msNight is what a table holds one night and the next, and which rows come then.
type msNight struct {
	kind   string
	first  []any
	saved  string   // of the cursor after the first night
	second []any    // further rows
	comes  []string // ids
	bound  string   // how the cursor is bound
}

func TestSQLServerCursorsKeepTheirPrecision(t *testing.T) {
	for name, one := range map[string]msNight{
		"a tenth of a microsecond": {
			"datetime2(7)", []any{"2026-05-01 10:00:00.1234567", "2026-05-01 10:00:00.1234568"}, "2026-05-01 10:00:00.1234568",
			[]any{"2026-05-01 10:00:00.1234567", "2026-05-01 10:00:00.1234569"}, []string{"2", "4"}, "convert(datetime2(7), @p1, 121)",
		},
		"a tick of a datetime": {
			"datetime", []any{"2026-05-01 10:00:00.000", "2026-05-01 10:00:00.003"}, "2026-05-01 10:00:00.003",
			[]any{"2026-05-01 10:00:00.000", "2026-05-01 10:00:00.003", "2026-05-01 10:00:00.007"}, []string{"2", "4", "5"}, "convert(datetime, @p1, 121)",
		},
		"moments with offsets": {
			"datetimeoffset(7)", []any{"2026-05-01 10:30:00.0000000 +01:00", "2026-05-01 10:00:00.0000000 +00:00"}, "2026-05-01 10:00:00.0000000 +00:00",
			[]any{"2026-05-01 10:59:00.0000000 +01:00", "2026-05-01 09:00:00.0000001 -01:00"}, []string{"2", "4"}, "convert(datetimeoffset(7), @p1, 121)",
		},
		"whole numbers": {
			"bigint", []any{"9007199254740992", "9007199254740993"}, "9007199254740993",
			[]any{"9007199254740992", "9007199254740994"}, []string{"2", "4"}, "convert(bigint, @p1)",
		},
		"null": {
			"datetime2(7)", []any{"2026-05-01 10:00:00.0000000", nil}, "2026-05-01 10:00:00.0000000",
			[]any{"2026-05-02 10:00:00.0000000"}, []string{"2", "1", "3"}, "convert(datetime2(7), @p1, 121)",
		},
		"the future": {
			"datetime2(7)", []any{"2026-05-01 10:00:00.0000000", "2999-01-01 00:00:00.0000000"}, "2026-05-20 02:00:00.0000000",
			[]any{"2026-05-20 02:00:01.0000000"}, []string{"3", "2"}, "convert(datetime2(7), @p1, 121)",
		},
	} {
		t.Run(name, func(t *testing.T) {
			table := changed(one.kind, one.first...)
			s := table.Serve(t, tdstest.Plain)
			source := msSource(t, s, "", changing("0"))
			first := readOnce(t, source, nil)
			if len(first.rows) != len(one.first) || at(t, first.cursor) != one.saved {
				t.Fatalf("the first night: %v, cursor %s", first.rows, first.cursor)
			}
			for _, value := range one.second {
				table.Rows = append(table.Rows, []any{len(table.Rows) + 1, value})
			}
			second := readOnce(t, source, first.cursor)
			var ids []string
			for _, row := range second.rows {
				id, _, _ := strings.Cut(row, "|")
				ids = append(ids, id)
			}
			if fmt.Sprint(ids) != fmt.Sprint(one.comes) {
				t.Errorf("the second night brings %v, want %v", second.rows, one.comes)
			}
			asked := statements(s)
			if last := asked[len(asked)-1]; !strings.Contains(last, "[changed] >= "+one.bound+" or") || !strings.HasSuffix(last, "= "+one.saved) {
				t.Errorf("asked %s", last)
			}
		})
	}
}

// A transaction that got its row version before others and commits after them must not be passed over.
func TestSQLServerRowVersionsThatCommitLateCome(t *testing.T) {
	table := changed("rowversion", "0x00000000000007D1", "0x00000000000007D3")
	table.Active = "0x00000000000007D2" // of a transaction under way
	s := table.Serve(t, tdstest.Plain)
	source := msSource(t, s, "", changing("0"))
	first := readOnce(t, source, nil)
	if at(t, first.cursor) != table.Active || len(first.rows) != 2 {
		t.Fatalf("%v, cursor %s", first.rows, first.cursor)
	}
	table.Rows, table.Active = append(table.Rows, []any{3, "0x00000000000007D2"}), "0x00000000000007D4"
	second := readOnce(t, source, first.cursor)
	if want := "[3|0x00000000000007D2 2|0x00000000000007D3]"; fmt.Sprint(second.rows) != want || at(t, second.cursor) != "0x00000000000007D3" {
		t.Errorf("got %v, cursor %s", second.rows, second.cursor)
	}
	var survey, rows string
	for _, statement := range statements(s) {
		if strings.HasPrefix(statement, "select count(*)") {
			survey = statement
		}
		rows = statement
	}
	const clock = "convert(binary(8), substring(context_info(), 1, 8))"
	if !strings.Contains(survey, "case when max([changed]) > "+clock+" then "+clock+" else max([changed]) end") {
		t.Errorf("asked %s", survey)
	}
	if !strings.Contains(rows, "[changed] >= convert(binary(8), @p1, 1) or") || !strings.HasSuffix(rows, "@p1 nvarchar(18) = 0x00000000000007D2") {
		t.Errorf("asked %s", rows)
	}
}

// A thousand rows of one time come whole on either night, and rows that commit late come within the look-back.
func TestSQLServerTiesAndLateCommits(t *testing.T) {
	table := changed("datetime2(7)")
	for i := range 1000 {
		table.Rows = append(table.Rows, []any{i + 1, "2026-05-01 10:00:00.0000000"})
	}
	source := msSource(t, table.Serve(t, tdstest.Plain), "batch_rows: 300", changing("2h"))
	first := readOnce(t, source, nil)
	table.Rows = append(table.Rows, []any{1001, "2026-05-01 08:00:00.0000000"}, []any{1002, "2026-05-01 07:59:59.9999999"})
	second := readOnce(t, source, first.cursor)
	if len(first.rows) != 1000 || len(second.rows) != 1001 || second.rows[0] != "1001|2026-05-01 08:00:00" {
		t.Errorf("%d rows and then %d", len(first.rows), len(second.rows))
	}
}

func TestSQLServerSetBackIsReadWhole(t *testing.T) {
	table := changed("datetime2(7)", "2026-05-01 10:00:00.0000000", "2026-05-02 10:00:00.0000000")
	source := msSource(t, table.Serve(t, tdstest.Plain), "", changing("0"))
	first := readOnce(t, source, nil)
	table.Rows = table.Rows[:1]
	second := readOnce(t, source, first.cursor)
	if len(second.rows) != 1 || at(t, second.cursor) != "2026-05-01 10:00:00.0000000" || !strings.Contains(fmt.Sprint(second.last().Notes), "everything was read") {
		t.Errorf("got %v, %+v", second.rows, second.last())
	}
}

func TestSQLServerCursorsAreBoundInTheirOwnType(t *testing.T) {
	back := lookBack{Time: 90 * time.Minute, Units: 10}
	for kind, want := range map[string][2]string{
		"datetime":          {"convert(datetime, @p1, 121)", "dateadd(second, -5400, convert(datetime, @p1, 121))"},
		"smalldatetime":     {"convert(smalldatetime, @p1, 121)", "dateadd(second, -5400, convert(smalldatetime, @p1, 121))"},
		"datetime2(7)":      {"convert(datetime2(7), @p1, 121)", "dateadd(second, -5400, convert(datetime2(7), @p1, 121))"},
		"datetimeoffset(7)": {"convert(datetimeoffset(7), @p1, 121)", "dateadd(second, -5400, convert(datetimeoffset(7), @p1, 121))"},
		"date":              {"convert(date, @p1, 121)", "dateadd(day, -1, convert(date, @p1, 121))"},
		"bigint":            {"convert(bigint, @p1)", "(convert(bigint, @p1) - 10)"},
		"decimal(18,4)":     {"convert(decimal(18,4), @p1)", "(convert(decimal(18,4), @p1) - 10)"},
		"varchar(20)":       {"convert(varchar(20), @p1)", "convert(varchar(20), @p1)"},
		"timestamp": {"convert(binary(8), @p1, 1)",
			"convert(binary(8), case when convert(bigint, convert(binary(8), @p1, 1)) > 10 then convert(bigint, convert(binary(8), @p1, 1)) - 10 else convert(bigint, 0) end)"},
	} {
		c := column{Name: "c", Type: kind, Class: msClass(kind)}
		if got := [2]string{sqlserver{}.bound(1, c, lookBack{}), sqlserver{}.bound(1, c, back)}; got != want {
			t.Errorf("%s: got %q, want %q", kind, got, want)
		}
	}
}

func TestSQLServerTextsKeepAllOfAValue(t *testing.T) {
	for kind, want := range map[string]string{
		"datetime":         "convert(varchar(23), convert(datetime, x), 121)",
		"datetime2(7)":     "convert(varchar(34), x, 121)",
		"money":            "convert(varchar(40), x, 2)",
		"float":            "convert(varchar(40), x, 3)",
		"timestamp":        "convert(varchar(18), convert(binary(8), x), 1)",
		"decimal(38,10)":   "convert(varchar(60), x)",
		"nvarchar(10)":     "x",
		"uniqueidentifier": "convert(varchar(60), x)",
	} {
		if got := (sqlserver{}).asText("x", column{Type: kind, Class: msClass(kind)}); got != want {
			t.Errorf("%s: got %s, want %s", kind, got, want)
		}
	}
}
