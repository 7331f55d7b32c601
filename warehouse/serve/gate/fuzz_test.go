package gate

import (
	"errors"
	"slices"
	"testing"

	engine "github.com/duckdb/duckdb-go/v2"
)

// What is let through must be one statement that reads, of tables of the release, by the engine's own word.
func FuzzCheck(f *testing.F) {
	for _, name := range []string{"escapes.txt", "reads.txt"} {
		for _, a := range readList(f, name, "/srv/secrets") {
			f.Add(a.statement)
		}
	}
	db, _ := build(f, hidden)
	conn := connect(f, db)
	f.Fuzz(func(t *testing.T, statement string) {
		passed, err := Gate{}.Check(t.Context(), conn, statement)
		var refusal *Refusal
		if err != nil && !errors.As(err, &refusal) {
			t.Fatalf("%q: %v", statement, err)
		}
		if err != nil {
			return
		}
		if len(passed.Fingerprint) != 16 {
			t.Errorf("%q has no fingerprint", statement)
		}
		prepared(t, conn, statement)
		names, err := engine.GetTableNames(conn, statement, true)
		for _, name := range names {
			if err == nil && slices.Contains([]string{"secret.people", "main.people", "raw.contacts"}, name) {
				t.Errorf("%q reads %s", statement, name)
			}
		}
	})
}
