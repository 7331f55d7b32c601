// Command kindsdoc writes docs/connectors.md and docs/settings.md from the code: every kind of source, and every other file of a
// council's folder, with its settings, their types, defaults and meanings, and an example. What a setting means is the comment at
// its field.
//
//	go run ./internal/kindsdoc -code . -out docs
package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/goldthread/goldthread/connectors/all"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("kindsdoc", flag.ContinueOnError)
	code := flags.String("code", ".", "folder of the repository")
	out := flags.String("out", "docs", "folder to write to")
	if err := flags.Parse(args); err != nil {
		return err
	}
	repository := os.DirFS(*code)
	kinds, err := fs.Sub(repository, "connectors")
	if err != nil {
		return err
	}
	text, err := page(kinds, all.Kinds)
	if err != nil {
		return err
	}
	settings, err := settingsPage(repository)
	if err != nil {
		return err
	}
	return errors.Join(os.WriteFile(filepath.Join(*out, "connectors.md"), []byte(text), 0o644),
		os.WriteFile(filepath.Join(*out, "settings.md"), []byte(settings), 0o644))
}
