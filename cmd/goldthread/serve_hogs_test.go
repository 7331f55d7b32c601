package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// hogs are statements that would take all the memory, all the disk or for ever.
var hogs = []string{
	"select list(range) from range(2000000000)",
	"select length(string_agg(range::varchar, ',')) from range(2000000000)",
	"with recursive r(n) as (select 1 union all select n + 1 from r) select count(*) from r",
	"with recursive r(n) as (select 1 union select n + 1 from r) select max(n) from r",
	"with recursive r(n) as (select 1 union all select n from r, range(10)) select count(*) from r",
	"select count(*) from range(100000000) a, range(100000000) b where a.range * b.range % 7 = 3",
	"select count(*) from range(1000000) a join range(1000000) b on a.range < b.range",
	"select a.range from range(1000000000) a order by a.range * 7919 % 1000003",
	"select count(distinct range * 7919 % 1000000007) from range(2000000000)",
	"select range * 7919 % 100000007, count(*) from range(2000000000) group by 1",
	"select row_number() over (order by range * 7919 % 1000003) from range(1000000000)",
	"select median(range * 7919 % 1000003) from range(2000000000)",
	"select array_agg(a.range order by a.range * 7919 % 1000003) from range(1000000000) a",
	"select quantile_cont(range, 0.5) over (rows between 1000000 preceding and current row) from range(10000000)",
	"select a.range from range(1000000000) a, range(1000000000) b where a.range = -1",
	"select sum(a) from (select generate_series as a from generate_series(1, 1000000000000))",
	"select (select count(*) from range(a.range)) from range(10000000) a",
	"select histogram(range) from range(1000000000)",
	"select mode(range * 7919 % 100000007) from range(2000000000)",
	"select max(t.value) from marts.measure_trend as t, range(1000000000) a, range(1000000000) b",
}

// TestHogsEndAndOthersAreAnswered gives each hog its time; meanwhile and afterwards another session is answered.
func TestHogsEndAndOthersAreAnswered(t *testing.T) {
	s := serveTiny(t, true, "serve: {memory_limit: 128MB, disk_limit: 64MB, statements: 2}")
	other := s.connect()
	for _, hog := range hogs {
		conn := s.connect()
		if _, err := conn.Exec(t.Context(), "set statement_timeout = '300ms'"); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { _, err := conn.PgConn().Exec(t.Context(), hog).ReadAll(); ended <- err }()
		for hogEnded := false; !hogEnded; {
			if _, err := other.Exec(t.Context(), "show timezone"); err != nil {
				t.Fatalf("another session beside %s: %v", hog, err)
			}
			select {
			case err := <-ended:
				hogEnded = true
				var told *pgconn.PgError
				if !errors.As(err, &told) || told.Code != "57014" && told.Code != "53200" {
					t.Errorf("%s ends with %v", hog, err)
				}
			default:
			}
		}
		if _, err := other.Exec(t.Context(), "select count(*) from marts.measure_trend"); err != nil {
			t.Errorf("after %s: %v", hog, err)
		}
		if err := conn.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
	// Its own limit is 128 MB; what else the process holds is the program, and rows on their way.
	if most := peakOf(t, s.command.Process.Pid); most > 600 {
		t.Errorf("the server held %d MiB", most)
	}
}

// peakOf is the most memory that a process held, in MiB; 0 where the system does not tell.
func peakOf(t *testing.T, process int) (kilobytes int) {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", process))
	if _, after, found := strings.Cut(string(text), "VmHWM:"); err == nil && found {
		if _, err := fmt.Sscan(after, &kilobytes); err != nil {
			t.Fatal(err)
		}
	}
	return kilobytes / 1024
}
