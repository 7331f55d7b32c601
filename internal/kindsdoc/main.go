// Command kindsdoc writes docs/connectors.md from the code: every kind of source with its settings, their types, defaults
// and meanings, and an example. What a setting means is the comment at its field.
//
//	go run ./internal/kindsdoc -out docs/connectors.md
package main

import (
	"flag"
	"fmt"
	"os"

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
	code := flags.String("code", "connectors", "folder of the kinds")
	out := flags.String("out", "", "file to write")
	if err := flags.Parse(args); err != nil {
		return err
	}
	text, err := page(os.DirFS(*code), all.Kinds)
	if err != nil {
		return err
	}
	return os.WriteFile(*out, []byte(text), 0o644)
}
