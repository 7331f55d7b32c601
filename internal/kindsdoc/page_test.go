package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/connectors/all"
)

const code = "../../connectors"

func TestThePageIsThatOfTheCode(t *testing.T) {
	want, err := page(os.DirFS(code), all.Kinds)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../docs/connectors.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("docs/connectors.md is not that of the code; run go generate ./connectors/all")
	}
	eachMeansSomething(t, want)
}

func TestThePageOfSettingsIsThatOfTheCode(t *testing.T) {
	want, err := settingsPage(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../docs/settings.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("docs/settings.md is not that of the code; run go generate ./connectors/all")
	}
	eachMeansSomething(t, want)
}

func eachMeansSomething(t *testing.T, page string) {
	t.Helper()
	for line := range strings.SplitSeq(page, "\n") {
		if strings.HasPrefix(line, "| `") && strings.HasSuffix(line, "|  |") {
			t.Errorf("a setting has no comment that says what it means: %s", line)
		}
	}
}

func TestEachExampleIsAFileOfItsKind(t *testing.T) {
	for name, begin := range all.Kinds {
		example := folderOf(begin()) + "/example.yaml"
		text, err := os.ReadFile(filepath.Join(code, example))
		if err != nil {
			t.Fatal(err)
		}
		file, err := all.Kinds.Decode(example, text)
		if err != nil || file.Kind != name {
			t.Errorf("the example of %s, of kind %q: %v", name, file.Kind, err)
			continue
		}
		source, err := file.Config.Open(connectors.Deps{Root: t.TempDir(), Zone: time.UTC})
		if err != nil {
			t.Errorf("opening the example of %s: %v", name, err)
			continue
		}
		if datasets, err := source.Datasets(t.Context()); err != nil || len(datasets) == 0 {
			t.Errorf("the example of %s has %d datasets: %v", name, len(datasets), err)
		}
	}
}

func TestAKindWithoutAnExampleIsTold(t *testing.T) {
	without := fstest.MapFS{}
	for _, name := range []string{"contract.go", "volume.go", "csvdrop/config.go", "csvdrop/edition.go", "csvdrop/csvdrop.go"} {
		text, err := os.ReadFile(filepath.Join(code, name))
		if err != nil {
			t.Fatal(err)
		}
		without[name] = &fstest.MapFile{Data: text}
	}
	_, err := page(without, connectors.Kinds{"csvdrop": all.Kinds["csvdrop"]})
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "every kind has an example of its file") {
		t.Errorf("%v", err)
	}
}
