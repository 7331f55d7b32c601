package layers

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/goldthread/goldthread/"

// Layers from the doorway inwards. A package may import those of deeper layers and of its own folder; siblings never.
var layers = []struct {
	folder string
	may    []string
}{
	{"cmd", []string{"examples", "schedules", "warehouse", "connectors", "transforms", "internal"}},
	{"examples/line-of-business", []string{"connectors/lginform/standin"}}, // a program that starts the stand-in
	{"examples", []string{"internal"}},
	{"schedules/pipeline", []string{"connectors", "transforms", "warehouse", "internal"}},
	{"schedules", []string{"schedules/pipeline", "internal"}},
	{"connectors", []string{"internal"}},
	{"transforms", []string{"internal"}},
	{"warehouse", []string{"internal"}},
	{"internal/corpus", []string{"connectors", "internal"}},   // runs our reader over a folder of damaged files
	{"internal/kindsdoc", []string{"connectors", "internal"}}, // describes the kinds
	{"internal", []string{"internal"}},
}

// Kinds of connector import the root and never each other, save that the handbook reads its CSV files by csvdrop and that
// all kinds may speak HTTP by web, which is no kind and knows none.
var kinds = map[string][]string{
	"connectors/csvdrop":  {"connectors"},
	"connectors/handbook": {"connectors", "connectors/csvdrop"},
	"connectors/lginform": {"connectors", "connectors/web"},
	"connectors/sqldb":    {"connectors"},
	"connectors/web":      {},
}

func TestImportsRunOneWay(t *testing.T) {
	for _, p := range packages(t) {
		for _, imported := range p.Imports {
			to, ours := strings.CutPrefix(imported, module)
			if !ours {
				continue
			}
			if err := allowed(p.path, to); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestTheCheckTellsWhatIsForbidden(t *testing.T) {
	for _, pair := range [][2]string{
		{"connectors/csvdrop", "warehouse"}, {"transforms", "connectors"}, {"internal/fault", "connectors"},
		{"warehouse", "schedules/pipeline"}, {"connectors/csvdrop", "connectors/handbook"}, {"connectors/web", "connectors"}, {"schedules/pipeline", "examples"},
	} {
		if allowed(pair[0], pair[1]) == nil {
			t.Errorf("%s may import %s", pair[0], pair[1])
		}
	}
}

func allowed(from, to string) error {
	if kind, isKind := kinds[from]; isKind && strings.HasPrefix(to, "connectors") {
		if !slices.Contains(kind, to) {
			return fmt.Errorf("%s imports %s: a kind of connector imports %v", from, to, kind)
		}
		return nil
	}
	for _, layer := range layers {
		if !within(from, layer.folder) {
			continue
		}
		for _, folder := range append(layer.may, layer.folder) {
			if within(to, folder) {
				return nil
			}
		}
		return fmt.Errorf("%s imports %s: %s may import only %v", from, to, layer.folder, layer.may)
	}
	return fmt.Errorf("%s is in no folder of the layout", from)
}

func within(path, folder string) bool { return path == folder || strings.HasPrefix(path, folder+"/") }

type listed struct {
	ImportPath string
	Imports    []string
	path       string
}

func packages(t *testing.T) []listed {
	t.Helper()
	out, err := exec.Command("go", "list", "-tags", "duckdb_arrow", "-json=ImportPath,Imports", module+"...").Output()
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(strings.NewReader(string(out)))
	var all []listed
	for {
		var p listed
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		p.path = strings.TrimPrefix(p.ImportPath, module)
		all = append(all, p)
	}
}
