package gate

import (
	"fmt"
	"testing"
)

// TestAGateMayKnowTablesBesideTheRelease: they are not looked up, and what is read with them still is.
func TestAGateMayKnowTablesBesideTheRelease(t *testing.T) {
	db, _ := build(t, "")
	conn := connect(t, db)
	g := Gate{Schemas: []string{"pg"}, Tables: []string{"pg.pg_class", "pg.pg_type"}}
	for statement, want := range map[string]string{
		"select * from pg.pg_class":                      "[pg.pg_class]",
		"select * from pg_type, pg.pg_class":             "[pg.pg_class pg.pg_type]",
		"select * from pg.pg_class, marts.no_such":       `there is no table "pg.pg_class" in this release`,
		"select * from pg.pg_authid":                     `there is no table "pg.pg_authid" in this release`,
		"select * from pg.pg_class, read_text('/etc/x')": `there is no function "read_text" for readers`,
	} {
		found, err := g.Check(t.Context(), conn, statement)
		got := fmt.Sprint(found.Tables)
		if err != nil {
			got = err.(*Refusal).What
		}
		if got != want {
			t.Errorf("%s: %s, wanted %s", statement, got, want)
		}
	}
}
