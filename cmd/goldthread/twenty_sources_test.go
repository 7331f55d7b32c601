package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goldthread/goldthread/schedules"
	"github.com/goldthread/goldthread/warehouse"
)

// A manySources is a council's folder with a source and a measure for each of twenty owners, and a schedule.
type manySources struct {
	t               *testing.T
	program, folder string
	now             time.Time // when it began, on the council's clocks
	runs            int
}

const (
	sources = 20
	failing = 7
)

func newManySources(t *testing.T) *manySources {
	t.Helper()
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	m := &manySources{t: t, program: buildProgram(t), folder: smallCouncil(t), now: time.Now().In(zone)}
	source, measure := m.read("sources/returns.yaml"), m.read("measures/WAS-01.yaml")
	for _, name := range []string{"sources/returns.yaml", "measures/WAS-01.yaml", "drops", "targets"} {
		if err := os.RemoveAll(filepath.Join(m.folder, name)); err != nil {
			t.Fatal(err)
		}
	}
	addLine(t, filepath.Join(m.folder, "goldthread.yaml"), "alerts: {file: alarms.txt, owners: {Owner 7: seven@smallborough.example}, mail: {server: \"127.0.0.1:1\", from: g@smallborough.example, tls: \"off\"}}")
	for n := range sources {
		name := fmt.Sprintf("returns_%02d", n)
		m.write("sources/"+name+".yaml", strings.NewReplacer("returns", name, "folder: drops", "folder: drops/"+name,
			"    files:", fmt.Sprintf("    owner: Owner %d\n    files:", n)).Replace(source))
		m.write(fmt.Sprintf("measures/WAS-%02d.yaml", n), strings.NewReplacer("WAS-01", fmt.Sprintf("WAS-%02d", n),
			"Waste recycled", fmt.Sprintf("Waste recycled %d", n), "returns.waste", name+".waste").Replace(measure))
	}
	state := filepath.Join(m.folder, ".goldthread")
	if err := os.MkdirAll(state, 0o755); err != nil {
		t.Fatal(err)
	}
	m.write(".goldthread/schedules.jsonl", fmt.Sprintf(`{"at":%q,"schedule":"nightly","what":"seen"}`+"\n", m.now.Add(-time.Hour).Format(time.RFC3339)))
	return m
}

func (m *manySources) read(name string) string {
	m.t.Helper()
	text, err := os.ReadFile(filepath.Join(m.folder, filepath.FromSlash(name)))
	if err != nil {
		m.t.Fatal(err)
	}
	return string(text)
}

func (m *manySources) write(name, text string) {
	m.t.Helper()
	path := filepath.Join(m.folder, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		m.t.Fatal(err)
	}
	writeText(m.t, path, text)
}

// deliver puts an edition of every source in its place; the one that fails sends what cannot be read unless it is well.
func (m *manySources) deliver(month int, well bool) {
	m.t.Helper()
	for n := range sources {
		text := fmt.Sprintf("area_code,period,recycled,collected\nE07000001,2024/25,%d,1000\n", 100*month+n)
		if n == failing && !well {
			text = "no,such,columns\n1,2,3\n"
		}
		m.write(fmt.Sprintf("drops/returns_%02d/2025-%02d/waste.csv", n, month), text)
	}
}

// runs lets the clock find a time that has passed, and gives what became of it.
func (m *manySources) run() schedules.Event {
	m.t.Helper()
	m.runs++
	m.write("schedules/nightly.yaml", "schedule: nightly\nwhen: daily at "+m.now.Add(time.Duration(m.runs-10)*time.Minute).Format("15:04")+"\n")
	succeed(m.t, commandWith(m.program, m.folder, "", "schedule", "--once"))
	events, err := schedules.ReadLedger(filepath.Join(m.folder, ".goldthread"))
	if err != nil {
		m.t.Fatal(err)
	}
	return events["nightly"][len(events["nightly"])-1]
}

// figures are what readers see of each source's measure, and since when it is stale.
func (m *manySources) figures() (figures []string) {
	m.t.Helper()
	db, err := warehouse.NewReleases(filepath.Join(m.folder, ".goldthread")).Open(m.t.Context(), 0, "staff")
	if err != nil {
		m.t.Fatal(err)
	}
	defer db.Close()
	figures, err = texts(m.t.Context(), db, `
		select concat(cast(round(value, 1) as decimal(9, 1)), ' ', stale_since) from marts.scorecard order by measure_code`)
	if err != nil {
		m.t.Fatal(err)
	}
	return figures
}

// told are the subjects of what was written to the owner of the source that fails, and to the file of alarms.
func (m *manySources) told() (owner, file []string) {
	m.t.Helper()
	var waits struct {
		Letters []struct {
			Channel, Subject string
			To               []string
		}
	}
	if text := m.read(".goldthread/alarms.json"); json.Unmarshal([]byte(text), &waits) != nil {
		m.t.Fatal(text)
	}
	for _, letter := range waits.Letters {
		if letter.Channel == "mail" && slices.Equal(letter.To, []string{"seven@smallborough.example"}) {
			owner = append(owner, letter.Subject)
		}
	}
	text, err := os.ReadFile(filepath.Join(m.folder, "alarms.txt"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		m.t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		_, subject, _ := strings.Cut(line, " ")
		words, _, _ := strings.Cut(subject, ": What")
		file = append(file, strings.Join(strings.SplitN(words, ": ", 3)[:2], ": "))
	}
	return owner, file
}

// TestNineteenSourcesAreReleasedOnTimeWhenOneFails has one of twenty sources fail for two nights and come back.
func TestNineteenSourcesAreReleasedOnTimeWhenOneFails(t *testing.T) {
	t.Parallel()
	m := newManySources(t)
	today := m.now.Format(time.DateOnly)
	const attention, well = "Smallborough Council: the source returns_07 needs attention", "Smallborough Council: the source returns_07 is well again"
	nights := []struct {
		name    string
		deliver func()
		outcome string
		release int64
		month   int // of the figures that readers see
		stale   bool
		told    []string
	}{
		{"all is well", func() { m.deliver(1, true) }, "done", 1, 1, false, nil},
		{"one fails", func() { m.deliver(2, false) }, "red", 2, 2, true, []string{attention}},
		{"it fails again", func() { m.deliver(3, false) }, "red", 3, 3, true, []string{attention}},
		{"it is mended", func() { m.deliver(2, true); m.deliver(3, true) }, "done", 4, 3, false, []string{attention, well}},
	}
	for _, night := range nights {
		night.deliver()
		e := m.run()
		if e.What != schedules.Ended || e.Outcome != night.outcome || e.Release != night.release || slices.Contains(e.Fresh, "returns_07") == night.stale || len(e.Fresh) < sources-1 {
			t.Fatalf("%s: the clock notes %+v", night.name, e)
		}
		var want []string
		for n := range sources {
			month, since := night.month, ""
			if n == failing && night.stale {
				month, since = 1, today
			}
			want = append(want, fmt.Sprintf("%d.%d %s", (100*month+n)/10, (100*month+n)%10, since))
		}
		if got := m.figures(); !slices.Equal(got, want) {
			t.Errorf("%s: readers see\n%q\nwant\n%q", night.name, got, want)
		}
		if owner, file := m.told(); !slices.Equal(owner, night.told) || !slices.Equal(file, night.told) {
			t.Errorf("%s: its owner was told %q and the file %q, want %q", night.name, owner, file, night.told)
		}
	}
}
