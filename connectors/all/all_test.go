package all

import (
	"os"
	"testing"
)

func TestTraffordsSourcesAreOfKindsWeKnow(t *testing.T) {
	files, err := Kinds.ReadFolder(os.DirFS("../../examples/trafford"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 1 || files[0].Source != "themes" || files[0].Kind != "csvdrop" {
		t.Errorf("got %+v", files)
	}
}
