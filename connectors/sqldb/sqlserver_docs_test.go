package sqldb

import (
	"os"
	"regexp"
	"testing"

	"github.com/goldthread/goldthread/connectors"
)

var fencedYAML = regexp.MustCompile("(?s)```yaml\n(.*?)```")

func TestExamplesOfTheManualAreTaken(t *testing.T) {
	for _, page := range []string{"databases-sql-server.md", "databases-oracle.md"} {
		text, err := os.ReadFile("../../docs/" + page)
		if err != nil {
			t.Fatal(err)
		}
		examples := fencedYAML.FindAllSubmatch(text, -1)
		if len(examples) == 0 {
			t.Errorf("%s has no example", page)
		}
		for _, example := range examples {
			if _, err := (connectors.Kinds{"sqldb": Default}).Decode(page, example[1]); err != nil {
				t.Errorf("%s: %v", page, err)
			}
		}
	}
}
