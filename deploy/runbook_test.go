package deploy

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"testing"
)

// TestTheRunbookSaysTheProgramsWords wants each sentence that the runbook quotes, between its gaps, in a text of the program.
func TestTheRunbookSaysTheProgramsWords(t *testing.T) {
	texts := programTexts(t)
	incidents, quoted := 0, 0
	for line := range strings.Lines(read(t, "../docs/runbook.md")) {
		if strings.HasPrefix(line, "## ") && strings.Contains(line, ". ") {
			incidents++
		}
		quote, found := strings.CutPrefix(strings.TrimSpace(line), "> ")
		if !found {
			continue
		}
		quoted++
		if part := missing(quote, texts); part != "" {
			t.Errorf("the program says nowhere %q, of %q", part, quote)
		}
	}
	if incidents != 12 || quoted < incidents {
		t.Errorf("%d incidents with %d sentences", incidents, quoted)
	}
	if missing("the disk is … fool", texts) == "" {
		t.Error("what the program never says is found")
	}
}

// missing is a part of a quote that no text holds; the parts stand between dots for what differs.
func missing(quote, texts string) string {
	for part := range strings.SplitSeq(quote, "…") {
		if part = strings.Trim(part, ` "`); len(part) > 2 && !strings.Contains(texts, part) {
			return part
		}
	}
	return ""
}

// programTexts are the texts that stand in the program's code, those of tests left out.
func programTexts(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	root := os.DirFS("..")
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		text, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if literal, is := n.(*ast.BasicLit); is && literal.Kind == token.STRING {
				if text, err := strconv.Unquote(literal.Value); err == nil {
					b.WriteString(text + "\n")
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}
