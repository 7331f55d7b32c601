package all

import (
	"os"
	"testing"

	"github.com/goldthread/goldthread/connectors"
)

func TestTheExampleIsReadByTheseKinds(t *testing.T) {
	root := "../../examples/trafford"
	files, err := Kinds.ReadFolder(os.DirFS(root))
	if err != nil {
		t.Fatal(err)
	}
	datasets := 0
	for _, file := range files {
		source, err := file.Config.Open(connectors.Deps{Root: root})
		if err != nil {
			t.Fatal(err)
		}
		of, err := source.Datasets(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		datasets += len(of)
	}
	if datasets != 28 {
		t.Errorf("the example's sources have %d datasets", datasets)
	}
}

func TestEveryKindBeginsWithSettingsOfItsOwn(t *testing.T) {
	for name, begin := range Kinds {
		if begin() == begin() {
			t.Errorf("two sources of kind %s would share their settings", name)
		}
	}
}
