package council

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/goldthread/goldthread/internal/goldentest"
)

// folder makes a council's folder that holds the given settings.
func folder(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, File), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestLoadFillsInWhatTheFileLeavesOut(t *testing.T) {
	got, err := Load(folder(t, "name: Trafford Council\norganisation: E08000009\nwarehouse: {threads: 2}\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.Name, want.Organisation, want.Warehouse.Threads = "Trafford Council", "E08000009", 2
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if got.Location().String() != "Europe/London" {
		t.Errorf("the council is in %s", got.Location())
	}
}

func TestFreeDiskIsAnAmountOfBytes(t *testing.T) {
	for text, want := range map[string]uint64{"": 0, "1KB": 1000, "1.5 GB": 1_500_000_000, "512MiB": 512 << 20, "2TiB": 2 << 40} {
		if got := (Warehouse{FreeDisk: text}).FreeBytes(); got != want {
			t.Errorf("%q is %d bytes, not %d", text, got, want)
		}
	}
}

func TestLoadTellsAllThatIsWrong(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.bad.yaml")
	if err != nil || len(paths) == 0 {
		t.Fatalf("found %v, %v", paths, err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			_, err = Load(folder(t, string(text)))
			if err == nil {
				t.Fatal("nothing is wrong with it")
			}
			goldentest.Check(t, strings.TrimSuffix(path, ".yaml")+".txt", err.Error()+"\n")
		})
	}
}

func TestLoadSaysHowToBeginWhereThereIsNoFolder(t *testing.T) {
	_, err := Load(t.TempDir())
	if err == nil || !strings.Contains(err.Error(), "goldthread init DIR") || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}
