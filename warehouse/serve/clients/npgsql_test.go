package clients

import (
	_ "embed"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/jackc/pgx/v5/pgtype"
)

// npgsqlTypes are the three statements with which a driver of .NET that Power BI brings, Npgsql 4.0, finds out about types: our
// own words for what it asks.
//
//go:embed npgsql.sql
var npgsqlTypes string

// An npgsql speaks as that driver does, message by message.
type npgsql struct {
	t *testing.T
	*pgproto3.Frontend
}

func dialNpgsql(t *testing.T, s *server) *npgsql {
	t.Helper()
	hijacked, err := s.connect(t).PgConn().Hijack()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { hijacked.Conn.Close() })
	return &npgsql{t, pgproto3.NewFrontend(hijacked.Conn, hijacked.Conn)}
}

// send puts a statement on the way as the driver does: unnamed, its results in one format.
func (n *npgsql) send(statement string, format int16) {
	n.Send(&pgproto3.Parse{Query: statement})
	n.Send(&pgproto3.Bind{ResultFormatCodes: []int16{format}})
	n.Send(&pgproto3.Describe{ObjectType: 'P'})
	n.Send(&pgproto3.Execute{})
}

// A result is what one statement gave.
type result struct {
	columns []pgproto3.FieldDescription
	rows    [][][]byte
}

// read reads the results of all statements before the Sync, in the order of messages that the driver insists on.
func (n *npgsql) read(statements int) []result {
	n.t.Helper()
	n.Send(&pgproto3.Sync{})
	if err := n.Flush(); err != nil {
		n.t.Fatal(err)
	}
	var results []result
	for range statements {
		n.await("*pgproto3.ParseComplete")
		n.await("*pgproto3.BindComplete")
		description := n.await("*pgproto3.RowDescription").(*pgproto3.RowDescription)
		one := result{columns: slices.Clone(description.Fields)}
		for i, c := range one.columns {
			one.columns[i].Name = slices.Clone(c.Name)
		}
		for more := true; more; {
			switch m := n.await("").(type) {
			case *pgproto3.DataRow:
				row := make([][]byte, len(m.Values))
				for i, v := range m.Values {
					row[i] = slices.Clone(v)
				}
				one.rows = append(one.rows, row)
			case *pgproto3.CommandComplete:
				more = false
			default:
				n.t.Fatalf("%T came where rows were awaited", m)
			}
		}
		results = append(results, one)
	}
	n.await("*pgproto3.ReadyForQuery")
	return results
}

// await gives the next message, which must be of a kind; of any where that is empty.
func (n *npgsql) await(kind string) pgproto3.BackendMessage {
	n.t.Helper()
	m, err := n.Receive()
	if err != nil {
		n.t.Fatal(err)
	}
	if e, failed := m.(*pgproto3.ErrorResponse); failed {
		n.t.Fatalf("%s: %s", e.Code, e.Message)
	}
	if kind != "" && fmt.Sprintf("%T", m) != kind {
		n.t.Fatalf("%T came where %s was awaited", m, kind)
	}
	return m
}

// serversOwn are types that no answer has: oidvector, aclitem and cstring, of which PostgreSQL gives the arrays first as well.
var serversOwn = []string{"30", "1033", "2275"}

// loadTypes asks the three statements and gives the types by OID, as the driver keeps them.
func (n *npgsql) loadTypes() map[string]string {
	n.t.Helper()
	statements := strings.Split(strings.TrimSuffix(strings.TrimSpace(npgsqlTypes), ";"), ";\n")
	for _, s := range statements {
		n.send(s, pgproto3.TextFormat)
	}
	results := n.read(len(statements))
	types := map[string]string{}
	for _, row := range results[0].rows {
		name, oid, kind, element := string(row[1]), string(row[2]), string(row[5]), string(row[6])
		if kind == "a" && !slices.Contains(serversOwn, element) {
			if _, known := types[element]; !known {
				n.t.Errorf("the array %s comes before its element %s, and the driver drops it", name, element)
			}
		}
		types[oid] = name
	}
	return types
}

func npgsqlLoadsTheTypes(t *testing.T) {
	types := dialNpgsql(t, serve(t)).loadTypes()
	for oid, name := range map[string]string{
		"16": "bool", "17": "bytea", "20": "int8", "21": "int2", "23": "int4", "25": "text", "26": "oid", "700": "float4", "701": "float8", "1043": "varchar",
		"1082": "date", "1083": "time", "1114": "timestamp", "1184": "timestamptz", "1186": "interval", "1700": "numeric", "2950": "uuid",
		"1009": "_text", "1007": "_int4", "1231": "_numeric", "1182": "_date", "1000": "_bool",
	} {
		if types[oid] != name {
			t.Errorf("type %s is %q, and Npgsql wants %s", oid, types[oid], name)
		}
	}
}

// npgsqlAsksAgain has the first exchange many times, as each process of Power BI does, and tells how long it takes.
func npgsqlAsksAgain(t *testing.T) {
	n := dialNpgsql(t, serve(t))
	first := n.loadTypes()
	var took []time.Duration
	for range 15 {
		begun := time.Now()
		if again := n.loadTypes(); !maps.Equal(first, again) {
			t.Errorf("asked again, the server names %d types where it named %d", len(again), len(first))
		}
		took = append(took, time.Since(begun))
	}
	slices.Sort(took)
	t.Logf("the first exchange takes %v at best and %v at the median", took[0], took[len(took)/2])
}

// npgsqlReadsEveryTable reads all columns in binary, as imports of Power BI do, and decodes each value by its type.
func npgsqlReadsEveryTable(t *testing.T) {
	n := dialNpgsql(t, serve(t))
	types, decode := n.loadTypes(), pgtype.NewMap()
	n.send(`select TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE from INFORMATION_SCHEMA.tables where TABLE_SCHEMA not in ('information_schema', 'pg_catalog') order by 1, 2`, pgproto3.BinaryFormat)
	tables := n.read(1)[0]
	if got := string(tables.columns[0].Name); got != "table_schema" || len(tables.rows) < 20 {
		t.Fatalf("%d tables, under %q", len(tables.rows), got)
	}
	for _, table := range tables.rows {
		name := fmt.Sprintf("%q.%q", table[0], table[1])
		n.send(fmt.Sprintf(`select "$Table".* from %s "$Table" limit 1000`, name), pgproto3.BinaryFormat)
		read := n.read(1)[0]
		for i, c := range read.columns {
			oid := fmt.Sprint(c.DataTypeOID)
			if types[oid] == "" {
				t.Errorf("%s.%s is of the type %s, which the driver was not told of", name, c.Name, oid)
			}
			for _, row := range read.rows {
				decodeOne(t, decode, name+"."+string(c.Name), c.DataTypeOID, row[i])
			}
		}
	}
}

func decodeOne(t *testing.T, types *pgtype.Map, where string, oid uint32, value []byte) {
	t.Helper()
	known, found := types.TypeForOID(oid)
	if !found {
		t.Fatalf("%s: no codec for type %d", where, oid)
	}
	if value == nil {
		return
	}
	if _, err := known.Codec.DecodeValue(types, oid, pgtype.BinaryFormatCode, value); err != nil {
		t.Fatalf("%s: %v", where, err)
	}
}

// npgsqlFindsKeysAndRelationships asks what the model view of Power BI is drawn from.
func npgsqlFindsKeysAndRelationships(t *testing.T) {
	n := dialNpgsql(t, serve(t))
	n.send(`select i.CONSTRAINT_NAME, ii.COLUMN_NAME, ii.ORDINAL_POSITION
		from INFORMATION_SCHEMA.table_constraints i
		inner join INFORMATION_SCHEMA.key_column_usage ii
			on i.CONSTRAINT_SCHEMA = ii.CONSTRAINT_SCHEMA and i.CONSTRAINT_NAME = ii.CONSTRAINT_NAME and i.TABLE_NAME = ii.TABLE_NAME
		where i.TABLE_SCHEMA = 'core' and i.TABLE_NAME = 'dim_measures' and i.CONSTRAINT_TYPE in ('PRIMARY KEY', 'UNIQUE')
		order by 1, 3`, pgproto3.BinaryFormat)
	n.send(`select pk.COLUMN_NAME, fk.TABLE_SCHEMA, fk.TABLE_NAME, fk.COLUMN_NAME, fk.ORDINAL_POSITION, fk.CONSTRAINT_NAME
		from INFORMATION_SCHEMA.referential_constraints f
		inner join INFORMATION_SCHEMA.key_column_usage pk
			on f.UNIQUE_CONSTRAINT_SCHEMA = pk.CONSTRAINT_SCHEMA and f.UNIQUE_CONSTRAINT_NAME = pk.CONSTRAINT_NAME
		inner join INFORMATION_SCHEMA.key_column_usage fk
			on f.CONSTRAINT_SCHEMA = fk.CONSTRAINT_SCHEMA and f.CONSTRAINT_NAME = fk.CONSTRAINT_NAME and pk.ORDINAL_POSITION = fk.ORDINAL_POSITION
		where pk.TABLE_SCHEMA = 'core' and pk.TABLE_NAME = 'dim_measures'
		order by 3`, pgproto3.BinaryFormat)
	results := n.read(2)
	var keys, children []string
	for _, row := range results[0].rows {
		keys = append(keys, fmt.Sprint(string(row[1]), binary.BigEndian.Uint32(row[2])))
	}
	for _, row := range results[1].rows {
		children = append(children, string(row[2])+"."+string(row[3]))
	}
	if got := fmt.Sprint(keys); got != "[measure_code1 version2 measure_key1]" {
		t.Errorf("keys: %s", got)
	}
	if got := fmt.Sprint(children); got != "[bridge_golden_thread.measure_key fct_observations.measure_key fct_revisions.measure_key fct_targets.measure_key]" {
		t.Errorf("relationships: %s", got)
	}
}

// npgsqlChecks makes the checks of Npgsql's exchange for the table of clients.
func npgsqlChecks(t *testing.T) outcome {
	o := outcome{version: "4.0.17, its exchange imitated"}
	for name, one := range map[string]func(*testing.T){
		"types": npgsqlLoadsTheTypes, "again": npgsqlAsksAgain, "reads": npgsqlReadsEveryTable, "keys": npgsqlFindsKeysAndRelationships,
	} {
		o.made++
		if t.Run("Npgsql "+name, one) {
			o.passed++
		}
	}
	return o
}
