package sqldb

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"time"

	ora "github.com/sijms/go-ora/v2"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/internal/fault"
)

// A oraSession is one connection to Oracle.
type oraSession struct {
	*sqlSession
	wire    *wire
	timeout time.Duration
}

// connect opens a session whose transaction may only read: Oracle shows it the database as it was when it began.
func (d oracle) connect(ctx context.Context, t target) (session, error) {
	w := &wire{dial: t.Dial, host: t.Host, until: time.Now().Add(t.ConnectTimeout)}
	connector, err := d.connector(t, w)
	if err != nil {
		return nil, err
	}
	defer context.AfterFunc(ctx, w.close)()
	ctx, cancel := context.WithTimeout(ctx, t.ConnectTimeout)
	defer cancel()
	inner, err := openSQL(ctx, connector, oraSetup(t)...)
	if err != nil {
		w.close()
		return nil, cmp.Or(ctx.Err(), err) // out of time the driver says only that the connection has ended
	}
	inner.decoder = oraDecoder
	s := &oraSession{inner, w, t.StatementTimeout}
	if err := errors.Join(s.begin(ctx), w.established()); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// oraConnector opens connections to a real server. The driver puts what it is told into a URL, and an error about that would
// show the secret.
func oraConnector(t target, w *wire) (driver.Connector, error) {
	options := map[string]string{"PROGRAM": "goldthread", "TIMEOUT": "0"} // the wire has its own
	secured, err := t.TLS.config()
	if err != nil {
		return nil, err
	}
	if secured != nil {
		options["SSL"] = "true"
	}
	address := ora.BuildUrl(t.Host, t.Port, t.Database, t.User, t.Password, options)
	if _, err := ora.ParseConfig(address); err != nil {
		return nil, refuse("the driver does not understand host, database or user; correct them")
	}
	connector := ora.NewConnector(address).(*ora.OracleConnector)
	connector.Dialer(w)
	connector.WithTLSConfig(secured)
	return connector, nil
}

// oraSetup are the statements that begin a session, in which numbers have a point, texts are put in order by their bytes, as
// indexes are, and the clock is that of the columns.
func oraSetup(t target) []string {
	offset := 0
	if zone, err := time.LoadLocation(t.Zone); err == nil {
		_, offset = time.Now().In(zone).Zone()
	}
	sign := '+'
	if offset < 0 {
		sign, offset = '-', -offset
	}
	return []string{
		"alter session set nls_numeric_characters = '.,' nls_comp = binary nls_sort = binary",
		fmt.Sprintf("alter session set time_zone = '%c%02d:%02d'", sign, offset/3600, offset/60%60),
	}
}

// begin begins the transaction. The driver commits after each statement until it is told that one has begun.
func (s *oraSession) begin(ctx context.Context) error {
	err := s.conn.Raw(func(conn any) error {
		_, err := conn.(driver.ConnBeginTx).BeginTx(ctx, driver.TxOptions{})
		return err
	})
	if err != nil {
		return err
	}
	_, err = s.conn.ExecContext(ctx, "set transaction read only")
	return err
}

func (s *oraSession) query(ctx context.Context, statement string, args []string, take func([]connectors.Cell) error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, s.timeout, errLate)
	defer cancel()
	defer context.AfterFunc(ctx, s.wire.close)() // the driver has no eye on the context while it fetches rows
	err := s.sqlSession.query(ctx, statement, args, take)
	if err != nil && errors.Is(context.Cause(ctx), errLate) {
		return fault.Transient(refuse("%s", errLate))
	}
	return err
}

// close cuts the connection before the driver says farewell, for which it would wait.
func (s *oraSession) close() {
	s.wire.close()
	s.sqlSession.close()
}

// oraDecoder gives how the values of a column become cells: by the name that it was selected under, else by its type.
func oraDecoder(t *sql.ColumnType) sqlDecoder {
	switch strings.ToLower(t.Name()) {
	case oraLocalName:
		return oraTime(connectors.LocalCell, "2006-01-02 15:04:05.999999999")
	case oraMomentName:
		return oraTime(connectors.MomentCell, "2006-01-02 15:04:05.999999999 -07:00")
	case singleName:
		return mysqlSingle
	}
	switch t.DatabaseTypeName() {
	case "NUMBER":
		return oraNumber
	case "OCIBlobLocator", "LongRaw", "RAW":
		return oraBytes
	}
	return plainly
}

// oraNumber reads the digits that the driver makes of a number.
func oraNumber(value any, cell *connectors.Cell) error {
	digits, ok := value.(string)
	if !ok {
		return plainly(value, cell)
	}
	decimalCell([]byte(digits), cell)
	if cell.Kind == connectors.DecimalCell && cell.Scale == 0 {
		cell.Kind = connectors.IntegerCell
	}
	return nil
}

// oraTime reads a time as it was asked for. Where microseconds do not hold all of it, or an offset goes with it, the text is
// kept; what is no date of ours, as before the year 1, is a text alone.
func oraTime(kind connectors.CellKind, form string) sqlDecoder {
	return func(value any, cell *connectors.Cell) error {
		if err := plainly(value, cell); err != nil || cell.Kind != connectors.TextCell {
			return err
		}
		if len(cell.Text) > 0 && cell.Text[0] == ' ' { // the place of a sign
			cell.Text = cell.Text[1:]
		}
		cell.Finer = false
		at, err := time.Parse(form, string(cell.Text))
		if err != nil {
			return nil
		}
		cell.Kind, cell.Int, cell.Finer = kind, at.UnixMicro(), finer(at)
		if kind == connectors.LocalCell && !cell.Finer {
			cell.Text = nil
		}
		return nil
	}
}

// oraBytes writes bytes as the server does.
func oraBytes(value any, cell *connectors.Cell) error {
	bytes, ok := value.([]byte)
	if !ok {
		return plainly(value, cell)
	}
	cell.Kind, cell.Text = connectors.TextCell, upperHex(nil, bytes)
	return nil
}
