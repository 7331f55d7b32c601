package accounts

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/goldthread/goldthread/internal/durable"
	"github.com/goldthread/goldthread/internal/fault"
)

// contents is what the file holds. The pepper makes up what unknown names are checked against.
type contents struct {
	Pepper   key      `json:"pepper"`
	Accounts []record `json:"accounts"`
}

type record struct {
	Name       string    `json:"name"`
	Audience   string    `json:"audience"`
	MadeAt     time.Time `json:"made_at"`
	Expires    string    `json:"expires"`
	Salt       []byte    `json:"salt"`
	Iterations int       `json:"iterations"`
	Secrets    []secret  `json:"secrets"`
}

// A secret is what checks one, newest first. One that was replaced works until its end.
type secret struct {
	Stored key        `json:"stored"`
	Server key        `json:"server"`
	MadeAt time.Time  `json:"made_at"`
	Until  *time.Time `json:"until,omitempty"`
}

// A key is 32 bytes, written in hexadecimal.
type key [32]byte

// MarshalText writes the key.
func (k key) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(k[:])), nil }

// UnmarshalText reads what MarshalText wrote.
func (k *key) UnmarshalText(text []byte) error {
	if hex.DecodedLen(len(text)) != len(k) {
		return fmt.Errorf("a key of %d characters", len(text))
	}
	_, err := hex.Decode(k[:], text)
	return err
}

func (c contents) find(name string) int {
	return slices.IndexFunc(c.Accounts, func(r record) bool { return r.Name == name })
}

func (r record) expired(now time.Time) bool {
	day, err := time.ParseInLocation(time.DateOnly, r.Expires, now.Location())
	return err != nil || !now.Before(day.AddDate(0, 0, 1))
}

func (r record) live(now time.Time) []secret {
	return slices.DeleteFunc(slices.Clone(r.Secrets), func(s secret) bool { return s.Until != nil && !now.Before(*s.Until) })
}

const header = "goldthread accounts 1 sha256 "

// readFile reads the file and says whether there is one.
func readFile(path string) (c contents, found bool, err error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return c, false, nil
	}
	if err != nil {
		return c, false, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return c, false, err
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return c, false, &fault.Error{Where: path, What: fmt.Sprintf("others may read the accounts (mode %o)", info.Mode().Perm()), Fix: "chmod 600 " + path}
	}
	var text bytes.Buffer
	if _, err := text.ReadFrom(file); err != nil {
		return c, false, err
	}
	if c, err = parse(text.Bytes()); err != nil {
		return contents{}, false, &fault.Error{
			Where: path, What: "the file of accounts is damaged: " + err.Error(), Err: err,
			Fix: "put back a backup of it, or remove it and add the accounts anew; until then nobody can sign in",
		}
	}
	return c, true, nil
}

func parse(text []byte) (c contents, err error) {
	first, rest, _ := bytes.Cut(text, []byte("\n"))
	sum, ours := strings.CutPrefix(string(first), header)
	if !ours {
		return c, errors.New("its first line is not that of such a file")
	}
	if sum != sumOf(rest) {
		return c, errors.New("it does not fit its checksum")
	}
	decoder := json.NewDecoder(bytes.NewReader(rest))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&c); err != nil {
		return c, err
	}
	for _, r := range c.Accounts {
		if len(r.Salt) == 0 || r.Iterations < iterations || len(r.Secrets) == 0 {
			return c, fmt.Errorf("account %q lacks a part", r.Name)
		}
	}
	return c, nil
}

func sumOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// writeFile replaces the file in one step: a killed program leaves the old one or the new one. Its caller holds the lock.
func writeFile(path string, c contents) error {
	body, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	return durable.Replace(path, fmt.Appendf(nil, "%s%s\n%s", header, sumOf(body), body), 0o600)
}
