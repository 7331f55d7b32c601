package clients

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestRecordedStatementsPass prepares what programs and drivers sent before: the gate lets each through, and the engine
// understands it.
func TestRecordedStatementsPass(t *testing.T) {
	conn := serve(t).connect(t)
	text, err := os.ReadFile("../gate/testdata/drivers.txt")
	if err != nil {
		t.Fatal(err)
	}
	passed := 0
	var took []time.Duration
	for line := range strings.Lines(string(text)) {
		statement, err := strconv.Unquote(strings.TrimSpace(line))
		if err != nil {
			continue // a comment
		}
		if _, err := conn.Prepare(t.Context(), "", statement); err != nil {
			t.Errorf("%s: %v", statement, err)
			continue
		}
		passed++
		if strings.Contains(statement, "pg_catalog.") && !strings.Contains(statement, "$1") {
			begun := time.Now()
			if _, err := conn.PgConn().Exec(t.Context(), statement).ReadAll(); err != nil {
				t.Errorf("%s: %v", statement, err)
			}
			took = append(took, time.Since(begun))
		}
	}
	slices.Sort(took)
	t.Logf("%d statements pass; one about the catalogue is answered in %v at the median of %d", passed, took[len(took)/2], len(took))
	if passed < 300 {
		t.Errorf("only %d statements passed", passed)
	}
}
