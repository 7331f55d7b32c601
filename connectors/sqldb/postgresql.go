package sqldb

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/goldthread/goldthread/connectors"
)

// postgresql speaks to PostgreSQL through the driver's lower half, whose rows come as the server sent them.
type postgresql struct{}

func (postgresql) port() int { return 5432 }

//go:embed statements/postgresql_session.sql
var pgSession string

// setup begins a session. Poolers that stand before a server take settings as statements and not from the first message.
func (postgresql) setup(t target) string {
	return fmt.Sprintf(pgSession, strings.ReplaceAll(t.Zone, "'", "''"), t.LockTimeout.Milliseconds(), t.StatementTimeout.Milliseconds())
}

func (d postgresql) connect(ctx context.Context, t target) (session, error) {
	secured, err := t.TLS.config()
	if err != nil {
		return nil, err
	}
	config, err := pgconn.ParseConfig("sslmode=disable")
	if err != nil {
		return nil, err
	}
	// Nothing of the environment or of a password file may have a say.
	config.Host, config.Port, config.Database, config.User, config.Password = t.Host, uint16(t.Port), t.Database, t.User, t.Password
	config.TLSConfig, config.Fallbacks, config.SSLNegotiation = secured, nil, "postgres"
	config.ConnectTimeout, config.DialFunc = t.ConnectTimeout, pgconn.DialFunc(t.Dial)
	config.RuntimeParams = map[string]string{"client_encoding": "UTF8"}
	ctx, cancel := context.WithTimeout(ctx, t.ConnectTimeout)
	defer cancel()
	conn, err := pgconn.ConnectConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	s := &pgConnection{conn: conn}
	if err := s.command(ctx, d.setup(t)); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (postgresql) quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

//go:embed statements/postgresql_columns.sql
var pgColumns string

//go:embed statements/postgresql_types.sql
var pgTypes string

//go:embed statements/postgresql_relation.sql
var pgRelation string

//go:embed statements/postgresql_writes.sql
var pgWrites string

func (d postgresql) shape(ctx context.Context, s session, r relation) (shape, error) {
	if r.Query != "" {
		return d.shapeOfQuery(ctx, s.(*pgConnection), r)
	}
	name := fromOf(d, r)
	var found shape
	var key string
	there := false
	err := s.query(ctx, pgRelation, []string{name}, func(row []connectors.Cell) error {
		there = row[0].Kind != connectors.NullCell
		key, found.View = string(row[1].Text), string(row[2].Text)
		return nil
	})
	if err == nil && !there {
		return found, refuse("there is no table or view %s, or the account may not see it", name)
	}
	if err != nil {
		return found, err
	}
	if key != "" {
		found.Key = strings.Split(key, "\n")
	}
	err = s.query(ctx, pgColumns, []string{name}, func(row []connectors.Cell) error {
		found.Columns = append(found.Columns, column{
			Name: string(row[0].Text), Type: string(row[1].Text), Class: pgClass(string(row[2].Text)),
			Nullable: string(row[3].Text) == "true", Collation: string(row[4].Text),
		})
		return nil
	})
	return found, err
}

// shapeOfQuery asks the server what a query gives. Nothing is said there of keys and nulls.
func (postgresql) shapeOfQuery(ctx context.Context, s *pgConnection, r relation) (found shape, err error) {
	described, err := s.conn.Prepare(ctx, "", r.Query, nil)
	if err != nil {
		return found, err
	}
	for _, f := range described.Fields {
		c := column{Name: f.Name, Nullable: true}
		args := []string{strconv.FormatUint(uint64(f.DataTypeOID), 10), strconv.FormatInt(int64(f.TypeModifier), 10)}
		err := s.query(ctx, pgTypes, args, func(row []connectors.Cell) error {
			c.Type, c.Class = string(row[0].Text), pgClass(string(row[1].Text))
			return nil
		})
		if err != nil {
			return found, err
		}
		found.Columns = append(found.Columns, c)
	}
	return found, nil
}

// pgClass is what can be done with a type, by its name in pg_type.
func pgClass(name string) class {
	switch name {
	case "int2", "int4", "int8", "numeric", "oid":
		return number
	case "float4", "float8":
		return float
	case "text", "varchar", "bpchar", "name":
		return text
	case "date":
		return day
	case "timestamp":
		return local
	case "timestamptz":
		return moment
	case "bool":
		return boolean
	}
	return other
}

// selected reads arrays as JSON, whose texts no setting of the server alters, and money as the number it is.
func (postgresql) selected(quoted string, c column) string {
	switch {
	case strings.HasSuffix(c.Type, "[]"):
		return "array_to_json(" + quoted + ")::text"
	case c.Type == "money":
		return quoted + "::numeric"
	}
	return quoted
}

func (postgresql) asText(expression string, _ column) string { return "(" + expression + ")::text" }

func (postgresql) sum(quoted string, _ column) string { return "sum(" + quoted + "::numeric)" }

func (postgresql) bound(n int, c column, back lookBack) string {
	switch {
	case c.Class == number && back.Units > 0:
		return fmt.Sprintf("($%d::numeric - %d)", n, back.Units)
	case c.Class == number:
		return fmt.Sprintf("$%d::numeric", n)
	case c.isTime() && back.Time > 0:
		return fmt.Sprintf("($%d::%s - interval '%d microseconds')", n, pgBase(c), back.Time.Microseconds())
	}
	return fmt.Sprintf("$%d::%s", n, pgBase(c))
}

// pgBase is a column's type without its precision, so that no digit of a saved value is lost.
func pgBase(c column) string {
	switch c.Class {
	case day:
		return "date"
	case local:
		return "timestamp"
	case moment:
		return "timestamptz"
	}
	return "text"
}

func (postgresql) clock(c column) string {
	switch c.Class {
	case day:
		return "current_date"
	case local:
		return "localtimestamp"
	case moment:
		return "current_timestamp"
	}
	return ""
}

func (postgresql) now() string { return "extract(epoch from current_timestamp)::bigint" }

func (postgresql) writes(ctx context.Context, s session) (may string, err error) {
	err = s.query(ctx, pgWrites, nil, func(row []connectors.Cell) error {
		may = string(row[0].Text)
		return nil
	})
	return may, err
}

// A pgConnection is one connection to PostgreSQL.
type pgConnection struct {
	conn   *pgconn.PgConn
	cells  []connectors.Cell
	decode []pgDecoder
}

func (s *pgConnection) command(ctx context.Context, statement string) error {
	_, err := s.conn.Exec(ctx, statement).ReadAll()
	return err
}

func (s *pgConnection) query(ctx context.Context, statement string, args []string, take func([]connectors.Cell) error) error {
	described, err := s.conn.Prepare(ctx, "", statement, nil)
	if err != nil {
		return err
	}
	n := len(described.Fields)
	formats := make([]int16, n)
	s.cells, s.decode = make([]connectors.Cell, n), make([]pgDecoder, n)
	for i, f := range described.Fields {
		s.decode[i], formats[i] = pgDecoderOf(f.DataTypeOID)
	}
	values := make([][]byte, len(args))
	for i, arg := range args {
		values[i] = []byte(arg)
	}
	rows := s.conn.ExecPrepared(ctx, "", values, nil, formats)
	for rows.NextRow() {
		if err := s.take(rows.Values(), take); err != nil {
			return err // the connection is closed with its session, and not read to the end
		}
	}
	_, err = rows.Close()
	return err
}

func (s *pgConnection) take(values [][]byte, take func([]connectors.Cell) error) error {
	for i, value := range values {
		cell := &s.cells[i]
		cell.Fault, cell.Text = "", nil
		if value == nil {
			cell.Kind = connectors.NullCell
			continue
		}
		if err := s.decode[i](value, cell); err != nil {
			return err
		}
	}
	return take(s.cells)
}

// close drops the connection, which ends a transaction that only reads. A farewell is tried, and not waited for long.
func (s *pgConnection) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if s.conn.IsBusy() {
		ctx, cancel = context.WithDeadline(context.Background(), time.Unix(0, 0))
		defer cancel()
	}
	_ = s.conn.Close(ctx)
}

// explain says what an error of PostgreSQL means, by its code. Its own words are passed on for the classes that speak of
// names and grammar, and never of values.
func (postgresql) explain(err error) (words string, passes bool) {
	var told *pgconn.PgError
	switch {
	case strings.Contains(err.Error(), "server refused TLS connection"): // the driver has no error of its own for it
		return noTLS, false
	case !errors.As(err, &told):
		return "", false
	case told.Code == "28P01", told.Code == "28000":
		return "the server did not accept user and password, or does not let this account in from here", false
	case told.Code == "3D000":
		return "the server has no database of this name", false
	case told.Code == "42501":
		return "the account has no right to read this: " + told.Message, false
	case told.Code == "55P03":
		return "another session holds a lock for longer than lock_timeout", true
	case told.Code == "57014":
		return "the statement took longer than timeout", true
	case told.Code == "40001", told.Code == "40P01":
		return "the server ended the reading in favour of another session", true
	case strings.HasPrefix(told.Code, "57P"), strings.HasPrefix(told.Code, "08"):
		return "the server shut down or ended the session", true
	case strings.HasPrefix(told.Code, "53"):
		return "the server has no room left: for connections, memory or disk", true
	case strings.HasPrefix(told.Code, "42"):
		return "the server does not understand the query: " + told.Message, false
	}
	return "the server reports error " + told.Code, strings.HasPrefix(told.Code, "58")
}
