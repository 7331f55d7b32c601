package accounts

import "crypto/subtle"

// SignIn says whether a secret is one of the account's, and as which audience it reads. It is for a way in by which the secret
// itself comes, which must be encrypted or stay on this machine. Guesses count together with those of every other way.
func (s *Store) SignIn(name, from, secret string) (audience string, ok bool) {
	if s.blocked(from) { // whose guesses are not even worked on
		return "", false
	}
	v := s.Verifier(name)
	keys, err := keysOf(secret, v.Salt, v.Iterations)
	fits := 0
	for _, k := range v.Keys {
		fits |= subtle.ConstantTimeCompare(k.Stored[:], keys.Stored[:])
	}
	if !s.Answer(name, from, err == nil && fits == 1) {
		return "", false
	}
	return v.Audience, true
}

func (s *Store) blocked(from string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tries.spent(ofAddress(from), s.now())
}
