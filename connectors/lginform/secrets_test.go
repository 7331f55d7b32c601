package lginform

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/connectors/lginform/lginformtest"
	"github.com/goldthread/goldthread/connectors/web"
)

// say answers every request alike, or only from the n-th on.
func say(from, status int, kind, body string) func(int, http.ResponseWriter, *http.Request) bool {
	return func(n int, w http.ResponseWriter, _ *http.Request) bool {
		if n < from {
			return false
		}
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		fmt.Fprint(w, body)
		return true
	}
}

func TestWhatTheServiceRefusesIsToldAndKeepsItsSecrets(t *testing.T) {
	echo := fmt.Sprintf(`{"errors":[{"message":"no such user %s %s","errorCode":7}]}`, lginformtest.Key, lginformtest.Secret)
	long := fmt.Sprintf(`{"errors":[{"message":"%s %s","errorCode":7}]}`, strings.Repeat("x", 180), lginformtest.Key)
	data := `[{"metricTypeIdentifier":"1072","areaIdentifier":"E09000022","periodIdentifier":"cal_2020","valueTypeIdentifier":"raw","value":"%s"}]`
	for name, test := range map[string]struct {
		fail    func(int, http.ResponseWriter, *http.Request) bool
		outcome connectors.Outcome
		want    string
	}{
		"no right":            {say(1, 401, "application/json", `{"errors":[{"message":"Not authorized...","errorCode":10}]}`), connectors.Failed, "does not know the key"},
		"half-way":            {say(2, 401, "application/json", echo), connectors.Failed, "(code 7): no such user *** ***"},
		"used up, 403":        {say(1, 403, "application/json", `{"errors":[{"message":"User has exceeded allowed usage limits","errorCode":1}]}`), connectors.Failed, "allowance of data for this key is used up"},
		"used up, 200":        {say(1, 200, "application/json", `{"errors":[{"message":"User has exceeded allowed usage limits"}]}`), connectors.Refused, "allowance of data for this key is used up"},
		"error with 200":      {say(2, 200, "application/json", echo), connectors.Refused, "(code 7): no such user *** ***"},
		"error cut to length": {say(2, 403, "application/json", long), connectors.Failed, "xx ***"},
		"rows with the key":   {say(2, 200, "application/json", fmt.Sprintf(data, lginformtest.Key)), connectors.Refused, "the answer repeats the key that asked for it"},
		"rows with an escape": {say(2, 200, "application/json", fmt.Sprintf(data, `\u0063`+lginformtest.Key[1:])), connectors.Refused, "the answer repeats the key that asked for it"},
		"kind of the key":     {say(2, 200, "text/"+strings.Repeat("x", 40)+lginformtest.Key, "{}"), connectors.Failed, "the answer is of kind a word too long to be told"},
		"sign-in page":        {say(1, 200, "text/html", "<html>"), connectors.Failed, "a web page came where data was asked for"},
		"an object":           {say(1, 200, "application/json", `{"rows":[]}`), connectors.Refused, "an object where a list was expected"},
		"cut":                 {say(1, 200, "application/json", `[{"metricTypeIdentifier":"1072"},`), connectors.Refused, "ends in the middle"},
		"no JSON":             {say(1, 200, "application/json", `[{"a":nonsense}]`), connectors.Refused, "is not JSON from byte"},
		"two answers":         {say(1, 200, "application/json", `[] []`), connectors.Refused, "something follows the end"},
		"records without key": {say(1, 200, "application/json", `[{},{"value":3}]`), connectors.Refused, "3 of 3 records cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			server := lginformtest.New(t)
			server.Fail(test.fail)
			signed := strings.Replace(settings, "application_key_env: TOKEN", "application_key_env: KEY\nsecret_env: SECRET\nmetric_types_per_call: 1", 1)
			source := open(t, fmt.Sprintf(signed, server.URL))
			got := source.readAll(t, "figures", nil)
			if len(got.rows) > 0 || got.err != nil || len(got.extracts) == 0 {
				t.Fatalf("%d rows, %v, %+v", len(got.rows), got.err, got.extracts)
			}
			last := got.extracts[len(got.extracts)-1]
			if last.Outcome != test.outcome || !strings.Contains(last.Reason, test.want) {
				t.Errorf("%s: %s", last.Outcome, last.Reason)
			}
			shown := fmt.Sprintf("%+v %#v %+v", got.extracts, got.rejects, got.err)
			for _, secret := range []string{lginformtest.Key, lginformtest.Key[:20], lginformtest.Secret, "Signature=", "ApplicationKey="} {
				if strings.Contains(shown, secret) {
					t.Errorf("%s is told: %s", secret, shown)
				}
				for _, path := range archived(t, source, secret) {
					t.Errorf("%s stands in %s", secret, path)
				}
			}
		})
	}
}

// What keeps an answer from coming is told without the key, whatever of the address is in the error beneath.
func TestWhatBreaksOnTheWayKeepsItsSecrets(t *testing.T) {
	for name, test := range map[string]struct {
		serve func(w http.ResponseWriter, r *http.Request)
		want  string
	}{
		"gone": {nil, "nothing answers at the host's port"},
		"cut": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "1000")
			fmt.Fprint(w, r.URL.RawQuery)
		}, "the answer was cut short"},
		"silent": {func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusOK)
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		}, "the service fell silent"},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(test.serve))
			defer server.Close()
			if test.serve == nil {
				server.Close()
			}
			source := open(t, fmt.Sprintf(settings, server.URL))
			source.web = web.New(web.Options{Folder: t.TempDir(), Loopback: true, Limits: web.Limits{Tries: 1, Quiet: 200 * time.Millisecond}})
			got := source.readAll(t, "figures", nil)
			if len(got.extracts) != 1 || !strings.Contains(got.extracts[0].Reason, test.want) || strings.Contains(fmt.Sprintf("%+v", got), lginformtest.Token) {
				t.Errorf("%+v", got)
			}
		})
	}
}

// archived gives the files of a source's archive that hold a text.
func archived(t *testing.T, s *Source, text string) (paths []string) {
	t.Helper()
	folder := os.DirFS(s.deps.Archive.Folder)
	err := fs.WalkDir(folder, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		body, err := fs.ReadFile(folder, path)
		if strings.Contains(string(body), text) {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

func TestAnAnswerThatRepeatsTheKeyCounts(t *testing.T) {
	server := lginformtest.New(t)
	body := `["` + lginformtest.Token + `"]`
	server.Fail(say(1, 200, "application/json", body))
	got := open(t, fmt.Sprintf(settings, server.URL)).readAll(t, "figures", nil)
	if len(got.extracts) != 1 || got.extracts[0].Size != int64(len(body)) || got.extracts[0].SHA256 != "" || len(got.extracts[0].Notes) > 0 {
		t.Errorf("%+v", got.extracts)
	}
}

func TestAMissingSecretIsToldWithoutAskingTheService(t *testing.T) {
	server := lginformtest.New(t)
	text := strings.Replace(settings, "application_key_env: TOKEN", "application_key_file: secrets/none", 1)
	got := open(t, fmt.Sprintf(text, server.URL)).readAll(t, "figures", nil)
	if len(got.extracts) != 1 || !strings.Contains(got.extracts[0].Reason, "secrets/none: the file of a secret cannot be read") || len(server.Calls()) > 0 {
		t.Errorf("%+v", got.extracts)
	}
}
