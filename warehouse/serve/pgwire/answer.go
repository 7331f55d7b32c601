package pgwire

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/goldthread/goldthread/warehouse/duckdb"
)

// An answer is what a statement gives, read row by row while the engine makes it.
type answer struct {
	columns  []column
	formats  []int16
	zone     *time.Location
	work     *work
	conn     *sql.Conn // to the engine, for this answer alone
	stream   *duckdb.Stream
	encoders []encoder
	wordy    []bool // whose values may hold any letter
	at, rows int    // in the chunk
	sent     int64
	finished bool
	done     func(outcome string) error // notes how it ended
}

// query runs a statement and gives its rows as far as they are there. Arguments are texts, or nil. The answer must be closed.
func (s *session) query(ctx context.Context, p *prepared, arguments []*string, formats []int16) (*answer, error) {
	begun := s.server.Now()
	a := &answer{columns: p.columns, zone: s.zone, work: s.newWork(ctx)}
	a.done = func(outcome string) error {
		return s.audit(Entry{At: begun, Fingerprint: p.fingerprint, Rows: a.sent, Duration: s.server.Now().Sub(begun), Outcome: outcome})
	}
	defer a.work.enter()()
	text := p.withCasts(arguments)
	open := duckdb.OpenStream
	if s.server.Whole {
		open = duckdb.OpenWhole
	}
	err := a.work.compute(func() (err error) {
		if text != p.text {
			_, err = s.server.Gate(a.work.ctx, s.conn, text)
		}
		if err == nil {
			a.conn, err = s.borrow(a.work.ctx)
		}
		if err == nil {
			a.stream, err = open(a.work.ctx, a.conn, text, p.inOrder(arguments))
		}
		return err
	})
	if err == nil {
		err = a.use(formats)
	}
	if err != nil {
		refusal := refusalOf(a.work.ctx, err)
		return nil, errors.Join(refusal, a.close(refusal.SQLState))
	}
	return a, nil
}

// mostFree is how many connections to the engine a session keeps for its next answers.
const mostFree = 2

// borrow gives a connection to the engine on which nothing is being read.
func (s *session) borrow(ctx context.Context) (*sql.Conn, error) {
	if last := len(s.free) - 1; last >= 0 {
		conn := s.free[last]
		s.free = s.free[:last]
		return conn, nil
	}
	return s.instance.connect(context.WithoutCancel(ctx), s.account)
}

func (s *session) giveBack(conn *sql.Conn) error {
	if len(s.free) < mostFree {
		s.free = append(s.free, conn)
		return nil
	}
	return conn.Close()
}

// use sends the rows that follow in the given formats.
func (a *answer) use(formats []int16) error {
	if a.encoders != nil && slices.Equal(a.formats, formats) {
		return nil
	}
	if len(a.stream.Columns()) != len(a.columns) {
		return errOtherType
	}
	a.formats, a.encoders, a.wordy = formats, a.encoders[:0], a.wordy[:0]
	for i, values := range a.stream.Columns() {
		encode, err := textEncoder(values, a.zone)
		if a.format(i) == 1 {
			encode, err = binaryEncoder(a.columns[i].dataType, values, a.zone)
		}
		if err != nil {
			return err
		}
		a.encoders, a.wordy = append(a.encoders, encode), append(a.wordy, isWordy(values))
	}
	return nil
}

// format is that of a column: one for all, one for each, or text.
func (a *answer) format(i int) int16 {
	switch {
	case len(a.formats) == 0:
		return 0
	case len(a.formats) == 1:
		return a.formats[0]
	}
	return a.formats[i]
}

// next moves to the next row, if there is one.
func (a *answer) next() (bool, error) {
	if a.finished {
		return false, nil
	}
	if a.at++; a.at >= a.rows {
		err := a.work.compute(func() (err error) {
			a.at = 0
			a.rows, err = a.stream.Next()
			return err
		})
		if a.finished = a.rows == 0; err != nil || a.finished {
			return false, err
		}
	}
	a.sent++
	return true, nil
}

// appendRow writes the row as a DataRow message.
func (a *answer) appendRow(to []byte) []byte {
	start := len(to)
	to = append(to, 'D', 0, 0, 0, 0)
	to = a.appendFields(to)
	be.PutUint32(to[start+1:], uint32(len(to)-start-1))
	return to
}

// appendFields writes how many values the row has, and each with its length.
func (a *answer) appendFields(to []byte) []byte {
	to = be.AppendUint16(to, uint16(len(a.encoders)))
	columns := a.stream.Columns()
	for i, encode := range a.encoders {
		to = appendValue(to, columns[i], encode, a.at)
	}
	return to
}

// close lets go of the rows and notes the statement, which the reader had to its end or left.
func (a *answer) close(outcome string) error {
	if a.done == nil {
		return nil
	}
	if a.stream != nil {
		a.stream.Close()
	}
	a.work.end()
	var err error
	if a.conn != nil {
		err = a.work.session.giveBack(a.conn)
	}
	err = errors.Join(err, a.done(outcome))
	a.done = nil
	return err
}
