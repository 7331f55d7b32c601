package sqldb

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/connectors/sqldb/tdstest"
)

// quick has a source lose no time between two tries.
func quick(s *Source) *Source {
	s.wait = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	return s
}

// cases are a table of a few columns, with as many rows as wanted.
func cases(n int) *tdstest.Table {
	t := &tdstest.Table{
		Columns: tdstest.ColumnsOf("id int not null", "name nvarchar(50)", "cost decimal(10,2)", "changed datetime2(7)", "secret nvarchar(20)"),
		Key:     "id", Cursor: "changed", Totals: []string{"cost"},
	}
	for i := range n {
		changed := tdstest.TableNow.Add(-time.Hour*time.Duration(n-i)).Format("2006-01-02 15:04:05") + ".0000001"
		t.Rows = append(t.Rows, []any{i + 1, fmt.Sprint("case ", i+1), "10.25", changed, "not asked for"})
	}
	return t
}

const msIncrement = `
    mode: increment
    key: [id]
    cursor: {column: changed}
    full_comparison: never
    totals: [cost]
    columns:
      id: {type: integer}
      name: {type: text}
      cost: {type: "decimal(10,2)"}
      changed: {type: text}
`

func statements(s *tdstest.Server) []string {
	var told []string
	for _, r := range s.Requests() {
		line := string(r.Kind) + " " + r.Isolation
		if r.Kind == tdstest.Statement {
			line = strings.Join(strings.Fields(r.SQL), " ")
		}
		for _, p := range r.Params {
			line += " / " + p.String()
		}
		told = append(told, strings.TrimSpace(line))
	}
	return told
}

func TestSQLServerIsAskedInThisWay(t *testing.T) {
	s := cases(3).Serve(t, tdstest.Plain)
	source := msSource(t, s, "lock_timeout: 7s", msIncrement)
	first := readOnce(t, source, nil)
	if len(first.rows) != 3 || first.err != nil {
		t.Fatalf("%+v", first)
	}
	asked := statements(s)
	for _, part := range []string{"set deadlock_priority low;", "set lock_timeout 7000;", "min_active_rowversion()"} {
		if !strings.Contains(asked[0], part) {
			t.Errorf("the session is set up without %q: %s", part, asked[0])
		}
	}
	if asked[2] != "begin snapshot" {
		t.Errorf("the transaction is told as %q", asked[2])
	}
	before := len(asked)
	if again := readOnce(t, source, first.cursor); len(again.rows) != 3 || again.err != nil { // within the look-back
		t.Fatalf("%+v", again)
	}
	const latest = "nvarchar(27) = 2026-05-20 01:00:00.0000001"
	since := "where ([changed] >= dateadd(second, -7200, convert(datetime2(7), @p%d, 121)) or [changed] is null)"
	want := []string{
		"select count(*), convert(bigint, datediff(second, '20000101', sysutcdatetime())) + 946684800, count([changed]), " +
			"convert(varchar(34), case when max([changed]) > $clock then $clock else max([changed]) end, 121), " +
			"case when $clock < convert(datetime2(7), @p1, 121) then 'clock' when max([changed]) >= convert(datetime2(7), @p2, 121) then '' else 'rows' end, " +
			"convert(varchar(60), min([id])), convert(varchar(60), max([id])), convert(varchar(60), sum([cost])) " +
			"from [dbo].[cases] " + fmt.Sprintf(since, 3) + " / @p1 " + latest + " / @p2 " + latest + " / @p3 " + latest,
		"select [id], [name], [cost], [changed] from [dbo].[cases] " + fmt.Sprintf(since, 1) + " order by [changed], [id] / @p1 " + latest,
	}
	asked = statements(s)[before:]
	for i, statement := range want {
		statement = strings.ReplaceAll(statement, "$clock", "convert(datetime2(7), dateadd(minute, convert(smallint, substring(context_info(), 9, 2)), sysutcdatetime()))")
		if got := asked[len(asked)-len(want)+i]; got != statement {
			t.Errorf("asked %s\nwant  %s", got, statement)
		}
	}
}

func TestSQLServerTellsOfALackOfSnapshots(t *testing.T) {
	for name, one := range map[string]struct {
		answer tdstest.Answer
		level  string
		told   bool
	}{
		"allowed":        {tdstest.DatabaseAnswer(1, 0), "begin snapshot", false},
		"not allowed":    {tdstest.DatabaseAnswer(0, 0), "begin read committed", true},
		"a copy to read": {tdstest.DatabaseAnswer(0, 1), "begin read committed", false},
	} {
		t.Run(name, func(t *testing.T) {
			s := cases(1).Serve(t, tdstest.Plain)
			s.On("sys.databases", one.answer)
			r := readOnce(t, msSource(t, s, "", msIncrement), nil)
			notes := strings.Join(r.last().Notes, "\n")
			if asked := statements(s); asked[2] != one.level || strings.Contains(notes, "no snapshot isolation") != one.told {
				t.Errorf("%s, and told: %s", asked[2], notes)
			}
		})
	}
}

func TestSQLServerTellsWhatItHides(t *testing.T) {
	table := cases(1)
	table.Hidden = map[string]string{"name": "masked", "secret": "encrypted"}
	told := fmt.Sprint(readOnce(t, msSource(t, table.Serve(t, tdstest.Plain), "", msIncrement), nil).last().Notes)
	for _, words := range []string{`the column "name" masked, not what is stored`, `the column "secret" encrypted, not what is stored`} {
		if !strings.Contains(told, words) {
			t.Errorf("told %s, without %s", told, words)
		}
	}
	if strings.Contains(told, `"cost"`) {
		t.Errorf("told %s", told)
	}
}

func TestSQLServerTellsWhoSignsInThatItOnlyReads(t *testing.T) {
	s := cases(1).Serve(t, tdstest.Required)
	if r := readOnce(t, msSource(t, s, "", msIncrement), nil); r.last().Outcome != connectors.Landed {
		t.Fatalf("%+v", r)
	}
	want := tdstest.Login{User: tdstest.User, Database: "care", App: "goldthread", ReadOnly: true, Encrypted: true}
	if got := s.Logins(); len(got) != 1 || got[0] != want {
		t.Errorf("got %+v", got)
	}
}

// The listener of an availability group sends on who says that it only reads. The copy's certificate is verified under the
// copy's own name.
func TestSQLServerFollowsAListenerToTheCopy(t *testing.T) {
	for name, test := range map[string]struct{ host, want string }{
		"to a copy":         {"127.0.0.1", "landed:"},
		"to another's name": {"localhost", "failed: the server's certificate is not trusted: certificate is valid for"},
	} {
		t.Run(name, func(t *testing.T) {
			listener, replica := tdstest.Start(t, tdstest.Required), cases(3).Serve(t, tdstest.Required)
			listener.Route(test.host, replica)
			last := readOnce(t, msSource(t, listener, "", msIncrement), nil).last()
			if told := fmt.Sprintf("%s: %s", last.Outcome, last.Reason); !strings.HasPrefix(told, test.want) {
				t.Errorf("got %s, want %s", told, test.want)
			}
			if at := listener.Logins(); len(at) != 1 || !at[0].ReadOnly || len(listener.Requests()) > 0 {
				t.Errorf("at the listener: %+v, %+v", at, listener.Requests())
			}
			if at := replica.Logins(); test.want == "landed:" && (len(at) != 1 || !at[0].ReadOnly) {
				t.Errorf("at the copy: %+v", at)
			}
		})
	}
}

func TestSQLServerReadsTheQueryOfAFile(t *testing.T) {
	s := cases(2).Serve(t, tdstest.Plain)
	asked := ""
	s.Handle("dm_exec_describe_first_result_set", func(r tdstest.Request) tdstest.Answer {
		asked = fmt.Sprint(r.Params[0].Value)
		return tdstest.Answer{
			Columns: tdstest.ColumnsOf("name nvarchar(128)", "system_type_name nvarchar(256)", "is_nullable int", "collation_name nvarchar(128)", "error_message nvarchar(max)"),
			Rows:    [][]any{{"id", "int", 0, "", nil}, {"name", "nvarchar(50)", 1, "", nil}},
		}
	})
	ctx := t.Context()
	source := msSource(t, s, "", "    mode: snapshot\n    columns: {id: {type: integer}}\n")
	session, err := source.dialect.connect(ctx, withSecret(source))
	if err != nil {
		t.Fatal(err)
	}
	defer session.close()
	found, err := source.dialect.shape(ctx, session, relation{Query: "select id, name from dbo.cases;\n"})
	want := "[{id int number false } {name nvarchar(50) text true }]"
	if err != nil || fmt.Sprint(found.Columns) != want {
		t.Errorf("got %v, %v", found.Columns, err)
	}
	if asked != "select * from (\nselect id, name from dbo.cases\n) source_rows" {
		t.Errorf("asked about %q", asked)
	}
}

func withSecret(s *Source) target {
	t := s.target(&line{})
	t.Password = tdstest.Secret
	return t
}

func TestSQLServerSaysWhatAnAccountCouldWrite(t *testing.T) {
	s := cases(1).Serve(t, tdstest.Plain)
	s.On("fn_my_permissions", tdstest.Answer{Columns: tdstest.ColumnsOf("what varchar(200)"), Rows: [][]any{{"every table of the database"}}})
	source := msSource(t, s, "", msIncrement)
	session, err := source.dialect.connect(t.Context(), withSecret(source))
	if err != nil {
		t.Fatal(err)
	}
	defer session.close()
	if may, err := source.dialect.writes(t.Context(), session); may != "every table of the database" || err != nil {
		t.Errorf("got %q, %v", may, err)
	}
}

func TestSQLServerLacksWhatIsNotThere(t *testing.T) {
	s := cases(1).Serve(t, tdstest.Plain)
	s.On("from sys.objects as relation", tdstest.Answer{Columns: tdstest.ColumnsOf("object_id varchar(12)", "view_mark nvarchar(max)")})
	r := readOnce(t, msSource(t, s, "", msIncrement), nil)
	if last := r.last(); last.Outcome != connectors.Refused || last.Reason != "there is no table or view [dbo].[cases], or the account may not see it" {
		t.Errorf("%+v", last)
	}
}

func TestSQLServerRefusesSumsThatAreNotExact(t *testing.T) {
	table := cases(1)
	table.Columns[2].Type = "float"
	r := readOnce(t, msSource(t, table.Serve(t, tdstest.Plain), "", strings.Replace(msIncrement, `"decimal(10,2)"`, "text", 1)), nil)
	if last := r.last(); last.Outcome != connectors.Refused || !strings.Contains(last.Reason, "no exact total") {
		t.Errorf("%+v", last)
	}
}

func TestSQLServerConfigures(t *testing.T) {
	for name, one := range map[string]struct {
		t    target
		want string
	}{
		"a host":            {target{Host: "db1", Port: 0, User: "u"}, "db1  0 map[]"},
		"a port":            {target{Host: "db1", Port: 1500, User: "u"}, "db1  1500 map[]"},
		"a named instance":  {target{Host: `db1\housing`, User: "u"}, "db1 housing 0 map[]"},
		"a Windows account": {target{Host: "db1", User: `COUNCIL\svc`}, "db1  0 map[authenticator:ntlm]"},
	} {
		t.Run(name, func(t *testing.T) {
			config, err := msConfig(one.t)
			if got := fmt.Sprint(config.Host, " ", config.Instance, " ", config.Port, " ", config.Parameters); got != one.want || err != nil {
				t.Errorf("got %s, %v", got, err)
			}
			if config.TLSConfig == nil || config.TLSConfig.ServerName != "db1" || config.TLSConfig.InsecureSkipVerify {
				t.Errorf("TLS is %+v", config.TLSConfig)
			}
		})
	}
}

func TestOnlyWindowsSignsInAsItself(t *testing.T) {
	config, err := msConfig(target{Host: "db.council.example", AsWindows: true, TLS: tlsTerms{off: true}})
	if runtime.GOOS == "windows" {
		if err != nil || config.Parameters["authenticator"] != "winsspi" {
			t.Errorf("%v, %v", config.Parameters, err)
		}
		return
	}
	if err == nil || !strings.Contains(err.Error(), "needs Goldthread to run on Windows") {
		t.Errorf("got %v", err)
	}
}
