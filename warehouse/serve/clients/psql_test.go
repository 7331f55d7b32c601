package clients

import (
	_ "embed"
	"os/exec"
	"strings"
	"testing"
)

// psqlCommands has a command of psql a line and, after a tab, words that its answer has.
//
//go:embed psql.txt
var psqlCommands string

func (s *server) psql(t *testing.T, arguments ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "psql", append([]string{"-X", "-P", "pager=off"}, arguments...)...)
	command.Env = s.environment()
	out, err := command.CombinedOutput()
	if err != nil {
		t.Errorf("psql %q: %v\n%s", arguments, err, out)
	}
	return string(out)
}

func psqlDescribesTheRelease(t *testing.T) {
	var arguments, commands, wanted []string
	for line := range strings.Lines(psqlCommands) {
		command, words, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		arguments = append(arguments, "-c", "\\echo ======", "-c", command)
		commands, wanted = append(commands, command), append(wanted, words)
	}
	answers := strings.Split(serve(t).psql(t, arguments...), "======\n")[1:]
	if len(answers) != len(wanted) {
		t.Fatalf("%d commands were given and %d answered", len(wanted), len(answers))
	}
	for i, got := range answers {
		for _, want := range strings.Split(wanted[i], "; ") {
			if !strings.Contains(got, want) || strings.Contains(got, "ERROR") {
				t.Errorf("%s: %q is not in\n%s", commands[i], want, got)
			}
		}
	}
}

// What psql asks for the names that a person may go on with, once the first letters are typed.
//
//go:embed completion.sql
var completion string

func psqlCompletesNames(t *testing.T) {
	got := serve(t).psql(t, "-A", "-t", "-c", completion)
	for _, want := range []string{"marts.scorecard", "core.", "marts.", "scorecard", "measure_code", "statement_timeout", "goldthread"} {
		if !strings.Contains("\n"+got, "\n"+want+"\n") {
			t.Errorf("%q is not offered among\n%s", want, got)
		}
	}
}

// psqlChecks makes the checks of psql for the table of clients, one a command.
func psqlChecks(t *testing.T) outcome {
	o := outcome{version: "15", made: strings.Count(psqlCommands, "\n") + 1}
	if t.Run("psql describes the release", psqlDescribesTheRelease) {
		o.passed += o.made - 1
	}
	if t.Run("psql completes names", psqlCompletesNames) {
		o.passed++
	}
	return o
}
