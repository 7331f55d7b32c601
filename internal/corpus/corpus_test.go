package main

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const council = "testdata/council"

// mostUseful is what a strict reader gets; leastUseful is the bar.
const (
	allFiles    = 216
	leastUseful = 5_900
	mostUseful  = 6_068
)

func TestCouncilCorpusIsSafeAndUseful(t *testing.T) {
	out := filepath.Join(t.TempDir(), "results.jsonl")
	if err := run(context.Background(), []string{"-corpus", council, "-out", out}, io.Discard); err != nil {
		t.Fatal(err)
	}
	s := judge(readLines[expectation](t, filepath.Join(council, "expected.jsonl")), readBase(t, council), resultsIn(t, out))
	fmt.Printf("corpus: %d of %d files safe, %d of %d useful rows\n", s.safe, s.files, s.useful, s.want)
	for file, why := range s.unsafe {
		t.Errorf("%s is not safe: %s", file, why)
	}
	if s.files != allFiles || s.safe != allFiles || s.want != mostUseful || s.useful < leastUseful {
		t.Errorf("got %+v", s)
	}
	agree(t, out, s)
}

// agree compares the score with that of the corpus' own program, where there is a Python to run it.
func agree(t *testing.T, out string, s score) {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Log("there is no python3 here, so the score stands alone")
		return
	}
	said, err := exec.Command(python, filepath.Join(council, "score.py"), council, out).CombinedOutput()
	if err != nil {
		t.Fatalf("score.py: %v\n%s", err, said)
	}
	ours := fmt.Sprintf("files %d safe %d .* useful_rows %d/%d", s.files, s.safe, s.useful, s.want)
	if !regexp.MustCompile(ours).Match(said) {
		t.Errorf("score.py says %swe say %s", said, ours)
	}
}

func resultsIn(t *testing.T, path string) map[string]result {
	t.Helper()
	results := map[string]result{}
	for _, r := range readLines[result](t, path) {
		results[r.File] = r
	}
	return results
}

func TestScoreCatchesAReaderThatIsBroken(t *testing.T) {
	value := "1"
	base := map[string][]row{"t": {{"a": &value, "b": nil}, {"a": &value, "b": &value}}}
	expected := []expectation{{File: "f", Contract: "t", Outcome: "load", BaseRows: 2}}
	good := base["t"]
	other := "2"
	tests := []struct {
		name string
		made result
		why  string
	}{
		{"nothing wrong", result{Rows: good}, ""},
		{"rejected with a reason", result{Status: "rejected", Reason: "x"}, ""},
		{"a row dropped", result{Rows: good[:1]}, "lost_rows"},
		{"a row doubled", result{Rows: append(good[:2:2], good[0])}, "wrong_or_duplicate_row"},
		{"a value changed", result{Rows: []row{good[0], {"a": &other, "b": &value}}}, "wrong_or_duplicate_row"},
		{"a reason missing", result{Rows: good[:1], Quarantined: []quarantined{{Line: 3}}}, "no_reason"},
		{"rejected without a reason", result{Status: "rejected"}, "no_reason"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := judge(expected, base, map[string]result{"f": test.made})
			if s.unsafe["f"] != test.why {
				t.Errorf("got %q, want %q", s.unsafe["f"], test.why)
			}
		})
	}
	if s := judge(expected, base, nil); s.unsafe["f"] != "crash_or_missing" {
		t.Errorf("a file without a result: got %q", s.unsafe["f"])
	}
}

func TestRunSaysWhatItTakes(t *testing.T) {
	err := run(context.Background(), []string{"-corpus", council}, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "-out") {
		t.Errorf("got %v", err)
	}
}
