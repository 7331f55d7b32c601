package clients

import (
	"context"
	_ "embed"
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// answered has attempts that are no such here: what the session answers itself without the engine, and what is asked of the
// engine's catalogue, in whose place is ours with what the reader may see; a long series is refused when it is run.
//
//go:embed answered.txt
var answeredAttempts string

// TestNoAttemptGetsPastTheCatalogue gives the served program what the gate is tested with: the rewriter opens no way round it.
func TestNoAttemptGetsPastTheCatalogue(t *testing.T) {
	conn := serve(t).connect(t).PgConn()
	text, err := os.ReadFile("../gate/testdata/escapes.txt")
	if err != nil {
		t.Fatal(err)
	}
	refused := 0
	for line := range strings.Lines(string(text)) {
		statement := strings.ReplaceAll(strings.TrimSuffix(line, "\n"), "{DIR}", "/etc")
		if unquoted, err := strconv.Unquote(statement); err == nil {
			statement = unquoted
		}
		if statement == "" || strings.HasPrefix(statement, "# ") || strings.ContainsRune(statement, 0) {
			continue
		}
		ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
		_, err := conn.Prepare(ctx, "", statement, nil)
		stop()
		var told *pgconn.PgError
		if errors.As(err, &told) {
			refused++
		} else if !strings.Contains("\n"+answeredAttempts, "\n"+statement+"\n") {
			t.Errorf("%q is let through: %v", statement, err)
		}
	}
	if refused < 150 {
		t.Errorf("only %d attempts were refused", refused)
	}
	t.Logf("%d attempts were refused", refused)
}

// TestTheCatalogueTellsNothingOfTheEngine looks for what only the engine would know.
func TestTheCatalogueTellsNothingOfTheEngine(t *testing.T) {
	conn := serve(t).connect(t).PgConn()
	for statement, want := range map[string]string{
		"select current_setting('memory_limit', true)":                "∅",
		"select count(*) from pg_settings where name like '%memory%'": "0",
		"select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace where nspname not in ('core', 'marts', 'meta', 'pg_catalog', 'information_schema')": "0",
		"select count(*) from information_schema.tables where table_schema = 'main'":                                                                                       "0",
		"select current_user": account,
	} {
		if got := answerOf(t.Context(), conn, statement); got.err != "" || got.rows[0][0] != want {
			t.Errorf("%s: %v %s", statement, got.rows, got.err)
		}
	}
	if got := answerOf(t.Context(), conn, "select generate_series(1, 1000000000)"); !strings.Contains(got.err, "a million rows at most") {
		t.Errorf("a series without end: %v", got)
	}
}
