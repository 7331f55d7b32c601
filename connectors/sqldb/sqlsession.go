package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"strconv"
	"time"

	"github.com/goldthread/goldthread/connectors"
)

// A sqlSession is one connection through database/sql, for the engines whose drivers offer nothing quicker.
type sqlSession struct {
	db   *sql.DB
	conn *sql.Conn
	// decoder gives how the values of a column become cells.
	decoder func(t *sql.ColumnType) sqlDecoder
	// args makes of a text what the driver binds; the text itself where it is nil.
	arg func(text string) any
}

// A sqlDecoder makes a cell of a value as the driver gave it, which is not null. Bytes are the driver's own until the next row.
type sqlDecoder func(value any, cell *connectors.Cell) error

// openSQL opens the one connection of a session and runs the statements that set it up and begin its transaction.
func openSQL(ctx context.Context, c driver.Connector, setup ...string) (*sqlSession, error) {
	db := sql.OpenDB(c)
	db.SetMaxOpenConns(1)
	conn, err := db.Conn(ctx)
	if err != nil {
		db.Close()
		return nil, err
	}
	s := &sqlSession{db: db, conn: conn}
	for _, statement := range setup {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			s.close()
			return nil, err
		}
	}
	return s, nil
}

func (s *sqlSession) query(ctx context.Context, statement string, args []string, take func([]connectors.Cell) error) error {
	bound := make([]any, len(args))
	for i, arg := range args {
		if bound[i] = arg; s.arg != nil {
			bound[i] = s.arg(arg)
		}
	}
	rows, err := s.conn.QueryContext(ctx, statement, bound...)
	if err != nil {
		return err
	}
	defer rows.Close()
	types, err := rows.ColumnTypes()
	if err != nil {
		return err
	}
	cells, into := make([]connectors.Cell, len(types)), make([]any, len(types))
	for i, t := range types {
		into[i] = &receiver{cell: &cells[i], decode: s.decoder(t)}
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		if err := take(cells); err != nil {
			return err
		}
	}
	return rows.Err()
}

// describe gives the columns of a query that is made to have no rows.
func (s *sqlSession) describe(ctx context.Context, statement string) ([]*sql.ColumnType, error) {
	rows, err := s.conn.QueryContext(ctx, statement)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	return types, rows.Err()
}

// close ends the connection; that ends a transaction that only reads.
func (s *sqlSession) close() {
	_ = s.conn.Raw(func(any) error { return driver.ErrBadConn }) // not back into the pool, but away
	_ = s.conn.Close()
	_ = s.db.Close()
}

// A receiver takes the values of one column, row after row, without a copy.
type receiver struct {
	cell   *connectors.Cell
	decode sqlDecoder
}

// Scan takes one value.
func (r *receiver) Scan(value any) error {
	r.cell.Fault, r.cell.Text = "", nil
	if value == nil {
		r.cell.Kind = connectors.NullCell
		return nil
	}
	return r.decode(value, r.cell)
}

// plainly makes a cell of what drivers give most: whole numbers, texts, and numbers as the shortest text that means the same.
func plainly(value any, cell *connectors.Cell) error {
	cell.Kind = connectors.TextCell
	switch v := value.(type) {
	case []byte:
		cell.Text = v
	case string:
		cell.Text = []byte(v)
	case int64:
		cell.Kind, cell.Int = connectors.IntegerCell, v
	case uint64:
		cell.Text = strconv.AppendUint(nil, v, 10)
	case float32:
		cell.Text = strconv.AppendFloat(nil, float64(v), 'f', -1, 32)
	case float64:
		cell.Text = strconv.AppendFloat(nil, v, 'f', -1, 64)
	case bool:
		cell.Kind, cell.Int = connectors.BooleanCell, 0
		if v {
			cell.Int = 1
		}
	case time.Time:
		cell.Text = v.AppendFormat(nil, "2006-01-02 15:04:05.999999999Z07:00")
	default:
		return fmt.Errorf("a value of type %T has no place here", value)
	}
	return nil
}
