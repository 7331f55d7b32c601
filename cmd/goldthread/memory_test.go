package main

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/rs/zerolog"

	"github.com/goldthread/goldthread/internal/fault"
)

// Texts of 100 MB, 2 GB and, once for each of many rows, 100 MB, which the engine makes outside of its own limit.
const (
	longText     = "replace(rpad('x', 10000, 'x'), 'x', rpad('x', 10000, 'x'))"
	twoGigabytes = "select length(replace(" + longText + ", 'x', 'yyyyyyyyyyyyyyyyyyyy'))"
	manyTimes    = "select count(*) from range(10000000000) as t(n) where n::varchar = concat(" + longText + ", " + longText + ")"
)

// TestAHogUnderUpFailsAndOthersGoOn has statements ask for more memory than the server may hold, beside a reader with a small question.
func TestAHogUnderUpFailsAndOthersGoOn(t *testing.T) {
	t.Parallel()
	program, folder, address := buildProgram(t), tinyCouncil(t), freeAddress(t)
	addLine(t, filepath.Join(folder, "goldthread.yaml"), "serve: {listen: \""+address+"\", memory_limit: 64MB}")
	mustRun(t, program, folder)
	guest := newGuest(t, folder, address)
	up := startUp(t, program, folder)
	up.heard("serving")
	server := up.process("serve")
	ended := make(chan error)
	hogs := []string{twoGigabytes, manyTimes, twoGigabytes}
	for _, hog := range hogs {
		go func() { ended <- guest.ask(t.Context(), hog) }()
	}
	for left := len(hogs); left > 0; {
		if err := guest.ask(t.Context(), smallQuestion); err != nil {
			t.Errorf("a small question beside the hogs: %v", err)
		}
		select {
		case err := <-ended:
			left--
			var told *pgconn.PgError
			if !errors.As(err, &told) || told.Code != "53200" {
				t.Errorf("a hog ends with %v", err)
			}
		default:
		}
	}
	if now := up.process("serve"); now != server {
		t.Error("the server was started again")
	}
	if most := peakOf(t, server); most > 3*768/2+100 { // what it may hold, half as much again, and the program's file
		t.Errorf("the server held %d MiB", most)
	}
	if err := up.stop(); err != nil {
		t.Error(err)
	}
}

// TestAPartThatHoldsTooMuchIsEnded lets a server hold next to nothing once it has begun.
func TestAPartThatHoldsTooMuchIsEnded(t *testing.T) {
	t.Parallel()
	built, folder := buildProgram(t), tinyCouncil(t)
	p := &program{folder: folder, log: filepath.Join(t.TempDir(), "log")}
	a, err := p.apart(t.Context(), zerolog.Nop(), bound{4 << 30, "give it more"}, "serve", "--listen", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	a.Path = built
	defer a.stdin.Close()
	if err := a.start(); err != nil {
		t.Fatal(err)
	}
	a.bound.bytes = 1 << 20
	var told *fault.Error
	if err := a.wait(); !errors.As(err, &told) || !strings.Contains(told.What, "more than the 1.0 MB that it may") || told.Fix != "give it more" {
		t.Errorf("it ended with %v", err)
	}
	how, fix := howEnded(told)
	if how != told.What || fix != told.Fix {
		t.Errorf("told is %q, %q", how, fix)
	}
}
