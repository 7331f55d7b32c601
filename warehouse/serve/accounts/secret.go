package accounts

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
)

// iterations is what RFC 7677 asks for at least. A secret of 32 random bytes needs no more, and the client does the work.
const (
	iterations = 4096
	saltSize   = 16
)

// newSecret makes a secret of plain letters, digits, - and _, which every tool's dialogue and preparation of strings leaves
// as it is.
func newSecret() string {
	var random [32]byte
	rand.Read(random[:])
	return base64.RawURLEncoding.EncodeToString(random[:])
}

// keysOf derives what checks a secret, by RFC 5802.
func keysOf(secret string, salt []byte, rounds int) (Keys, error) {
	salted, err := pbkdf2.Key(sha256.New, secret, salt, rounds, sha256.Size)
	if err != nil {
		return Keys{}, err
	}
	return Keys{
		Stored: sha256.Sum256(mac(salted, "Client Key")),
		Server: [32]byte(mac(salted, "Server Key")),
	}, nil
}

func mac(secret []byte, text string) []byte {
	h := hmac.New(sha256.New, secret)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// madeUp is a verifier that no secret fits, always the same for a name. Its audience is none.
func (c contents) madeUp(name string) Verifier {
	return Verifier{
		Salt:       mac(c.Pepper[:], "salt "+name)[:saltSize],
		Iterations: iterations,
		Keys:       []Keys{{[32]byte(mac(c.Pepper[:], "stored "+name)), [32]byte(mac(c.Pepper[:], "server "+name))}},
	}
}
