package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/goldthread/goldthread/warehouse/serve/accounts"
)

// A servedCouncil is a small council whose releases the program serves.
type servedCouncil struct {
	t                *testing.T
	program, folder  string
	Address          string `json:"address"`
	Page             string `json:"page"`
	TrialCertificate string `json:"trial_certificate"`
	secret           string
	command          *exec.Cmd
	errors           bytes.Buffer
}

// serveTiny starts the program's server beside the small council's folder, with an account.
func serveTiny(t *testing.T, released bool, settings ...string) *servedCouncil {
	t.Helper()
	s := &servedCouncil{t: t, program: buildProgram(t), folder: tinyCouncil(t)}
	state := filepath.Join(s.folder, ".goldthread")
	if err := os.MkdirAll(state, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, line := range settings {
		addLine(t, filepath.Join(s.folder, "goldthread.yaml"), line)
	}
	if released {
		mustRun(t, s.program, s.folder)
	}
	store, err := accounts.Open(accounts.Path(state), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if s.secret, err = store.Add("reader", "staff", time.Now().AddDate(0, 1, 0)); err != nil {
		t.Fatal(err)
	}
	s.command = commandWith(s.program, s.folder, "", "serve", "--listen", "127.0.0.1:0", "--web", "127.0.0.1:0", "--json")
	s.command.Stderr = &s.errors
	out, err := s.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.stop() })
	if err := json.NewDecoder(out).Decode(s); err != nil {
		t.Fatal(err, s.errors.String())
	}
	return s
}

func addLine(t *testing.T, path, line string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, append(text, "\n"+line+"\n"...), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// stop ends the server as a service manager does.
func (s *servedCouncil) stop() error {
	if s.command.ProcessState != nil {
		return nil
	}
	if err := s.command.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return s.command.Wait()
}

// url is where and as whom a client connects, checking whom it speaks to.
func (s *servedCouncil) url() string {
	return fmt.Sprintf("postgres://reader:%s@%s/goldthread?sslmode=verify-full&sslrootcert=%s", s.secret, s.Address, s.TrialCertificate)
}

func (s *servedCouncil) psql(arguments ...string) string {
	s.t.Helper()
	out, err := exec.CommandContext(s.t.Context(), "psql", append([]string{"-X", "-A", "-t", s.url()}, arguments...)...).CombinedOutput()
	if err != nil {
		return fmt.Sprintf("%s%v", out, err)
	}
	return string(out)
}

func (s *servedCouncil) connect() *pgx.Conn {
	s.t.Helper()
	conn, err := pgx.Connect(s.t.Context(), s.url())
	if err != nil {
		s.t.Fatal(err, s.errors.String())
	}
	s.t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func readBy(t *testing.T, conn *pgx.Conn) (release string, rows int64) {
	t.Helper()
	if err := conn.QueryRow(t.Context(), "select count(*) from marts.measure_trend").Scan(&rows); err != nil {
		t.Fatal(err)
	}
	return conn.PgConn().ParameterStatus("goldthread.release"), rows
}

// TestServeAnswersWhileRunsGoOn reads by psql and pgx, over TLS and with a secret, before and after a run beside the server.
func TestServeAnswersWhileRunsGoOn(t *testing.T) {
	s := serveTiny(t, true)
	before := s.connect()
	if release, rows := readBy(t, before); release != "1" || rows != 8 {
		t.Errorf("release %s has %d rows", release, rows)
	}
	writeEdition(t, s.folder, 0)
	mustRun(t, s.program, s.folder)
	if release, rows := readBy(t, before); release != "1" || rows != 8 {
		t.Errorf("a session went over to release %s with %d rows", release, rows)
	}
	if release, rows := readBy(t, s.connect()); release != "2" || rows <= 8 {
		t.Errorf("a session begun after the run reads release %s with %d rows", release, rows)
	}
	if got := s.psql("-c", "select measure_code from marts.measure_trend limit 1"); got != "WAS-01\n" {
		t.Errorf("psql shows %q", got)
	}
	if err := s.stop(); err != nil {
		t.Errorf("the end: %v\n%s", err, s.errors.String())
	}
	if out, err := commandWith(s.program, s.folder, "", "audit", "verify").CombinedOutput(); err != nil {
		t.Errorf("what the server kept of its readers: %v\n%s", err, out)
	}
}

func TestServeWaitsForAFirstRelease(t *testing.T) {
	s := serveTiny(t, false)
	if got := s.psql("-c", "select 1"); !strings.Contains(got, "nothing has been released yet") {
		t.Errorf("psql shows %q", got)
	}
	mustRun(t, s.program, s.folder)
	if got := s.psql("-c", "select 1"); got != "1\n" {
		t.Errorf("after a run psql shows %q", got)
	}
}

// TestOneServerAFolderAndAPort starts a second server beside one that runs.
func TestOneServerAFolderAndAPort(t *testing.T) {
	s := serveTiny(t, true)
	for folder, want := range map[string]string{
		s.folder:       "another goldthread serve is at work on this council's releases",
		tinyCouncil(t): s.Address + ": another program listens here already",
	} {
		out, err := commandWith(s.program, folder, "", "serve", "--listen", s.Address).CombinedOutput()
		if err == nil || !strings.Contains(string(out), want) {
			t.Errorf("%v: %s\nwanted %s", err, out, want)
		}
	}
}
