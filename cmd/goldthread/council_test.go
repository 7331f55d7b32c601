package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/goldthread/goldthread/transforms"
)

// withPrograms runs the tests and then removes the programs that they built.
type withPrograms struct{ testscript.TestingM }

func (m withPrograms) Run() int {
	code := m.TestingM.Run()
	if err := os.RemoveAll(programs); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return max(code, 1)
	}
	return code
}

var (
	programs   = filepath.Join(os.TempDir(), fmt.Sprintf("goldthread-test-%d", os.Getpid()))
	theProgram = sync.OnceValues(func() (string, error) { return buildAs("goldthread") })
)

// buildProgram gives the program as it is shipped; it is built once for all tests.
func buildProgram(t *testing.T) string {
	t.Helper()
	built, err := theProgram()
	if err != nil {
		t.Fatal(err)
	}
	return built
}

func buildAs(name string, flags ...string) (string, error) {
	built := filepath.Join(programs, name)
	args := append([]string{"build", "-tags", "duckdb_arrow", "-o", built}, flags...)
	if out, err := exec.Command("go", append(args, ".")...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("building %s: %w\n%s", name, err, out)
	}
	return built, nil
}

// oneRow stands in the place of a model that says nothing of what was lost: a run with it takes half a second.
const oneRow = `-- One row, in the place of a model that these tests do not need.
--
-- materialized: table
-- grain: one
-- columns:
--   one: The number one.
-- tests:
--   - unique: one

select 1 as one
`

// tinyCouncil makes a council's folder that runs in half a second: two editions of one dataset, the second of them put
// aside, the handbook, and a star of one fact and one mart.
func tinyCouncil(t *testing.T) string {
	t.Helper()
	folder := copyCouncil(t, "testdata/tiny")
	err := fs.WalkDir(transforms.Models().FS, ".", func(name string, entry fs.DirEntry, err error) error {
		ours := filepath.Join(folder, "models", filepath.FromSlash(name))
		if err != nil || path.Ext(name) != ".sql" || path.Dir(name) == "." {
			return err
		}
		if _, err := os.Stat(ours); err == nil {
			return nil
		}
		return errors.Join(os.MkdirAll(filepath.Dir(ours), 0o755), os.WriteFile(ours, []byte(oneRow), 0o644))
	})
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

// smallCouncil copies the small council's folder, which builds the whole star, with its first edition only.
func smallCouncil(t *testing.T) string { return copyCouncil(t, "testdata/small") }

func copyCouncil(t *testing.T, from string) string {
	t.Helper()
	folder := t.TempDir()
	copyFolder(t, from, folder)
	if err := os.Rename(filepath.Join(folder, "drops", "2025-09"), filepath.Join(folder, "later")); err != nil {
		t.Fatal(err)
	}
	return folder
}

func copyFolder(t *testing.T, from, to string) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}

// addEdition puts the second edition where it is found, if it is not there yet.
func addEdition(t *testing.T, folder string) {
	t.Helper()
	err := os.Rename(filepath.Join(folder, "later"), filepath.Join(folder, "drops", "2025-09"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
}

// afterFirstPass is a council's folder that has run once and has its second edition waiting.
func afterFirstPass(t *testing.T, program string, council func(*testing.T) string) string {
	t.Helper()
	folder := council(t)
	mustRun(t, program, folder)
	addEdition(t, folder)
	return folder
}

// undisturbed is the state of a council that ran twice, an edition each, and was never killed.
func undisturbed(t *testing.T, program string, council func(*testing.T) string) string {
	t.Helper()
	folder := afterFirstPass(t, program, council)
	mustRun(t, program, folder)
	want, faults := stateOf(t.Context(), folder)
	if len(faults) > 0 {
		t.Fatalf("without a kill:\n%s", strings.Join(faults, "\n"))
	}
	return want
}

func mustRun(t *testing.T, program, folder string) {
	t.Helper()
	if out, err := commandOf(program, folder, "").CombinedOutput(); err != nil {
		t.Fatalf("the run failed: %v\n%s", err, out)
	}
}

// mustBeKilled runs and dies at the place, which must be reached.
func mustBeKilled(t *testing.T, program, folder, place string) {
	t.Helper()
	mustDieAt(t, commandOf(program, folder, place))
}

func mustDieAt(t *testing.T, command *exec.Cmd) {
	t.Helper()
	out, err := command.CombinedOutput()
	if !wasKilled(err) {
		t.Fatalf("%v was not killed: %v\n%s", command.Args, err, out)
	}
}

func wasKilled(err error) bool {
	var ended *exec.ExitError
	return errors.As(err, &ended) && !ended.Exited()
}

// commandOf is a run that dies at the place, or comes to its end where none is named.
func commandOf(program, folder, place string) *exec.Cmd {
	return commandWith(program, folder, place, "run")
}

func commandWith(program, folder, place string, args ...string) *exec.Cmd {
	command := exec.Command(program, append(args, "-C", folder)...)
	command.Env = append(os.Environ(), "GOLDTHREAD_FAILPOINT="+place)
	return command
}

// firstLines are enough of an output to tell what happened.
func firstLines(out []byte, n int) string {
	lines := bytes.SplitAfterN(bytes.TrimSpace(out), []byte("\n"), n+1)
	return string(bytes.Join(lines[:min(n, len(lines))], nil))
}
