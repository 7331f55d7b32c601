package audit

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/goldthread/goldthread/internal/fault"
)

var morning = time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC)

func entry(n int) Entry {
	return Entry{
		At: morning.Add(time.Duration(n) * time.Second), Account: "powerbi", From: "10.1.2.3", Application: "Mashup Engine", Audience: "staff",
		Release: 41, Action: "statement", Fingerprint: fmt.Sprintf("%016x", n), Rows: int64(n), Duration: 1500 * time.Microsecond, Outcome: "ok",
	}
}

func open(t *testing.T, folder string) *Log {
	t.Helper()
	l, err := Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() }) // a test that minds closes it itself
	return l
}

func appendAll(t *testing.T, l *Log, from, to int) {
	t.Helper()
	for n := from; n <= to; n++ {
		if err := l.Append(entry(n)); err != nil {
			t.Fatal(err)
		}
	}
}

// logOf is the folder of a closed log of so many entries.
func logOf(t *testing.T, entries int) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "audit")
	l := open(t, folder)
	appendAll(t, l, 1, entries)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return folder
}

func verify(t *testing.T, folder string, noted ...Head) Report {
	t.Helper()
	r, err := Verify(folder, noted...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func wantWhole(t *testing.T, folder string, entries int64) Report {
	t.Helper()
	r := verify(t, folder)
	if len(r.Findings) > 0 || r.Entries != entries || r.Head.Number != entries {
		t.Errorf("of %d entries, found %+v", entries, r)
	}
	return r
}

func wantFault(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want a fault that says %q", err, want)
	}
}

func onlyFile(t *testing.T, folder string) string {
	t.Helper()
	names, err := files(folder)
	if err != nil || len(names) != 1 {
		t.Fatalf("files %v: %v", names, err)
	}
	return filepath.Join(folder, names[0])
}

func addText(t *testing.T, path, text string) {
	t.Helper()
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.WriteString(text); err != nil {
		t.Fatal(err)
	}
}

func TestAnEntryIsALineThatSaysWhoReadWhat(t *testing.T) {
	folder := logOf(t, 1)
	text, err := os.ReadFile(onlyFile(t, folder))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"n":1,"at":"2026-04-01T09:00:01Z","action":"statement","outcome":"ok","account":"powerbi","from":"10.1.2.3",` +
		`"application":"Mashup Engine","audience":"staff","release":41,"fingerprint":"0000000000000001","rows":1,"duration_us":1500,` +
		`"prev":"` + origin.Hash + `","hash":"`
	if got := string(text); !strings.HasPrefix(got, want) || len(got) != len(want)+hashSize+3 {
		t.Errorf("the line is\n%s\nwant\n%s…", got, want)
	}
}

func TestOnlyItsOwnerReadsTheLog(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "state", "audit")
	if err := open(t, folder).Append(entry(1)); err != nil {
		t.Fatal(err)
	}
	beside := filepath.Join(t.TempDir(), "beside")
	if err := os.Mkdir(beside, 0o755); err != nil {
		t.Fatal(err)
	}
	if got, want := modeOf(t, filepath.Dir(folder)), modeOf(t, beside); got != want {
		t.Errorf("what lies beside the log is reached with the mode %o, not %o", got, want)
	}
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has the mode %o", path, info.Mode().Perm())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func modeOf(t *testing.T, path string) fs.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode().Perm()
}

func TestEntriesAreReadBackSinceAMoment(t *testing.T) {
	folder := logOf(t, 5)
	var numbers []int64
	for line, err := range Read(folder, morning.Add(4*time.Second)) {
		if err != nil {
			t.Fatal(err)
		}
		numbers = append(numbers, line.Number)
	}
	if !reflect.DeepEqual(numbers, []int64{4, 5}) {
		t.Errorf("read %v", numbers)
	}
}

func TestNoTextOfAStatementIsKept(t *testing.T) {
	l := open(t, t.TempDir())
	e := entry(1)
	e.Fingerprint = "select * from core.dim_properties where uprn = 100012345678"
	wantFault(t, l.Append(e), "no fingerprint")
	wantWhole(t, l.folder, 0)
}

func TestWhatAClientSaysOfItselfIsCutAndStaysInItsLine(t *testing.T) {
	l := open(t, t.TempDir())
	e := entry(1)
	e.Application = "a\n\x00\xff\"}" + strings.Repeat("é", 1<<20)
	if err := l.Append(e); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	wantWhole(t, l.folder, 1)
	for line, err := range Read(l.folder, time.Time{}) {
		if err != nil || len(line.Application) > mostText+10 || !strings.HasSuffix(line.Application, "…") {
			t.Errorf("kept %q: %v", line.Application, err)
		}
	}
}

func TestALogGoesOnWhereItWasLeft(t *testing.T) {
	folder := logOf(t, 3)
	l := open(t, folder)
	appendAll(t, l, 4, 6)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	wantWhole(t, folder, 6)
	wantFault(t, l.Append(entry(7)), "closed")
}

// TestAnEntryOutlivesAKilledProgram leaves a log open, as a kill does: nothing of it is closed or made last.
func TestAnEntryOutlivesAKilledProgram(t *testing.T) {
	folder := t.TempDir()
	appendAll(t, open(t, folder), 1, 3)
	appendAll(t, open(t, folder), 4, 4)
	wantWhole(t, folder, 4)
}

func TestWhoCameInIsMadeLastBeforeTheAnswer(t *testing.T) {
	l := open(t, t.TempDir())
	e := entry(1)
	e.Action = "sign-in"
	if err := l.Append(e); err != nil {
		t.Fatal(err)
	}
	if head, _, err := readHead(l.folder); err != nil || head != l.last {
		t.Errorf("the head is %v, not %v: %v", head, l.last, err)
	}
}

func TestAStatementIsMadeLastSoonAfter(t *testing.T) {
	l := open(t, t.TempDir())
	appendAll(t, l, 1, 2)
	if head, _, err := readHead(l.folder); err != nil || head != origin {
		t.Errorf("the head is %v already: %v", head, err)
	}
	l.settle()
	if head, _, err := readHead(l.folder); err != nil || head != l.last || l.last.Number != 2 {
		t.Errorf("the head is %v, not %v: %v", head, l.last, err)
	}
}

func TestManyWriteOneLog(t *testing.T) {
	folder := t.TempDir()
	var all sync.WaitGroup
	for range 3 {
		l := open(t, folder)
		for range 4 {
			all.Go(func() {
				for n := range 25 {
					if err := l.Append(entry(n)); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	all.Wait()
	wantWhole(t, folder, 300)
}

func TestAMonthAndAFullFileBeginTheNext(t *testing.T) {
	folder := t.TempDir()
	l := open(t, folder)
	appendAll(t, l, 1, 2)
	later := entry(3)
	later.At = time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	if err := l.Append(later); err != nil {
		t.Fatal(err)
	}
	appendAll(t, l, 4, 4) // its clock was put back to April
	l.most = l.size
	appendAll(t, l, 5, 5)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	names, err := files(folder)
	if want := []string{"000001-2026-04.jsonl", "000002-2026-05.jsonl", "000003-2026-05.jsonl"}; err != nil || !reflect.DeepEqual(names, want) {
		t.Errorf("the files are %v, not %v: %v", names, want, err)
	}
	wantWhole(t, folder, 5)
	if err := os.Remove(filepath.Join(folder, names[1])); err != nil {
		t.Fatal(err)
	}
	if r := verify(t, folder); len(r.Findings) != 1 || r.Findings[0].What != "entries 3 to 4 before this line are missing" {
		t.Errorf("found %+v", r.Findings)
	}
}

func TestANewFileWithoutAnEntryIsGoneOnWith(t *testing.T) {
	folder := logOf(t, 2)
	if err := os.WriteFile(filepath.Join(folder, "000002-2026-05.jsonl"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	l := open(t, folder)
	appendAll(t, l, 3, 3)
	wantWhole(t, folder, 3)
}

func TestAnEntryThatACrashCutOffIsToldApartAndMended(t *testing.T) {
	folder := logOf(t, 2)
	addText(t, onlyFile(t, folder), `{"n":3,"at":"2026-0`)
	if r := verify(t, folder); r.Torn != 19 || len(r.Findings) > 0 || r.Entries != 2 {
		t.Errorf("found %+v", r)
	}
	l := open(t, folder)
	if r := wantWhole(t, folder, 3); r.Torn != 0 {
		t.Errorf("torn are still %d bytes", r.Torn)
	}
	for line, err := range Read(folder, time.Time{}) {
		if err != nil || line.Number == 3 && (line.Action != "mended" || line.Outcome != "19 bytes of an entry that was cut off") {
			t.Errorf("noted is %+v: %v", line, err)
		}
	}
	// A log that is open mends what another left as well.
	addText(t, filepath.Join(folder, l.name), "\x00\x00")
	appendAll(t, l, 5, 5)
	wantWhole(t, folder, 5)
}

func TestALogThatWasTamperedWithIsNotGoneOnWith(t *testing.T) {
	cases := map[string]struct {
		tamper func(text string) string
		want   string
	}{
		"last removed": {func(text string) string { return text[:strings.LastIndex(text[:len(text)-1], "\n")+1] }, "entry 3 at the end is missing"},
		"last cut":     {func(text string) string { return text[:len(text)-9] }, "entry 3 at the end is missing"},
		"all removed":  {func(string) string { return "" }, "entries 1 to 3 at the end are missing"},
		"edited":       {func(text string) string { return strings.Replace(text, "10.1.2.3", "10.1.2.4", 1) }, ".jsonl:1: the entry was altered"},
		"words added":  {func(text string) string { return text + "x\n" }, ".jsonl:4: this is no entry"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			folder := logOf(t, 3)
			path := onlyFile(t, folder)
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(c.tamper(string(text))), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err = Open(folder)
			wantFault(t, err, c.want)
			if len(fault.List(err)) != 1 {
				t.Errorf("told are %v", err)
			}
		})
	}
}

// TestAnEntryThatCannotBeWrittenIsToldAndTheNextGoesOn hands the log a file that takes nothing.
func TestAnEntryThatCannotBeWrittenIsToldAndTheNextGoesOn(t *testing.T) {
	l := open(t, t.TempDir())
	appendAll(t, l, 1, 1)
	deaf, err := os.Open(filepath.Join(l.folder, l.name))
	if err != nil {
		t.Fatal(err)
	}
	file := l.file
	l.file = deaf
	wantFault(t, l.Append(entry(2)), "keeping an entry of the audit log")
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	appendAll(t, l, 3, 3)
	wantWhole(t, l.folder, 2)
}

func BenchmarkAppend(b *testing.B) {
	l, err := Open(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	for n := 0; b.Loop(); n++ {
		if err := l.Append(entry(n % 1000)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	folder := b.TempDir()
	l, err := Open(folder)
	if err != nil {
		b.Fatal(err)
	}
	for n := range 20_000 {
		if err := l.Append(entry(n)); err != nil {
			b.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if r, err := Verify(folder); err != nil || len(r.Findings) > 0 {
			b.Fatal(r, err)
		}
	}
}
