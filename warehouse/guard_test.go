package warehouse

import (
	"fmt"
	"testing"
	"time"
)

// A guarded is a warehouse whose runs are told one by one.
type guarded struct {
	*Warehouse
	t   *testing.T
	run int64
}

// load lands rows of a file in the present run, whatever the guard says.
func (g *guarded) load(table Table, hash string, rows int) {
	g.t.Helper()
	a := g.arrival(table, hash, rows)
	if _, err := g.Land(g.t.Context(), a); err != nil {
		g.t.Fatal(err)
	}
}

func (g *guarded) arrival(table Table, hash string, rows int) Arrival {
	var texts []string
	for i := range rows {
		texts = append(texts, fmt.Sprintf("r%d open", i))
	}
	a := arrive(g.t, table, "", texts...)
	a.RunID = g.run
	rest, _ := a.Rest()
	rest.Extracts = []Extract{{ID: g.NextExtract(), Place: hash + ".csv", SHA256: hash, Outcome: "landed"}}
	a.Rest = func() (Rest, error) { return rest, nil }
	return a
}

func (g *guarded) begin() {
	g.t.Helper()
	id, err := g.BeginRun(g.t.Context())
	if err != nil {
		g.t.Fatal(err)
	}
	g.run = id
}

func (g *guarded) end(outcome string) {
	g.t.Helper()
	if err := g.EndRun(g.t.Context(), g.run, outcome, 0, ""); err != nil {
		g.t.Fatal(err)
	}
}

func (g *guarded) delivery(table Table, hash string, rows int) Delivery {
	return Delivery{RunID: g.run, Table: table, Hashes: []string{hash}, Places: []string{hash + ".csv"}, Rows: int64(rows), Below: 0.5, Above: 0.5}
}

func (g *guarded) held(table Table, hash string, rows int) bool {
	g.t.Helper()
	v, err := g.Weigh(g.t.Context(), g.delivery(table, hash, rows))
	if err != nil {
		g.t.Fatal(err)
	}
	return v.Held
}

func TestWeighHoldsWhatIsFarFromTheMedianOfSettledLoads(t *testing.T) {
	g := &guarded{Warehouse: openTest(t, t.TempDir())}
	for n, test := range []struct {
		name    string
		mode    string
		before  []int // rows of loads in earlier runs, a run each
		outcome string
		rows    int
		want    bool
	}{
		{"the first load", "increment", nil, "done", 0, false},
		{"two loads before are too few", "increment", []int{100, 100}, "done", 1, false},
		{"as usual", "increment", []int{100, 100, 100}, "done", 101, false},
		{"half is the last that lands", "increment", []int{100, 100, 100}, "done", 50, false},
		{"less than half", "increment", []int{100, 100, 100}, "done", 49, true},
		{"half again is the last that lands", "increment", []int{100, 100, 100}, "done", 150, false},
		{"more than half again", "increment", []int{100, 100, 100}, "done", 151, true},
		{"none", "increment", []int{2, 2, 2}, "done", 0, true},
		{"three rows more or fewer say nothing", "increment", []int{4, 4, 4}, "done", 1, false},
		{"four rows more do", "increment", []int{4, 4, 4}, "done", 8, true},
		{"one odd load does not move the median", "append", []int{100, 100, 100, 5}, "done", 60, false},
		{"the mean of the two in the middle", "append", []int{10, 21, 30, 40}, "done", 12, true},
		{"empty loads before do not count", "increment", []int{0, 0, 100, 100, 100}, "done", 40, true},
		{"only the last ten count", "increment", []int{9, 9, 9, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30}, "done", 14, true},
		{"a red run counts", "increment", []int{100, 100, 100}, "red", 1, true},
		{"an empty snapshot would remove all", "snapshot", []int{5}, "done", 0, true},
		{"a small second snapshot", "snapshot", []int{100}, "done", 1, false},
		{"an empty first snapshot", "snapshot", nil, "done", 0, false},
		// The last case, because any run that goes through settles what came before it.
		{"a run that broke off does not count", "increment", []int{100, 100, 100}, "failed", 1, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			g.t = t
			table := testTable(test.mode, "ref")
			table.Dataset = fmt.Sprintf("case%d", n)
			for i, rows := range test.before {
				g.begin()
				g.load(table, fmt.Sprintf("file%d", i), rows)
				g.end(test.outcome)
			}
			g.begin()
			if got := g.held(table, "file99", test.rows); got != test.want {
				t.Errorf("%d rows after %v: held is %v, and should be %v", test.rows, test.before, got, test.want)
			}
		})
	}
}

func TestWeighLetsAFirstBacklogIn(t *testing.T) {
	g := &guarded{Warehouse: openTest(t, t.TempDir()), t: t}
	table := testTable("increment", "ref")
	g.begin()
	for i, rows := range []int{10, 200, 3, 90} {
		if g.held(table, fmt.Sprint(i), rows) {
			t.Errorf("file %d of the backlog was held", i)
		}
		g.load(table, fmt.Sprint(i), rows)
	}
	// The run is killed here; the next one goes on with the backlog.
	g.begin()
	if g.held(table, "4", 1) {
		t.Error("the rest of the backlog was held after a kill")
	}
}

func TestWeighComparesFilesOfOneKind(t *testing.T) {
	g := &guarded{Warehouse: openTest(t, t.TempDir()), t: t}
	table := testTable("increment", "ref")
	g.begin()
	for _, month := range []string{"April_2025", "May_2025", "June_2025"} {
		g.load(table, "Council_"+month, 5)
		g.load(table, "Peers_"+month, 90)
	}
	g.end("done")
	g.begin()
	for name, want := range map[string]bool{"Council_July_2025": false, "Peers_July_2025": true, "Regions_July_2025": false} {
		if got := g.held(table, name, 6); got != want {
			t.Errorf("6 rows of %s: held is %v, and should be %v", name, got, want)
		}
	}
}

func TestWeighKnowsTheSameDeliveryAgain(t *testing.T) {
	increments, snapshots := testTable("increment", "ref"), testTable("snapshot", "ref")
	snapshots.Dataset = "register"
	g := &guarded{Warehouse: openTest(t, t.TempDir()), t: t}
	for _, table := range []Table{increments, snapshots} {
		g.begin()
		for i, rows := range []int{4, 100, 100, 100} {
			g.load(table, fmt.Sprintf("file%d", i), rows)
		}
		g.end("done")
	}
	g.begin()
	if g.held(increments, "file0", 4) {
		t.Error("a file that landed before was held when it was read again")
	}
	if g.held(snapshots, "file3", 100) {
		t.Error("the snapshot that stands was held when it was read again")
	}
	if !g.held(snapshots, "file0", 4) {
		t.Error("a snapshot of long ago would remove rows and was not held")
	}
}

// holding gives a warehouse of which the last run held back a snapshot of 4 rows, the file "small".
func holding(t *testing.T) (*guarded, Table) {
	t.Helper()
	g := &guarded{Warehouse: openTest(t, t.TempDir()), t: t}
	table := testTable("snapshot", "ref")
	g.begin()
	for i := range 3 {
		g.load(table, fmt.Sprintf("file%d", i), 100)
	}
	g.end("done")
	g.begin()
	d := g.delivery(table, "small", 4)
	v, err := g.Weigh(t.Context(), d)
	if err != nil || !v.Held {
		t.Fatal(v, err)
	}
	if err := g.Hold(t.Context(), d, v, []Extract{{ID: g.NextExtract(), Place: "small.csv", SHA256: "small", Outcome: "refused"}}); err != nil {
		t.Fatal(err)
	}
	g.end("red")
	return g, table
}

func TestAcceptLetsTheVeryDeliveryInOnce(t *testing.T) {
	g, table := holding(t)
	a, err := g.Accept(t.Context(), Acceptance{Source: "desk", Dataset: "requests", Reason: "closed desk", AcceptedBy: "ann"})
	if err != nil {
		t.Fatal(err)
	}
	const want = "[small.csv] [small] 4 100 2026-04-01"
	if got := fmt.Sprint(a.Places, " ", a.Hashes, " ", a.Rows, " ", a.Usual, " ", a.AcceptedAt.Format(time.DateOnly)); got != want {
		t.Errorf("accepted %s, and should be %s", got, want)
	}
	if got := list(t, g.Warehouse, "select concat_ws('|', source, dataset, hashes, reason, accepted_by) from meta.accepted"); fmt.Sprint(got) != "[desk|requests|small|closed desk|ann]" {
		t.Errorf("the ledger has %v", got)
	}
	g.begin()
	if !g.held(table, "other", 4) {
		t.Error("another delivery landed on the word for this one")
	}
	if g.held(table, "small", 4) {
		t.Error("the accepted delivery was held")
	}
	g.load(table, "small", 4)
	g.load(table, "file2", 100)
	g.end("done")
	g.begin()
	if !g.held(table, "small", 4) {
		t.Error("the acceptance let the delivery in a second time")
	}
	if _, err := g.Accept(t.Context(), Acceptance{Source: "desk", Dataset: "nothing"}); err == nil {
		t.Error("a dataset of which nothing is held was accepted")
	}
}

func TestWithdrawTakesBackWhatHasNotLanded(t *testing.T) {
	g, table := holding(t)
	if _, err := g.Withdraw(t.Context(), "desk", "requests", "bob"); err == nil {
		t.Error("what nobody accepted was withdrawn")
	}
	accept := func(reason string) {
		t.Helper()
		if _, err := g.Accept(t.Context(), Acceptance{Source: "desk", Dataset: "requests", Reason: reason, AcceptedBy: "ann"}); err != nil {
			t.Fatal(err)
		}
	}
	accept("a slip")
	withdrawn, err := g.Withdraw(t.Context(), "desk", "requests", "bob")
	if err != nil || len(withdrawn) != 1 {
		t.Fatal(withdrawn, err)
	}
	const want = "[small.csv] [small] 4 100 a slip ann 2026-04-01"
	a := withdrawn[0]
	if got := fmt.Sprint(a.Places, " ", a.Hashes, " ", a.Rows, " ", a.Usual, " ", a.Reason, " ", a.AcceptedBy, " ", a.AcceptedAt.Format(time.DateOnly)); got != want {
		t.Errorf("withdrawn was %s, and should be %s", got, want)
	}
	g.begin()
	if !g.held(table, "small", 4) {
		t.Error("the delivery would land after its acceptance was withdrawn")
	}
	g.end("red")
	accept("right after all")
	g.begin()
	if g.held(table, "small", 4) {
		t.Error("the delivery was held though it was accepted a second time")
	}
	g.load(table, "small", 4)
	if _, err := g.Withdraw(t.Context(), "desk", "requests", "bob"); err == nil {
		t.Error("the acceptance of what has landed was withdrawn")
	}
	got := list(t, g.Warehouse, "select concat_ws('|', reason, accepted_by, withdrawn_by) from meta.accepted order by all")
	if fmt.Sprint(got) != "[a slip|ann|bob right after all|ann]" {
		t.Errorf("the ledger has %v", got)
	}
}
