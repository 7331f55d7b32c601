package accounts

import "testing"

func TestASecretThatIsSentLetsItsAccountInAsLongAsItLives(t *testing.T) {
	s, c := open(t)
	old := add(t, s, "anna", summer)
	secret, err := s.Renew("anna", Renewal{summer, c.AddDate(0, 0, 7)})
	if err != nil {
		t.Fatal(err)
	}
	for what, one := range map[string]struct {
		name, secret string
		in           bool
	}{
		"its secret": {"anna", secret, true}, "its old one": {"anna", old, true}, "another": {"anna", secret + "x", false}, "none": {"anna", "", false},
		"an unknown account": {"nobody", secret, false}, "an account without a name": {"", secret, false},
	} {
		if audience, in := s.SignIn(one.name, "10.0.0.1", one.secret); in != one.in || in != (audience == "staff") {
			t.Errorf("%s: %v as %q", what, in, audience)
		}
	}
	c.Time = c.AddDate(0, 0, 8)
	if _, in := s.SignIn("anna", "10.0.0.1", old); in {
		t.Error("the old secret works after its end")
	}
	for range triesOfAnAccount {
		s.SignIn("anna", "10.0.0.1", "a guess")
	}
	if _, in := s.SignIn("anna", "10.0.0.1", secret); in {
		t.Error("the right secret is told right after ten guesses")
	}
	for range triesOfAnAddress {
		s.SignIn("nobody", "10.0.0.2", "a guess")
	}
	other := add(t, s, "ben", summer)
	if _, in := s.SignIn("ben", "10.0.0.2", other); in {
		t.Error("an address that has guessed a hundred times is listened to")
	}
}
