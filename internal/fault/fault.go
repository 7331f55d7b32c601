// Package fault holds the errors a person can act on: what went wrong, where, and how to fix it.
package fault

import (
	"errors"
	"fmt"
	"regexp"
	"sort"
	"strings"
)

// An Error is a fault at a seam where a person can act.
type Error struct {
	Where string // file:line, dataset, model or command
	What  string // what is wrong, in one sentence
	Fix   string // what to do about it; empty where we do not know
	Err   error  // the cause, for errors.Is and errors.As; its text is not shown
}

// Error gives the fault as "where: what", with the fix on a line of its own.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Where != "" {
		b.WriteString(e.Where + ": ")
	}
	b.WriteString(e.What)
	if e.Fix != "" {
		b.WriteString("\n  fix: " + e.Fix)
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

type transient struct{ error }

func (t transient) Unwrap() error { return t.error }

// Transient marks err as one that may pass by itself; only such errors are retried.
func Transient(err error) error {
	if err == nil {
		return nil
	}
	return transient{err}
}

// IsTransient says whether err, or one it wraps, was marked by Transient.
func IsTransient(err error) bool {
	var t transient
	return errors.As(err, &t)
}

// Join puts faults together, sorted by their text with line 9 before line 10, so that the same folder gives the same list.
// It returns nil for none.
func Join(errs ...error) error {
	var kept []error
	for _, err := range errs {
		if err != nil {
			kept = append(kept, err)
		}
	}
	sort.SliceStable(kept, func(i, j int) bool { return sortKey(kept[i]) < sortKey(kept[j]) })
	return errors.Join(kept...)
}

var digits = regexp.MustCompile(`[0-9]+`)

// sortKey is the text of err with its numbers widened, so that they sort by size.
func sortKey(err error) string {
	return digits.ReplaceAllStringFunc(err.Error(), func(n string) string { return strings.Repeat("0", max(0, 12-len(n))) + n })
}

// Once joins faults of which several may tell the same, as readers of one file do: each is told once.
func Once(errs ...error) error {
	told := map[string]bool{}
	var faults []error
	for _, one := range List(Join(errs...)) {
		if !told[one.Error()] {
			told[one.Error()] = true
			faults = append(faults, one)
		}
	}
	return Join(faults...)
}

// List takes apart what Join put together, at any depth.
func List(err error) []error {
	if err == nil {
		return nil
	}
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		var all []error
		for _, one := range many.Unwrap() {
			all = append(all, List(one)...)
		}
		return all
	}
	return []error{err}
}

// Nearest returns the candidate that name was probably meant to be, or "" where none is near: the one that fewest typing
// slips turn into it, else one that begins with it.
func Nearest(name string, candidates []string) string {
	name = strings.ToLower(name)
	best, bestDistance := "", len(name)/3+2
	for _, candidate := range candidates {
		if d := distance(name, strings.ToLower(candidate)); d < bestDistance {
			best, bestDistance = candidate, d
		}
	}
	if best != "" || len(name) < 3 {
		return best
	}
	for _, candidate := range candidates {
		if strings.HasPrefix(strings.ToLower(candidate), name) {
			return candidate
		}
	}
	return ""
}

// DidYouMean is a fix that names the nearest right name and then lists all of them.
func DidYouMean(name, kind string, candidates []string) string {
	list := kind + ": " + strings.Join(candidates, ", ")
	if near := Nearest(name, candidates); near != "" {
		return `did you mean "` + near + `"? ` + list
	}
	return list
}

// Few lists words for a message: the first of them and, where there are more, how many in all.
func Few(words []string, most int) string {
	if len(words) <= most {
		return strings.Join(words, ", ")
	}
	return fmt.Sprintf("%s … (%d in all)", strings.Join(words[:most], ", "), len(words))
}

// distance counts the insertions, deletions, replacements and swaps of neighbours that turn a into b.
func distance(a, b string) int {
	before, last := []int(nil), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
