// Package secrets finds secrets in what a service or a server says, so that they are neither told nor kept.
package secrets

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Known are the secrets that may come back. They are found however they are written: as they are or with the escapes of
// addresses and of JSON, in base64 or hex, in large letters or small.
type Known []string

const hidden = "***"

// Blank is a text with *** in the place of each secret.
func (k Known) Blank(text string) string {
	for _, form := range k.forms() {
		text = blank(text, form)
	}
	return text
}

func blank(text, form string) string {
	low := string(small([]byte(text)))
	var b strings.Builder
	for {
		at := strings.Index(low, form)
		if at < 0 {
			b.WriteString(text)
			return b.String()
		}
		b.WriteString(text[:at] + hidden)
		text, low = text[at+len(form):], low[at+len(form):]
	}
}

// In says whether a text holds one of the secrets. It is read a piece at a time, each with the end of the one before it.
func (k Known) In(text io.Reader) (bool, error) {
	forms := k.forms()
	if len(forms) == 0 {
		return false, nil
	}
	const piece, longestEscape = 256 << 10, 6
	overlap := longestEscape * len(forms[0])
	held, buffer := 0, make([]byte, overlap+piece)
	for {
		n, err := io.ReadFull(text, buffer[held:held+piece])
		seen := buffer[:held+n]
		if holds(small(seen), forms) {
			return true, nil
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		held = copy(buffer, seen[len(seen)-min(overlap, len(seen)):])
	}
}

// holds looks at a piece as it is, and as a reader of JSON would see it.
func holds(text []byte, forms []string) bool {
	views := [][]byte{text}
	if bytes.IndexByte(text, '\\') >= 0 {
		views = append(views, small(escaped.ReplaceAllFunc(text, unescaped)))
	}
	for _, view := range views {
		for _, form := range forms {
			if bytes.Contains(view, []byte(form)) {
				return true
			}
		}
	}
	return false
}

// escaped is an escape of JSON, in small letters.
var escaped = regexp.MustCompile(`(?s)\\(u[0-9a-f]{4}|.)`)

func unescaped(escape []byte) []byte {
	if len(escape) == len(`\u0000`) {
		n, _ := strconv.ParseUint(string(escape[2:]), 16, 16) // four hex digits are one
		return utf8.AppendRune(nil, rune(n))
	}
	if at := strings.IndexByte("nrtbf", escape[1]); at >= 0 {
		return []byte{"\n\r\t\b\f"[at]}
	}
	return escape[1:]
}

// small writes ASCII letters small, in place, and leaves all else: so nothing moves.
func small(text []byte) []byte {
	for i, b := range text {
		if b >= 'A' && b <= 'Z' {
			text[i] = b + ('a' - 'A')
		}
	}
	return text
}

// leastPacked is the length from which a secret is looked for in base64 and hex too: what comes of fewer bytes stands in any
// text by chance.
const leastPacked = 6

// forms are the secrets as a text may hold them, in small letters, the longest first.
func (k Known) forms() []string {
	var forms []string
	for _, secret := range k {
		for _, form := range formsOf(secret) {
			form = string(small([]byte(form)))
			if form != "" && !slices.Contains(forms, form) {
				forms = append(forms, form)
			}
		}
	}
	slices.SortStableFunc(forms, func(a, b string) int { return len(b) - len(a) })
	return forms
}

func formsOf(secret string) []string {
	quoted, _ := json.Marshal(secret) // a text cannot fail
	query := url.QueryEscape(secret)
	forms := []string{
		secret, query, strings.ReplaceAll(query, "+", "%20"), url.PathEscape(secret),
		string(quoted[1 : len(quoted)-1]), strings.Trim(strconv.Quote(secret), `"`),
	}
	if len(secret) < leastPacked {
		return forms
	}
	return append(append(forms, packed(secret)...), hex.EncodeToString([]byte(secret)))
}

// packed are the digits of base64 that a secret alone makes, by where it begins in what is packed: beside a user's name, say.
func packed(secret string) []string {
	var forms []string
	for before := range 3 {
		text := append(make([]byte, before), secret...)
		for _, alphabet := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			forms = append(forms, alphabet.EncodeToString(text)[(before*8+5)/6:len(text)*8/6])
		}
	}
	return forms
}
