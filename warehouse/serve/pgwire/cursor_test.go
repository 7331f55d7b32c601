package pgwire

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// TestACursorGivesItsRowsInParts fetches as psycopg and psqlODBC do, with another statement in between.
func TestACursorGivesItsRowsInParts(t *testing.T) {
	s := serve(t, nil)
	got := s.psql("-c", `begin; declare c no scroll cursor with hold for select rank from marts.scorecard order by 1; fetch forward 1 from c;
		select 'between'; fetch 1 in c; commit; fetch all from c; fetch c; move 1 in c; close c`, "-c", "fetch c")
	want := "BEGIN\nDECLARE CURSOR\n1\nbetween\n2\nCOMMIT\n3\nMOVE 0\nCLOSE CURSOR\nERROR:  cursor \"c\" does not exist\nexit status 1"
	if got != want {
		t.Errorf("%q, wanted\n%q", got, want)
	}
}

// TestACursorTakesArgumentsAndGivesBinary declares one by the extended protocol, as psycopg 3 does.
func TestACursorTakesArgumentsAndGivesBinary(t *testing.T) {
	conn := serve(t, nil).connect("")
	for _, statement := range []struct {
		text      string
		arguments []any
	}{{"begin", nil}, {"declare c cursor for select rank from marts.scorecard where rank > $1::int order by 1", []any{1}}, {"move 1 from c", nil}} {
		if _, err := conn.Exec(t.Context(), statement.text, append([]any{pgx.QueryExecModeDescribeExec}, statement.arguments...)...); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := conn.Query(t.Context(), "fetch all from c", pgx.QueryExecModeDescribeExec)
	if err != nil {
		t.Fatal(err)
	}
	ranks, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil || len(ranks) != 1 || ranks[0] != 3 {
		t.Errorf("%v, %v", ranks, err)
	}
	if _, err := conn.Exec(t.Context(), "commit"); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), "fetch c"); state(err) != codeNoPortal {
		t.Errorf("after its transaction: %v", err)
	}
}

func TestExplainShowsAPlan(t *testing.T) {
	if got := serve(t, nil).psql("-c", "explain (costs off) select max(rank) from marts.scorecard"); !strings.Contains(got, "SCAN") || strings.Count(got, "\n") < 4 {
		t.Errorf("%s", got)
	}
}
