package schedules

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/goldthread/goldthread/internal/fault"
)

func london(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// A world is a clock that moves only when somebody waits, and notes of what was run.
type world struct {
	t      *testing.T
	now    time.Time
	takes  time.Duration
	fails  map[string]error
	ran    []string
	folder string
	s      *Scheduler
}

// newWorld starts a scheduler of schedules written as files.
func newWorld(t *testing.T, start string, files ...string) *world {
	t.Helper()
	w := &world{t: t, folder: t.TempDir(), fails: map[string]error{}}
	w.now = at(t, start)
	if err := os.Mkdir(filepath.Join(w.folder, "schedules"), 0o750); err != nil {
		t.Fatal(err)
	}
	for i, text := range files {
		if err := os.WriteFile(filepath.Join(w.folder, "schedules", fmt.Sprintf("%d.yaml", i)), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w.start()
	return w
}

func at(t *testing.T, text string) time.Time {
	t.Helper()
	moment, err := time.ParseInLocation("2006-01-02 15:04", text, london(t))
	if err != nil {
		t.Fatal(err)
	}
	return moment
}

// start opens the ledger as a new process would.
func (w *world) start() {
	w.t.Helper()
	list, err := Read(os.DirFS(w.folder), []string{"housing", "care"})
	if err != nil {
		w.t.Fatal(err)
	}
	ledger, err := OpenLedger(w.folder)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { ledger.Close() })
	w.s = New(list, ledger, Options{
		Zone: london(w.t), Now: func() time.Time { return w.now }, Log: zerolog.Nop(), Run: w.run,
		Calendar: func(string) Calendar {
			return func(day time.Time) bool { return day.Format("01-02") == "12-25" || day.Format("01-02") == "01-01" }
		},
	})
}

func (w *world) run(_ context.Context, s Schedule) (Outcome, error) {
	w.ran = append(w.ran, s.Name+" "+w.now.In(w.s.Zone).Format("2006-01-02 15:04"))
	w.now = w.now.Add(w.takes)
	return Outcome{Outcome: "done", Fresh: s.Sources}, w.fails[s.Name]
}

// until lets time pass.
func (w *world) until(end string) { w.untilMoment(at(w.t, end)) }

func (w *world) untilMoment(end time.Time) {
	w.t.Helper()
	for w.now.Before(end) {
		wake, err := w.s.Step(w.t.Context())
		if err != nil {
			w.t.Fatal(err)
		}
		if wake.After(w.now) {
			w.now = wake
		}
	}
	w.now = end
}

func (w *world) wantRan(want ...string) {
	w.t.Helper()
	if !slices.Equal(w.ran, want) {
		w.t.Errorf("ran\n  %s\nwant\n  %s", strings.Join(w.ran, "\n  "), strings.Join(want, "\n  "))
	}
}

func (w *world) last(schedule string) Event {
	w.t.Helper()
	events := w.s.ledger.events[schedule]
	if len(events) == 0 {
		w.t.Fatalf("nothing became of %s", schedule)
	}
	return events[len(events)-1]
}

const nightlyText = "schedule: nightly\nwhen: daily at 01:30\n"

func TestADailyRunComesOnTheDaysOnWhichClocksChange(t *testing.T) {
	w := newWorld(t, "2026-03-28 12:00", nightlyText)
	w.until("2026-03-30 12:00")
	w.wantRan("nightly 2026-03-29 02:00", "nightly 2026-03-30 01:30")
	w = newWorld(t, "2026-10-24 12:00", nightlyText)
	w.until("2026-10-26 12:00")
	w.wantRan("nightly 2026-10-25 01:30", "nightly 2026-10-26 01:30")
	if _, offset := at(t, "2026-10-25 00:30").Zone(); offset != 3600 {
		t.Error("the night of the change does not begin in summer time")
	}
}

func TestAHourlyRunComesInEachHourThatPasses(t *testing.T) {
	for day, want := range map[string]int{"2026-03-29": 23, "2026-10-25": 25, "2026-06-01": 24} {
		w := newWorld(t, day+" 00:00", "schedule: hourly\nwhen: hourly at :15\n")
		w.until(day + " 23:59")
		if len(w.ran) != want {
			t.Errorf("%s: %d runs in %d hours", day, len(w.ran), want)
		}
	}
}

// TestSixteenYearsWithoutAMissedOrASecondRun lets every kind of schedule run from 2020 to 2035 and counts its runs on each local
// day, against a reckoning of its own.
func TestSixteenYearsWithoutAMissedOrASecondRun(t *testing.T) {
	type day = time.Time
	last := func(d day) bool { return d.AddDate(0, 0, 1).Day() == 1 }
	holiday := func(d day) bool { return d.Format("01-02") == "12-25" || d.Format("01-02") == "01-01" }
	working := func(d day) bool { return d.Weekday()%6 != 0 && !holiday(d) }
	kinds := []struct {
		name, when string
		want       func(d day) int
	}{
		{"early", "when: daily at 01:00", func(day) int { return 1 }},
		{"middle", "when: daily at 01:30", func(day) int { return 1 }},
		{"late", "when: daily at 02:00", func(day) int { return 1 }},
		{"midnight", "when: daily at 00:00", func(day) int { return 1 }},
		{"twice", "when: daily at 01:15 and 13:00", func(day) int { return 2 }},
		{"byhour", "when: hourly at :15", hoursOf(t)},
		{"weekday", "when: weekdays at 01:30", func(d day) int { return one(d.Weekday()%6 != 0) }},
		{"worked", "when: working days at 01:30", func(d day) int { return one(working(d)) }},
		{"sunday", "when: sundays at 01:30", func(d day) int { return one(d.Weekday() == time.Sunday) }},
		{"monthly", "when: day 1 of the month at 01:30", func(d day) int { return one(d.Day() == 1) }},
		{"monthend", "when: last day of the month at 01:30", func(d day) int { return one(last(d)) }},
		{"quarterly", "when: day 31 of march and october at 01:30", func(d day) int { return one(d.Day() == 31 && (d.Month() == 3 || d.Month() == 10)) }},
		{"leap", "cron: \"30 1 29 2 *\"", func(d day) int { return one(d.Day() == 29 && d.Month() == 2) }},
		{"bycron", "cron: \"30 1 * * 0\"", func(d day) int { return one(d.Weekday() == time.Sunday) }},
	}
	ran := map[string]int{}
	for _, k := range kinds { // each by itself: a step for each hour and all of them takes minutes
		w := newWorld(t, "2019-12-31 23:59", "schedule: "+k.name+"\n"+k.when+"\n")
		w.s.ledger.sync = func(*os.File) error { return nil }
		w.s.ledger.alone = func(do func() error) error { return do() }
		w.until("2036-01-01 00:00")
		for _, one := range w.ran {
			ran[one[:len(one)-len(" 15:04")]]++
		}
	}
	days, wrong := 0, 0
	for d := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC); d.Year() < 2036; d = d.AddDate(0, 0, 1) {
		days++
		for _, k := range kinds {
			name := k.name + " " + d.Format(time.DateOnly)
			if got, want := ran[name], k.want(d); got != want {
				if wrong++; wrong < 10 {
					t.Errorf("%s: %d runs, want %d", name, got, want)
				}
			}
		}
	}
	if days != 5844 {
		t.Errorf("%d days", days)
	}
	fmt.Printf("clock: %d kinds of schedule over %d local days, %d missed or twice\n", len(kinds), days, wrong)
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

func hoursOf(t *testing.T) func(time.Time) int {
	zone := london(t)
	return func(d time.Time) int {
		y, m, day := d.Date()
		return int(time.Date(y, m, day+1, 0, 0, 0, 0, zone).Sub(time.Date(y, m, day, 0, 0, 0, 0, zone)) / time.Hour)
	}
}

func TestFortyDaysOffAreMadeGoodOnce(t *testing.T) {
	for missed, want := range map[string][]string{
		RunOnce: {"nightly 2026-06-02 01:30", "nightly 2026-07-12 09:00", "nightly 2026-07-13 01:30"},
		Skip:    {"nightly 2026-06-02 01:30", "nightly 2026-07-13 01:30"},
	} {
		w := newWorld(t, "2026-06-01 12:00", nightlyText+"missed: "+missed+"\n")
		w.until("2026-06-02 12:00")
		w.now = at(t, "2026-07-12 09:00")
		w.start()
		w.until("2026-07-13 12:00")
		w.wantRan(want...)
	}
}

// TestClocksThatJump sets the clock by a second to ten years, either way, while the scheduler is at work and while it is off, and
// back again. At most one run comes of a jump, and the days after it have theirs.
func TestClocksThatJump(t *testing.T) {
	jumps := []time.Duration{time.Second, time.Minute, 20 * time.Minute, time.Hour, 6 * time.Hour, 24 * time.Hour, 40 * 24 * time.Hour, 365 * 24 * time.Hour, 3650 * 24 * time.Hour}
	trials := 0
	for _, jump := range append(jumps, 0) {
		for _, sign := range []time.Duration{1, -1} {
			for _, restart := range []bool{false, true} {
				trials++
				w := newWorld(t, "2026-06-01 12:00", nightlyText)
				w.until("2026-06-03 12:00")
				before := len(w.ran)
				start := w.now
				w.now = start.Add(sign * jump)
				if restart {
					w.start()
				}
				w.untilMoment(w.now.Add(time.Hour))
				if storm := len(w.ran) - before; storm > 1 {
					t.Errorf("%d runs came of a jump by %s", storm, sign*jump)
				}
				w.now = start.Add(time.Hour)
				w.untilMoment(at(t, "2026-06-06 12:00"))
				for _, day := range []string{"2026-06-04", "2026-06-05", "2026-06-06"} {
					if n := len(slices.DeleteFunc(slices.Clone(w.ran[before:]), func(s string) bool { return !strings.Contains(s, day) })); n != 1 && sign*jump < 24*time.Hour {
						t.Errorf("after a jump by %s: %d runs on %s: %v", sign*jump, n, day, w.ran)
					}
				}
			}
		}
	}
	fmt.Printf("clock: %d jumps\n", trials)
}

func TestARunThatWasCutShortIsBegunAgain(t *testing.T) {
	w := newWorld(t, "2026-06-01 12:00", nightlyText)
	w.s.due(w.s.list[0], w.now)
	w.now = at(t, "2026-06-02 01:31")
	w.cutShort()
	w.until("2026-06-02 12:00")
	w.wantRan("nightly 2026-06-02 01:31", "nightly 2026-06-02 01:31")
	if e := w.last("nightly"); e.What != Ended || e.Slot != "2026-06-02T01:30" {
		t.Errorf("%+v", e)
	}
}

// TestARunThatSomebodyElseEndsIsToldAndBegunAgain has the system end a run once, then every time.
func TestARunThatSomebodyElseEndsIsToldAndBegunAgain(t *testing.T) {
	for name, want := range map[string]struct {
		ends int
		told []string
	}{
		"once":   {1, []string{"begun failed it was ended", "ended done "}},
		"always": {9, []string{"begun failed it was ended", "begun failed it was ended", "begun failed it was ended", "missed  its run was begun 3 times and cut short each time"}},
	} {
		w := newWorld(t, "2026-06-01 12:00", nightlyText)
		var told []string
		w.s.Tell = func(_ Schedule, e Event, _ Outcome) { told = append(told, e.What+" "+e.Outcome+" "+e.Why) }
		w.s.Run = func(ctx context.Context, s Schedule) (Outcome, error) {
			outcome, err := w.run(ctx, s)
			if len(w.ran) <= want.ends {
				return Outcome{}, fault.Transient(errors.New("it was ended"))
			}
			return outcome, err
		}
		w.until("2026-06-02 12:00")
		if !slices.Equal(told, want.told) {
			t.Errorf("%s: told was %q", name, told)
		}
	}
}

// TestWhatBecameOfARunIsToldBeforeItIsNoted has the scheduler killed between the two: the next one makes the run again and tells.
func TestWhatBecameOfARunIsToldBeforeItIsNoted(t *testing.T) {
	w := newWorld(t, "2026-06-01 12:00", nightlyText)
	w.s.due(w.s.list[0], w.now)
	w.now = at(t, "2026-06-02 01:31")
	told := 0
	w.s.Tell = func(Schedule, Event, Outcome) {
		told++
		if last := w.last("nightly"); last.What != Begun {
			t.Errorf("noted is %+v", last)
		}
	}
	w.until("2026-06-02 12:00")
	if told != 1 || w.last("nightly").What != Ended {
		t.Errorf("told %d times, noted is %+v", told, w.last("nightly"))
	}
}

// cutShort takes a step in whose run, if it makes one, the scheduler is told to end, and starts another scheduler.
func (w *world) cutShort() {
	w.t.Helper()
	ending, end := context.WithCancel(w.t.Context())
	w.s.Run = func(ctx context.Context, s Schedule) (Outcome, error) {
		end()
		return w.run(ctx, s)
	}
	if _, err := w.s.Step(ending); err != nil {
		w.t.Fatal(err)
	}
	w.start()
}

func TestARunThatIsAlwaysCutShortIsGivenUp(t *testing.T) {
	w := newWorld(t, "2026-06-01 12:00", nightlyText)
	w.s.due(w.s.list[0], w.now)
	w.now = at(t, "2026-06-02 01:31")
	for range mostTries + 2 {
		w.cutShort()
	}
	if len(w.ran) != mostTries {
		t.Errorf("%d tries", len(w.ran))
	}
	if e := w.last("nightly"); e.What != Missed || !strings.Contains(e.Why, "cut short") {
		t.Errorf("%+v", e)
	}
}

func TestARunThatFollowsAnother(t *testing.T) {
	for overlap, want := range map[string][]string{
		Wait: {"first 2026-06-02 01:00", "second 2026-06-02 04:00"},
		Skip: {"first 2026-06-02 01:00"},
	} {
		w := newWorld(t, "2026-06-01 12:00", "schedule: first\nwhen: daily at 01:00\n", "schedule: second\nwhen: daily at 02:00\noverlap: "+overlap+"\n")
		w.takes = 3 * time.Hour
		w.until("2026-06-02 12:00")
		w.wantRan(want...)
	}
}

func TestNothingBeginsInAWindow(t *testing.T) {
	w := newWorld(t, "2026-06-01 06:00", "schedule: daytime\nwhen: daily at 09:00\nnot_during: [08:00-18:00 weekdays, 23:00-01:00]\n",
		"schedule: evening\nwhen: daily at 23:30\nnot_during: 23:00-01:00\n")
	w.until("2026-06-07 12:00")
	w.wantRan("daytime 2026-06-01 18:00", "evening 2026-06-02 01:00", "daytime 2026-06-02 18:00", "evening 2026-06-03 01:00",
		"daytime 2026-06-03 18:00", "evening 2026-06-04 01:00", "daytime 2026-06-04 18:00", "evening 2026-06-05 01:00",
		"daytime 2026-06-05 18:00", "evening 2026-06-06 01:00", "daytime 2026-06-06 09:00", "evening 2026-06-07 01:00", "daytime 2026-06-07 09:00")
}

func TestARunWaitsForASourceToBeFresh(t *testing.T) {
	w := newWorld(t, "2026-06-01 12:00", "schedule: report\nwhen: daily at 03:00\nafter: [housing]\n",
		"schedule: pull\nwhen: daily at 05:00\nsources: [housing]\n")
	w.until("2026-06-03 02:00")
	w.wantRan("pull 2026-06-02 05:00", "report 2026-06-02 05:00")
}

// TestARunThatAPersonStartedMakesASourceFreshToo has it noted by another process while the scheduler waits.
func TestARunThatAPersonStartedMakesASourceFreshToo(t *testing.T) {
	w := newWorld(t, "2026-06-01 12:00", "schedule: report\nwhen: daily at 03:00\nafter: [housing]\n")
	w.until("2026-06-02 08:00")
	w.wantRan()
	for _, fresh := range []string{"care", "housing"} {
		e := Event{At: w.now, Due: w.now, Outcome: "done", RunID: 1, Fresh: []string{fresh}, By: "ann"}
		if err := NoteRun(w.folder, e); err != nil {
			t.Fatal(err)
		}
		w.until(map[string]string{"care": "2026-06-02 08:30", "housing": "2026-06-02 09:00"}[fresh])
	}
	w.wantRan("report 2026-06-02 08:30")
	w.start()
	if e := w.last(Manual); e.By != "ann" || e.What != Ended || e.Fresh[0] != "housing" {
		t.Errorf("%+v", e)
	}
	all := Standings(w.s.list, w.s.ledger.events, w.now, london(t), nil)
	if s := all[len(all)-1]; s.Schedule != Manual || s.Said() != "done" || s.When != "by hand, last by ann" || !s.Next.IsZero() {
		t.Errorf("%+v", s)
	}
}

func TestAnOutcomeIsKept(t *testing.T) {
	w := newWorld(t, "2026-06-01 12:00", nightlyText+"time_limit: 2h\n")
	w.fails["nightly"] = errors.New("the disk is full")
	w.until("2026-06-02 12:00")
	if e := w.last("nightly"); e.Outcome != "failed" || e.Why != "the disk is full" {
		t.Errorf("%+v", e)
	}
}

func TestTwoSlotsInTheHourThatIsMissingMakeOneRun(t *testing.T) {
	w := newWorld(t, "2026-03-28 12:00", "schedule: often\nwhen: daily at 01:15 and 01:45\n")
	w.until("2026-03-29 12:00")
	w.wantRan("often 2026-03-29 02:00")
}

func TestAMonitorIsToldWhatIsWrong(t *testing.T) {
	w := newWorld(t, "2026-06-01 12:00", nightlyText+"time_limit: 2h\n")
	complaints := func(now string) string {
		return strings.Join(Complaints(w.s.list, w.s.ledger.events, at(t, now), london(t), nil), "; ")
	}
	for _, step := range []struct{ until, now, want string }{
		{"2026-06-01 12:00", "2026-06-01 12:00", "nightly has never been seen by a scheduler"},
		{"2026-06-01 12:01", "2026-06-02 03:00", ""},
		{"2026-06-01 12:01", "2026-06-02 12:00", "nightly was due at 2026-06-02 01:30 and has not come to an end"},
		{"2026-06-02 12:00", "2026-06-02 12:00", ""},
		{"2026-06-03 12:00", "2026-06-03 12:00", "nightly of 2026-06-03 01:30: failed the disk is full"},
		{"2026-06-04 12:00", "2026-06-04 12:00", ""},
	} {
		delete(w.fails, "nightly")
		if strings.Contains(step.want, "disk") {
			w.fails["nightly"] = errors.New("the disk is full")
		}
		w.until(step.until)
		if got := complaints(step.now); got != step.want {
			t.Errorf("at %s:\n got %q\nwant %q", step.now, got, step.want)
		}
	}
}
