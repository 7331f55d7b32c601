package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/goldthread/goldthread/internal/goldentest"
)

const commandsOpening = "# Commands\n\n" +
	"Written from the code by `go test -tags duckdb_arrow ./cmd/goldthread -run CommandsPage -update`; a change is made there.\n\n" +
	"`goldthread COMMAND --help` says the same.\n\n"

// TestTheCommandsPageIsThatOfTheCode holds docs/commands.md against the commands, and wants a word on each.
func TestTheCommandsPageIsThatOfTheCode(t *testing.T) {
	root := newRoot("goldthread", &terminal{getenv: os.Getenv})
	var b strings.Builder
	b.WriteString(commandsOpening)
	fmt.Fprintf(&b, "## Exit codes\n\n| code | means |\n|---|---|\n| %d | done |\n| %d | failed; the message says what and how to mend it |\n"+
		"| %d | wrong use, or wrong configuration: nothing was begun |\n| %d | done, but red: a source failed, or a check stopped the release |\n\n",
		exitDone, exitFailed, exitUsage, exitRed)
	b.WriteString("## All commands take\n\n")
	writeFlags(&b, root.PersistentFlags())
	for _, command := range flat(root) {
		writeCommand(t, &b, command)
	}
	goldentest.Check(t, "../../docs/commands.md", strings.TrimRight(b.String(), "\n")+"\n")
}

// flat are the commands that people see, each followed by those under it.
func flat(of *cobra.Command) (list []*cobra.Command) {
	for _, command := range of.Commands() {
		if !command.Hidden && command.Name() != "help" {
			list = append(append(list, command), flat(command)...)
		}
	}
	return list
}

func writeCommand(t *testing.T, b *strings.Builder, c *cobra.Command) {
	t.Helper()
	if c.Short == "" {
		t.Errorf("%s says nothing of itself", c.CommandPath())
	}
	fmt.Fprintf(b, "## %s\n\n%s.\n\n", c.CommandPath(), strings.TrimSuffix(c.Short, "."))
	if c.Runnable() {
		fmt.Fprintf(b, "    %s\n\n", strings.TrimSuffix(c.UseLine(), " [flags]"))
	}
	if c.Long != "" {
		fmt.Fprintf(b, "%s\n\n", c.Long)
	}
	writeFlags(b, c.LocalNonPersistentFlags())
	if c.Example != "" {
		fmt.Fprintf(b, "```\n%s\n```\n\n", strings.Trim(c.Example, "\n"))
	}
}

func writeFlags(b *strings.Builder, flags *pflag.FlagSet) {
	var lines []string
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		value, meaning := pflag.UnquoteUsage(f)
		name := "`--" + strings.TrimSpace(f.Name+" "+value) + "`"
		if f.Shorthand != "" {
			name = "`-" + f.Shorthand + "`, " + name
		}
		if !slices.Contains([]string{"", "false", "0", "[]", "0s"}, f.DefValue) {
			meaning += fmt.Sprintf(" (`%s` where not given)", f.DefValue)
		}
		lines = append(lines, fmt.Sprintf("| %s | %s |\n", name, strings.ReplaceAll(meaning, "|", `\|`)))
	})
	if len(lines) > 0 {
		b.WriteString("| flag | means |\n|---|---|\n" + strings.Join(lines, "") + "\n")
	}
}
