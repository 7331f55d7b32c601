package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
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

// TestNoPersonOfASourceIsShown plants people in rows that are set aside, in one file, and in another that is refused because too
// many are: neither the page, nor health, metrics, what runs leave for them, or the log may name one.
func TestNoPersonOfASourceIsShown(t *testing.T) {
	s := serveTiny(t, true)
	const people = 20
	var few, many strings.Builder
	for i := range people {
		row := fmt.Sprintf("E07000001,20%02d/%02d,Planted Person %d,QQ1234%02dC\n", 30+i, 31+i, i, i)
		few.WriteString(fmt.Sprintf("E07000002,20%02d/%02d,1,1\nE07000003,20%02d/%02d,1,1\n", 30+i, 31+i, 30+i, 31+i) + row)
		many.WriteString(row)
	}
	for edition, rows := range map[string]string{"2026-01": few.String(), "2026-02": many.String()} {
		if err := os.MkdirAll(filepath.Join(s.folder, "drops", edition), 0o755); err != nil {
			t.Fatal(err)
		}
		writeText(t, filepath.Join(s.folder, "drops", edition, "waste.csv"), "area_code,period,recycled,collected\n"+rows)
	}
	if out, err := commandOf(s.program, s.folder, "").CombinedOutput(); err == nil {
		t.Fatalf("the file of planted people was taken:\n%s", out)
	}
	shown := map[string]string{}
	for _, path := range []string{"/", "/health", "/metrics", "/releases/1", "/releases/2"} {
		_, shown[path] = s.page(path)
	}
	for _, name := range []string{"status.json", "logs"} {
		shown[name] = textBelow(t, filepath.Join(s.folder, ".goldthread", name))
	}
	for what, text := range shown {
		for _, planted := range []string{"Planted", "Person", "QQ1234"} {
			if strings.Contains(text, planted) {
				t.Errorf("%s of a planted person is shown by %s:\n%s", planted, what, text)
			}
		}
	}
	if !strings.Contains(shown["/"], "refused") || !strings.Contains(shown["/metrics"], `goldthread_dataset_quarantined_rows{dataset="waste",source="returns"} 20`) {
		t.Errorf("the rows were not met:\n%s\n%s", shown["/"], shown["/metrics"])
	}
}

// textBelow is what all files of a folder say, or a file.
func textBelow(t *testing.T, path string) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(path, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		all.Write(text)
		return err
	})
	if err != nil || all.Len() == 0 {
		t.Fatalf("%s: %v, %d bytes", path, err, all.Len())
	}
	return all.String()
}
