package tdstest

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"
	"encoding/binary"
	"fmt"
	"strings"

	"golang.org/x/crypto/md4"
)

// WindowsUser is the account of Windows that may sign in, with the same secret.
const WindowsUser = `COUNCIL\svc_reporting`

const (
	packetSSPI    = 0x11
	tokenSSPI     = 0xED
	loginFlags2   = 25
	loginSSPI     = 78
	flagIntegrity = 0x80 // fIntSecurity: Windows vouches for who signs in
)

// The messages of NTLM, [MS-NLMP] 2.2.1, and where the last one keeps size and place of its parts.
const (
	ntlmNegotiate    = 1
	ntlmChallenge    = 2
	ntlmAuthenticate = 3

	ntlmResponse = 20
	ntlmDomain   = 28
	ntlmUser     = 36
	ntlmFixed    = 88
)

var (
	ntlmSignature = []byte("NTLMSSP\x00")
	ntlmNonce     = []byte{1, 2, 3, 4, 5, 6, 7, 8}
)

// windows signs a client in by NTLM: it has begun, is given a challenge, and answers it.
func (c *conn) windows(login []byte) (user string, known bool, err error) {
	at, size := int(binary.LittleEndian.Uint16(login[loginSSPI:])), int(binary.LittleEndian.Uint16(login[loginSSPI+2:]))
	begun := login[at : at+size]
	if !bytes.HasPrefix(begun, ntlmSignature) || begun[8] != ntlmNegotiate {
		return "", false, fmt.Errorf("%w: the first message of NTLM is none", errProtocol)
	}
	challenge := challengeMessage()
	o := &out{to: c.stream, kind: packetReply}
	o.bytes(tokenSSPI)
	o.uint16(uint16(len(challenge)))
	o.bytes(challenge...)
	if err := o.end(); err != nil {
		return "", false, err
	}
	m, err := readMessage(c.stream)
	if err != nil {
		return "", false, err
	}
	if m.kind != packetSSPI || len(m.data) < ntlmFixed || m.data[8] != ntlmAuthenticate {
		return "", false, fmt.Errorf("%w: a packet of type %d answers the challenge", errProtocol, m.kind)
	}
	user, known = answered(m.data)
	return user, known, nil
}

// challengeMessage is the second message: it speaks Unicode, asks for version 2 and tells of the server's domain.
func challengeMessage() []byte {
	const flags = 0x00000001 | 0x00000200 | 0x00080000 | 0x00800000
	target := utf16Bytes("COUNCIL")
	info := append([]byte{2, 0, byte(len(target)), 0}, target...)
	info = append(info, 0, 0, 0, 0)
	m := append(bytes.Clone(ntlmSignature), ntlmChallenge, 0, 0, 0)
	field := func(size, at int) {
		m = binary.LittleEndian.AppendUint16(m, uint16(size))
		m = binary.LittleEndian.AppendUint16(m, uint16(size))
		m = binary.LittleEndian.AppendUint32(m, uint32(at))
	}
	const fixed = 56
	field(len(target), fixed)
	m = binary.LittleEndian.AppendUint32(m, flags)
	m = append(m, ntlmNonce...)
	m = append(m, make([]byte, 8)...)
	field(len(info), fixed+len(target))
	m = append(m, make([]byte, 8)...) // version
	return append(append(m, target...), info...)
}

// answered says who answered the challenge, and whether with the secret: version 2 of NTLM, [MS-NLMP] 3.3.2.
func answered(m []byte) (user string, known bool) {
	part := func(at int) []byte {
		size, from := int(binary.LittleEndian.Uint16(m[at:])), int(binary.LittleEndian.Uint32(m[at+4:]))
		return m[from : from+size]
	}
	domain, name, response := utf16Text(part(ntlmDomain)), utf16Text(part(ntlmUser)), part(ntlmResponse)
	hash := md4.New()
	hash.Write(utf16Bytes(Secret))
	key := keyed(hash.Sum(nil), utf16Bytes(strings.ToUpper(name)+domain))
	proof := keyed(key, append(bytes.Clone(ntlmNonce), response[16:]...))
	user = domain + `\` + name
	return user, user == WindowsUser && hmac.Equal(proof, response[:16])
}

func keyed(key, data []byte) []byte {
	h := hmac.New(md5.New, key)
	h.Write(data)
	return h.Sum(nil)
}
