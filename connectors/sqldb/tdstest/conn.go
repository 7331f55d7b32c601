package tdstest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
)

// Types of packets, [MS-TDS] 2.2.3.1.1.
const (
	packetBatch       = 0x01
	packetRPC         = 0x03
	packetReply       = 0x04
	packetAttention   = 0x06
	packetTransaction = 0x0E
	packetLogin       = 0x10
	packetPreLogin    = 0x12
)

// Bits of the status in a packet's header, 2.2.3.1.2.
const (
	statusEndOfMessage = 0x01
	statusReset        = 0x08
)

const (
	headerSize = 8
	packetSize = 4096
)

// A conn is one client's connection.
type conn struct {
	server *Server
	number int
	tcp    *net.TCPConn
	stream io.ReadWriter // the TCP connection, or TLS over it
	silent bool

	asked       chan message // what the client sends while an answer may be under way
	transaction uint64       // its descriptor; 0 outside of one
	begun       uint64
}

// A message is one or more packets of the same type.
type message struct {
	kind  byte
	reset bool // the session is to be as new
	data  []byte
}

func readMessage(in io.Reader) (message, error) {
	var m message
	for {
		var header [headerSize]byte
		if _, err := io.ReadFull(in, header[:]); err != nil {
			return m, err
		}
		size := int(binary.BigEndian.Uint16(header[2:]))
		if size < headerSize {
			return m, fmt.Errorf("a packet of %d bytes", size)
		}
		body := make([]byte, size-headerSize)
		if _, err := io.ReadFull(in, body); err != nil {
			return m, err
		}
		m.kind, m.reset, m.data = header[0], m.reset || header[1]&statusReset != 0, append(m.data, body...)
		if header[1]&statusEndOfMessage != 0 {
			return m, nil
		}
	}
}

// An out is a message on its way to the client. Whole packets go when they are full.
type out struct {
	to   io.Writer
	kind byte
	data []byte
	sent byte // packets so far, modulo 256
	err  error
}

func (o *out) bytes(b ...byte) { o.data = append(o.data, b...) }
func (o *out) uint16(n uint16) { o.data = binary.LittleEndian.AppendUint16(o.data, n) }
func (o *out) uint32(n uint32) { o.data = binary.LittleEndian.AppendUint32(o.data, n) }
func (o *out) uint64(n uint64) { o.data = binary.LittleEndian.AppendUint64(o.data, n) }
func (o *out) shortText(s string) { // B_VARCHAR
	units := utf16Bytes(s)
	o.bytes(byte(len(units) / 2))
	o.bytes(units...)
}

func (o *out) longText(s string) { // US_VARCHAR
	units := utf16Bytes(s)
	o.uint16(uint16(len(units) / 2))
	o.bytes(units...)
}

// flush sends the packets that are full.
func (o *out) flush() {
	for len(o.data) > packetSize-headerSize {
		o.packet(o.data[:packetSize-headerSize], 0)
		o.data = append(o.data[:0], o.data[packetSize-headerSize:]...)
	}
}

// push sends all there is, without an end.
func (o *out) push() {
	o.flush()
	if len(o.data) > 0 {
		o.packet(o.data, 0)
		o.data = o.data[:0]
	}
}

// end sends the rest and ends the message.
func (o *out) end() error {
	o.flush()
	o.packet(o.data, statusEndOfMessage)
	return o.err
}

func (o *out) packet(body []byte, status byte) {
	o.sent++
	packet := []byte{o.kind, status, 0, 0, 0, 0, o.sent, 0}
	binary.BigEndian.PutUint16(packet[2:], uint16(headerSize+len(body)))
	if _, err := o.to.Write(append(packet, body...)); err != nil && o.err == nil {
		o.err = err
	}
}

// serve speaks with one client until either ends it.
func (c *conn) serve() {
	if c.silent {
		_, _ = io.Copy(io.Discard, c.tcp)
		return
	}
	if err := c.login(); err != nil {
		c.complain(err)
		return
	}
	c.asked = make(chan message, 1)
	c.server.serving.Go(c.listen)
	for m := range c.asked {
		if err := c.answer(m); err != nil {
			c.complain(err)
			break
		}
	}
	c.tcp.Close()
	for range c.asked { // until listen has seen the end
	}
}

// listen hands on what the client sends.
func (c *conn) listen() {
	defer close(c.asked)
	for {
		m, err := readMessage(c.stream)
		if err != nil {
			return
		}
		c.asked <- m
	}
}

// errProtocol marks what no client should send.
var errProtocol = errors.New("not as the protocol has it")

// complain fails the test over a message that is wrong; that a connection breaks is what some tests want.
func (c *conn) complain(err error) {
	if errors.Is(err, errProtocol) {
		c.server.t.Errorf("tdstest: %v", err)
	}
}
