package connectors

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

// Secrets are those of one source. They find themselves in what a service says, however it writes them: as they are or with
// the escapes of addresses and of JSON, in base64 or hex, in large letters or small.
type Secrets []Secret

// Blank is a text with *** in the place of each secret.
func (s Secrets) Blank(text string) string {
	for _, form := range s.forms() {
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
func (s Secrets) In(text io.Reader) (bool, error) {
	forms := s.forms()
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
func (s Secrets) forms() []string {
	var forms []string
	for _, secret := range s {
		for _, form := range secret.forms() {
			form = string(small([]byte(form)))
			if form != "" && !slices.Contains(forms, form) {
				forms = append(forms, form)
			}
		}
	}
	slices.SortStableFunc(forms, func(a, b string) int { return len(b) - len(a) })
	return forms
}

func (s Secret) forms() []string {
	quoted, _ := json.Marshal(s.text) // a text cannot fail
	query := url.QueryEscape(s.text)
	forms := []string{
		s.text, query, strings.ReplaceAll(query, "+", "%20"), url.PathEscape(s.text),
		string(quoted[1 : len(quoted)-1]), strings.Trim(strconv.Quote(s.text), `"`),
	}
	if packed := []byte(s.text); len(packed) >= leastPacked {
		forms = append(forms, base64.RawStdEncoding.EncodeToString(packed), base64.RawURLEncoding.EncodeToString(packed), hex.EncodeToString(packed))
	}
	return forms
}
