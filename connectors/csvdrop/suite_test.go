package csvdrop

import (
	"fmt"
	"strings"
	"testing"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/connectors/connectortest"
)

// areas is a file of so many areas, of which the last so many cannot be read.
func areas(good, bad int) string {
	var text strings.Builder
	text.WriteString("area,tonnes\n")
	for i := range good + bad {
		tonnes := "2.50"
		if i >= good {
			tonnes = "two"
		}
		fmt.Fprintf(&text, "area %d,%s\n", i, tonnes)
	}
	return text.String()
}

func TestCSVDropIsASource(t *testing.T) {
	connectortest.Run(t, connectortest.Case{
		Open: func(t *testing.T) connectors.Source {
			f := newFolder(t)
			f.write("a.csv", areas(2*batchRows+5, 0))
			return f.source
		},
		Broken: func(t *testing.T) connectors.Source {
			f := newFolder(t)
			f.write("a.csv", areas(batchRows+5, batchRows))
			return f.source
		},
		Bad: map[string]connectors.Config{
			"nothing":    &Config{},
			"no dataset": &Config{Source: "waste", Folder: "drops"},
			"no files":   &Config{Source: "waste", Folder: "drops", Datasets: []Settings{{}}},
		},
	})
}
