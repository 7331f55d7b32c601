package secrets

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"
)

const canary = `canary+key/0d6R= "quoted"&é\`

func TestSecretsAreFoundHoweverTheyAreWritten(t *testing.T) {
	known := Known{"", "another-one", canary}
	quoted, err := json.Marshal(canary)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"as it is":        canary,
		"large letters":   strings.ToUpper(canary[:20]) + canary[20:],
		"a query":         "https://a.example/?key=" + url.QueryEscape(canary) + "&b=1",
		"a query with 20": strings.ReplaceAll(url.QueryEscape(canary), "+", "%20"),
		"small escapes":   strings.ToLower(url.QueryEscape(canary)),
		"a path":          "/" + url.PathEscape(canary),
		"JSON":            string(quoted),
		"base64":          base64.StdEncoding.EncodeToString([]byte(canary)),
		"base64 of URLs":  base64.URLEncoding.EncodeToString([]byte(canary)),
		"hex":             strings.ToUpper(hex.EncodeToString([]byte(canary))),
		"base64 after a":  base64.StdEncoding.EncodeToString([]byte("a:" + canary)),
		"base64 within":   base64.StdEncoding.EncodeToString([]byte("user" + canary + "@host")),
		"the other":       "ANOTHER-one",
	} {
		if in, err := known.In(strings.NewReader("before " + text + " after")); err != nil || !in {
			t.Errorf("%s is not found: %v", name, err)
		}
		if got := known.Blank("before " + text + " after " + text); !strings.HasPrefix(got, "before ") || strings.Count(got, hidden) != 2 ||
			strings.Contains(strings.ToLower(got), "canary") || strings.Contains(strings.ToLower(got), "another") {
			t.Errorf("%s: %s", name, got)
		}
	}
	for _, text := range []string{"", "another", canary[:len(canary)-1], strings.Repeat("an", 1<<20)} {
		if in, err := known.In(strings.NewReader(text)); err != nil || in {
			t.Errorf("found in %.40q: %v", text, err)
		}
		if got := known.Blank(text); got != text {
			t.Errorf("%.40q became %.40q", text, got)
		}
	}
}

func TestASecretIsFoundOverTheEndOfAPiece(t *testing.T) {
	var escaped strings.Builder
	for _, b := range []byte("canary") {
		escaped.WriteString(`\u00` + hex.EncodeToString([]byte{b}))
	}
	for _, written := range []string{"canary", escaped.String()} {
		for at := 256<<10 - len(written); at < 256<<10+400; at++ {
			text := strings.Repeat("x", at) + written + strings.Repeat("y", 500)
			if in, err := (Known{"canary"}).In(strings.NewReader(text)); err != nil || !in {
				t.Fatalf("%s at %d is not found: %v", written, at, err)
			}
		}
	}
}

func FuzzSecretsInJSON(f *testing.F) {
	f.Add("before", canary, "after")
	f.Add(`\`, `"`, "\n")
	f.Fuzz(func(t *testing.T, before, secret, after string) {
		if secret == "" || !utf8.ValidString(before) || !utf8.ValidString(secret) || !utf8.ValidString(after) {
			return
		}
		text, err := json.Marshal(before + secret + after)
		if err != nil {
			t.Fatal(err)
		}
		if in, err := (Known{secret}).In(strings.NewReader(string(text))); err != nil || !in {
			t.Errorf("%q is not found in %s: %v", secret, text, err)
		}
	})
}
