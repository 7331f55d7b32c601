package main

import (
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/jedib0t/go-pretty/v6/table"
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

// newTable begins a table of the look that all commands share.
func (p *program) newTable(names ...string) table.Writer {
	t := table.NewWriter()
	t.SetOutputMirror(p.term.out)
	t.SetStyle(table.StyleLight)
	t.Style().Format.Header = 0
	if p.term.isTerminal() {
		t.Style().Size.WidthMax = p.term.width()
	}
	header := make(table.Row, len(names))
	for i, name := range names {
		header[i] = name
	}
	t.AppendHeader(header)
	return t
}

// printList prints pairs in two columns.
func (p *program) printList(pairs [][2]string) {
	widest := 0
	for _, pair := range pairs {
		widest = max(widest, len(pair[0]))
	}
	for _, pair := range pairs {
		fmt.Fprintf(p.term.out, "  %-*s  %s\n", widest, pair[0], pair[1])
	}
}

// A progress shows on a terminal what is being done, in one line that is written over.
type progress struct {
	term  *terminal
	shown bool
}

func newProgress(term *terminal) *progress { return &progress{term: term} }

func (p *progress) show(stage string) {
	if !p.term.isTerminal() {
		return
	}
	p.shown = true
	fmt.Fprintf(p.term.out, "\r\x1b[K%s …", text.Trim(stage, max(p.term.width()-3, 10)))
}

func (p *progress) clear() {
	if p.shown {
		fmt.Fprint(p.term.out, "\r\x1b[K")
	}
}
