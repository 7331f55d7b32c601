package tdstest

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// A RequestKind is what a client asks of a server.
type RequestKind string

const (
	Statement RequestKind = "statement"
	Begin     RequestKind = "begin"
	Commit    RequestKind = "commit"
	Rollback  RequestKind = "rollback"
)

// A Request is one thing that a client asked for.
type Request struct {
	Conn int // number of the connection, from 1
	Kind RequestKind
	SQL  string
	// Params are the bound parameters of the statement, in order.
	Params []Param
	// Isolation is that of a transaction which begins, in the words of SQL.
	Isolation string
	// InTransaction says that a statement runs in one.
	InTransaction bool
	// Reset says that the session was made as new before.
	Reset bool

	remote bool
}

// A Param is a bound parameter: its name, its type as it was declared, and its value as text; nil is null.
type Param struct {
	Name, Type string
	Value      any
}

// String is the parameter as a test writes it down.
func (p Param) String() string { return fmt.Sprintf("%s %s = %v", p.Name, p.Type, p.Value) }

// Requests to the transaction manager, [MS-TDS] 2.2.6.9.
const (
	transactionBegin    = 5
	transactionCommit   = 7
	transactionRollback = 8
)

var isolations = []string{"", "read uncommitted", "read committed", "repeatable read", "serializable", "snapshot"}

// execute is the number of sp_executesql, which goes without a name.
const (
	byNumber = 0xFFFF
	execute  = 10
)

// request reads what a client asks for.
func (c *conn) request(m message) (Request, error) {
	r := Request{Conn: c.number, Kind: Statement, Reset: m.reset, InTransaction: c.transaction != 0}
	in := &in{data: m.data}
	if descriptor := in.headers(); descriptor != c.transaction && descriptor != 0 {
		return r, fmt.Errorf("%w: a request in transaction %x, while that under way is %x", errProtocol, descriptor, c.transaction)
	}
	switch m.kind {
	case packetBatch:
		r.SQL = utf16Text(in.data)
	case packetRPC:
		r.remote = true
		in.call(&r)
	case packetTransaction:
		in.manage(&r)
	default:
		return r, fmt.Errorf("%w: a packet of type %d", errProtocol, m.kind)
	}
	return r, in.err
}

// An in reads the parts of a message in turn. After an error all it gives is zero.
type in struct {
	data []byte
	err  error
}

func (i *in) take(n int) []byte {
	if i.err == nil && (n < 0 || n > len(i.data)) {
		i.err = fmt.Errorf("%w: %d bytes are left where %d should be", errProtocol, len(i.data), n)
	}
	if i.err != nil {
		return make([]byte, max(0, min(n, 16)))
	}
	taken := i.data[:n]
	i.data = i.data[n:]
	return taken
}

func (i *in) byte() byte        { return i.take(1)[0] }
func (i *in) uint16() int       { return int(binary.LittleEndian.Uint16(i.take(2))) }
func (i *in) uint32() int       { return int(binary.LittleEndian.Uint32(i.take(4))) }
func (i *in) shortText() string { return utf16Text(i.take(2 * int(i.byte()))) }

// headers passes over ALL_HEADERS and gives the transaction that one of them names.
func (i *in) headers() (transaction uint64) {
	total := i.uint32()
	all := &in{data: i.take(total - 4)}
	for len(all.data) > 0 && all.err == nil {
		size := all.uint32()
		const transactionHeader = 2
		if header := all.take(size - 4); len(header) == 14 && header[0] == transactionHeader {
			transaction = binary.LittleEndian.Uint64(header[2:])
		}
	}
	i.err = all.err
	return transaction
}

// manage reads a request to the transaction manager.
func (i *in) manage(r *Request) {
	switch kind := i.uint16(); kind {
	case transactionBegin:
		level := int(i.byte())
		if level >= len(isolations) {
			i.err = fmt.Errorf("%w: isolation level %d", errProtocol, level)
			return
		}
		r.Kind, r.Isolation = Begin, isolations[level]
	case transactionCommit:
		r.Kind = Commit
	case transactionRollback:
		r.Kind = Rollback
	default:
		i.err = fmt.Errorf("%w: request %d to the transaction manager", errProtocol, kind)
	}
}

// call reads a call of sp_executesql: the statement, how its parameters are declared, and then each of them.
func (i *in) call(r *Request) {
	if name, procedure := i.uint16(), i.uint16(); name != byNumber || procedure != execute {
		i.err = fmt.Errorf("%w: a call of another procedure than sp_executesql", errProtocol)
		return
	}
	i.uint16() // option flags
	r.SQL = i.param().text()
	declared := declarations(i.param().text())
	for len(i.data) > 0 && i.err == nil {
		p := i.param()
		p.Type = declared[p.Name]
		r.Params = append(r.Params, p)
	}
	if len(r.Params) != len(declared) && i.err == nil {
		i.err = fmt.Errorf("%w: %d parameters, of which %d are declared", errProtocol, len(r.Params), len(declared))
	}
}

func (p Param) text() string {
	text, _ := p.Value.(string)
	return text
}

// declarations gives the types of parameters by name. A comma inside of brackets belongs to a type.
func declarations(text string) map[string]string {
	types := map[string]string{}
	for _, one := range strings.Split(text, "@") {
		if name, kind, ok := strings.Cut(strings.Trim(one, ", "), " "); ok {
			types["@"+name] = kind
		}
	}
	return types
}
