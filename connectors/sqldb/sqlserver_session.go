package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	_ "embed"
	"errors"
	"io"
	"runtime"
	"strconv"
	"strings"
	"time"

	mssql "github.com/microsoft/go-mssqldb"
	"github.com/microsoft/go-mssqldb/msdsn"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/internal/fault"
)

//go:embed statements/sqlserver_session.sql
var msSettings string

//go:embed statements/sqlserver_database.sql
var msDatabase string

// A msSession is one connection to SQL Server, over the driver's own interface: that of database/sql would copy each value.
type msSession struct {
	conn    *mssql.Conn
	wire    *wire
	timeout time.Duration
	about   []string
	cells   []connectors.Cell
	values  []driver.Value
	decode  []msDecoder
}

// connect opens a session. It says that it only reads, so that the listener of an availability group sends it to a copy.
func (d sqlserver) connect(ctx context.Context, t target) (session, error) {
	config, err := msConfig(t)
	if err != nil {
		return nil, err
	}
	s := &msSession{wire: &wire{dial: t.Dial, host: config.Host, until: time.Now().Add(t.ConnectTimeout)}, timeout: t.StatementTimeout}
	defer context.AfterFunc(ctx, s.wire.close)()
	ctx, cancel := context.WithTimeout(ctx, t.ConnectTimeout)
	defer cancel()
	if err := s.open(ctx, config, t); err != nil {
		s.close()
		return nil, msPlain(err)
	}
	return s, nil
}

// msConfig is what the driver has to know. A user with a domain before a \ signs in as Windows does, by NTLM.
func msConfig(t target) (msdsn.Config, error) {
	host, instance, _ := strings.Cut(t.Host, `\`)
	config := msdsn.Config{
		Host: host, Instance: instance, Port: uint64(t.Port), Database: t.Database, User: t.User, Password: t.Password,
		AppName: "goldthread", ReadOnlyIntent: true, Protocols: []string{"tcp"}, DialTimeout: t.ConnectTimeout,
		BrowserMessage: msdsn.BrowserAllInstances, DisableRetry: true, Encryption: msdsn.EncryptionDisabled,
	}
	switch {
	case t.AsWindows && runtime.GOOS != "windows":
		return config, refuse("sign_in: windows needs Goldthread to run on Windows, under an account that may read; elsewhere give user and password_env")
	case t.AsWindows:
		config.Parameters = map[string]string{"authenticator": "winsspi"}
	case strings.Contains(t.User, `\`):
		config.Parameters = map[string]string{"authenticator": "ntlm"}
	}
	t.TLS.host = host
	secured, err := t.TLS.config()
	if secured != nil {
		config.Encryption, config.TLSConfig = msdsn.EncryptionRequired, secured
	}
	return config, err
}

// open signs in, sets the session up and begins its transaction.
func (s *msSession) open(ctx context.Context, config msdsn.Config, t target) error {
	connector := mssql.NewConnectorConfig(config)
	connector.Dialer = s.wire
	conn, err := connector.Connect(ctx)
	if err != nil {
		return err
	}
	s.conn = conn.(*mssql.Conn)
	zone, err := time.LoadLocation(t.Zone)
	if err != nil {
		return err
	}
	_, offset := time.Now().In(zone).Zone()
	settings := strings.NewReplacer("{lock_timeout}", strconv.FormatInt(t.LockTimeout.Milliseconds(), 10), "{offset}", strconv.Itoa(offset/60))
	if err := s.command(ctx, settings.Replace(msSettings)); err != nil {
		return err
	}
	level, err := s.isolation(ctx)
	if err != nil {
		return err
	}
	if _, err := s.conn.BeginTx(ctx, driver.TxOptions{Isolation: driver.IsolationLevel(level)}); err != nil {
		return err
	}
	return s.wire.established()
}

// isolation is that of a snapshot, where the database allows it. Where it does not, rows may change between the survey and
// the reading; a reading of which the totals then differ is tried again, and what else that means is said.
func (s *msSession) isolation(ctx context.Context) (level sql.IsolationLevel, err error) {
	level = sql.LevelReadCommitted
	err = s.query(ctx, msDatabase, nil, func(row []connectors.Cell) error {
		switch {
		case row[0].Int == 1:
			level = sql.LevelSnapshot
		case row[1].Int == 0:
			s.about = append(s.about, "the database allows no snapshot isolation: rows that changed during the reading may be of different moments; alter database … set allow_snapshot_isolation on mends it")
		}
		return nil
	})
	return level, err
}

func (s *msSession) command(ctx context.Context, statement string) error {
	prepared, err := s.conn.PrepareContext(ctx, statement)
	if err != nil {
		return err
	}
	_, err = prepared.(driver.StmtExecContext).ExecContext(ctx, nil)
	return err
}

// errLate is the end of a statement that took too long.
var errLate = errors.New("the statement took longer than timeout")

func (s *msSession) query(ctx context.Context, statement string, args []string, take func([]connectors.Cell) error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, s.timeout, errLate)
	defer cancel()
	prepared, err := s.conn.PrepareContext(ctx, statement)
	if err != nil {
		return msPlain(err)
	}
	values := make([]driver.NamedValue, len(args))
	for i, arg := range args {
		values[i] = driver.NamedValue{Ordinal: i + 1, Value: arg}
	}
	rows, err := prepared.(driver.StmtQueryContext).QueryContext(ctx, values)
	if err != nil {
		return s.late(ctx, err)
	}
	defer func() { // tells the server that no more is wanted, unless there is no more
		cancel()
		_ = rows.Close()
	}()
	s.prepare(rows.(msRows))
	for {
		switch err := rows.Next(s.values); {
		case err == io.EOF: // alone; a connection that ends too early gives it wrapped
			return nil
		case err != nil:
			return s.late(ctx, err)
		}
		if err := s.take(take); err != nil {
			return err
		}
	}
}

// late says of an error whether it is that of a statement which took too long.
func (s *msSession) late(ctx context.Context, err error) error {
	if errors.Is(context.Cause(ctx), errLate) {
		return fault.Transient(refuse("%s", errLate))
	}
	return msPlain(err)
}

func (s *msSession) prepare(rows msRows) {
	n := len(rows.Columns())
	s.cells, s.values, s.decode = make([]connectors.Cell, n), make([]driver.Value, n), make([]msDecoder, n)
	for i := range n {
		s.decode[i] = msDecoderOf(rows, i)
	}
}

func (s *msSession) take(take func([]connectors.Cell) error) error {
	for i, value := range s.values {
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

// close ends the connection, and the server its transaction, which only read.
func (s *msSession) close() { s.wire.close() }

// msPlain is an error without the wrapping in which the driver hides what the network said.
func msPlain(err error) error {
	var stream mssql.StreamError
	if errors.As(err, &stream) {
		return stream.InnerError
	}
	return err
}
