package main

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// page asks the program's own status page.
func (s *servedCouncil) page(path string) (code int, text string) {
	s.t.Helper()
	response, err := http.Get(strings.TrimSuffix(s.Page, "/") + path)
	if err != nil {
		s.t.Fatal(err, s.errors.String())
	}
	body, err := io.ReadAll(response.Body)
	if err = errors.Join(err, response.Body.Close()); err != nil {
		s.t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

func TestServeShowsHowThingsStand(t *testing.T) {
	s := serveTiny(t, true)
	s.connect()
	for path, want := range map[string]string{
		"/": "All is well", "/releases/1": "There is no other release", "/health": `{"status":"ok","runs":"ok","engine":"ok"}`,
		"/metrics": "goldthread_sessions 1\n",
	} {
		if code, text := s.page(path); code != http.StatusOK || !strings.Contains(text, want) {
			t.Errorf("%s: %d\n%s", path, code, text)
		}
	}
	if err := os.Mkdir(filepath.Join(s.folder, "schedules"), 0o755); err != nil {
		t.Fatal(err)
	}
	writeText(t, filepath.Join(s.folder, "schedules", "nightly.yaml"), "schedule: nightly\nwhen: daily at 02:00\n")
	if err := os.RemoveAll(filepath.Join(s.folder, "drops")); err != nil {
		t.Fatal(err)
	}
	if out, err := commandOf(s.program, s.folder, "").CombinedOutput(); err == nil {
		t.Fatalf("a run without its files went well:\n%s", out)
	}
	_, text := s.page("/")
	for _, want := range []string{"no scheduler is at work", "nightly has never been seen by a scheduler", "Run 2, the last one, is red", "stale"} {
		if !strings.Contains(strings.ToLower(text), strings.ToLower(want)) {
			t.Errorf("%s is not told:\n%s", want, text)
		}
	}
	out, err := commandWith(s.program, s.folder, "", "status", "--check").CombinedOutput()
	if err == nil || !bytes.Contains(out, []byte("no scheduler is at work")) {
		t.Errorf("status --check: %v\n%s", err, out)
	}
}

func TestThePageOverTheNetworkWantsTheCouncilsCertificate(t *testing.T) {
	program, folder := buildProgram(t), tinyCouncil(t)
	for address, want := range map[string]string{
		"0.0.0.0:0": "without a certificate of the council's the status page is for this machine only",
		"somewhere": `"somewhere" is not an address to listen on`,
	} {
		out, err := commandWith(program, folder, "", "serve", "--listen", "127.0.0.1:0", "--web", address).CombinedOutput()
		if err == nil || !strings.Contains(string(out), want) {
			t.Errorf("%s: %v\n%s", address, err, out)
		}
	}
}
