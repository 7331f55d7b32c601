package csvdrop

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/internal/goldentest"
)

var kinds = connectors.Kinds{"csvdrop": Default}

func TestFaultsOfAFileAreToldAtOnce(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.bad.yaml")
	if err != nil || len(paths) == 0 {
		t.Fatal(err, paths)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			_, fault := kinds.Decode("sources/"+filepath.Base(path), text)
			if fault == nil {
				t.Fatal("no fault was found")
			}
			goldentest.Check(t, strings.TrimSuffix(path, ".yaml")+".txt", fault.Error()+"\n")
		})
	}
}

func TestAFileOpensAsItsContractSays(t *testing.T) {
	text, err := os.ReadFile("testdata/good.yaml")
	if err != nil {
		t.Fatal(err)
	}
	file, err := kinds.Decode("sources/good.yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	source, err := file.Config.Open(connectors.Deps{Root: t.TempDir(), Zone: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	got := source.(*Source).drops[0]
	want := drop{
		pattern: "**/collections_*.csv", onNew: addColumn, edition: Edition{From: "name", Pattern: `_(\d{8})`},
		format: Format{Delimiter: ";", Quote: "'", Escape: "'", Encoding: "windows-1252", HeaderRow: 3, SkipRows: 1},
		dataset: connectors.Dataset{
			Source: "waste", Name: "collections", Description: "Bins collected, by round.", Mode: connectors.Append,
			Key: []string{"round", "collected"}, Owner: "Waste contractor", Refresh: "monthly", Columns: got.dataset.Columns,
			Volume: &connectors.Volume{Below: 0.5, Above: 0.5},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	cost := connectors.Column{
		Name: "cost", Kind: connectors.Decimal, Precision: 18, Scale: 2, Number: []string{"currency", "brackets"},
		Statuses: map[string]string{"": "missing", "TBC": "not_due"}, PersonalData: "none",
	}
	if !reflect.DeepEqual(got.dataset.Columns[4], cost) {
		t.Errorf("got  %+v\nwant %+v", got.dataset.Columns[4], cost)
	}
}
