package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/rs/zerolog"

	"github.com/goldthread/goldthread/warehouse"
	"github.com/goldthread/goldthread/warehouse/serve/audit"
)

const membersToo = `name: Smallborough Council
organisation: E07000001
audiences:
  - staff
  - {name: members, tables: [core.dim_periods]}
`

// onlyForStaff is in tables that members may not see: a measure's code, its name and its owner.
var onlyForStaff = []string{"WAS-01", "Waste recycled", "Head of Waste"}

// membersCouncil is a folder with a release for staff alone, and then one for members too.
func membersCouncil(t *testing.T) string {
	t.Helper()
	folder := smallCouncil(t)
	goldthread(t, "run", "-C", folder)
	if err := os.WriteFile(filepath.Join(folder, "goldthread.yaml"), []byte(membersToo), 0o644); err != nil {
		t.Fatal(err)
	}
	goldthread(t, "run", "-C", folder)
	return folder
}

// secretOf makes an account and gives its secret.
func secretOf(t *testing.T, folder, name, audience string) string {
	t.Helper()
	var made changedAccount
	if err := json.Unmarshal(goldthread(t, "account", "add", name, "--audience", audience, "--json", "-C", folder), &made); err != nil {
		t.Fatal(err)
	}
	return made.Secret
}

// serveFolder serves a council's releases on this machine, put together as goldthread serve does, until the test ends.
func serveFolder(t *testing.T, folder string) (address string) {
	t.Helper()
	p := &program{folder: folder, term: &terminal{out: io.Discard, errors: io.Discard}}
	settings, err := p.settings()
	if err != nil {
		t.Fatal(err)
	}
	state := p.warehouseFolder(settings)
	if err := os.MkdirAll(filepath.Join(state, "serve"), 0o700); err != nil {
		t.Fatal(err)
	}
	log, err := audit.Open(audit.Path(state))
	if err != nil {
		t.Fatal(err)
	}
	s, err := p.service(settings, state, log, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	listener, err := s.server.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.server.Serve(ctx, listener) }()
	t.Cleanup(func() {
		stop()
		if err := errors.Join(<-served, log.Close()); err != nil {
			t.Error(err)
		}
	})
	return listener.Addr().String()
}

// An asker is an account whose tool connects as often as the server ends its session.
type asker struct {
	t    *testing.T
	way  string
	conn *pgx.Conn
}

func newAsker(t *testing.T, folder, address, name, audience string) *asker {
	t.Helper()
	return &asker{t: t, way: fmt.Sprintf("postgres://%s:%s@%s/goldthread?sslmode=require", name, secretOf(t, folder, name, audience), address)}
}

func (a *asker) connect(options string) (err error) {
	if a.conn, err = pgx.Connect(a.t.Context(), a.way+options); err == nil {
		conn := a.conn
		a.t.Cleanup(func() { _ = conn.Close(context.Background()) })
	}
	return err
}

// answer gives all that a client gets to see of a statement, whether it was answered or refused.
func (a *asker) answer(statement string) string {
	a.t.Helper()
	if a.conn == nil || a.conn.IsClosed() {
		if err := a.connect(""); err != nil {
			a.t.Fatal(err)
		}
	}
	results, err := a.conn.PgConn().Exec(a.t.Context(), statement).ReadAll()
	var seen strings.Builder
	for _, result := range results {
		for _, field := range result.FieldDescriptions {
			fmt.Fprintln(&seen, field.Name)
		}
		for _, row := range result.Rows {
			fmt.Fprintf(&seen, "%s\n", row)
		}
	}
	if err != nil {
		fmt.Fprintln(&seen, err)
	}
	return seen.String()
}

// attemptsOfMembers are statements by which members might see what is not theirs: each table of staff under each of its
// names and in each place of a statement, and all that the gate's own tests try.
func attemptsOfMembers(t *testing.T, tables []string) (attempts []string) {
	t.Helper()
	for _, table := range tables {
		for _, form := range []string{
			"select * from %s", "table goldthread.%s", "select (select max(t) from %s as t)", "with seen as (from %s) from seen",
			"select 1 where exists (from %s)", "from core.dim_periods union all by name from %s", "select * from core.dim_periods, lateral (from %s)",
			"summarize %s", "describe %s", "copy %s to stdout", "select columns(*) from %s", "from query_table('%s')",
		} {
			attempts = append(attempts, fmt.Sprintf(form, table))
		}
	}
	text, err := os.ReadFile(filepath.Join("..", "..", "warehouse", "serve", "gate", "testdata", "escapes.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || strings.HasPrefix(line, "# ") {
			continue
		}
		if unquoted, err := strconv.Unquote(line); err == nil {
			line = unquoted
		}
		attempts = append(attempts, line)
	}
	return attempts
}

func TestAnAccountOfMembersSeesOnlyWhatItsFileHoldsByAnyStatement(t *testing.T) {
	folder := membersCouncil(t)
	address := serveFolder(t, folder)
	staff := newAsker(t, folder, address, "powerbi", "staff")
	members := newAsker(t, folder, address, "portal", "members")
	seen := staff.answer("from marts.scorecard")
	for _, mark := range onlyForStaff {
		if !strings.Contains(seen, mark) {
			t.Fatalf("staff do not see %q, so this test shows nothing:\n%s", mark, seen)
		}
	}
	if own := members.answer("select count(*) from core.dim_periods"); strings.Contains(own, "SQLSTATE") {
		t.Errorf("members do not see their own table: %s", own)
	}
	if keys := members.answer("select distinct model from meta.model_keys"); keys != "model\n[core.dim_periods]\n" {
		t.Errorf("of keys, members see %s", keys)
	}
	theirs := tablesOfStaff(t, folder)
	attempts := attemptsOfMembers(t, theirs)
	for _, statement := range attempts {
		answer := members.answer(statement)
		for _, mark := range onlyForStaff {
			if strings.Contains(answer, mark) && !strings.Contains(statement, mark) {
				t.Errorf("by %s\nmembers see %s", statement, answer)
			}
		}
		for _, table := range theirs {
			if strings.Contains(statement, table) && !strings.Contains(answer, "SQLSTATE") {
				t.Errorf("%s is answered: %s", statement, answer)
			}
		}
	}
	if len(attempts) < 500 {
		t.Errorf("%d attempts are too few", len(attempts))
	}
	// The release before was made for staff alone.
	if err := members.connect("&options=-c%20goldthread.release%3D1"); err == nil || !strings.Contains(err.Error(), "SQLSTATE") {
		t.Errorf("members read a release that has no file for them: %v", err)
	}
	if whole := string(goldthread(t, "audit", "verify", "-C", folder)); !strings.Contains(whole, "is whole") {
		t.Error(whole)
	}
	log := string(goldthread(t, "audit", "list", "--account", "portal", "--json", "-C", folder))
	if n := strings.Count(log, `"action":"statement"`); n < 12*len(theirs) || !strings.Contains(log, `"action":"sign-in"`) || strings.Contains(log, "select") {
		t.Errorf("of %d statements the audit log has %d:\n%.2000s", len(attempts)+1, n, log)
	}
}

// tablesOfStaff are those that members have not.
func tablesOfStaff(t *testing.T, folder string) (tables []string) {
	t.Helper()
	manifest, err := warehouse.NewReleases(filepath.Join(folder, ".goldthread")).Manifest(0)
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range manifest.Tables {
		if table.Audience == "staff" && table.Name != "core.dim_periods" && table.Name != "meta.model_keys" {
			tables = append(tables, table.Name)
		}
	}
	return tables
}
