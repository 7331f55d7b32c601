package sqldb

import (
	"context"
	"database/sql/driver"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/goldthread/goldthread/connectors"
)

// A oraTape stands for the driver of Oracle, as no server that speaks its protocol can be had for a test. It gives what a test
// has written down for a statement. What the driver gives for each type, and what it calls the type, is inferred from its
// source; no server was asked.
type oraTape struct {
	answers []oraAnswer
	asked   []string
	begun   bool
}

// An oraAnswer is what a statement that contains a text gives.
type oraAnswer struct {
	contains string
	columns  []oraType
	rows     [][]driver.Value
	err      error // after the rows
}

// An oraType is a column of a result: its name and what the driver calls its type.
type oraType struct{ name, driver string }

func (t *oraTape) Connect(context.Context) (driver.Conn, error) { return t, nil }
func (t *oraTape) Driver() driver.Driver                        { return nil }
func (t *oraTape) Close() error                                 { return nil }
func (t *oraTape) Prepare(string) (driver.Stmt, error)          { return nil, driver.ErrSkip }
func (t *oraTape) Begin() (driver.Tx, error)                    { return nil, driver.ErrSkip }

func (t *oraTape) BeginTx(context.Context, driver.TxOptions) (driver.Tx, error) {
	t.begun = true
	return nil, nil
}

func (t *oraTape) ExecContext(_ context.Context, statement string, _ []driver.NamedValue) (driver.Result, error) {
	if strings.HasPrefix(statement, "set transaction") && !t.begun {
		return nil, fmt.Errorf("the driver would commit after this statement")
	}
	t.asked = append(t.asked, statement)
	return driver.RowsAffected(0), nil
}

func (t *oraTape) QueryContext(_ context.Context, statement string, args []driver.NamedValue) (driver.Rows, error) {
	told := strings.Join(strings.Fields(statement), " ")
	for _, arg := range args {
		told += fmt.Sprintf(" / %v", arg.Value)
	}
	t.asked = append(t.asked, told)
	for _, answer := range t.answers {
		if strings.Contains(statement, answer.contains) {
			return &oraRows{answer: answer}, nil
		}
	}
	return nil, fmt.Errorf("nothing is written down for %s", told)
}

type oraRows struct {
	answer oraAnswer
	next   int
}

func (r *oraRows) Columns() []string {
	var names []string
	for _, c := range r.answer.columns {
		names = append(names, c.name)
	}
	return names
}

func (r *oraRows) Close() error { return nil }

func (r *oraRows) Next(dest []driver.Value) error {
	if r.next == len(r.answer.rows) {
		if r.answer.err != nil {
			return r.answer.err
		}
		return io.EOF
	}
	copy(dest, r.answer.rows[r.next])
	r.next++
	return nil
}

func (r *oraRows) ColumnTypeDatabaseTypeName(i int) string { return r.answer.columns[i].driver }
func (r *oraRows) ColumnTypeScanType(int) reflect.Type     { return reflect.TypeFor[string]() }
func (r *oraRows) ColumnTypeNullable(int) (nullable, ok bool) {
	return true, true
}

func (r *oraRows) ColumnTypePrecisionScale(i int) (int64, int64, bool) {
	return 10, 2, r.answer.columns[i].driver == "NUMBER"
}

// texts are columns that the driver calls by the name it has for texts.
func oraTexts(names ...string) []oraType {
	columns := make([]oraType, len(names))
	for i, name := range names {
		columns[i] = oraType{name, "NCHAR"}
	}
	return columns
}

// oraTable is a tape of HOUSING.TENANCIES with the columns that are described, and what comes of it.
func oraTable(described [][]driver.Value, survey []driver.Value, columns []oraType, rows ...[]driver.Value) *oraTape {
	counted := make([]oraType, len(survey))
	for i := range counted {
		counted[i] = oraType{fmt.Sprint("C", i), "NCHAR"}
	}
	return &oraTape{answers: []oraAnswer{
		{contains: "from all_synonyms", columns: oraTexts("OWNER", "NAME", "VIEW_MARK"), rows: [][]driver.Value{{"HOUSING", "TENANCIES", nil}}},
		{contains: "from all_constraints", columns: oraTexts("COLUMN_NAME"), rows: [][]driver.Value{{"ID"}}},
		{contains: "from all_tab_columns", columns: oraTexts("COLUMN_NAME", "TYPE", "NULLABLE"), rows: described},
		{contains: "from session_privs", columns: oraTexts("WHAT"), rows: [][]driver.Value{{nil}}},
		{contains: "select count(*), ", columns: counted, rows: [][]driver.Value{survey}},
		{contains: `from "HOUSING"."TENANCIES"`, columns: columns, rows: rows},
	}}
}

// oraSource gives a source over a tape, with settings of the source and a dataset.
func oraSource(t *testing.T, tape *oraTape, settings, dataset string) *Source {
	t.Helper()
	text := "source: housing\nkind: sqldb\nengine: oracle\nhost: db1\ndatabase: HOUSING\nuser: reader\npassword_env: HOUSING\ntries: 1\n" + settings + "\ndatasets:\n  - name: tenancies\n" + dataset
	file, err := connectors.Kinds{"sqldb": Default}.Decode("sources/housing.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	source, err := file.Config.Open(connectors.Deps{Root: t.TempDir(), Zone: london(t), Getenv: func(string) string { return "secret" }})
	if err != nil {
		t.Fatal(err)
	}
	s := quick(source.(*Source))
	s.dialect = oracle{connector: func(target, *wire) (driver.Connector, error) { return tape, nil }}
	return s
}

// oraOnce has the first look for a name find nothing.
type oraOnce struct {
	*oraTape
	contains string
}

func (t *oraOnce) Connect(context.Context) (driver.Conn, error) { return t, nil }

func (t *oraOnce) QueryContext(ctx context.Context, statement string, args []driver.NamedValue) (driver.Rows, error) {
	rows, err := t.oraTape.QueryContext(ctx, statement, args)
	if strings.Contains(t.asked[len(t.asked)-1], t.contains) {
		return &oraRows{}, nil
	}
	return rows, err
}
