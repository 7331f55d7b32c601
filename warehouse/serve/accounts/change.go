package accounts

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/gofrs/flock"

	"github.com/goldthread/goldthread/internal/fault"
)

var nameForm = regexp.MustCompile(`^[a-z][a-z0-9_.-]{0,62}$`)

// Add makes an account that works up to and including a day, and gives its secret, which is kept nowhere.
func (s *Store) Add(name, audience string, expires time.Time) (text string, err error) {
	if !nameForm.MatchString(name) {
		return "", &fault.Error{Where: name, What: "this is no name of an account", Fix: "begin with a small letter, then small letters, digits, _, . and -, 63 at most, such as powerbi-finance"}
	}
	err = s.change(func(c *contents, now time.Time) error {
		if c.find(name) >= 0 {
			return &fault.Error{Where: name, What: "there is an account of this name", Fix: "goldthread account renew " + name + " makes it a new secret; or take another name"}
		}
		one := record{Name: name, Audience: audience, MadeAt: now.UTC().Truncate(time.Second), Expires: expires.Format(time.DateOnly), Iterations: iterations, Salt: make([]byte, saltSize)}
		if one.expired(now) {
			return &fault.Error{Where: name, What: "the account would have expired on " + one.Expires, Fix: "give a day that is still to come"}
		}
		rand.Read(one.Salt)
		if text, err = one.addSecret(now); err != nil {
			return err
		}
		c.Accounts = append(c.Accounts, one)
		return nil
	})
	return text, err
}

// A Renewal says how long the account goes on, and how long its old secret works beside the new one.
type Renewal struct {
	Expires  time.Time // the last day on which the account works
	OldUntil time.Time
}

// Renew makes an account a new secret and gives it. Two secrets live at most: what was older than the last one ends now.
func (s *Store) Renew(name string, r Renewal) (text string, err error) {
	err = s.change(func(c *contents, now time.Time) error {
		i := c.find(name)
		if i < 0 {
			return unknown(name, *c)
		}
		one := &c.Accounts[i]
		one.Expires = r.Expires.Format(time.DateOnly)
		if one.expired(now) {
			return &fault.Error{Where: name, What: "the account would have expired on " + one.Expires, Fix: "give a day that is still to come"}
		}
		one.endOld(now, r.OldUntil)
		text, err = one.addSecret(now)
		return err
	})
	return text, err
}

// endOld keeps the newest of the live secrets until a moment, and the others no more.
func (r *record) endOld(now, until time.Time) {
	live := r.live(now)
	r.Secrets = nil
	if len(live) == 0 || !now.Before(until) {
		return
	}
	until = until.UTC().Truncate(time.Second)
	if old := live[0].Until; old == nil || until.Before(*old) {
		live[0].Until = &until
	}
	r.Secrets = live[:1]
}

func (r *record) addSecret(now time.Time) (string, error) {
	text := newSecret()
	keys, err := keysOf(text, r.Salt, r.Iterations)
	if err != nil {
		return "", err
	}
	r.Secrets = append([]secret{{Stored: keys.Stored, Server: keys.Server, MadeAt: now.UTC().Truncate(time.Second)}}, r.Secrets...)
	return text, nil
}

// Remove ends an account at once.
func (s *Store) Remove(name string) error {
	return s.change(func(c *contents, _ time.Time) error {
		i := c.find(name)
		if i < 0 {
			return unknown(name, *c)
		}
		c.Accounts = append(c.Accounts[:i], c.Accounts[i+1:]...)
		return nil
	})
}

// List gives the accounts in the order in which they were made.
func (s *Store) List() []Account {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	list := []Account{}
	for _, r := range s.held.Accounts {
		list = append(list, Account{r.Name, r.Audience, r.MadeAt, r.Expires, len(r.live(now)), r.expired(now)})
	}
	return list
}

func unknown(name string, c contents) error {
	names := make([]string, len(c.Accounts))
	for i, r := range c.Accounts {
		names[i] = r.Name
	}
	return &fault.Error{Where: name, What: "there is no account of this name", Fix: fault.DidYouMean(name, "accounts", names)}
}

// change makes one change to the file as it is now, with no other process changing it meanwhile.
func (s *Store) change(do func(*contents, time.Time) error) (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := os.MkdirAll(filepath.Dir(s.path), 0o755); err != nil {
		return err
	}
	lock := flock.New(s.path + ".lock")
	if err := lock.Lock(); err != nil {
		return fmt.Errorf("locking the accounts: %w", err)
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	if err := s.reload(); err != nil {
		return err
	}
	if err := do(&s.held, s.now()); err != nil {
		return errors.Join(err, s.reload())
	}
	return writeFile(s.path, s.held)
}
