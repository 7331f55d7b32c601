package lginform

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"net/url"
	"strings"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/internal/secrets"
)

// Credentials are a token, or a key with the secret that signs for it.
type credentials struct {
	key, secret connectors.Secret
	signs       bool
	raw         bool // the signature goes into the address as it is
}

// credentials reads the secrets, at each reading anew.
func (s *Source) credentials() (credentials, error) {
	key, err := s.deps.Secret(s.config.key())
	if err != nil {
		return credentials{}, err
	}
	c := credentials{key: key, raw: s.config.Signature == "raw"}
	if c.signs = s.config.secret().Given(); c.signs {
		c.secret, err = s.deps.Secret(s.config.secret())
	}
	return c, err
}

// sign adds to an address who asks. What is signed is the whole address as a reader would see it, escapes undone, up to
// and with the key; so nothing may change the address afterwards.
func (c credentials) sign(address string) (string, error) {
	joint := "?"
	if strings.Contains(address, "?") {
		joint = "&"
	}
	address += joint + "ApplicationKey=" + url.QueryEscape(c.key.Reveal())
	if !c.signs {
		return address, nil
	}
	decoded, err := url.QueryUnescape(address)
	if err != nil {
		return "", err
	}
	mac := hmac.New(sha1.New, []byte(c.secret.Reveal()))
	mac.Write([]byte(decoded))
	signature := base64.StdEncoding.EncodeToString(mac.Sum(nil))
	if !c.raw {
		signature = url.QueryEscape(signature)
	}
	return address + "&Signature=" + signature, nil
}

// secrets are what no text and no file may hold.
func (c credentials) secrets() secrets.Known {
	return secrets.Known{c.key.Reveal(), c.secret.Reveal()}
}
