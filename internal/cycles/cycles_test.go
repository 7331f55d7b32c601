package cycles

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/goldthread/goldthread/internal/calendars"
)

var update = flag.Bool("update", false, "write the messages that are expected")

const plan = `
priorities: []
report_sets:
  - {code: health, name: Corporate health, measures: []}
  - {code: cabinet, name: Cabinet, measures: []}
themes: [{code: climate, name: Climate}]
`

const quarterly = `
cycle: quarterly
name: Quarterly report
frequency: quarterly
from: FY2025-26-Q4
to: FY2026-27-Q2
cut_off: working day 10
sign_off: day 20
publish: working day 25
calendar: england
release: cabinet-{period}
reports: [{report_set: cabinet}]
dates:
  FY2026-27-Q2: {publish: 2026-12-01}
`

func folder(files ...string) fstest.MapFS {
	fsys := fstest.MapFS{
		"plan.yaml":               {Data: []byte(plan)},
		"reference/calendars.csv": {Data: []byte("calendar,date,name\nengland,2026-04-03,Good Friday\nengland,2026-04-06,Easter Monday\n")},
	}
	for i, text := range files {
		fsys[fmt.Sprintf("cycles/%d.yaml", i)] = &fstest.MapFile{Data: []byte(text)}
	}
	return fsys
}

// rounds says what the periods of a cycle are, a line each.
func rounds(c Cycle) (lines []string) {
	day := func(t time.Time) string {
		if t.IsZero() {
			return "-"
		}
		return t.Format(time.DateOnly)
	}
	for _, p := range c.Periods {
		var sets []string
		for _, s := range p.Sets {
			sets = append(sets, s.Kind()+" "+s.Code())
		}
		lines = append(lines, strings.TrimSpace(strings.Join([]string{p.Code, day(p.CutOff), day(p.SignOff), day(p.Publish), p.Release, p.Focus, strings.Join(sets, ", ")}, " ")))
	}
	return lines
}

func wantRounds(t *testing.T, text string, want ...string) {
	t.Helper()
	all, err := Read(folder(text))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(rounds(all[0]), "\n"); got != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

// TestDatesFollowFromRulesAndDecisions: the tenth working day after 31 March 2026 is the sixteenth of April, because Easter lies
// between; the release is named where it is published.
func TestDatesFollowFromRulesAndDecisions(t *testing.T) {
	wantRounds(t, quarterly,
		"FY2025-26-Q4 2026-04-16 2026-04-20 2026-05-07 cabinet-fy2025-26-q4  report_set cabinet",
		"FY2026-27-Q1 2026-07-14 2026-07-20 2026-08-04 cabinet-fy2026-27-q1  report_set cabinet",
		"FY2026-27-Q2 2026-10-14 2026-10-20 2026-12-01 cabinet-fy2026-27-q2  report_set cabinet")
}

func TestTheFocusOfAMonthComesByTurns(t *testing.T) {
	wantRounds(t, `
cycle: monthly
name: Leadership team
frequency: monthly
from: FY2026-27-M01
to: FY2026-27-M04
cut_off: day 10
focus:
  - {name: Resources, reports: [{theme: climate}]}
  - {name: Corporate health, reports: [{report_set: health}]}
  - {name: Deep dives}
`,
		"FY2026-27-M01 2026-05-10 - -  Resources theme climate",
		"FY2026-27-M02 2026-06-10 - -  Corporate health report_set health",
		"FY2026-27-M03 2026-07-10 - -  Deep dives",
		"FY2026-27-M04 2026-08-10 - -  Resources theme climate")
}

func TestTwoMonthsInOneAndDatesOfOnesOwn(t *testing.T) {
	wantRounds(t, "cycle: group\nname: Group\nfrequency: bimonthly\nfrom: FY2026-27-M11_2026-27-M12\nto: FY2027-28-M02\ncut_off: day 5\n",
		"FY2026-27-M11_2026-27-M12 2027-04-05 - -", "FY2027-28-M01_2027-28-M02 2027-06-05 - -")
	wantRounds(t, "cycle: own\nname: Own\nfrequency: custom\ndates:\n  AY2025-26: {cut_off: 2026-10-01}\n  CY2025: {cut_off: 2026-02-01, publish: 2026-03-01}\n",
		"CY2025 2026-02-01 - 2026-03-01", "AY2025-26 2026-10-01 - -")
	all, err := Read(folder("cycle: long\nname: Long\nfrequency: annual\nfrom: FY2026-27\ncut_off: day 30\n"))
	if err != nil || len(all[0].Periods) != 10 || all[0].Periods[9].Code != "FY2035-36" {
		t.Errorf("%v, %v", rounds(all[0]), err)
	}
}

// TestWhatIsWrongIsToldWithALineAndAFix reads testdata/*.bad.yaml and holds the messages against the .txt beside each.
func TestWhatIsWrongIsToldWithALineAndAFix(t *testing.T) {
	names, err := filepath.Glob("testdata/*.bad.yaml")
	if err != nil || len(names) == 0 {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Read(folder(apart(text)...))
		golden := strings.TrimSuffix(name, "yaml") + "txt"
		if *update {
			if err := os.WriteFile(golden, []byte(fmt.Sprintln(err)), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, readErr := os.ReadFile(golden)
		if readErr != nil || fmt.Sprintln(err) != string(want) {
			t.Errorf("%s: got\n%v\nwant\n%s", name, err, want)
		}
	}
}

// apart takes a file of several cycles apart.
func apart(text []byte) []string { return strings.Split(string(text), "=====\n") }

func FuzzParse(f *testing.F) {
	f.Add([]byte(quarterly))
	f.Add([]byte("cycle: own\nname: Own\nfrequency: custom\ndates:\n  CY2025: {cut_off: 2026-02-01}\n"))
	f.Add([]byte("frequency: bimonthly\nfrom: FY2026-27-M11_2026-27-M12\nfocus: [{}]\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		all, err := Parse(map[string][]byte{"cycles/a.yaml": text, "plan.yaml": []byte(plan)}, calendars.Calendars{})
		if err != nil {
			return
		}
		for _, c := range all {
			for i, p := range c.Periods {
				if p.CutOff.IsZero() || p.CutOff.Before(p.Start) || i > 0 && p.End.Before(c.Periods[i-1].End) {
					t.Errorf("%+v", p)
				}
			}
		}
	})
}
