package all

import (
	"encoding/json"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// fileOf is a file that the page on adding a connector has its reader write.
var fileOf = regexp.MustCompile("(?s)\n`(connectors/[^`]+)`:\n\n```[a-z]*\n(.*?)```\n")

// TestAConnectorIsAddedAsThePageSays lays the page's files over the repository, with its line in the list of kinds, and has
// the tests of the new kind run.
func TestAConnectorIsAddedAsThePageSays(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(root, "docs", "adding-a-connector.md"))
	if err != nil {
		t.Fatal(err)
	}
	written := map[string]string{"connectors/all/all.go": withLine(t, string(page))}
	for _, found := range fileOf.FindAllStringSubmatch(string(page), -1) {
		written[found[1]] = found[2]
	}
	if len(written) != 5 {
		t.Fatalf("the page has its reader write %d files", len(written))
	}
	folder, overlay := t.TempDir(), map[string]string{}
	for name, text := range written {
		if formatted, err := format.Source([]byte(text)); strings.HasSuffix(name, ".go") && (err != nil || string(formatted) != text) {
			t.Errorf("%s is not as gofmt would write it: %v", name, err)
		}
		path := filepath.Join(folder, strings.ReplaceAll(name, "/", "_"))
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		overlay[filepath.Join(root, filepath.FromSlash(name))] = path
	}
	list, err := json.Marshal(map[string]any{"Replace": overlay})
	if err != nil {
		t.Fatal(err)
	}
	over := filepath.Join(folder, "overlay.json")
	if err := os.WriteFile(over, list, 0o600); err != nil {
		t.Fatal(err)
	}
	kind := filepath.Join(folder, "kind.test")
	do(t, root, "ok", "go", "test", "-overlay", over, "-vet=off", "./connectors/all", "-run", "TestEveryKind")
	do(t, root, "", "go", "test", "-overlay", over, "-vet=off", "-c", "-o", kind, "./connectors/jsonlines") // its folder is not there to run it in
	do(t, folder, "PASS", kind)
}

// do runs a command that must succeed and say what is wanted.
func do(t *testing.T, folder, want, name string, args ...string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, args...)
	command.Dir = folder
	if out, err := command.CombinedOutput(); err != nil || !strings.HasPrefix(string(out), want) {
		t.Fatalf("%s: %v\n%s", command, err, out)
	}
}

// withLine is the list of kinds with the page's line in it.
func withLine(t *testing.T, page string) string {
	t.Helper()
	list, err := os.ReadFile("all.go")
	if err != nil {
		t.Fatal(err)
	}
	const line = "\t\"jsonlines\": jsonlines.Default,\n"
	if !strings.Contains(page, line) {
		t.Fatalf("the page lacks the line %s", line)
	}
	if strings.Contains(string(list), line) { // its reader has been through with it
		return string(list)
	}
	const last = "\t\"lginform\":"
	text := strings.Replace(string(list), last, line+last, 1)
	text = strings.Replace(text, "import (\n", "import (\n\t\"github.com/goldthread/goldthread/connectors/jsonlines\"\n", 1)
	formatted, err := format.Source([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return string(formatted)
}
