package tdstest

import "unicode/utf16"

// Tokens of an answer, [MS-TDS] 2.2.7.
const (
	tokenReturnStatus = 0x79
	tokenColumns      = 0x81
	tokenOrder        = 0xA9
	tokenError        = 0xAA
	tokenInfo         = 0xAB
	tokenLoginAck     = 0xAD
	tokenRow          = 0xD1
	tokenRowWithNulls = 0xD2 // NBCROW
	tokenChange       = 0xE3
	tokenDone         = 0xFD
	tokenDoneProc     = 0xFE
	tokenDoneInProc   = 0xFF
)

// Status of a DONE token, 2.2.7.6.
const (
	doneMore          = 0x01
	doneError         = 0x02
	doneInTransaction = 0x04
	doneCount         = 0x10
	doneAttention     = 0x20

	commandSelect = 0xC1
)

// Kinds of an ENVCHANGE token, 2.2.7.9.
const (
	envDatabase  = 1
	envCollation = 7
	envBegun     = 8
	envCommitted = 9
	envRolled    = 10
	envReset     = 18
	envRouting   = 20
)

// collation is SQL_Latin1_General_CP1_CI_AS, whose code page is 1252.
var collation = []byte{0x09, 0x04, 0xD0, 0x00, 0x34}

// An Error is one that a server raises.
type Error struct {
	Number       int32
	State, Class byte
	Message      string
	// EndsTransaction says that the server has rolled back.
	EndsTransaction bool
}

// Errors that a reader of a busy database meets, in the server's words.
var (
	Deadlock         = Error{1205, 51, 13, "Transaction (Process ID 57) was deadlocked on lock resources with another process and has been chosen as the deadlock victim. Rerun the transaction.", true}
	LockTimeout      = Error{1222, 51, 16, "Lock request time out period exceeded.", false}
	SnapshotConflict = Error{3960, 2, 16, "Snapshot isolation transaction aborted due to update conflict. You cannot use snapshot isolation to access table 'dbo.cases' directly or indirectly in database 'care' to update, delete, or insert the row that has been modified or deleted by another transaction. Retry the transaction or change the isolation level for the update/delete statement.", true}
)

func (o *out) error(e Error) { o.message(tokenError, e) }

// message says something, which is an error or may be passed over.
func (o *out) message(token byte, e Error) {
	var body out
	body.uint32(uint32(e.Number))
	body.bytes(e.State, e.Class)
	body.longText(e.Message)
	body.shortText("STANDIN")
	body.shortText("")
	body.uint32(1)
	o.bytes(token)
	o.uint16(uint16(len(body.data)))
	o.bytes(body.data...)
}

// ordered says that rows come by their first column, as a server does without being asked.
func (o *out) ordered() {
	o.bytes(tokenOrder)
	o.uint16(2)
	o.uint16(1)
}

func (o *out) change(kind byte, values func(*out)) {
	var body out
	body.bytes(kind)
	values(&body)
	o.bytes(tokenChange)
	o.uint16(uint16(len(body.data)))
	o.bytes(body.data...)
}

// transaction tells that one has begun or ended.
func (o *out) transaction(kind byte, descriptor uint64) {
	o.change(kind, func(v *out) {
		if kind != envBegun {
			v.bytes(0)
		}
		v.bytes(8)
		v.uint64(descriptor)
		if kind == envBegun {
			v.bytes(0)
		}
	})
}

func (o *out) done(token byte, status uint16, rows int) {
	o.bytes(token)
	o.uint16(status)
	o.uint16(commandSelect)
	o.uint64(uint64(rows))
}

func utf16Bytes(s string) []byte {
	var b []byte
	for _, unit := range utf16.Encode([]rune(s)) {
		b = append(b, byte(unit), byte(unit>>8))
	}
	return b
}

func utf16Text(b []byte) string {
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = uint16(b[2*i]) | uint16(b[2*i+1])<<8
	}
	return string(utf16.Decode(units))
}
