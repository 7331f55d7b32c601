package main

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// An expectation is one line of expected.jsonl.
type expectation struct {
	File            string                         `json:"file"`
	Contract        string                         `json:"contract"`
	Outcome         string                         `json:"outcome"`
	BaseRows        int                            `json:"base_rows"`
	ExtraRows       int                            `json:"extra_rows"`
	MayQuarantine   []int                          `json:"may_quarantine"`
	MustQuarantine  []int                          `json:"must_quarantine"`
	RowOverrides    map[string]map[string]string   `json:"row_overrides"`
	RowAlternatives map[string]map[string][]string `json:"row_alternatives"`
}

type row = map[string]*string

// A score is what the rules of score.py make of the results.
type score struct {
	files, safe, useful, want int
	unsafe                    map[string]string // why, by file
}

// loadable are the rows that ought to load.
func (e expectation) loadable() []int {
	var rows []int
	if e.Outcome == "reject_file" || e.Outcome == "load_or_reject_file" {
		return nil
	}
	for i := range e.BaseRows {
		if !slices.Contains(e.MustQuarantine, i) && !slices.Contains(e.MayQuarantine, i) {
			rows = append(rows, i)
		}
	}
	return rows
}

// judge scores results against the expectations of a corpus.
func judge(expected []expectation, base map[string][]row, results map[string]result) score {
	s := score{files: len(expected), unsafe: map[string]string{}}
	for _, e := range expected {
		loadable := e.loadable()
		s.want += len(loadable)
		r, ok := results[e.File]
		if !ok {
			s.unsafe[e.File] = "crash_or_missing"
			continue
		}
		loaded, why := e.judge(base[e.Contract][:e.BaseRows], r)
		if why != "" {
			s.unsafe[e.File] = why
			continue
		}
		s.safe++
		for _, i := range loadable {
			if loaded[i] {
				s.useful++
			}
		}
	}
	return s
}

// judge says which base rows a file gave, or why what was made of it is not safe.
func (e expectation) judge(base []row, r result) (loaded map[int]bool, why string) {
	if r.Status == "rejected" {
		if r.Reason == "" {
			return nil, "no_reason"
		}
		return nil, ""
	}
	if e.Outcome == "reject_file" {
		return nil, "accepted_bad_file"
	}
	targets := e.targets(base)
	loaded = map[int]bool{}
	for _, stored := range r.Rows {
		candidates := targets[text(stored)]
		at := slices.IndexFunc(candidates, func(i int) bool { return !loaded[i] })
		if at < 0 {
			return nil, "wrong_or_duplicate_row"
		}
		if slices.Contains(e.MustQuarantine, candidates[at]) {
			return nil, "loaded_bad_row"
		}
		loaded[candidates[at]] = true
	}
	if slices.ContainsFunc(r.Quarantined, func(q quarantined) bool { return q.Reason == "" }) {
		return nil, "no_reason"
	}
	return loaded, e.lost(loaded, len(r.Quarantined))
}

// lost says whether rows are neither stored nor quarantined.
func (e expectation) lost(loaded map[int]bool, aside int) string {
	if e.Outcome != "load_or_reject_file" {
		if len(loaded)+aside < e.BaseRows+e.ExtraRows {
			return "lost_rows"
		}
		return ""
	}
	for i := range e.BaseRows {
		excused := slices.Contains(e.MustQuarantine, i) || slices.Contains(e.MayQuarantine, i)
		if !loaded[i] && !excused && len(loaded)+aside < e.BaseRows {
			return "lost_rows"
		}
	}
	return ""
}

// targets gives every right text of every row, with the rows it is right for.
func (e expectation) targets(base []row) map[string][]int {
	targets := map[string][]int{}
	for i, right := range base {
		number := strconv.Itoa(i)
		right = with(right, "", nil)
		for column, value := range e.RowOverrides[number] {
			right[column] = meant(value)
		}
		for _, v := range variants(right, e.RowAlternatives[number]) {
			targets[text(v)] = append(targets[text(v)], i)
		}
	}
	return targets
}

// variants are a row and all rows that come of it by putting alternatives in, by column.
func variants(right row, alternatives map[string][]string) []row {
	all := []row{right}
	for column, values := range alternatives {
		for _, v := range slices.Clone(all) {
			for _, value := range values {
				all = append(all, with(v, column, meant(value)))
			}
		}
	}
	return all
}

// with is a copy of a row with one value changed.
func with(r row, column string, value *string) row {
	changed := make(row, len(r))
	for c, v := range r {
		changed[c] = v
	}
	if column != "" {
		changed[column] = value
	}
	return changed
}

func meant(value string) *string {
	switch value {
	case "__NULL__":
		return nil
	case "__LONG_X_1000000__":
		value = strings.Repeat("x", 1_000_000)
	}
	return &value
}

func text(r row) string {
	line, err := json.Marshal(r)
	if err != nil {
		panic(err)
	}
	return string(line)
}

func readLines[T any](t *testing.T, path string) (all []T) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var one T
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			t.Fatal(path, err)
		}
		all = append(all, one)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func readBase(t *testing.T, folder string) map[string][]row {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, "base", "*.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	base := map[string][]row{}
	for _, path := range paths {
		base[strings.TrimSuffix(filepath.Base(path), ".jsonl")] = readLines[row](t, path)
	}
	return base
}
