package sqldb

import (
	"bytes"
	"cmp"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/connectors/sqldb/tdstest"
)

// A msTable is a table behind the stand-in for SQL Server. It answers what the engine asks of a table as a server would, for
// its own columns: of the statements it reads only whether they restrict to a cursor and by how much they look back.
type msTable struct {
	columns []tdstest.Column
	key     string
	cursor  string
	totals  []string
	now     time.Time
	active  string // the server's lowest row version under way
	fails   func(n int) tdstest.Answer
	// What the catalogue says beside the columns: the primary key, where it is not the key, the collation of texts and what
	// the table selects, where it is a view; whether it is there at all.
	primary         []string
	collation, view string
	hidden          map[string]string // how columns are kept from the account
	gone            bool

	mu    sync.Mutex
	rows  [][]any
	reads int
}

const msName1 = "[dbo].[cases]"

var msNow = time.Date(2026, 5, 20, 2, 0, 0, 0, time.UTC)

// serve puts the table behind a stand-in.
func (t *msTable) serve(test *testing.T, encryption tdstest.Encryption) *tdstest.Server {
	s := tdstest.Start(test, encryption)
	if t.now.IsZero() {
		t.now = msNow
	}
	s.On("set nocount on", tdstest.Answer{})
	s.On("sys.databases", msDatabaseAnswer(1, 0))
	s.Handle("from sys.objects as relation", func(r tdstest.Request) tdstest.Answer {
		a := tdstest.Answer{Columns: columnsOf("object_id varchar(12)", "view_mark nvarchar(max)")}
		if r.Params[0].Value == msName1 && !t.gone {
			a.Rows = [][]any{{"1234", nil}}
		}
		if t.view != "" {
			a.Rows[0][1] = t.view
		}
		return a
	})
	s.Handle("is_primary_key", func(tdstest.Request) tdstest.Answer {
		a := tdstest.Answer{Columns: columnsOf("name nvarchar(128)")}
		for _, name := range t.primary {
			a.Rows = append(a.Rows, []any{name})
		}
		return a
	})
	s.Handle("inner join sys.types", func(tdstest.Request) tdstest.Answer { return t.described() })
	s.Handle("fn_my_permissions", func(tdstest.Request) tdstest.Answer {
		return tdstest.Answer{Columns: columnsOf("what varchar(200)"), Rows: [][]any{{""}}}
	})
	s.Handle("from "+msName1, t.answer)
	return s
}

func msDatabaseAnswer(snapshot, readOnly int) tdstest.Answer {
	return tdstest.Answer{Columns: columnsOf("snapshot_isolation_state int", "is_read_only int"), Rows: [][]any{{snapshot, readOnly}}}
}

// columnsOf are columns by name and type.
func columnsOf(texts ...string) []tdstest.Column {
	columns := make([]tdstest.Column, len(texts))
	for i, text := range texts {
		columns[i].Name, columns[i].Type, _ = strings.Cut(text, " ")
	}
	return columns
}

// described is what the catalogue says of the columns.
func (t *msTable) described() tdstest.Answer {
	a := tdstest.Answer{Columns: columnsOf("name nvarchar(128)", "type nvarchar(60)", "is_nullable int", "collation_name nvarchar(128)", "hidden varchar(9)")}
	for _, c := range t.columns {
		kind, notNull := strings.CutSuffix(c.Type, " not null")
		if kind == "rowversion" {
			kind = "timestamp"
		}
		collation := ""
		if strings.Contains(kind, "char") {
			collation = t.collation
		}
		a.Rows = append(a.Rows, []any{c.Name, kind, map[bool]int{true: 0, false: 1}[notNull], collation, t.hiddenAs(c.Name)})
	}
	return a
}

func (t *msTable) hiddenAs(name string) any {
	if how, ok := t.hidden[name]; ok {
		return how
	}
	return nil
}

func (t *msTable) at(name string) int {
	return slices.IndexFunc(t.columns, func(c tdstest.Column) bool { return c.Name == name })
}

// answer gives rows, or what they are in sum.
func (t *msTable) answer(r tdstest.Request) tdstest.Answer {
	t.mu.Lock()
	defer t.mu.Unlock()
	rows := t.scope(r)
	if strings.HasPrefix(r.SQL, "select count(*)") {
		return t.survey(r, rows)
	}
	a := tdstest.Answer{Rows: rows}
	if t.reads++; t.fails != nil {
		a = t.fails(t.reads)
		a.Rows = rows
	}
	asked := regexp.MustCompile(`\[(\w+)\]`).FindAllStringSubmatch(strings.SplitN(r.SQL, " from ", 2)[0], -1)
	var at []int
	for _, name := range asked {
		at = append(at, t.at(name[1]))
		a.Columns = append(a.Columns, t.columns[t.at(name[1])])
	}
	for i, row := range a.Rows {
		picked := make([]any, len(at))
		for n, from := range at {
			picked[n] = row[from]
		}
		a.Rows[i] = picked
	}
	return a
}

var msBack = regexp.MustCompile(`dateadd\(second, -(\d+), convert\([^@]*@p\d+, 121\)\) or`)

// scope are the rows that a statement asks for.
func (t *msTable) scope(r tdstest.Request) [][]any {
	_, where, restricted := strings.Cut(r.SQL, " where (")
	if !restricted {
		return slices.Clone(t.rows)
	}
	from := fmt.Sprint(r.Params[len(r.Params)-1].Value)
	var back time.Duration
	if seconds := msBack.FindStringSubmatch(where); seconds != nil {
		n, _ := strconv.Atoi(seconds[1])
		back = time.Duration(n) * time.Second
	}
	var rows [][]any
	cursor := t.at(t.cursor)
	for _, row := range t.rows {
		if row[cursor] == nil || t.compare(row[cursor], from, back) >= 0 {
			rows = append(rows, row)
		}
	}
	slices.SortStableFunc(rows, func(a, b []any) int {
		switch { // nulls come first
		case a[cursor] == nil && b[cursor] == nil:
			return 0
		case a[cursor] == nil:
			return -1
		case b[cursor] == nil:
			return 1
		}
		return t.compare(a[cursor], fmt.Sprint(b[cursor]), 0)
	})
	return rows
}

// compare compares a value of the cursor with a text, moved back, in the column's own type.
func (t *msTable) compare(value any, text string, back time.Duration) int {
	kind := t.columns[t.at(t.cursor)].Type
	a, b := fmt.Sprint(value), text
	if strings.HasPrefix(kind, "date") {
		form := "2006-01-02 15:04:05.9999999"
		if strings.HasPrefix(kind, "datetimeoffset") {
			form += " -07:00"
		}
		x, err1 := time.Parse(form, a)
		y, err2 := time.Parse(form, b)
		if err1 != nil || err2 != nil {
			panic(fmt.Sprint(err1, err2))
		}
		return x.Compare(y.Add(-back))
	}
	if strings.HasSuffix(kind, "int") {
		x, _ := strconv.Atoi(a)
		y, _ := strconv.Atoi(b)
		return cmp.Compare(x, y)
	}
	return cmp.Compare(a, b)
}

// survey is what rows are in sum, in the order in which the engine asks.
func (t *msTable) survey(r tdstest.Request, rows [][]any) tdstest.Answer {
	a := tdstest.Answer{Columns: columnsOf("count int", "now bigint"), Rows: [][]any{{len(rows), t.now.Unix()}}}
	add := func(kind string, value any) {
		a.Columns = append(a.Columns, tdstest.Column{Name: "", Type: kind})
		a.Rows[0] = append(a.Rows[0], value)
	}
	if t.cursor != "" {
		t.latest(r, rows, add)
	}
	if t.key != "" {
		least, greatest := ends(rows, t.at(t.key))
		add("nvarchar(60)", least)
		add("nvarchar(60)", greatest)
	}
	for _, name := range t.totals {
		total := new(big.Rat)
		for _, row := range rows {
			if n, ok := new(big.Rat).SetString(fmt.Sprint(row[t.at(name)])); ok {
				total.Add(total, n)
			}
		}
		add("varchar(60)", total.FloatString(10))
	}
	return a
}

// latest adds how many rows have a cursor, the greatest one, and whether it is behind.
func (t *msTable) latest(r tdstest.Request, rows [][]any, add func(string, any)) {
	var latest any
	dated := 0
	for _, row := range rows {
		if value := row[t.at(t.cursor)]; value != nil {
			if dated++; latest == nil || t.compare(value, fmt.Sprint(latest), 0) > 0 {
				latest = value
			}
		}
	}
	behind := ""
	if len(r.Params) > 0 && (latest == nil || t.compare(latest, fmt.Sprint(r.Params[0].Value), 0) < 0) {
		behind = rowsBehind
	}
	if clock := t.clock(); latest != nil && clock != "" && t.compare(latest, clock, 0) > 0 {
		latest = clock
	}
	add("int", dated)
	add("varchar(34)", latest)
	add("varchar(5)", behind)
}

// clock is the server's, as the cursor's type shows it.
func (t *msTable) clock() string {
	switch kind := t.columns[t.at(t.cursor)].Type; {
	case kind == "rowversion":
		return t.active
	case strings.HasPrefix(kind, "datetimeoffset"):
		return t.now.Format("2006-01-02 15:04:05.0000000 -07:00")
	case kind == "datetime":
		return t.now.Format("2006-01-02 15:04:05.000")
	case strings.HasPrefix(kind, "datetime2"):
		return t.now.Format("2006-01-02 15:04:05.0000000")
	}
	return ""
}

// ends are the least and the greatest value of a column, of numbers by their size.
func ends(rows [][]any, at int) (least, greatest any) {
	for _, row := range rows {
		if least == nil || before(row[at], least) {
			least = row[at]
		}
		if greatest == nil || before(greatest, row[at]) {
			greatest = row[at]
		}
	}
	return least, greatest
}

func before(a, b any) bool {
	x, err1 := strconv.Atoi(fmt.Sprint(a))
	y, err2 := strconv.Atoi(fmt.Sprint(b))
	if err1 != nil || err2 != nil {
		return fmt.Sprint(a) < fmt.Sprint(b)
	}
	return x < y
}

// msSource gives a source over a stand-in, with settings of the source and a dataset after those that all tests share.
func msSource(t *testing.T, s *tdstest.Server, settings, dataset string) *Source {
	t.Helper()
	tls := "tls: off"
	if s.CAFile != "" {
		tls = "ca_file: " + s.CAFile
	}
	text := fmt.Sprintf("source: care\nkind: sqldb\nengine: sqlserver\nhost: %s\nport: %d\ndatabase: care\nuser: %s\npassword_env: CARE\n%s\n%s\ndatasets:\n  - name: cases\n    table: dbo.cases\n%s",
		s.Host, s.Port, tdstest.User, tls, settings, dataset)
	file, err := connectors.Kinds{"sqldb": Default}.Decode("sources/care.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	source, err := file.Config.Open(connectors.Deps{Root: t.TempDir(), Zone: london(t), Getenv: func(string) string { return tdstest.Secret }})
	if err != nil {
		t.Fatal(err)
	}
	return quick(source.(*Source))
}

func london(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// A msReading is what came of one reading.
type msReading struct {
	rows    []string // stored, as text
	rejects []connectors.Reject
	looks   []connectors.Extract
	cursor  connectors.Cursor
	kept    bool // a load came to its end
	err     error
}

// last is the look that tells how the reading ended.
func (r msReading) last() connectors.Extract {
	if len(r.looks) == 0 {
		return connectors.Extract{}
	}
	return r.looks[len(r.looks)-1]
}

// readOnce reads a source's only dataset. Rows of loads that are dropped are not among those given.
func readOnce(t *testing.T, s *Source, since connectors.Cursor) (r msReading) {
	t.Helper()
	datasets, err := s.Datasets(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var open msReading
	for batch, err := range s.Read(t.Context(), datasets[0], since) {
		if err != nil {
			r.err = err
			return r
		}
		if batch.Discard {
			open = msReading{}
		}
		if batch.Extract != nil {
			r.looks = append(r.looks, *batch.Extract)
		}
		open.rows = append(open.rows, texts(batch)...)
		open.rejects = append(open.rejects, batch.Rejects...)
		if batch.EndOfLoad && !batch.Discard && batch.Cursor != nil {
			r.rows, r.rejects, r.cursor, r.kept = append(r.rows, open.rows...), append(r.rejects, open.rejects...), batch.Cursor, true
			open = msReading{}
		}
	}
	return r
}

// texts are the rows of a batch, each with its values between bars.
func texts(batch connectors.Batch) []string {
	if batch.Rows == nil {
		return nil
	}
	defer batch.Rows.Release()
	rows := make([]string, batch.Rows.NumRows())
	for i := range rows {
		var b bytes.Buffer
		for c := range int(batch.Rows.NumCols()) - 1 { // without the row's number
			if c > 0 {
				b.WriteByte('|')
			}
			b.WriteString(batch.Rows.Column(c).ValueStr(i))
		}
		rows[i] = b.String()
	}
	return rows
}
