package sqldb

import (
	"context"
	"database/sql/driver"
	_ "embed"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	driverpackage "github.com/go-sql-driver/mysql"

	"github.com/goldthread/goldthread/connectors"
)

// mysql speaks to MySQL and MariaDB. All values come in the server's own words, save the numbers that the driver reads.
type mysql struct{}

func (mysql) port() int { return 3306 }

func (d mysql) connect(ctx context.Context, t target) (session, error) {
	secured, err := t.TLS.config()
	if err != nil {
		return nil, err
	}
	config := driverpackage.NewConfig()
	config.Net, config.Addr = "tcp", net.JoinHostPort(t.Host, strconv.Itoa(t.Port))
	if isSocket(t.Host) {
		config.Net, config.Addr = "unix", t.Host
	}
	config.User, config.Passwd, config.DBName, config.TLS = t.User, t.Password, t.Database, secured
	config.DialFunc, config.Logger = t.Dial, silent{}
	config.InterpolateParams = true // else values come in a form of the driver's, which has no zero dates
	connector, err := driverpackage.NewConnector(config)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, t.ConnectTimeout)
	defer cancel()
	s, err := openSQL(ctx, connector, d.setup(t)...)
	if err != nil {
		return nil, err
	}
	s.decoder = mysqlDecoder
	if err := d.limit(ctx, s, t.StatementTimeout); err != nil {
		s.close()
		return nil, err
	}
	if _, err := s.conn.ExecContext(ctx, "start transaction with consistent snapshot, read only"); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// setup are the statements that begin a session. Its clock is UTC, in which columns of type timestamp then come; that of the
// other columns lies off it by a number of seconds, as a server need not know the names of time zones.
func (mysql) setup(t target) []string {
	seconds := max(1, int(t.LockTimeout.Seconds()))
	offset := 0
	if zone, err := time.LoadLocation(t.Zone); err == nil {
		_, offset = time.Now().In(zone).Zone()
	}
	return []string{
		"set session transaction isolation level repeatable read",
		fmt.Sprintf("set session time_zone = '+00:00', @goldthread_offset = %d", offset),
		fmt.Sprintf("set session innodb_lock_wait_timeout = %d, lock_wait_timeout = %d", seconds, seconds),
		"set session net_write_timeout = 600", // for how long we may be busy with what came
	}
}

// limit bounds the time of a statement, which the two engines spell differently.
func (mysql) limit(ctx context.Context, s *sqlSession, t time.Duration) error {
	var version string
	if err := s.conn.QueryRowContext(ctx, "select version()").Scan(&version); err != nil {
		return err
	}
	statement := fmt.Sprintf("set session max_execution_time = %d", t.Milliseconds())
	if strings.Contains(version, "MariaDB") {
		statement = fmt.Sprintf("set session max_statement_time = %.3f", t.Seconds())
	}
	_, err := s.conn.ExecContext(ctx, statement)
	return err
}

// silent passes over what the driver says beside its errors.
type silent struct{}

func (silent) Print(...any) {}

func (mysql) quote(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

//go:embed statements/mysql_columns.sql
var mysqlColumns string

//go:embed statements/mysql_relation.sql
var mysqlRelation string

func (d mysql) shape(ctx context.Context, s session, r relation) (found shape, err error) {
	if r.Query != "" {
		return d.shapeOfQuery(ctx, s.(*sqlSession), r)
	}
	args := []string{r.Schema, r.Table}
	err = s.query(ctx, mysqlRelation, slices.Concat(args, args), func(row []connectors.Cell) error {
		found.View = string(row[1].Text)
		if key := string(row[0].Text); key != "" {
			found.Key = strings.Split(key, "\n")
		}
		return nil
	})
	if err != nil {
		return found, err
	}
	err = s.query(ctx, mysqlColumns, args, func(row []connectors.Cell) error {
		found.Columns = append(found.Columns, column{
			Name: string(row[0].Text), Type: string(row[1].Text), Class: mysqlClass(string(row[2].Text), string(row[1].Text)),
			Nullable: string(row[3].Text) == "YES", Collation: string(row[4].Text),
		})
		return nil
	})
	if err == nil && len(found.Columns) == 0 {
		return found, refuse("there is no table or view %s, or the account may not see it", fromOf(d, r))
	}
	return found, err
}

// shapeOfQuery asks for no row of a query. Nothing is said there of keys.
func (d mysql) shapeOfQuery(ctx context.Context, s *sqlSession, r relation) (found shape, err error) {
	types, err := s.describe(ctx, "select source_rows.* from "+fromOf(d, r)+" limit 0")
	for _, t := range types {
		kind := strings.ToLower(t.DatabaseTypeName())
		nullable, _ := t.Nullable()
		found.Columns = append(found.Columns, column{
			Name: t.Name(), Type: kind, Class: mysqlClass(strings.TrimPrefix(kind, "unsigned "), kind), Nullable: nullable,
		})
	}
	return found, err
}

// mysqlClass is what can be done with a type.
func mysqlClass(kind, whole string) class {
	switch kind {
	case "tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "year":
		return number
	case "float", "double":
		return float
	case "char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set":
		return text
	case "date":
		return day
	case "datetime":
		return local
	case "timestamp":
		return moment
	}
	if whole == "bit(1)" {
		return boolean
	}
	return other
}

// singleName is what a column is called that a float comes in.
const singleName = "goldthread_float"

// selected reads a float as the double that it is exactly, as the server would write no more than six digits of it.
func (mysql) selected(quoted string, c column) string {
	if c.Class == float && strings.HasPrefix(c.Type, "float") {
		return "cast(" + quoted + " as double) as " + singleName
	}
	return quoted
}

func (mysql) asText(expression string, _ column) string { return "cast(" + expression + " as char)" }

func (mysql) sum(quoted string, _ column) string { return "sum(" + quoted + ")" }

func (mysql) bound(_ int, c column, back lookBack) string {
	switch {
	case c.Class == number && strings.Contains(c.Type, "int") && !strings.Contains(c.Type, "unsigned"):
		return fmt.Sprintf("(cast(? as signed) - %d)", back.Units)
	case c.Class == number:
		return fmt.Sprintf("(cast(? as decimal(50, 15)) - %d)", back.Units)
	case c.isTime() && back.Time > 0:
		return fmt.Sprintf("(cast(? as datetime(6)) - interval %d microsecond)", back.Time.Microseconds())
	case c.isTime():
		return "cast(? as datetime(6))"
	}
	return "?"
}

func (mysql) clock(c column) string {
	switch c.Class {
	case day:
		return "cast(utc_timestamp(6) + interval @goldthread_offset second as date)"
	case local:
		return "(utc_timestamp(6) + interval @goldthread_offset second)"
	case moment:
		return "utc_timestamp(6)"
	}
	return ""
}

func (mysql) now() string { return "cast(unix_timestamp() as signed)" }

// mysqlRights are those of reading; any other right is one to write.
var mysqlRights = []string{"SELECT", "USAGE", "SHOW VIEW", "SHOW DATABASES", "PROCESS", "PROXY", "REPLICATION CLIENT", "SLAVE MONITOR", "BINLOG MONITOR"}

func (mysql) writes(ctx context.Context, s session) (may string, err error) {
	var parts []string
	err = s.query(ctx, "show grants", nil, func(row []connectors.Cell) error {
		if what := mysqlWrites(string(row[0].Text)); what != "" {
			parts = append(parts, what)
		}
		return nil
	})
	return strings.Join(parts, "; "), err
}

// mysqlWrites says what a grant lets its account write to; empty where it only lets it read.
func mysqlWrites(grant string) string {
	rights, rest, ok := strings.Cut(strings.TrimPrefix(grant, "GRANT "), " ON ")
	on, _, named := strings.Cut(rest, " TO ")
	if !ok || !named {
		return ""
	}
	for right := range strings.SplitSeq(rights, ", ") {
		right, _, _ = strings.Cut(right, " (") // of single columns
		if !slices.Contains(mysqlRights, right) && !strings.HasSuffix(right, ")") {
			return on + " (" + strings.ToLower(right) + ")"
		}
	}
	return ""
}

// mysqlErrors are what the server's errors mean, by their number.
var mysqlErrors = map[uint16]struct {
	words  string
	passes bool
}{
	1040: {"the server has no connection left", true},
	1044: {"the account may not use this database", false},
	1045: {"the server did not accept user and password, or does not let this account in from here", false},
	1049: {"the server has no database of this name", false},
	1053: {"the server shut down", true},
	1142: {"the account has no right to read this", false},
	1143: {"the account has no right to read one of the columns", false},
	1146: {"there is no such table or view", false},
	1203: {"the account has no connection left", true},
	1205: {"another session holds a lock for longer than lock_timeout", true},
	1213: {"the server ended the reading in favour of another session", true},
	1226: {"the account has used up what the server allows it", true},
	1317: {"the server ended the reading", true},
	1356: {"the view reads something that is gone or that its owner may not read", false},
	1927: {"the server ended the session", true},
	1969: {"the statement took longer than timeout", true},
	3024: {"the statement took longer than timeout", true},
	3159: {"the server wants an encrypted connection; set tls to verify", false},
	4031: {"the server ended the session", true},
}

func (mysql) explain(err error) (words string, passes bool) {
	var told *driverpackage.MySQLError
	switch {
	case errors.As(err, &told):
		if known, ok := mysqlErrors[told.Number]; ok {
			return known.words, known.passes
		}
		if told.Number == 1054 || told.Number == 1064 {
			return "the server does not understand the query: " + told.Message, false
		}
		return fmt.Sprintf("the server reports error %d", told.Number), false
	case errors.Is(err, driverpackage.ErrInvalidConn), errors.Is(err, driver.ErrBadConn):
		return "the connection was cut", true
	case errors.Is(err, driverpackage.ErrNoTLS):
		return noTLS, false
	}
	return "", false
}
