package csvdrop

import (
	"context"
	"io/fs"
	"path"
	"strings"
)

// matches says whether a path below the folder fits a pattern: * and ? stay within one part of the path, ** stands for
// any number of parts, none included. Upper and lower case are told apart.
func matches(pattern, name string) bool {
	return matchParts(strings.Split(pattern, "/"), strings.Split(name, "/"))
}

func matchParts(patterns, names []string) bool {
	for len(patterns) > 0 && patterns[0] != "**" {
		if len(names) == 0 {
			return false
		}
		if ok, err := path.Match(patterns[0], names[0]); err != nil || !ok {
			return false
		}
		patterns, names = patterns[1:], names[1:]
	}
	if len(patterns) == 0 {
		return len(names) == 0
	}
	for skip := 0; skip <= len(names); skip++ {
		if matchParts(patterns[1:], names[skip:]) {
			return true
		}
	}
	return false
}

// validPattern says whether a pattern can be matched at all.
func validPattern(pattern string) bool {
	for part := range strings.SplitSeq(pattern, "/") {
		if _, err := path.Match(part, ""); err != nil {
			return false
		}
	}
	return pattern != "" && !strings.HasPrefix(pattern, "/") && !strings.Contains(pattern, `\`)
}

// find lists the files below fsys that fit the pattern, by path.
func find(ctx context.Context, fsys fs.FS, pattern string) ([]string, error) {
	var found []string
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if !entry.IsDir() && matches(pattern, name) {
			found = append(found, name)
		}
		return nil
	})
	return found, err
}
