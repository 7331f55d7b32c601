// Package accounts keeps who may read the releases over the network: a name for each tool, its audience, and what it takes
// to check a secret by SCRAM-SHA-256. The secrets themselves are told once, when they are made, and kept nowhere.
package accounts

import (
	"crypto/rand"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// Keys check one secret: what a client must prove to know, and what the server proves with in turn.
type Keys struct{ Stored, Server [32]byte }

// A Verifier is what a sign-in is checked against. Its one or two live secrets share a salt.
type Verifier struct {
	Salt       []byte
	Iterations int
	Keys       []Keys
	Audience   string
}

// An Account is one tool's way in, without its secrets.
type Account struct {
	Name     string    `json:"name"`
	Audience string    `json:"audience"`
	MadeAt   time.Time `json:"made_at"`
	Expires  string    `json:"expires"` // the last day on which it works, in local time
	Secrets  int       `json:"live_secrets"`
	Expired  bool      `json:"expired"`
}

// A Store is the file of accounts, and how often each was tried in vain. It may be used by many at once; a change that
// another process makes to the file counts from the next sign-in on.
type Store struct {
	path string
	now  func() time.Time

	mu    sync.Mutex
	held  contents
	tries tries
}

// Path is where a warehouse's accounts are.
func Path(warehouse string) string { return filepath.Join(warehouse, "accounts") }

// Open reads the file of accounts. A file that is not there yet holds none.
func Open(path string, now func() time.Time) (*Store, error) {
	s := &Store{path: path, now: now, tries: tries{}}
	rand.Read(s.held.Pepper[:])
	return s, s.Reload()
}

// Reload reads the file again. While it cannot be read nobody gets in, so whoever serves should tell.
func (s *Store) Reload() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reload()
}

func (s *Store) reload() error {
	held, found, err := readFile(s.path)
	switch {
	case err != nil || !found:
		s.held.Accounts = nil
	default:
		s.held = held
	}
	return err
}

// Verifier gives what a sign-in under a name is checked against. For a name that is unknown, expired or was guessed at too
// often it is made up, the same each time, and no secret fits it: so an answer does not tell which of these it is.
func (s *Store) Verifier(name string) Verifier {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	_ = s.reload() // nobody gets in while the file cannot be read; Reload tells why
	madeUp := s.held.madeUp(name)
	i := s.held.find(name)
	if i < 0 || s.held.Accounts[i].expired(now) || s.tries.spent(ofAccount(name), now) {
		return madeUp
	}
	one := s.held.Accounts[i]
	v := Verifier{Salt: slices.Clone(one.Salt), Iterations: one.Iterations, Audience: one.Audience}
	for _, live := range one.live(now) {
		v.Keys = append(v.Keys, Keys{live.Stored, live.Server})
	}
	return v
}

// Tried counts a sign-in that failed. Whoever answers many clients at once asks Answer instead.
func (s *Store) Tried(name, from string, ok bool) { s.Answer(name, from, ok) }

// Answer counts a sign-in and says whether it may be answered with yes. Of the guesses at one account only the first ten of
// five minutes are told right from wrong, however many began side by side; the rest is refused whatever it brought.
func (s *Store) Answer(name, from string, ok bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	account, address := ofAccount(name), ofAddress(from)
	if s.tries.spent(account, now) || s.tries.spent(address, now) {
		return false
	}
	if ok {
		return true
	}
	s.tries.failed(address, now)
	if s.held.find(name) >= 0 { // a name that nobody has cannot be guessed at, and must not fill the memory
		s.tries.failed(account, now)
	}
	return false
}
