package daylog

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// A diary is a folder of logs and a clock.
type diary struct {
	t      *testing.T
	folder string
	now    time.Time
}

func newDiary(t *testing.T) *diary {
	return &diary{t, filepath.Join(t.TempDir(), "logs"), time.Date(2020, 3, 31, 23, 59, 0, 0, time.UTC)}
}

func (d *diary) open() *Log {
	d.t.Helper()
	l, err := Open(d.folder, func() time.Time { return d.now })
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { l.Close() })
	return l
}

func (d *diary) write(l *Log, text string) {
	d.t.Helper()
	if _, err := l.Write([]byte(text + "\n")); err != nil {
		d.t.Error(err)
	}
}

// held gives the names of the files with what they hold, in the order of the names.
func (d *diary) held() (held []string) {
	d.t.Helper()
	entries, err := os.ReadDir(d.folder)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(d.folder, e.Name()))
		if err != nil {
			d.t.Error(err)
		}
		held = append(held, e.Name()+": "+strings.ReplaceAll(string(text), "\n", " "))
	}
	return held
}

func TestEachDayHasAFileThatProcessesShare(t *testing.T) {
	d := newDiary(t)
	run, serve := d.open(), d.open()
	d.write(run, "a")
	d.write(serve, "b")
	d.now = d.now.Add(time.Minute)
	d.write(serve, "c")
	d.write(run, "d")
	if want := []string{"goldthread-2020-03-31.log: a b ", "goldthread-2020-04-01.log: c d "}; !slices.Equal(d.held(), want) {
		t.Errorf("got %q", d.held())
	}
}

func TestADayWithMuchToTellHasSeveralFiles(t *testing.T) {
	d := newDiary(t)
	run := d.open()
	run.most = 4
	for _, text := range []string{"a", "b", "c"} {
		d.write(run, text)
	}
	serve := d.open()
	serve.most = 4
	d.write(serve, "d")
	if want := []string{"goldthread-2020-03-31-2.log: c d ", "goldthread-2020-03-31.log: a b "}; !slices.Equal(d.held(), want) {
		t.Errorf("got %q", d.held())
	}
}

func TestTheOldestFilesGoWhereTheLogIsTooLarge(t *testing.T) {
	d := newDiary(t)
	l := d.open()
	l.all = 10
	for day := range 5 {
		d.write(l, "1234")
		name := filepath.Join(d.folder, "goldthread-"+d.now.Format(time.DateOnly)+".log")
		if err := os.Chtimes(name, d.now, d.now.Add(time.Duration(day)*time.Second)); err != nil {
			t.Fatal(err)
		}
		d.now = d.now.AddDate(0, 0, 1)
	}
	d.write(l, "")
	if want := []string{"goldthread-2020-04-03.log: 1234 ", "goldthread-2020-04-04.log: 1234 ", "goldthread-2020-04-05.log:  "}; !slices.Equal(d.held(), want) {
		t.Errorf("got %q", d.held())
	}
}

func TestLinesOfManyWritersStayWhole(t *testing.T) {
	d := newDiary(t)
	const each = 200
	done := make(chan error, 8)
	for n := range cap(done) {
		l := d.open()
		l.most = 5000
		line := []byte(strings.Repeat(fmt.Sprint(n), 80) + "\n")
		go func() {
			for range each {
				if _, err := l.Write(line); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	for range cap(done) {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	files, err := Files(d.folder)
	if err != nil || len(files) < 10 {
		t.Errorf("%d files, %v", len(files), err)
	}
	whole := 0
	for _, f := range files {
		text, err := os.ReadFile(f.Path)
		if err != nil {
			t.Error(err)
		}
		for line := range bytes.Lines(text) {
			if len(line) == 81 && bytes.Count(line, line[:1]) == 80 {
				whole++
			}
		}
	}
	if whole != each*cap(done) {
		t.Errorf("%d lines are whole, of %d", whole, each*cap(done))
	}
}
