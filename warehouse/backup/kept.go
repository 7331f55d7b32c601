package backup

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goldthread/goldthread/internal/failpoint"
	"github.com/goldthread/goldthread/internal/fault"
	"github.com/goldthread/goldthread/internal/keeping"
)

const (
	nameForm       = "2006-01-02T150405Z" // the time, in a form that every system takes for a name
	makingPrefix   = ".making-"
	removingPrefix = ".removing-"
)

var backupName = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}T\d{6}Z(-\d+)?$`)

// list gives the names of the backups in a folder, the oldest first.
func list(folder string) (names []string, err error) {
	entries, err := os.ReadDir(folder)
	for _, e := range entries {
		if e.IsDir() && backupName.MatchString(e.Name()) && exists(filepath.Join(folder, e.Name(), sumName)) {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	return names, err
}

// find gives the folder of a backup: the one named, or the newest in it.
func find(folder string) (string, error) {
	if exists(filepath.Join(folder, filesFolder)) {
		return folder, nil
	}
	names, err := list(folder)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	if len(names) == 0 {
		return "", &fault.Error{Where: folder, What: "there is no backup here", Fix: "name a folder that goldthread backup made, or the folder of several"}
	}
	return filepath.Join(folder, names[len(names)-1]), nil
}

// clearUnfinished removes what a backup that was killed left.
func clearUnfinished(folder string) error {
	entries, err := os.ReadDir(folder)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), makingPrefix) || strings.HasPrefix(e.Name(), removingPrefix) {
			err = errors.Join(err, os.RemoveAll(filepath.Join(folder, e.Name())))
		}
	}
	return err
}

// Keep says which backups stay beside the one that was just made.
type Keep struct {
	Most int          // so many with that one; 0 all
	For  keeping.Time // so long, by the time in their names
}

// alwaysKept are the newest backups, which stay however old a clock takes them to be.
const alwaysKept = 7

// apply removes the backups that need not stay, each in one step, and never the one just made, whatever clocks say.
func (k Keep) apply(folder, made string, now time.Time) (removed []string, err error) {
	names, err := list(folder)
	if err != nil {
		return []string{}, err
	}
	removed = k.past(slices.DeleteFunc(names, func(name string) bool { return name == made }), now)
	for i, name := range removed {
		removing := filepath.Join(folder, removingPrefix+name)
		if err := os.Rename(filepath.Join(folder, name), removing); err != nil {
			return removed[:i], err
		}
		failpoint.Hit("backup.removing")
		if err := os.RemoveAll(removing); err != nil {
			return removed[:i], err
		}
	}
	return removed, nil
}

// past gives those of the earlier backups, the oldest first, that need not stay.
func (k Keep) past(earlier []string, now time.Time) []string {
	over := 0
	if k.Most > 0 {
		over = max(0, len(earlier)-(k.Most-1))
	}
	if !k.For.Forever() {
		cutOff := k.For.CutOff(now).UTC().Format(nameForm)
		old := 0
		for old < len(earlier)-(alwaysKept-1) && earlier[old] < cutOff {
			old++
		}
		over = max(over, old)
	}
	return append([]string{}, earlier[:over]...)
}
