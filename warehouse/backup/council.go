package backup

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// kept are the kinds of file that a council's folder is made of. Keys, certificates and whatever else lies there stay out.
var kept = []string{".yaml", ".yml", ".csv", ".sql", ".txtar", ".md", ".xlsx"}

// council brings the council's own folder.
func (m *making) council(ctx context.Context) error {
	secret, err := namedAsFiles(m.Folder)
	if err != nil {
		return err
	}
	return filepath.WalkDir(m.Folder, func(from string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return unlessGone(err)
		case secret[from]:
			return nil
		case !entry.IsDir():
			return unlessGone(m.file(ctx, from, entry))
		case from != m.Folder && (from == m.State || from == m.To || strings.HasPrefix(entry.Name(), ".") || entry.Name() == "secrets"):
			return filepath.SkipDir
		}
		return nil
	})
}

// file brings a file of the council's folder, if it is of a kind that is kept.
func (m *making) file(ctx context.Context, from string, entry fs.DirEntry) error {
	if !entry.Type().IsRegular() || !slices.Contains(kept, strings.ToLower(filepath.Ext(from))) {
		return nil
	}
	name, err := filepath.Rel(m.Folder, from)
	if err != nil {
		return err
	}
	f, err := describe(ctx, from)
	if err != nil {
		return err
	}
	return m.bring(ctx, from, name, f)
}

// fileSetting is a setting of the form of password_file, which names a file that holds a secret or a certificate.
var fileSetting = regexp.MustCompile(`\b\w+_file:\s*["']?([^"'\s#,}]+)`)

// namedAsFiles gives the files that settings of the folder name so, whatever their kind.
func namedAsFiles(folder string) (named map[string]bool, err error) {
	settings, err := fs.Glob(os.DirFS(folder), "sources/*.y*ml")
	if err != nil {
		return nil, err
	}
	named = map[string]bool{}
	for _, name := range append(settings, "goldthread.yaml") {
		text, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			return nil, err
		}
		for _, found := range fileSetting.FindAllSubmatch(text, -1) {
			path := filepath.FromSlash(string(found[1]))
			if !filepath.IsAbs(path) {
				path = filepath.Join(folder, path)
			}
			named[path] = true
		}
	}
	return named, nil
}
