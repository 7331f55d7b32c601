package web

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// browser gives Chromium and what drives it, and says what is missing.
func browser(t *testing.T) (program, modules, missing string) {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	modules = filepath.Join(cache, "goldthread", "browser", "node_modules")
	if _, err := os.Stat(filepath.Join(modules, "axe-core")); err != nil {
		return "", "", "warehouse/serve/web/browser/install"
	}
	if _, err := exec.LookPath("node"); err != nil {
		return "", "", "npm"
	}
	if program, err = exec.LookPath("chromium"); err != nil {
		return "", "", "chromium"
	}
	return program, modules, ""
}

// planted are pages on which there is something to find for every check.
var planted = map[string]string{"/planted/hostile": `<!doctype html><svg onload="alert(1)"></svg>`, "/planted": `<!doctype html><title>Planted</title><style>a, button { outline: none !important }</style>
<div style="width: 2000px; color: #ccc; background: #fff">pale <a href="#x">a link</a></div><img src="http://127.0.0.2:1/x">
<button style="width: 9px; height: 9px; padding: 0">x</button><button style="width: 9px; height: 9px; padding: 0">y</button>`}

// TestPagesInABrowser looks at every page in Chromium, narrow and wide, light and dark: nothing breaks the rules of WCAG 2.2 A and AA
// that axe-core knows, all can be reached by the keyboard, nothing is wider than the window, and no text that is shown is run.
func TestPagesInABrowser(t *testing.T) {
	program, modules, missing := browser(t)
	if missing != "" {
		fmt.Printf("LEFT OUT: the status page in Chromium (needs chromium and warehouse/serve/web/browser/install; there is no %s)\n", missing)
		if os.Getenv("CI") == "true" {
			t.Error("the status page was not looked at")
		}
		return
	}
	usual, infested, fresh := open(t), open(t), newSite(t, t.TempDir(), false)
	usual.clock = Clock{Schedules: []Schedule{{Name: "nightly", When: "daily at 02:00", Next: testTime, Last: testTime.Add(-24 * time.Hour), Outcome: "done"}}}
	infest(t, infested)
	bad := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, planted[r.URL.Path]) }))
	defer bad.Close()
	addresses := []string{bad.URL + "/planted", bad.URL + "/planted/hostile#hostile", usual.address + "/", usual.address + "/releases/2?against=1", usual.address + "/no-such-page", fresh.address + "/", infested.address + "/#hostile"}
	ctx, stop := context.WithTimeout(t.Context(), 4*time.Minute)
	defer stop()
	command := exec.CommandContext(ctx, "node", append([]string{"browser/check.js", program, "-"}, addresses...)...)
	command.Env = append(os.Environ(), "NODE_PATH="+modules)
	command.WaitDelay = time.Second // Chromium outlives what drives it by a moment, and holds on to its output
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	checked, found := 0, ""
	for line := range strings.Lines(string(out)) {
		switch {
		case strings.HasPrefix(line, "checked "):
			checked++
		case strings.HasPrefix(line, "/planted"):
			found += line
		case !strings.Contains(line, "/usr/bin/chromium: "): // Debian's own script has a word to say
			t.Error(strings.TrimSpace(line))
		}
	}
	for _, want := range []string{"html-has-lang", "image-alt", "color-contrast", "target-size", "wider than the window", "the keyboard comes first", "is not marked", "by 9 pixels", "/planted/hostile of hostile texts: a script ran", "it asks http://127.0.0.2"} {
		if !strings.Contains(found, want) {
			t.Errorf("of the planted page it is not said that %s:\n%s", want, found)
		}
	}
	if checked != len(addresses) {
		t.Errorf("%d of %d pages were looked at:\n%s", checked, len(addresses), out)
	}
}
