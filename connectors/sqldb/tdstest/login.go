package tdstest

import (
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

// A Login is who signed in, or tried to.
type Login struct {
	User, Database, App string
	ReadOnly            bool // it says that it only reads
	Encrypted           bool
	Refused             bool
}

// Options of a pre-login message, [MS-TDS] 2.2.6.5.
const (
	optionVersion    = 0
	optionEncryption = 1
	optionEnd        = 0xFF
)

// login agrees on TLS with the client and lets it sign in.
func (c *conn) login() error {
	m, err := readMessage(c.stream)
	if err != nil {
		return err
	}
	if m.kind != packetPreLogin {
		return fmt.Errorf("%w: the first packet is of type %d", errProtocol, m.kind)
	}
	if err := c.preLogin(); err != nil {
		return err
	}
	if c.server.encryption != Plain {
		if err := c.secure(); err != nil {
			return err
		}
	}
	if m, err = readMessage(c.stream); err != nil {
		return err
	}
	if m.kind != packetLogin {
		return fmt.Errorf("%w: a packet of type %d where one signs in", errProtocol, m.kind)
	}
	return c.signIn(m.data)
}

// preLogin says which version the server has, 16.0, and whether it speaks TLS.
func (c *conn) preLogin() error {
	o := out{to: c.stream, kind: packetReply}
	const offset = 2*5 + 1
	o.bytes(optionVersion, 0, offset, 0, 6)
	o.bytes(optionEncryption, 0, offset+6, 0, 1)
	o.bytes(optionEnd)
	o.bytes(16, 0, 0x10, 0, 0, 0)
	o.bytes(byte(c.server.encryption))
	return o.end()
}

// secure shakes hands inside of pre-login packets and goes on without them.
func (c *conn) secure() error {
	wrapped := &handshaking{Conn: c.tcp, out: out{to: c.tcp, kind: packetPreLogin}}
	secured := tls.Server(wrapped, c.server.tls)
	if err := secured.Handshake(); err != nil {
		return err
	}
	if err := wrapped.send(); err != nil {
		return err
	}
	wrapped.done = true
	c.stream = secured
	return nil
}

// handshaking wraps what TLS says in packets until it is done.
type handshaking struct {
	net.Conn
	out  out
	rest bytes.Reader
	done bool
}

func (h *handshaking) Write(p []byte) (int, error) {
	if h.done {
		return h.Conn.Write(p)
	}
	h.out.bytes(p...)
	return len(p), nil
}

func (h *handshaking) send() error {
	if len(h.out.data) == 0 {
		return nil
	}
	defer func() { h.out.data = h.out.data[:0] }()
	return h.out.end()
}

func (h *handshaking) Read(p []byte) (int, error) {
	if h.done {
		return h.Conn.Read(p)
	}
	if err := h.send(); err != nil {
		return 0, err
	}
	if h.rest.Len() == 0 {
		m, err := readMessage(h.Conn)
		if err != nil {
			return 0, err
		}
		h.rest.Reset(m.data)
	}
	return h.rest.Read(p)
}

// SetDeadline is what TLS asks for when it closes.
func (h *handshaking) SetDeadline(at time.Time) error { return h.Conn.SetDeadline(at) }

// Where LOGIN7 keeps offset and length of its texts, 2.2.6.4.
const (
	loginTypeFlags = 26
	loginUser      = 40
	loginPassword  = 44
	loginApp       = 48
	loginDatabase  = 68
	loginFixed     = 94

	flagReadOnly = 0x20
)

var errRefused = errors.New("the login was refused")

// signIn reads LOGIN7 and says yes or no.
func (c *conn) signIn(data []byte) error {
	if len(data) < loginFixed {
		return fmt.Errorf("%w: LOGIN7 has %d bytes", errProtocol, len(data))
	}
	text := func(at int) []byte {
		offset, units := int(binary.LittleEndian.Uint16(data[at:])), int(binary.LittleEndian.Uint16(data[at+2:]))
		return data[offset : offset+2*units]
	}
	login := Login{
		User: utf16Text(text(loginUser)), Database: utf16Text(text(loginDatabase)), App: utf16Text(text(loginApp)),
		ReadOnly: data[loginTypeFlags]&flagReadOnly != 0, Encrypted: c.stream != io.ReadWriter(c.tcp),
	}
	login.Refused = login.User != User || utf16Text(clearly(text(loginPassword))) != Secret
	if data[loginFlags2]&flagIntegrity != 0 {
		user, known, err := c.windows(data)
		if err != nil {
			return err
		}
		login.User, login.Refused = user, !known
	}
	c.server.mu.Lock()
	c.server.logins = append(c.server.logins, login)
	c.server.mu.Unlock()
	o := &out{to: c.stream, kind: packetReply}
	if login.Refused {
		o.error(Error{Number: 18456, State: 1, Class: 14, Message: "Login failed for user '" + login.User + "'."})
		o.done(tokenDone, doneError, 0)
		return errors.Join(o.end(), errRefused)
	}
	o.welcome(login.Database)
	c.server.mu.Lock()
	o.route(c.server.copyHost, c.server.copyPort)
	c.server.mu.Unlock()
	o.done(tokenDone, 0, 0)
	return o.end()
}

// route tells the client to go to another server. As a listener does, it says so of a login that only reads and accepts it all
// the same.
func (o *out) route(host string, port int) {
	if host == "" {
		return
	}
	o.change(envRouting, func(v *out) {
		var to out
		const tcp = 0
		to.bytes(tcp)
		to.uint16(uint16(port))
		to.longText(host)
		v.uint16(uint16(len(to.data)))
		v.bytes(to.data...)
		v.uint16(0)
	})
}

// clearly undoes the disguise of a password: each byte is turned by half and then changed by A5.
func clearly(password []byte) []byte {
	plain := make([]byte, len(password))
	for i, b := range password {
		b ^= 0xA5
		plain[i] = b<<4 | b>>4
	}
	return plain
}

// welcome tells of the database and its collation and acknowledges the login.
func (o *out) welcome(database string) {
	o.change(envDatabase, func(v *out) {
		v.shortText(database)
		v.shortText("master")
	})
	o.message(tokenInfo, Error{Number: 5701, State: 2, Message: "Changed database context to '" + database + "'."})
	o.change(envCollation, func(v *out) {
		v.bytes(byte(len(collation)))
		v.bytes(collation...)
		v.bytes(0)
	})
	var ack out
	ack.bytes(1, 0x74, 0, 0, 4) // SQL, version 7.4
	ack.shortText("Microsoft SQL Server")
	ack.bytes(16, 0, 0x10, 0)
	o.bytes(tokenLoginAck)
	o.uint16(uint16(len(ack.data)))
	o.bytes(ack.data...)
}
