package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A block is one that stands between fences in a guide, with the line above it.
type block struct{ above, kind, text string }

// blocks are those of a guide, in order.
func blocks(guide string) (list []block) {
	above, open := "", false
	for line := range strings.Lines(guide) {
		kind, fence := strings.CutPrefix(strings.TrimSpace(line), "```")
		switch {
		case fence && !open:
			list = append(list, block{above: above, kind: kind})
			open = true
		case fence:
			open = false
		case open:
			list[len(list)-1].text += line
		case strings.TrimSpace(line) != "":
			above = strings.TrimSpace(line)
		}
	}
	return list
}

// A newcomer follows a guide word for word in an empty folder.
type newcomer struct {
	t       *testing.T
	program string
	folder  string
	said    string // by the commands of the last block
}

var named = regexp.MustCompile("`([^`]+)`:$")

// follow does what a block says.
func (r *newcomer) follow(b block) {
	r.t.Helper()
	switch b.kind {
	case "sh":
		r.said = ""
		for line := range strings.Lines(b.text) {
			r.run(strings.TrimSpace(line))
		}
	case "text":
		for line := range strings.Lines(b.text) {
			if want := strings.TrimSpace(line); !strings.Contains(r.said, want) {
				r.t.Errorf("the guide promises %q, and this is what is printed:\n%s", want, r.said)
			}
		}
	case "csv", "yaml":
		path := named.FindStringSubmatch(b.above)
		if path == nil {
			r.t.Fatalf("it is not said where this goes: %q", b.above)
		}
		if strings.Contains(b.above, "at the end of") {
			addLine(r.t, filepath.Join(r.folder, path[1]), strings.TrimSuffix(b.text, "\n"))
			return
		}
		if err := os.WriteFile(filepath.Join(r.folder, path[1]), []byte(b.text), 0o644); err != nil {
			r.t.Fatal(err)
		}
	case "console": // stays at work, or needs an administrator
	default:
		r.t.Fatalf("a block of the kind %q: %s", b.kind, b.text)
	}
}

func (r *newcomer) run(line string) {
	r.t.Helper()
	command := exec.CommandContext(r.t.Context(), "sh", "-c", line)
	command.Dir = r.folder
	command.Env = append(os.Environ(), "PATH="+filepath.Dir(r.program)+string(os.PathListSeparator)+os.Getenv("PATH"))
	out, err := command.CombinedOutput()
	r.said += string(out)
	if err != nil {
		r.t.Fatalf("%s: %v\n%s", line, err, out)
	}
}

// TestTheGuideForBeginnersCanBeFollowed does what docs/getting-started.md says, in an empty folder.
func TestTheGuideForBeginnersCanBeFollowed(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/getting-started.md")
	if err != nil {
		t.Fatal(err)
	}
	r := &newcomer{t: t, program: buildProgram(t), folder: t.TempDir()}
	kinds := map[string]int{}
	for _, b := range blocks(string(text)) {
		r.follow(b)
		kinds[b.kind]++
	}
	if kinds["sh"] < 10 || kinds["text"] < 8 {
		t.Errorf("the guide has too little in it: %v", kinds)
	}
}
