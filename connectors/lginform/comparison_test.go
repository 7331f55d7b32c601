package lginform

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/goldthread/goldthread/connectors"
	"github.com/goldthread/goldthread/connectors/lginform/lginformtest"
)

// fetched counts the calls for values among requests.
func fetched(calls []string) (n int) {
	for _, call := range calls {
		if strings.HasPrefix(call, "/data.table") {
			n++
		}
	}
	return n
}

func TestAMetricTypeThatIsListedAndUnchangedIsFetchedNoMoreThanTwiceAgain(t *testing.T) {
	server := lginformtest.New(t)
	source := open(t, fmt.Sprintf(settings, server.URL))
	server.Today("2026-07-01")
	got := source.readAll(t, "figures", nil)
	server.Change("1072", "E09000022", "cal_2018", "2026-07-03", func(r lginformtest.Record) { r["value"] = json.Number("61.5") })
	server.Calls()
	for _, one := range []struct{ day, calls int }{{3, 1}, {4, 1}, {5, 1}, {6, 0}, {7, 0}, {20, 0}} {
		server.Today(fmt.Sprintf("2026-07-%02d", one.day))
		got = source.readAll(t, "figures", got.cursor)
		if n := fetched(server.Calls()); n != one.calls || len(got.rows) != one.calls*160 {
			t.Errorf("on day %d: %d calls for values, %d rows", one.day, n, len(got.rows))
		}
	}
}

func TestAFullComparisonIsEverythingThatWasEverGiven(t *testing.T) {
	server := lginformtest.New(t)
	source := open(t, fmt.Sprintf(settings, server.URL))
	server.Today("2026-07-01")
	first := source.readAll(t, "figures", nil)
	server.Withdraw("1072", "E09000033", "cal_2017")
	server.Follow("1072", "cal_2020", "cal_2021") // cal_2016 is no longer among the latest five
	server.Today("2026-07-27")
	if early := source.readAll(t, "figures", first.cursor); len(early.rows) > 0 || early.whole {
		t.Fatalf("before it is due: %d rows", len(early.rows))
	}
	server.Today("2026-07-29")
	server.Calls()
	second := source.readAll(t, "figures", first.cursor)
	if want := 32*6 - 1 + 32*5; !second.whole || len(second.rows) != want || second.err != nil {
		t.Fatalf("whole %t, %d rows, not %d, %v, %+v", second.whole, len(second.rows), want, second.err, second.extracts)
	}
	if second.find("1072", "E09000033", "CY2017") != nil || second.find("1072", "E09000033", "CY2016") == nil {
		t.Error("a value that was withdrawn is there, or one that was not is gone")
	}
	if n := fetched(server.Calls()); n != 2 { // the two metric types have other periods
		t.Errorf("%d calls for values", n)
	}
	if third := source.readAll(t, "figures", second.cursor); third.whole || len(third.rows) > 0 {
		t.Errorf("on the same day again: %d rows", len(third.rows))
	}
}

func TestManyPeriodsOfThePastAreAskedForInSeveralCalls(t *testing.T) {
	source := open(t, fmt.Sprintf(settings, "http://127.0.0.1:1/"))
	r := &reading{Source: source, topic: source.topics[0]}
	for year := range 150 {
		r.before.given("1072", fmt.Sprintf("fin_%d_%02d", 1900+year, (year+1)%100))
	}
	calls := r.comparisonCalls()
	asked := map[string]bool{}
	for _, c := range calls {
		if n := len(c.address(source.config.URL)); n > longestAddress-room {
			t.Errorf("an address of %d characters", n)
		}
		for _, pair := range c.query {
			for period := range strings.SplitSeq(pair[1], ",") {
				asked[pair[0]+" "+period] = true
			}
		}
	}
	if len(calls) != 4 || !asked["period fin_1900_01"] || !asked["period fin_2049_50"] || !asked["period latest:5"] || !asked["metricType 3404"] {
		t.Errorf("%d calls", len(calls))
	}
}

func TestAReadingStopsBeforeItsAllowanceIsUsedUp(t *testing.T) {
	server := lginformtest.New(t)
	text := strings.Replace(settings, "allow_loopback: true", "allow_loopback: true\nmetric_types_per_call: 1\nallowance: {month_mb: 2, day_mb: 1}", 1)
	source := open(t, fmt.Sprintf(text, server.URL))
	noon := time.Date(2026, 7, 15, 12, 0, 0, 0, time.UTC)
	source.now = func() time.Time { return noon }
	var asked []string
	source.Meter(func(_ context.Context, since time.Time) (int64, error) {
		asked = append(asked, since.Format(time.DateTime))
		return 950_000, nil
	})
	got := source.readAll(t, "figures", nil)
	last := got.extracts[len(got.extracts)-1]
	const want = "not asked: 1.0 of the 1 MB a day that allowance in the source's file grants are taken, by the ledger"
	if last.Outcome != connectors.Failed || !strings.HasPrefix(last.Reason, want) || len(got.rows) > 0 || fetched(server.Calls()) != 1 {
		t.Errorf("%d rows, %+v", len(got.rows), got.extracts)
	}
	if last.Size < 50_000 || len(last.Notes) != 1 {
		t.Errorf("the answer that was dropped is not counted: %+v", last)
	}
	if fmt.Sprint(asked) != "[2026-07-01 00:00:00 2026-07-15 00:00:00]" {
		t.Errorf("the ledger was asked from %v", asked)
	}
}
