package warehouse

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// A model is what Land promises, in a few lines of Go: the rows present after each load, and what came of those that came.
type model struct {
	mode    string
	keyed   bool
	present map[string]string // row by key; without a key, by row and number
}

// load takes rows "ref status" and gives what Land must count.
func (m *model) load(rows []string) Counts {
	counts := Counts{Read: int64(len(rows))}
	came := map[string][]string{}
	for _, row := range rows {
		key, _, _ := strings.Cut(row, " ")
		if !m.keyed {
			key = fmt.Sprint(row, len(came[row+"0"]))
			came[row+"0"] = append(came[row+"0"], row)
			if key == row+"0" {
				continue
			}
		}
		came[key] = append(came[key], row)
	}
	for key, alike := range came {
		if !m.keyed {
			alike = alike[:1]
		}
		if len(slices.Compact(slices.Sorted(slices.Values(alike)))) > 1 {
			counts.Quarantined += int64(len(alike))
			delete(came, key)
			continue
		}
		counts.Quarantined += int64(len(alike) - 1)
		held, known := m.present[key]
		if !known || held != alike[0] && m.mode != "append" {
			counts.Stored++
			m.present[key] = alike[0]
		}
	}
	for key := range m.present {
		if came[key] == nil && m.mode == "snapshot" {
			counts.Deleted++
			delete(m.present, key)
		}
	}
	counts.Unchanged = counts.Read - counts.Stored - counts.Quarantined
	return counts
}

// TestLandDoesAsTheModel lands random loads in which rows are new, changed, gone, and come twice, alike and not. On the roll
// is room for all present rows, for some or for one, or it is left out.
func TestLandDoesAsTheModel(t *testing.T) {
	for _, mode := range []string{"snapshot", "increment", "append"} {
		for _, roll := range []struct{ few, most int64 }{{0, 0}, {1, 0}, {1, 7}, {1, 1}} {
			for _, key := range [][]string{{"ref"}, nil} {
				t.Run(fmt.Sprintf("%s by %v, roll %v", mode, key, roll), func(t *testing.T) {
					t.Parallel()
					landAsTheModel(t, testTable(mode, key...), landing{few: roll.few, most: roll.most})
				})
			}
		}
	}
}

// landAsTheModel lands in the manner of a landing and compares what comes of it.
func landAsTheModel(t *testing.T, table Table, manner landing) {
	t.Helper()
	w := openTest(t, t.TempDir())
	m := &model{mode: table.Mode, keyed: len(table.Key) > 0, present: map[string]string{}}
	random := rand.New(rand.NewPCG(uint64(manner.most), uint64(len(table.Mode)+len(table.Key))))
	for n := range 12 {
		rows := randomRows(random)
		want := m.load(rows)
		l := manner
		l.w, l.arrival, l.id, l.statements = w, arrive(t, table, "", rows...), w.lastLoad+1, newStatements(table)
		stored, err := w.land(t.Context(), &l)
		if err != nil {
			t.Fatal(err)
		}
		if stored.Counts != want {
			t.Errorf("load %d of %q:\n got %+v\nwant %+v", n, rows, stored.Counts, want)
		}
		wantList(t, fmt.Sprintf("present after load %d of %q", n, rows), present(t, w), slices.Sorted(maps.Values(m.present))...)
	}
}

// randomRows are mostly the same ones from one load to the next.
func randomRows(random *rand.Rand) (rows []string) {
	for ref := range 30 {
		row := fmt.Sprintf("r%d open", ref)
		switch random.IntN(8) {
		case 0:
			continue
		case 1:
			row = fmt.Sprintf("r%d closed", ref)
		case 2:
			if random.IntN(3) == 0 {
				rows = append(rows, row)
			}
		case 3:
			if random.IntN(3) == 0 {
				rows = append(rows, fmt.Sprintf("r%d lost", ref))
			}
		}
		rows = append(rows, row)
	}
	random.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	return rows
}
