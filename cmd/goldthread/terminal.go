package main

import (
	"io"
	"os"
	"strconv"

	"github.com/jedib0t/go-pretty/v6/text"
	"golang.org/x/term"
)

// A terminal is where the program writes, and what that can show.
type terminal struct {
	out, errors io.Writer
	getenv      func(string) string
}

// widthOfPages is taken where the output is no terminal and COLUMNS says nothing.
const widthOfPages = 140

func (t *terminal) isTerminal() bool {
	file, ok := t.out.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

func (t *terminal) width() int {
	if columns, err := strconv.Atoi(t.getenv("COLUMNS")); err == nil && columns > 0 {
		return columns
	}
	if file, ok := t.out.(*os.File); ok {
		if width, _, err := term.GetSize(int(file.Fd())); err == nil && width > 0 {
			return width
		}
	}
	return widthOfPages
}

// colours says whether to colour: on a terminal, unless NO_COLOR is set.
func (t *terminal) colours() bool { return t.isTerminal() && t.getenv("NO_COLOR") == "" }

func (t *terminal) paint(s string, colours ...text.Color) string {
	if !t.colours() {
		return s
	}
	return text.Colors(colours).EscapeSeq() + s + text.Reset.EscapeSeq()
}
