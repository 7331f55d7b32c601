package connectors

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestASecretShowsItselfToNobody(t *testing.T) {
	s := Secret{"canary"}
	text, err := json.Marshal(map[string]any{"secret": s})
	if err != nil {
		t.Fatal(err)
	}
	shown := fmt.Sprintf("%v %+v %#v %s %q %s", s, s, s, s, s, text)
	if strings.Contains(shown, "canary") || s.Reveal() != "canary" {
		t.Errorf("it shows as %s and is %q", shown, s.Reveal())
	}
}

func TestASecretIsReadFromItsPlace(t *testing.T) {
	root := t.TempDir()
	for name, mode := range map[string]os.FileMode{"key": 0o600, "open": 0o644, "empty": 0o600} {
		text := "canary\n"
		if name == "empty" {
			text = " \n"
		}
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	deps := Deps{Root: root, Getenv: func(name string) string { return map[string]string{"KEY": "canary"}[name] }}
	for _, test := range []struct {
		place SecretPlace
		want  string // of the error; empty where the secret is read
	}{
		{SecretPlace{Env: "KEY"}, ""},
		{SecretPlace{File: "key"}, ""},
		{SecretPlace{File: filepath.Join(root, "key")}, ""},
		{SecretPlace{Env: "KEYS"}, "the variable KEYS is not set"},
		{SecretPlace{File: "open"}, "everyone on this machine may read"},
		{SecretPlace{File: "empty"}, "is empty"},
		{SecretPlace{File: "none"}, "cannot be read"},
	} {
		got, err := deps.Secret(test.place)
		if test.want == "" && (err != nil || got.Reveal() != "canary") {
			t.Errorf("%+v gives %q, %v", test.place, got.Reveal(), err)
		}
		if test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "canary")) {
			t.Errorf("%+v: %v", test.place, err)
		}
	}
}
