package catalog_test

import (
	"bufio"
	"os"
	"testing"

	"github.com/goldthread/goldthread/warehouse/serve/catalog"
)

// FuzzRewrite looks for a statement that the rewriter never ends with, or ends with a panic.
func FuzzRewrite(f *testing.F) {
	reads, err := os.Open("../gate/testdata/reads.txt")
	if err != nil {
		f.Fatal(err)
	}
	defer reads.Close()
	for lines := bufio.NewScanner(reads); lines.Scan(); {
		f.Add(lines.Text())
	}
	for _, s := range []string{"select i.indkey[0], x = any ('{a}'), a ~ b from generate_series(1, 2) s", "select cast(a as regclass)::oid", "case end ::", "select (a).b, (select"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, statement string) {
		turned := catalog.Rewrite(statement)
		if len(turned) > 200*len(statement)+200 {
			t.Errorf("%d bytes became %d", len(statement), len(turned))
		}
	})
}
