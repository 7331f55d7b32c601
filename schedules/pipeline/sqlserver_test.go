package pipeline_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/goldthread/goldthread/connectors/all"
	"github.com/goldthread/goldthread/connectors/sqldb/tdstest"
	"github.com/goldthread/goldthread/schedules/pipeline"
	"github.com/goldthread/goldthread/warehouse/duckdb"
)

// everyType is a column of each type of SQL Server: as what it lands, a value and what that is in the warehouse.
var everyType = []struct{ name, kind, lands, value, want string }{
	{"a_bit", "bit", "boolean", "1", "true"},
	{"a_tinyint", "tinyint", "integer", "255", "255"},
	{"a_smallint", "smallint", "integer", "-32768", "-32768"},
	{"an_int", "int", "integer", "-2147483648", "-2147483648"},
	{"a_bigint", "bigint", "integer", "9223372036854775807", "9223372036854775807"},
	{"a_real", "real", "text", "1.1", "1.1"},
	{"a_float", "float", "text", "0.1", "0.1"},
	{"a_smallmoney", "smallmoney", "decimal(10,4)", "-214748.3648", "-214748.3648"},
	{"a_money", "money", "decimal(19,4)", "922337203685477.5807", "922337203685477.5807"},
	{"a_decimal", "decimal(38,10)", "decimal(38,10)", "-9999999999999999999999999999.9999999999", "-9999999999999999999999999999.9999999999"},
	{"a_numeric", "numeric(5,2)", "decimal(5,2)", "-0.01", "-0.01"},
	{"a_date", "date", "date", "0001-01-01", "0001-01-01"},
	{"a_time", "time(7)", "text", "23:59:59.9999999", "23:59:59.9999999"},
	{"a_smalldatetime", "smalldatetime", "timestamp", "2026-01-05 23:59", "2026-01-05 23:59:00+00"},
	{"a_datetime", "datetime", "timestamp", "2026-07-05 10:11:12.003", "2026-07-05 09:11:12.003+00"},
	{"a_datetime2", "datetime2(7)", "timestamp", "2026-01-05 10:11:12.1234560", "2026-01-05 10:11:12.123456+00"},
	{"a_datetime2_text", "datetime2(7)", "text", "2026-01-05 10:11:12.1234567", "2026-01-05 10:11:12.1234567"},
	{"a_datetimeoffset", "datetimeoffset(7)", "timestamp", "2026-07-05 00:30:00.1234560 +01:00", "2026-07-04 23:30:00.123456+00"},
	{"an_offset_text", "datetimeoffset(7)", "text", "2026-07-05 00:30:00.1234567 +01:00", "2026-07-05 00:30:00.1234567 +01:00"},
	{"a_char", "char(5)", "text", "é€", "é€   "},
	{"a_varchar", "varchar(20)", "text", "00123", "00123"},
	{"a_varchar_max", "varchar(max)", "text", "", ""},
	{"an_nchar", "nchar(3)", "text", "日本", "日本 "},
	{"an_nvarchar", "nvarchar(40)", "text", "日本 🙂", "日本 🙂"},
	{"an_nvarchar_max", "nvarchar(max)", "text", "a long text", "a long text"},
	{"a_text", "text", "text", "legacy", "legacy"},
	{"an_ntext", "ntext", "text", "légacy 日", "légacy 日"},
	{"an_xml", "xml", "text", "<a>é</a>", "<a>é</a>"},
	{"a_guid", "uniqueidentifier", "text", "6F9619FF-8B86-D011-B42D-00C04FC964FF", "6F9619FF-8B86-D011-B42D-00C04FC964FF"},
	{"a_binary", "binary(2)", "text", "0x0A0B", "0x0A0B"},
	{"a_varbinary", "varbinary(max)", "text", "0x00FF10", "0x00FF10"},
	{"an_image", "image", "text", "0xFF", "0xFF"},
	{"a_rowversion", "rowversion", "text", "0x00000000000007D1", "0x00000000000007D1"},
}

// A caseFile is a council with a source over a table of every type behind the stand-in for SQL Server.
type caseFile struct {
	*councilFolder
	table *tdstest.Table
}

func newCaseFile(t *testing.T) *caseFile {
	t.Helper()
	f := &caseFile{newCouncil(t), &tdstest.Table{Columns: tdstest.ColumnsOf("id int not null", "changed datetime2(7)"), Key: "id", Cursor: "changed", Totals: []string{"a_numeric"}}}
	columns := "      id: {type: integer}\n"
	for _, one := range everyType {
		f.table.Columns = append(f.table.Columns, tdstest.Column{Name: one.name, Type: one.kind})
		columns += fmt.Sprintf("      %s: {type: %q}\n", one.name, one.lands)
	}
	for id := 1; id <= 50; id++ {
		f.table.Rows = append(f.table.Rows, f.row(id, "2026-04-01 08:00:00.0000001"))
	}
	f.set(f.table.Rows[49], "changed", "2026-05-01 08:00:00.0000001")
	for i := 2; i < len(f.table.Rows[1]); i++ {
		f.table.Rows[1][i] = nil
	}
	server := f.table.Serve(t, tdstest.Required)
	f.write("sources/care.yaml", fmt.Sprintf("source: care\nkind: sqldb\nengine: sqlserver\nhost: %s\nport: %d\ndatabase: care\nuser: %s\npassword_env: CARE\nca_file: %s\ntries: 1\nbatch_rows: 10\n"+
		"datasets:\n  - name: cases\n    table: dbo.cases\n    mode: increment\n    key: [id]\n    cursor: {column: changed}\n    totals: [a_numeric]\n    personal_data: none\n    columns:\n%s",
		server.Host, server.Port, tdstest.User, server.CAFile, columns))
	return f
}

// row is a row with every type's value.
func (f *caseFile) row(id int, changed string) []any {
	row := []any{id, changed}
	for _, one := range everyType {
		row = append(row, one.value)
	}
	return row
}

func (f *caseFile) set(row []any, column string, value any) {
	for i, c := range f.table.Columns {
		if c.Name == column {
			row[i] = value
		}
	}
}

// night runs, and gives what the source's load came to beside the run's result.
func (f *caseFile) night() (pipeline.Load, pipeline.Result) {
	f.t.Helper()
	folder, err := pipeline.OpenWith(f.t.Context(), f.root, all.Kinds, func(string) string { return tdstest.Secret })
	if err != nil {
		f.t.Fatal(err)
	}
	result, err := pipeline.Run(f.t.Context(), folder, pipeline.Options{Version: "test"})
	if err != nil {
		f.t.Fatal(err)
	}
	for _, l := range result.Loads {
		if l.Read != l.Stored+l.Unchanged+l.Quarantined+l.Blank {
			f.t.Errorf("the counts of %s.%s do not add up: %+v", l.Source, l.Dataset, l)
		}
		if l.Source == "care" {
			return l, result
		}
	}
	return pipeline.Load{}, result
}

// held gives one value of the warehouse as text.
func (f *caseFile) held(query string) (text string) {
	f.t.Helper()
	db, err := duckdb.Open(f.t.Context(), duckdb.Settings{Path: filepath.Join(f.root, ".goldthread", "warehouse.duckdb"), ReadOnly: true})
	if err != nil {
		f.t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRowContext(f.t.Context(), "select coalesce(cast(("+query+") as varchar), '(null)')").Scan(&text); err != nil {
		f.t.Fatalf("%s: %v", query, err)
	}
	return text
}

func (f *caseFile) wants(query, want string) {
	f.t.Helper()
	if got := f.held(query); got != want {
		f.t.Errorf("%s: got %q, want %q", query, got, want)
	}
}

// TestSQLServerLandsInTheWarehouse runs night after night over one table.
func TestSQLServerLandsInTheWarehouse(t *testing.T) {
	f := newCaseFile(t)
	for _, step := range []struct {
		name string
		run  func(*caseFile)
	}{
		{"every type lands exactly", (*caseFile).landsExactly},
		{"a second night lands what changed", (*caseFile).landsWhatChanged},
		{"a reading that is cut leaves nothing", (*caseFile).leavesNothing},
	} {
		t.Run(step.name, func(t *testing.T) {
			f.t = t
			step.run(f)
		})
	}
}

// landsExactly wants every type, nulls too, and that what a timestamp cannot hold is set aside with its row's key.
func (f *caseFile) landsExactly() {
	f.set(f.table.Rows[2], "a_datetime2", "2026-01-05 10:11:12.1234567")
	f.set(f.table.Rows[3], "a_datetimeoffset", "2026-07-05 00:30:00.1234567 +01:00")
	load, result := f.night()
	if load.Read != 50 || load.Stored != 48 || load.Quarantined != 2 || result.Outcome != pipeline.Done {
		f.t.Fatalf("%+v, %+v", load, result.Problems)
	}
	for _, one := range everyType {
		f.wants("select "+one.name+" from current.care__cases where id = 1", one.want)
		f.wants("select "+one.name+" from current.care__cases where id = 2", "(null)")
	}
	const why = `": has more than six decimal places of a second, which a timestamp cannot hold; as text all of them are kept (the row with id `
	f.wants("select string_agg(reason, '; ' order by reason) from meta.quarantined_rows where source = 'care'",
		`column "a_datetime2`+why+`3); column "a_datetimeoffset`+why+`4)`)
}

// landsWhatChanged wants one row changed and one new beside the last one of the night before, and after that none.
func (f *caseFile) landsWhatChanged() {
	f.table.Now = tdstest.TableNow.Add(24 * time.Hour)
	f.table.Rows[6] = f.row(7, "2026-05-20 20:00:00.0000001")
	f.set(f.table.Rows[6], "a_varchar", "00124")
	f.table.Rows = append(f.table.Rows, f.row(51, "2026-05-20 20:00:00.0000001"))
	f.night()
	f.night()
	f.wants("select count(*) from raw.care__cases", "50")
	f.wants("select a_varchar from current.care__cases where id = 7", "00124")
	f.wants("select string_agg(concat_ws(' ', rows_read, rows_stored, rows_unchanged, rows_quarantined, rows_current), '; ' order by load_id) from meta.loads where source = 'care'",
		"50 48 0 2 48; 3 2 1 0 49; 2 0 2 0 49")
}

// leavesNothing wants a reading that is cut half-way to leave what was there before, the ledger to say so, and the next to be
// whole.
func (f *caseFile) leavesNothing() {
	f.table.Now = tdstest.TableNow.Add(48 * time.Hour)
	for id := 101; id <= 140; id++ {
		f.table.Rows = append(f.table.Rows, f.row(id, "2026-05-21 20:00:00.0000001"))
	}
	f.table.Fails = func(int) tdstest.Answer { return tdstest.Answer{Cut: tdstest.Reset, After: 20} }
	load, result := f.night()
	const words = "the connection was cut; this may pass, and the next run tries again"
	if load.LoadID != 0 || result.Outcome == pipeline.Done || len(result.Problems) != 1 || result.Problems[0].What != words {
		f.t.Errorf("%+v, %s, %+v", load, result.Outcome, result.Problems)
	}
	f.wants("select count(*) from current.care__cases", "49")
	f.wants("select count(*) from meta.loads where source = 'care'", "3")
	f.wants("select last(concat(outcome, ': ', reason) order by extract_id) from meta.extracts where source = 'care'", "failed: "+words)
	f.table.Fails = nil
	if load, result := f.night(); load.Read != 42 || load.Stored != 40 || load.Unchanged != 2 {
		f.t.Errorf("%+v, %+v", load, result.Problems)
	}
	f.wants("select count(*) from current.care__cases", "89")
}
