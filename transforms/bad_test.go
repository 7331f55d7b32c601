package transforms

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "write what came out into testdata")

// Each file of testdata/bad holds models and, in its part "want", the very faults a user is told.
func TestLoadTellsEveryFault(t *testing.T) {
	names, err := filepath.Glob("testdata/bad/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("testdata/bad holds %d files: %v", len(names), err)
	}
	for _, name := range names {
		t.Run(filepath.Base(name), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			got := faultsOf(t, archive) + "\n"
			want := &archive.Files[len(archive.Files)-1]
			if *update {
				want.Data = []byte(got)
				if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if got != string(want.Data) {
				t.Errorf("%s\nthe faults are\n%s\nwant\n%s", archive.Comment, got, want.Data)
			}
		})
	}
}

// faultsOf loads the files of an archive, save its last, as the models of a council.
func faultsOf(t *testing.T, archive *txtar.Archive) string {
	t.Helper()
	files := map[string]string{}
	for _, file := range archive.Files[:len(archive.Files)-1] {
		files[file.Name] = string(file.Data)
	}
	inputs := folder("ours", map[string]string{"inputs.sql": "create table meta.run_date (run_date date);" + observationInputs})
	_, err := Load(context.Background(), Options{Ours: inputs, Council: folder("models", files), Datasets: []Relation{requests}})
	if err == nil {
		return "no fault"
	}
	return err.Error()
}
