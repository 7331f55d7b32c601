package schedules

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// validTexts are 200 and more that ParseWhen or ParseCron takes.
func validTexts() (words, crons []string) {
	for _, days := range []string{
		"daily", "weekdays", "working days", "mondays", "monday", "Tuesdays and Fridays", "mondays, wednesdays and sundays", "saturdays",
		"day 1 of the month", "day 31 of each month", "last day of every month", "last working day of the month",
		"working day 3 of the month", "working day 15 of december", "day 15 of january, april, july and october", "day 29 of february",
	} {
		for _, times := range []string{"00:00", "02:00", "23:59", "01:30", "06:00 and 18:00", "06:00, 12:00, 18:00", "02:00 and 02:00"} {
			words = append(words, days+" at "+times)
		}
	}
	words = append(words, "hourly", "hourly at :00", "hourly at :59", "  Daily   at  02:00 ")
	for _, n := range []int{1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30} {
		words = append(words, fmt.Sprintf("every %d minutes", n))
	}
	for _, minute := range []string{"0", "30", "*/15", "0,30", "5-10"} {
		for _, rest := range []string{"* * * *", "2 * * *", "2 1 * *", "2 1,15 * *", "2 * * 1-5", "2 * * SUN", "*/2 * * *", "8-18 * * mon-fri", "2 1 */3 *", "2 29 2 *", "0 1 jan,jul *", "23 31 12 *", "22 * 6 0", "1 28-31 * *", "12 * * 6"} {
			crons = append(crons, minute+" "+rest)
		}
	}
	return words, crons
}

// brokenTexts are 200 and more that neither takes.
func brokenTexts() (words, crons []string) {
	for hour := 24; hour < 60; hour++ {
		words = append(words, fmt.Sprintf("daily at %02d:00", hour))
	}
	for minute := 60; minute < 100; minute++ {
		words = append(words, fmt.Sprintf("daily at 02:%02d", minute), fmt.Sprintf("hourly at :%02d", minute))
	}
	for day := 32; day < 50; day++ {
		words = append(words, fmt.Sprintf("day %d of the month at 02:00", day), fmt.Sprintf("working day %d of the month at 02:00", day-16))
	}
	for _, n := range []int{0, 7, 8, 9, 11, 13, 25, 45, 60, 90} {
		words = append(words, fmt.Sprintf("every %d minutes", n))
	}
	words = append(words, "", " ", "daily", "at 02:00", "daily at", "daily at ", "daily at 2", "daily at 2:00", "daily at 0200", "daily at 2am", "daily at noon",
		"daily at 02:00 and", "dayly at 02:00", "everyday at 02:00", "funday at 02:00", "monday to friday at 02:00", "mondays or tuesdays at 02:00",
		"day 0 of the month at 02:00", "day 30 of february at 02:00", "day 31 of april, june at 02:00", "day 1 of smarch at 02:00", "day 1 of at 02:00",
		"first day of the month at 02:00", "working day 0 of the month at 02:00", "every second", "every minute", "every 1 hours", "@daily", "0 2 * * *",
		"daily at -1:00", "daily at 02:00:00", "daily at 02:00 at 03:00", "hourly at 15", "hourly at", "täglich at 02:00", "daily\x00at 02:00")
	crons = []string{"", " ", "*", "* * * *", "* * * * * *", "0 2 * * * *", "TZ=", "TZ=0", "CRON_TZ=Europe/London", "CRON_TZ=Europe/London 0 2 * * *",
		"TZ=Mars/Olympus 0 2 * * *", "@every 0s", "@every -1h", "@every 500ms", "@every 1h", "@hourly", "@daily", "@midnight", "@reboot", "@", "@@@@@",
		"0 0 30 2 *", "0 0 31 4 *", "0 0 31 2,4,6,9,11 *", "0 0 30,31 2 *", "0 2 1 * 1", "0 2 1-7 * 1", "0 2 * * 7", "60 2 * * *", "0 24 * * *", "0 2 0 * *",
		"0 2 32 * *", "0 2 * 0 *", "0 2 * 13 *", "-1 2 * * *", "0 -2 * * *", "0 2 * * -1", "5-1 2 * * *", "0 18-8 * * *", "*/0 2 * * *", "0 */-1 * * *",
		"0 2 * * mond", "0 2 * foo *", "a b c d e", "0 2 L * *", "0 2 * * 5#3", "0 2 15W * *", "0 2 ? * *", ", 2 * * *", "0 2 1- * *", "0 2 -5 * *",
		"1-2-3 2 * * *", "*/1/2 2 * * *", "0 2 * * 1-", "0 99999999999999999999 * * *", "\x00 2 * * *", "0 2 * * \xff", "0 2 = * *", "٣ 2 * * *", "0.5 2 * * *", "1e1 2 * * *"}
	return words, crons
}

func TestScheduleTextsAreTakenOrRefused(t *testing.T) {
	words, crons := validTexts()
	taken := 0
	for i, text := range append(words, crons...) {
		parse := ParseWhen
		if i >= len(words) {
			parse = ParseCron
		}
		if _, err := parse(text); err != nil {
			t.Errorf("%q is refused: %v", text, err)
		}
		taken++
	}
	words, crons = brokenTexts()
	refused := 0
	for i, text := range append(words, crons...) {
		parse := ParseWhen
		if i >= len(words) {
			parse = ParseCron
		}
		if w, err := parse(text); err == nil {
			t.Errorf("%q is taken as %s", text, w)
		}
		refused++
	}
	if taken < 200 || refused < 200 {
		t.Errorf("%d and %d texts", taken, refused)
	}
	fmt.Printf("schedules: %d texts taken, %d refused\n", taken, refused)
}

func FuzzWhen(f *testing.F) {
	words, crons := validTexts()
	moreWords, moreCrons := brokenTexts()
	for i, list := range [][]string{words, moreWords, crons, moreCrons} {
		for _, text := range list {
			f.Add(text, i > 1)
		}
	}
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string, asCron bool) {
		parse := ParseWhen
		if asCron {
			parse = ParseCron
		}
		w, err := parse(text)
		if err != nil {
			return
		}
		now := time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC)
		next, ever := w.next(now, zone, nil)
		if !ever || !next.at.After(now) {
			t.Errorf("%q: after %s comes %v", text, now, next)
		}
		if last, n := w.latest(now, next.at, zone, nil); n < 1 || last.at != next.at {
			t.Errorf("%q: up to %v the last is %v, of %d", text, next, last, n)
		}
	})
}

func TestAFolderTellsAllThatIsWrongWithItsSchedules(t *testing.T) {
	folder := fstest.MapFS{
		"schedules/a.yaml":     {Data: []byte("schedule: nightly\nwhen: dayly at 02:00\nmissed: never\noverlap: maybe\ntime_limit: 3\nnot_during: [8-18]\nsources: [houses]\n")},
		"schedules/b.yaml":     {Data: []byte("schedule: nightly\ncron: TZ=\nwhn: 3\n")},
		"schedules/c.yaml":     {Data: []byte("schedule: Big One\nwhen: daily at 02:00\ncron: 0 2 * * *\nafter: [care, casre]\n")},
		"schedules/d.yaml":     {Data: []byte("schedule: copies\nwhen: daily at 04:00\nsources: [care]\nfull: true\nbackup: {keep: 35}\n")},
		"schedules/README.txt": {Data: []byte("not a schedule")},
	}
	_, err := Read(folder, []string{"housing", "care"})
	for _, want := range []string{
		`schedules/a.yaml:2: there are no days "dayly"`, `schedules/a.yaml:3: missed is "never"`, `schedules/a.yaml:4: overlap is "maybe"`,
		`schedules/a.yaml:5: time_limit is "3"`, `schedules/a.yaml:6: "8" is not a time of day`, `schedules/a.yaml:7: there is no source "houses"`,
		`schedules/b.yaml: the schedule "nightly" stands in schedules/a.yaml too`, `"TZ=" does not have the five fields`, `schedules/b.yaml:3: `,
		`schedules/c.yaml:1: the schedule's name is "Big One"`, `schedules/c.yaml:1: it is not said when it is due`, `did you mean "care"?`,
		`schedules/d.yaml:3: a backup reads no source`, `schedules/d.yaml:4: a backup reads no source`, `schedules/d.yaml:5: it is not said where backups go`,
		`schedules/d.yaml:5: "35" is not for how long something is kept`,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("it does not say %q", want)
		}
	}
	if t.Failed() {
		t.Log(err)
	}
}

func TestTheShippedSchedulesAreRight(t *testing.T) {
	files, err := fs.Glob(Shipped(), "*.yaml")
	if err != nil || len(files) != 5 {
		t.Fatalf("%v, %v", files, err)
	}
	folder := fstest.MapFS{}
	for _, file := range files {
		text, err := fs.ReadFile(Shipped(), file)
		if err != nil {
			t.Fatal(err)
		}
		folder["schedules/"+file] = &fstest.MapFile{Data: text}
	}
	list, err := Read(folder, nil)
	if err != nil || len(list) != 5 || list[0].Backup == nil || list[2].When() != "daily at 02:00" {
		t.Errorf("%+v, %v", list, err)
	}
}

func FuzzSchedule(f *testing.F) {
	f.Add("schedule: nightly\nwhen: daily at 02:00\nnot_during: [08:00-18:00 weekdays]\ntime_limit: 3h\n")
	f.Add("schedule: nightly\ncron: 0 2 * * *\nafter: care\n")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := parse("schedules/x.yaml", []byte(text), []string{"care"})
		if err == nil && (s.Name == "" || s.limit < time.Minute || s.When() == "") {
			t.Errorf("%q gives %+v", text, s)
		}
	})
}
