package audit

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// tampers are what is done to the lines of a log, and what is told of it. The line is at an index, and neither first nor last.
var tampers = map[string]struct {
	with func(lines []string, at int) []string
	want func(at int) string
}{
	"removed": {
		func(lines []string, at int) []string { return slices.Delete(lines, at, at+1) },
		func(at int) string { return fmt.Sprintf(":%d: entry %d before this line is missing", at+1, at+1) },
	},
	"edited": {
		func(lines []string, at int) []string {
			lines[at] = strings.Replace(lines[at], "powerbi", "powerbj", 1)
			return lines
		},
		func(at int) string {
			return fmt.Sprintf(":%d: the entry was altered: it does not fit its own hash", at+1)
		},
	},
	"moved": {
		func(lines []string, at int) []string {
			lines[at], lines[at+1] = lines[at+1], lines[at]
			return lines
		},
		func(at int) string {
			return fmt.Sprintf(":%d: entry %d stands after entry %d: it was moved", at+2, at+1, at+2)
		},
	},
	"repeated": {
		func(lines []string, at int) []string { return slices.Insert(lines, at, lines[at]) },
		func(at int) string { return fmt.Sprintf(":%d: entry %d stands here once more", at+2, at+1) },
	},
	"forged": {
		func(lines []string, at int) []string {
			text, _, err := encode(entry(999), Head{int64(at), strings.Repeat("0", hashSize)})
			if err != nil {
				panic(err)
			}
			lines[at] = strings.TrimSuffix(string(text), "\n")
			return lines
		},
		func(at int) string {
			return fmt.Sprintf(":%d: entry %d does not follow the entry %d that stands before it, which was put in the place of another", at+1, at+1, at)
		},
	},
	"cut off from there": {
		func(lines []string, at int) []string { return lines[:at] },
		func(at int) string { return fmt.Sprintf("entries %d to 100 at the end are missing", at+1) },
	},
}

func TestEveryTamperingIsFoundAndNamed(t *testing.T) {
	folder := logOf(t, 100)
	path := onlyFile(t, folder)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	original := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	places := rand.New(rand.NewPCG(1, 2))
	for name, tamper := range tampers {
		for range 70 {
			at := 1 + places.IntN(len(original)-3)
			changed := strings.Join(tamper.with(slices.Clone(original), at), "\n") + "\n"
			if err := os.WriteFile(path, []byte(changed), 0o600); err != nil {
				t.Fatal(err)
			}
			r := verify(t, folder)
			if len(r.Findings) == 0 || !strings.HasSuffix(r.Findings[0].Where+": "+r.Findings[0].What, tamper.want(at)) {
				t.Errorf("line %d %s: found %+v, want %s", at+1, name, r.Findings, tamper.want(at))
			}
			if name != "forged" && len(r.Findings) != 1 {
				t.Errorf("line %d %s: found %+v, more than was done", at+1, name, r.Findings)
			}
		}
	}
}

func TestTheLastEntryRemovedIsFoundByTheHead(t *testing.T) {
	folder := logOf(t, 3)
	removeLast(t, folder)
	if r := verify(t, folder); len(r.Findings) != 1 || r.Findings[0].What != "entry 3 at the end is missing" {
		t.Errorf("found %+v", r.Findings)
	}
}

func removeLast(t *testing.T, folder string) {
	t.Helper()
	path := onlyFile(t, folder)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text[:strings.LastIndexByte(string(text[:len(text)-1]), '\n')+1], 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestALastEntryThatTheHeadDoesNotNameYetCanBeRemovedUnseen shows what Verify says that it cannot tell.
func TestALastEntryThatTheHeadDoesNotNameYetCanBeRemovedUnseen(t *testing.T) {
	l := open(t, t.TempDir())
	appendAll(t, l, 1, 2)
	l.settle()
	appendAll(t, l, 3, 3)
	removeLast(t, l.folder)
	wantWhole(t, l.folder, 2)
}

func TestALogWithoutItsHeadIsTold(t *testing.T) {
	folder := logOf(t, 2)
	if err := os.Remove(filepath.Join(folder, headFile)); err != nil {
		t.Fatal(err)
	}
	if r := verify(t, folder); len(r.Findings) != 1 || !strings.Contains(r.Findings[0].What, "the head is missing") {
		t.Errorf("found %+v", r.Findings)
	}
	if err := os.WriteFile(filepath.Join(folder, headFile), []byte("2:abc\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if r := verify(t, folder); len(r.Findings) != 1 || r.Findings[0].What != "the head of the audit log is damaged" {
		t.Errorf("found %+v", r.Findings)
	}
}

func TestALogWrittenAnewIsFoundByAHeadNotedElsewhere(t *testing.T) {
	noted := verify(t, logOf(t, 3)).Head
	anew := open(t, t.TempDir())
	for n := range 4 {
		e := entry(n + 1)
		e.Account = "someone-else"
		if err := anew.Append(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := anew.Close(); err != nil {
		t.Fatal(err)
	}
	wantWhole(t, anew.folder, 4)
	if r := verify(t, anew.folder, noted); len(r.Findings) != 1 || !strings.Contains(r.Findings[0].What, "entry 3 is another than the one that was noted") {
		t.Errorf("found %+v", r.Findings)
	}
}

func TestEntriesBeforeANotedHeadMayBePutAway(t *testing.T) {
	folder := logOf(t, 2)
	noted := verify(t, folder).Head
	old := onlyFile(t, folder)
	l := open(t, folder)
	l.most = 1
	appendAll(t, l, 3, 3)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(old); err != nil {
		t.Fatal(err)
	}
	if r := verify(t, folder, noted); len(r.Findings) > 0 || r.Entries != 1 {
		t.Errorf("found %+v", r)
	}
	if r := verify(t, folder); len(r.Findings) != 1 || r.Findings[0].What != "entries 1 to 2 before this line are missing" {
		t.Errorf("without the noted head, found %+v", r.Findings)
	}
	appendAll(t, open(t, folder), 4, 4)
	if r := verify(t, folder, noted); len(r.Findings) > 0 || r.Entries != 2 {
		t.Errorf("gone on with, found %+v", r)
	}
}

func TestAHeadIsReadAsItIsWritten(t *testing.T) {
	head := Head{17, strings.Repeat("0a", 32)}
	if got, err := ParseHead(head.String()); err != nil || got != head {
		t.Errorf("read %v: %v", got, err)
	}
	for _, text := range []string{"", "17", "17:", "-1:" + head.Hash, "017:" + head.Hash, "17:" + strings.ToUpper(head.Hash[:63]) + "G", "17:" + head.Hash + "0"} {
		if got, err := ParseHead(text); err == nil {
			t.Errorf("%q was read as %v", text, got)
		}
	}
}

// FuzzVerify puts any bytes in the place of a log. What holds the log no longer, from its first byte to its last, is told;
// what is not told can be gone on with.
func FuzzVerify(f *testing.F) {
	folder := f.TempDir()
	l, err := Open(folder)
	if err != nil {
		f.Fatal(err)
	}
	for n := range 3 {
		if err := l.Append(entry(n)); err != nil {
			f.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		f.Fatal(err)
	}
	head, err := os.ReadFile(filepath.Join(folder, headFile))
	if err != nil {
		f.Fatal(err)
	}
	original, err := os.ReadFile(filepath.Join(folder, l.name))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(original)
	f.Add(original[:len(original)-1])
	f.Add(append(slices.Clone(original), `{"n":4`...))
	f.Add([]byte{})
	f.Add([]byte("\n\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		folder := t.TempDir()
		for name, content := range map[string][]byte{headFile: head, l.name: text} {
			if err := os.WriteFile(filepath.Join(folder, name), content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		r := verify(t, folder)
		if len(r.Findings) > 0 {
			return
		}
		if !strings.HasPrefix(string(text), string(original)) {
			t.Fatal("a log that is another was found whole")
		}
		on, err := Open(folder)
		if err != nil {
			t.Fatal(err)
		}
		defer on.Close()
		if err := on.Append(entry(9)); err != nil {
			t.Fatal(err)
		}
		if r := verify(t, folder); len(r.Findings) > 0 || r.Torn > 0 {
			t.Errorf("gone on with, found %+v", r)
		}
	})
}
