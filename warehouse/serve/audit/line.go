package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A Head names an entry by its number and hash. Who keeps one elsewhere can tell later whether the log still leads up to it.
type Head struct {
	Number int64
	Hash   string
}

// String gives a head as ParseHead reads it.
func (h Head) String() string { return fmt.Sprintf("%d:%s", h.Number, h.Hash) }

// ParseHead reads what String wrote.
func ParseHead(text string) (h Head, err error) {
	number, hash, _ := strings.Cut(text, ":")
	h.Hash = hash
	h.Number, err = strconv.ParseInt(number, 10, 64)
	if _, bad := hex.DecodeString(hash); err != nil || bad != nil || len(hash) != hashSize || h.Number < 0 || text != h.String() {
		return Head{}, fmt.Errorf("%q names no entry: a number, a colon and %d characters of hash do", text, hashSize)
	}
	return h, nil
}

const hashSize = 2 * sha256.Size

// origin is what the first entry of all follows.
var origin = Head{Hash: strings.Repeat("0", hashSize)}

// A Line is an entry as the log holds it.
type Line struct {
	Number      int64     `json:"n"`
	At          time.Time `json:"at"`
	Action      string    `json:"action"`
	Outcome     string    `json:"outcome"`
	Account     string    `json:"account"`
	From        string    `json:"from"`
	Application string    `json:"application"`
	Audience    string    `json:"audience"`
	Release     int64     `json:"release"`
	Fingerprint string    `json:"fingerprint"`
	Rows        int64     `json:"rows"`
	Duration    int64     `json:"duration_us"`
	Previous    string    `json:"prev"`
}

// mostText is how much is kept of a text that comes from outside.
const mostText = 200

func cut(text string) string {
	if len(text) <= mostText {
		return text
	}
	return strings.ToValidUTF8(text[:mostText], "") + "…"
}

// encode gives the line of an entry that follows another, with its end, and what names it.
func encode(e Entry, after Head) (text []byte, head Head, err error) {
	text, err = json.Marshal(Line{
		Number: after.Number + 1, At: e.At.UTC(), Action: e.Action, Outcome: cut(e.Outcome), Account: cut(e.Account), From: cut(e.From),
		Application: cut(e.Application), Audience: cut(e.Audience), Release: e.Release, Fingerprint: e.Fingerprint, Rows: e.Rows,
		Duration: e.Duration.Microseconds(), Previous: after.Hash,
	})
	if err != nil {
		return nil, head, err
	}
	text = text[:len(text)-1]
	head = Head{after.Number + 1, hashOf(text)}
	return fmt.Appendf(text, "%s%s%s\n", hashMark, head.Hash, lineEnd), head, nil
}

// The hash ends a line, and is of all that stands before it.
const (
	hashMark = `,"hash":"`
	lineEnd  = `"}`
	tail     = len(hashMark) + hashSize + len(lineEnd)
)

func hashOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

var (
	errNoEntry = errors.New("this is no entry")
	errAltered = errors.New("the entry was altered: it does not fit its own hash")
)

// decode reads a line without its end, and gives it whole or not at all.
func decode(text []byte) (line Line, hash string, err error) {
	at := len(text) - tail
	if at < 0 || !bytes.HasPrefix(text[at:], []byte(hashMark)) || !bytes.HasSuffix(text, []byte(lineEnd)) {
		return line, "", errNoEntry
	}
	hash = string(text[at+len(hashMark) : len(text)-len(lineEnd)])
	if hashOf(text[:at]) != hash {
		return line, "", errAltered
	}
	body := append(bytes.Clone(text[:at]), '}')
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&line); err != nil || decoder.More() || line.Number < 1 {
		return Line{}, "", errNoEntry
	}
	return line, hash, nil
}
