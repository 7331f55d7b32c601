package pgwire

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"

	"github.com/goldthread/goldthread/warehouse/serve/accounts"
)

// The mechanisms that are offered, RFC 7677. The second binds the sign-in to the connection's certificate, so that nobody who
// stands between client and server can pass it on.
const (
	scramName = "SCRAM-SHA-256"
	scramPlus = "SCRAM-SHA-256-PLUS"
	bindingBy = "p=tls-server-end-point"
)

var (
	errScramForm   = errors.New("the client's sign-in message is malformed")
	errScramSecret = errors.New("the secret does not fit")
)

// A scram is one exchange of SCRAM-SHA-256, seen from the server.
type scram struct {
	verifier    accounts.Verifier
	binding     []byte // what the certificate binds to; none where it cannot be bound to
	plus        bool   // the client chose to bind
	header      string // the client's, that its last message must repeat
	clientFirst string // without the header
	serverFirst string
	nonce       string
}

// newScramNonce is the server's half of an exchange's nonce.
func newScramNonce() string { return rand.Text() }

// first answers the client's first message. The name in it is not used: the one the session began with is.
func (s *scram) first(message, serverNonce string) (string, error) {
	flag, rest, found := strings.Cut(message, ",")
	authzid, bare, found2 := strings.Cut(rest, ",")
	if !found || !found2 || !s.mayBegin(flag) || authzid != "" {
		return "", errScramForm
	}
	fields := strings.Split(bare, ",")
	if len(fields) < 2 || !strings.HasPrefix(fields[0], "n=") || !strings.HasPrefix(fields[1], "r=") || len(fields[1]) < 3 {
		return "", errScramForm
	}
	s.header, s.clientFirst = flag+",,", bare
	s.nonce = fields[1][2:] + serverNonce
	s.serverFirst = "r=" + s.nonce + ",s=" + base64.StdEncoding.EncodeToString(s.verifier.Salt) + ",i=" + strconv.Itoa(s.verifier.Iterations)
	return s.serverFirst, nil
}

// mayBegin says whether the client's word on binding fits the mechanism that it chose. One that could bind, and believes that
// the server cannot, has not heard what was offered: somebody stands between.
func (s *scram) mayBegin(flag string) bool {
	if s.plus {
		return flag == bindingBy && s.binding != nil
	}
	return flag == "n" || flag == "y" && s.binding == nil
}

// final checks the proof in the client's last message and gives the server's own.
func (s *scram) final(message string) (string, error) {
	withoutProof, proofText, found := strings.Cut(message, ",p=")
	proof, err := base64.StdEncoding.DecodeString(proofText)
	if !found || err != nil || len(proof) != sha256.Size {
		return "", errScramForm
	}
	bound := []byte(s.header)
	if s.plus {
		bound = append(bound, s.binding...)
	}
	fields := strings.Split(withoutProof, ",")
	if len(fields) < 2 || fields[0] != "c="+base64.StdEncoding.EncodeToString(bound) || fields[1] != "r="+s.nonce {
		return "", errScramForm
	}
	auth := []byte(s.clientFirst + "," + s.serverFirst + "," + withoutProof)
	keys, ok := s.fitting(auth, proof)
	if !ok {
		return "", errScramSecret
	}
	return "v=" + base64.StdEncoding.EncodeToString(mac(keys.Server[:], auth)), nil
}

// fitting finds the keys that the proof was made with. It takes the same time wherever they stand.
func (s *scram) fitting(auth, proof []byte) (fit accounts.Keys, ok bool) {
	for _, keys := range s.verifier.Keys {
		clientKey := bytes.Clone(proof)
		subtle.XORBytes(clientKey, proof, mac(keys.Stored[:], auth))
		stored := sha256.Sum256(clientKey)
		if subtle.ConstantTimeCompare(stored[:], keys.Stored[:]) == 1 {
			fit, ok = keys, true
		}
	}
	return fit, ok
}

func mac(key, text []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(text)
	return h.Sum(nil)
}
