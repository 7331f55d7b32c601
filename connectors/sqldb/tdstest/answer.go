package tdstest

import "strings"

// An Answer is what a statement gives: rows, and then an error or the end, unless the connection is cut before.
type Answer struct {
	// Columns are those of the rows; none where the statement gives no rows.
	Columns []Column
	// Rows hold texts as the server shows a value of its type, and nil for null.
	Rows [][]any
	// Error comes after the rows.
	Error *Error
	// Cut ends it before that, after the first After rows.
	Cut   Cut
	After int
}

// A Column is one of a result: its name, and its type as it is declared, such as datetime2(7) or int not null.
type Column struct{ Name, Type string }

// A Cut is how an answer comes to no end.
type Cut string

const (
	Reset   Cut = "reset"   // the connection is reset
	Closed  Cut = "closed"  // it is closed in good order
	Silence Cut = "silence" // nothing comes any more, to whatever is sent
	Waiting Cut = "waiting" // the server waits for something, until it is told to leave it
)

// answer does what a message asks for.
func (c *conn) answer(m message) error {
	o := &out{to: c.stream, kind: packetReply}
	if m.kind == packetAttention { // the answer that it was about has gone already
		return c.attend(o)
	}
	r, err := c.request(m)
	if err != nil {
		return err
	}
	answer := c.server.answerTo(r)
	if m.reset {
		o.change(envReset, func(v *out) { v.bytes(0, 0) })
	}
	if r.Kind != Statement && answer.Error == nil {
		c.manage(o, r.Kind)
		o.done(tokenDone, 0, 0)
		return o.end()
	}
	return c.tell(o, r, answer)
}

// manage begins or ends a transaction.
func (c *conn) manage(o *out, kind RequestKind) {
	switch kind {
	case Begin:
		c.begun++
		c.transaction = uint64(c.number)<<32 | c.begun
		o.transaction(envBegun, c.transaction)
	case Commit:
		o.transaction(envCommitted, c.transaction)
		c.transaction = 0
	case Rollback:
		o.transaction(envRolled, c.transaction)
		c.transaction = 0
	}
}

// attend acknowledges that the client broke off.
func (c *conn) attend(o *out) error {
	c.server.mu.Lock()
	c.server.attentions++
	c.server.mu.Unlock()
	o.done(tokenDone, doneAttention, 0)
	return o.end()
}

// tell sends an answer.
func (c *conn) tell(o *out, r Request, a Answer) error {
	types, err := o.columns(a.Columns)
	if err != nil {
		return err
	}
	if len(types) > 0 && strings.Contains(r.SQL, " order by ") {
		o.ordered()
	}
	for n, row := range a.Rows {
		if a.Cut != "" && n == a.After {
			return c.cut(o, a.Cut)
		}
		if err := o.row(types, row); err != nil {
			return err
		}
		if o.flush(); o.err != nil {
			return o.err
		}
		if c.broken() {
			return c.attend(o)
		}
	}
	if a.Cut != "" {
		return c.cut(o, a.Cut)
	}
	c.finish(o, r, a)
	return o.end()
}

// broken says whether the client has asked to leave it.
func (c *conn) broken() bool {
	select {
	case m, open := <-c.asked:
		return open && m.kind == packetAttention
	default:
		return false
	}
}

// finish tells of the error, if there is one, and of the end.
func (c *conn) finish(o *out, r Request, a Answer) {
	status, rows := uint16(doneCount), len(a.Rows)
	if a.Error != nil {
		o.error(*a.Error)
		status, rows = doneError, 0
		if a.Error.EndsTransaction && c.transaction != 0 {
			o.transaction(envRolled, c.transaction)
			c.transaction = 0
		}
	}
	if c.transaction != 0 {
		status |= doneInTransaction
	}
	if !r.remote {
		o.done(tokenDone, status, rows)
		return
	}
	o.done(tokenDoneInProc, status|doneMore, rows)
	o.bytes(tokenReturnStatus)
	o.uint32(0)
	o.done(tokenDoneProc, status&^doneCount, 0)
}

// cut ends an answer in its midst, after what was to come before has been sent.
func (c *conn) cut(o *out, how Cut) error {
	o.push()
	switch how {
	case Reset:
		if err := c.tcp.SetLinger(0); err != nil {
			return err
		}
		return c.tcp.Close()
	case Closed:
		return c.tcp.Close()
	case Silence:
		for range c.asked { // until the client has closed
		}
	case Waiting:
		if m, open := <-c.asked; open && m.kind == packetAttention {
			return c.attend(o)
		}
	}
	return o.err
}
