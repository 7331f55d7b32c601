package connectors

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/internal/rights"
)

// A Secret is a text that shows itself to nobody who does not ask for it by Reveal.
type Secret struct{ text string }

const hidden = "***"

// Reveal gives the text, for the one request that needs it.
func (s Secret) Reveal() string { return s.text }

// String hides the text.
func (s Secret) String() string { return hidden }

// GoString hides the text.
func (s Secret) GoString() string { return hidden }

// MarshalText hides the text, in JSON as well.
func (s Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// A SecretPlace is where a secret stands: in a variable of the environment or in a file, never in a source's own file.
type SecretPlace struct{ Env, File string }

// Given says whether a place is named.
func (p SecretPlace) Given() bool { return p.Env != "" || p.File != "" }

// variable is what the variable of a secret may be called. Names of variables are told, and few passwords look like this.
var variable = regexp.MustCompile(`^[A-Z][A-Z0-9_]*$`)

// Check adds the faults of a place, whose settings are called name_env and name_file. Nothing of a name that may be the secret
// itself is told.
func (p SecretPlace) Check(i *Inspector, name string) {
	if p.Env != "" && p.File != "" {
		i.Fault(name+"_file", "leave out one of the two", "both %s_env and %s_file are given", name, name)
	}
	if p.Env != "" && !variable.MatchString(p.Env) {
		i.Fault(name+"_env", "write the name of a variable in capitals, such as HOUSING_PASSWORD, and put the secret into that variable",
			"%s_env is not the name of a variable; if it is the secret itself, take it out of the file and have it changed", name)
	}
}

// Secret reads a secret, anew each time, so that a run after a change of keys takes the new one.
func (d Deps) Secret(p SecretPlace) (Secret, error) {
	if p.Env != "" {
		if d.Getenv == nil || d.Getenv(p.Env) == "" {
			return Secret{}, &fault.Error{What: fmt.Sprintf("the variable %s is not set, which is to hold a secret", p.Env),
				Fix: "set it for the account that goldthread runs under"}
		}
		return Secret{strings.TrimSpace(d.Getenv(p.Env))}, nil
	}
	path := filepath.FromSlash(p.File)
	if !filepath.IsAbs(path) {
		path = filepath.Join(d.Root, path)
	}
	if open, err := rights.OpenToAll(path); err == nil && open {
		return Secret{}, &fault.Error{Where: p.File, What: "everyone on this machine may read the file of a secret",
			Fix: "take the right from others: " + rights.TakeFromAll(p.File)}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return Secret{}, &fault.Error{Where: p.File, What: "the file of a secret cannot be read: " + Plainly(err),
			Fix: "put the secret there, or correct the setting", Err: err}
	}
	if len(strings.TrimSpace(string(text))) == 0 {
		return Secret{}, &fault.Error{Where: p.File, What: "the file of a secret is empty", Fix: "put the secret there"}
	}
	return Secret{strings.TrimSpace(string(text))}, nil
}
