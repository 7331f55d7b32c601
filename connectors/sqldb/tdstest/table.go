package tdstest

import (
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
)

// A Table is one table behind a stand-in. It answers what the program asks of a table as a server would, for its own columns:
// of the statements it reads only whether they restrict to a cursor and by how much they look back. Its fields may be changed
// between readings.
type Table struct {
	Columns []Column
	Key     string // that is surveyed by its ends
	Cursor  string
	Totals  []string
	Rows    [][]any
	Now     time.Time // by the server's clock
	Active  string    // the server's lowest row version under way
	// Fails says how the n-th reading of rows, from 1, comes to no good end; nil where all do.
	Fails func(n int) Answer
	// What the catalogue says beside the columns: the primary key, the collation of texts, what the table selects where it is
	// a view, and how columns are kept from the account.
	Primary         []string
	Collation, View string
	Hidden          map[string]string
	Gone            bool // there is no such table

	mu    sync.Mutex
	reads int
}

// tableName is what the table is called: dbo.cases.
const tableName = "[dbo].[cases]"

// TableNow is the clock of a table of which no other is said.
var TableNow = time.Date(2026, 5, 20, 2, 0, 0, 0, time.UTC)

// Serve puts the table behind a stand-in.
func (t *Table) Serve(test *testing.T, encryption Encryption) *Server {
	test.Helper()
	s := Start(test, encryption)
	if t.Now.IsZero() {
		t.Now = TableNow
	}
	s.On("set nocount on", Answer{})
	s.On("sys.databases", DatabaseAnswer(1, 0))
	s.Handle("from sys.objects as relation", func(r Request) Answer {
		a := Answer{Columns: ColumnsOf("object_id varchar(12)", "view_mark nvarchar(max)")}
		if r.Params[0].Value == tableName && !t.Gone {
			a.Rows = [][]any{{"1234", nil}}
		}
		if t.View != "" {
			a.Rows[0][1] = t.View
		}
		return a
	})
	s.Handle("is_primary_key", func(Request) Answer {
		a := Answer{Columns: ColumnsOf("name nvarchar(128)")}
		for _, name := range t.Primary {
			a.Rows = append(a.Rows, []any{name})
		}
		return a
	})
	s.Handle("inner join sys.types", func(Request) Answer { return t.described() })
	s.Handle("fn_my_permissions", func(Request) Answer {
		return Answer{Columns: ColumnsOf("what varchar(200)"), Rows: [][]any{{""}}}
	})
	s.Handle("from "+tableName, t.answer)
	return s
}

// DatabaseAnswer says of a database whether it allows snapshots, and whether it can only be read.
func DatabaseAnswer(snapshot, readOnly int) Answer {
	return Answer{Columns: ColumnsOf("snapshot_isolation_state int", "is_read_only int"), Rows: [][]any{{snapshot, readOnly}}}
}

// ColumnsOf are columns by name and type.
func ColumnsOf(texts ...string) []Column {
	columns := make([]Column, len(texts))
	for i, text := range texts {
		columns[i].Name, columns[i].Type, _ = strings.Cut(text, " ")
	}
	return columns
}

// described is what the catalogue says of the columns.
func (t *Table) described() Answer {
	a := Answer{Columns: ColumnsOf("name nvarchar(128)", "type nvarchar(60)", "is_nullable int", "collation_name nvarchar(128)", "hidden varchar(9)")}
	for _, c := range t.Columns {
		kind, notNull := strings.CutSuffix(c.Type, " not null")
		if kind == "rowversion" {
			kind = "timestamp"
		}
		collation := ""
		if strings.Contains(kind, "char") {
			collation = t.Collation
		}
		a.Rows = append(a.Rows, []any{c.Name, kind, map[bool]int{true: 0, false: 1}[notNull], collation, t.hiddenAs(c.Name)})
	}
	return a
}

func (t *Table) hiddenAs(name string) any {
	if how, ok := t.Hidden[name]; ok {
		return how
	}
	return nil
}

func (t *Table) at(name string) int {
	return slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == name })
}

// answer gives rows, or what they are in sum.
func (t *Table) answer(r Request) Answer {
	t.mu.Lock()
	defer t.mu.Unlock()
	rows := t.scope(r)
	if strings.HasPrefix(r.SQL, "select count(*)") {
		return t.survey(r, rows)
	}
	a := Answer{Rows: rows}
	if t.reads++; t.Fails != nil {
		a = t.Fails(t.reads)
		a.Rows = rows
	}
	asked := regexp.MustCompile(`\[(\w+)\]`).FindAllStringSubmatch(strings.SplitN(r.SQL, " from ", 2)[0], -1)
	var at []int
	for _, name := range asked {
		at = append(at, t.at(name[1]))
		a.Columns = append(a.Columns, t.Columns[t.at(name[1])])
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

var backwards = regexp.MustCompile(`dateadd\(second, -(\d+), convert\([^@]*@p\d+, 121\)\) or`)

// scope are the rows that a statement asks for.
func (t *Table) scope(r Request) [][]any {
	_, where, restricted := strings.Cut(r.SQL, " where (")
	if !restricted {
		return slices.Clone(t.Rows)
	}
	from := fmt.Sprint(r.Params[len(r.Params)-1].Value)
	var back time.Duration
	if seconds := backwards.FindStringSubmatch(where); seconds != nil {
		n, _ := strconv.Atoi(seconds[1])
		back = time.Duration(n) * time.Second
	}
	var rows [][]any
	cursor := t.at(t.Cursor)
	for _, row := range t.Rows {
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
func (t *Table) compare(value any, text string, back time.Duration) int {
	kind := t.Columns[t.at(t.Cursor)].Type
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
func (t *Table) survey(r Request, rows [][]any) Answer {
	a := Answer{Columns: ColumnsOf("count int", "now bigint"), Rows: [][]any{{len(rows), t.Now.Unix()}}}
	add := func(kind string, value any) {
		a.Columns = append(a.Columns, Column{Name: "", Type: kind})
		a.Rows[0] = append(a.Rows[0], value)
	}
	if t.Cursor != "" {
		t.latest(r, rows, add)
	}
	if t.Key != "" {
		least, greatest := ends(rows, t.at(t.Key))
		add("nvarchar(60)", least)
		add("nvarchar(60)", greatest)
	}
	for _, name := range t.Totals {
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
func (t *Table) latest(r Request, rows [][]any, add func(string, any)) {
	var latest any
	dated := 0
	for _, row := range rows {
		if value := row[t.at(t.Cursor)]; value != nil {
			if dated++; latest == nil || t.compare(value, fmt.Sprint(latest), 0) > 0 {
				latest = value
			}
		}
	}
	behind := ""
	if len(r.Params) > 0 && (latest == nil || t.compare(latest, fmt.Sprint(r.Params[0].Value), 0) < 0) {
		behind = "rows"
	}
	if clock := t.clock(); latest != nil && clock != "" && t.compare(latest, clock, 0) > 0 {
		latest = clock
	}
	add("int", dated)
	add("varchar(34)", latest)
	add("varchar(5)", behind)
}

// clock is the server's, as the cursor's type shows it.
func (t *Table) clock() string {
	switch kind := t.Columns[t.at(t.Cursor)].Type; {
	case kind == "rowversion":
		return t.Active
	case strings.HasPrefix(kind, "datetimeoffset"):
		return t.Now.Format("2006-01-02 15:04:05.0000000 -07:00")
	case kind == "datetime":
		return t.Now.Format("2006-01-02 15:04:05.000")
	case strings.HasPrefix(kind, "datetime2"):
		return t.Now.Format("2006-01-02 15:04:05.0000000")
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
