package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// shownCanary stands in the data, and so must be found: a test of how this test looks.
const shownCanary = "canary-of-the-data"

// ledger is where what was read and what was refused is noted.
const ledger = "the tables of .goldthread/warehouse.duckdb"

// told runs the program with secrets in its environment, and gives all that it said and how it ended.
func told(t *testing.T, folder string, secrets map[string]string, args ...string) (said []byte, code int) {
	t.Helper()
	command := exec.Command(buildProgram(t), append(args, "-C", folder)...)
	command.Env = os.Environ()
	for name, secret := range secrets {
		if !strings.HasPrefix(name, "file:") {
			command.Env = append(command.Env, name+"="+secret)
		}
	}
	said, err := command.CombinedOutput()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		t.Fatal(err)
	}
	return said, command.ProcessState.ExitCode()
}

// TestNoSecretIsShownOrKept runs the program over sources that fail in every way and looks for each secret, in every form, in
// all that it said and left behind.
func TestNoSecretIsShownOrKept(t *testing.T) {
	c := plantCouncil(t)
	var said bytes.Buffer
	waste := c.folder + "/drops/2026-01/waste.csv"
	for _, args := range [][]string{
		{"validate"}, {"plan"}, {"run"}, {"run", "--full", "--json", "--log", "-"}, {"status"}, {"status", "--json"}, {"plan", "--json"},
		{"quarantine", "list", "--json"}, {"quarantine", "export", c.folder + "/aside.csv"}, {"doctor", "--deep"},
		{"sql", "show all tables"}, {"releases", "--json"}, {"explain", "WAS-01", "FY2022-23"},
		{"inspect", waste}, {"try", "pg_wrong", waste}, {"accept", "pg_wrong.things"}, {"schedule", "test-alerts"},
		{"schedule", "list"}, {"account", "list"}, {"audit"}, {"bench", "sources", "--rows", "10", "--host", "127.0.0.1", "--port", "1", "--password-env", "GONE_PASSWORD"},
	} {
		out, code := told(t, c.folder, c.secrets, args...)
		fmt.Fprintf(&said, "%v ends with %d:\n%s\n", args, code, out)
		if (args[0] == "run" || args[0] == "doctor") && code != exitRed {
			t.Errorf("%v ends with %d", args, code)
		}
	}
	places := placesUnder(t, c.folder, "secrets")
	places["what the program said"] = bytes.ToLower(said.Bytes())
	for _, leak := range leaks(c.secrets, places) {
		t.Error(leak)
	}
	for _, place := range []string{"what the program said", ledger, "aside.csv"} { // set aside, so listed and stored
		if !bytes.Contains(places[place], []byte(shownCanary)) {
			t.Errorf("what must be in %s is not found there", place)
		}
	}
	mustTell(t, said.String()+string(places[ledger]))
	if t.Failed() {
		t.Log(said.String())
	}
	fmt.Printf("secrets: %d looked for in %d places\n", len(c.secrets), len(places))
}

// mustTell wants the words of each failure in what was said: a path that was not taken shows nothing.
func mustTell(t *testing.T, said string) {
	t.Helper()
	for _, words := range []string{
		"does not know the key", "refuses what was asked", "nothing under this address", "sends us to another host", "asked too often", "out of order (500)",
		"out of order (503)", "a web page came", "repeats the key", "the service answers with an error", "cut short", "is not to be trusted", "everyone on this machine may read",
		"NOT_SET is not set", "nothing listens there", "fell silent", "certificate is not trusted", "did not accept user and password", "the connection was cut",
		"deadlock", "no table or view", "holds none", "answers 404 Not Found",
	} {
		if !strings.Contains(said, words) {
			t.Errorf("nothing says %q", words)
		}
	}
}

// malformed are settings with a secret where none belongs, each with what is said of it.
var malformed = map[string][2]string{
	"literal":  {"kind: sqldb\nengine: postgresql\nhost: db\ndatabase: a\nuser: b\npassword: SECRET", `unknown setting "password"`},
	"variable": {"kind: sqldb\nengine: postgresql\nhost: db\ndatabase: a\nuser: b\npassword_env: SECRET", "password_env is not the name of a variable"},
	"host":     {"kind: sqldb\nengine: postgresql\nhost: postgresql://b:SECRET@db/a\ndatabase: a\nuser: b", "host is more than a name"},
	"base":     {"kind: sqldb\nengine: sqlserver\nhost: db\ndatabase: a;password=SECRET\nuser: b", "database is more than a name"},
	"user":     {"kind: sqldb\nengine: oracle\nhost: db\ndatabase: a\nuser: b/SECRET", "user is more than a name"},
	"url":      {"kind: lginform\nurl: https://b:SECRET@service.example/\napplication_key_env: KEY", "url is no address of a service"},
	"query":    {"kind: lginform\nurl: https://service.example/?ApplicationKey=SECRET\napplication_key_env: KEY", "url is no address of a service"},
	"proxy":    {"kind: lginform\nproxy: http://b:SECRET@proxy.example:8080\napplication_key_env: KEY", "proxy is no address of a proxy"},
	"key":      {"kind: lginform\napplication_key_env: SECRET", "application_key_env is not the name of a variable"},
	"list":     {"kind: lginform\napplication_key_env: [SECRET]", "application_key_env"},
	"quotes":   {"kind: lginform\napplication_key: \"SECRET", "malformed_quotes.yaml"},
	"indent":   {"kind: lginform\n  application_key: SECRET\n b: c", "malformed_indent.yaml"},
}

// TestSettingsWithASecretInThemDoNotTellIt writes secrets where people put them by mistake.
func TestSettingsWithASecretInThemDoNotTellIt(t *testing.T) {
	folder, secrets := smallCouncil(t), map[string]string{}
	c := &plantedCouncil{T: t, folder: folder}
	for name, one := range malformed {
		secrets[name] = "canary-" + name + "-31sG"
		c.write("sources/malformed_"+name+".yaml", "source: malformed_"+name+"\n"+strings.ReplaceAll(one[0], "SECRET", secrets[name])+
			"\ndatasets:\n  - {name: things, table: things, mode: snapshot, key: [id], columns: {id: {type: integer}}}\n")
	}
	var said bytes.Buffer
	for _, args := range [][]string{{"validate"}, {"validate", "--json"}, {"run"}, {"run", "--json"}, {"plan"}, {"status"}, {"doctor"}, {"try", "malformed_url", "x.csv"}} {
		out, code := told(t, folder, nil, args...)
		if said.Write(out); code == exitDone && args[0] != "status" {
			t.Errorf("%v ends well", args)
		}
	}
	for name, one := range malformed {
		if !strings.Contains(said.String(), one[1]) {
			t.Errorf("%s: nothing says %q", name, one[1])
		}
	}
	places := placesUnder(t, folder, "sources")
	places["what the program said"] = bytes.ToLower(said.Bytes())
	found := leaks(secrets, places)
	if slices.Sort(found); len(found) > 0 || t.Failed() {
		t.Errorf("%s\n%s", strings.Join(found, "\n"), said.String())
	}
}
