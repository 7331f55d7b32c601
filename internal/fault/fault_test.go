package fault

import (
	"errors"
	"testing"
)

func TestErrorSaysWhatWhereAndHow(t *testing.T) {
	for _, test := range []struct {
		err  *Error
		want string
	}{
		{&Error{Where: "a.yaml:3", What: "it is wrong", Fix: "mend it"}, "a.yaml:3: it is wrong\n  fix: mend it"},
		{&Error{What: "it is wrong"}, "it is wrong"},
	} {
		if got := test.err.Error(); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

func TestJoinSortsLinesByNumber(t *testing.T) {
	at := func(where string) error { return &Error{Where: where, What: "x"} }
	joined := Join(at("b:1"), nil, Join(at("a:10"), at("a:9")))
	var got []string
	for _, one := range List(joined) {
		got = append(got, one.(*Error).Where)
	}
	if len(got) != 3 || got[0] != "a:9" || got[1] != "a:10" || got[2] != "b:1" {
		t.Errorf("got %v", got)
	}
	if Join(nil, nil) != nil {
		t.Error("nothing joined is no error")
	}
}

func TestNearestNamesWhatWasMeant(t *testing.T) {
	names := []string{"polarity", "period", "unit", "decimals", "fct_observation_versions", "fct_observations"}
	for name, want := range map[string]string{"fct_observation": "fct_observations", "fct_obs": "fct_observation_versions", "polarty": "polarity", "perido": "period", "Units": "unit", "xyzzy": "", "decmals": "decimals"} {
		if got := Nearest(name, names); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestTransientIsSeenThroughWrapping(t *testing.T) {
	lost := errors.New("lost")
	if !IsTransient(errors.Join(errors.New("x"), Transient(lost))) || IsTransient(lost) || Transient(nil) != nil {
		t.Error("only what was marked is transient")
	}
}

func TestFewSaysHowManyThereAre(t *testing.T) {
	words := []string{"one", "two", "three"}
	for most, want := range map[int]string{1: "one … (3 in all)", 2: "one, two … (3 in all)", 3: "one, two, three"} {
		if got := Few(words, most); got != want {
			t.Errorf("%d at most: got %q, want %q", most, got, want)
		}
	}
}
