package sqldb

import (
	"os"
	"regexp"
	"testing"

	"github.com/goldthread/goldthread/connectors"
)

func TestExamplesOnDatabasesAreTaken(t *testing.T) {
	text, err := os.ReadFile("../../docs/databases.md")
	if err != nil {
		t.Fatal(err)
	}
	examples := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllSubmatch(text, -1)
	if len(examples) == 0 {
		t.Error("the page has no example")
	}
	for _, example := range examples {
		if _, err := (connectors.Kinds{"sqldb": Default}).Decode("databases.md", example[1]); err != nil {
			t.Error(err)
		}
	}
}
