package connectors

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"
)

// kept lists the files of an archive.
func kept(t *testing.T, folder string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			name, _ := filepath.Rel(folder, path)
			names = append(names, filepath.ToSlash(name))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestArchiveKeepsEachContentOnceByItsHash(t *testing.T) {
	a := &Archive{Folder: filepath.Join(t.TempDir(), "archive")}
	modified := time.Date(2026, 5, 1, 9, 0, 0, 0, time.UTC)
	files := fstest.MapFS{"a.csv": {Data: []byte("abc"), ModTime: modified}, "b.csv": {Data: []byte("abc")}}
	const hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
	for range 2 {
		for name := range files {
			stored, err := a.Store(context.Background(), files, name)
			if err != nil {
				t.Fatal(err)
			}
			want := Stored{filepath.Join(a.Folder, "ba", hash), hash, 3, files[name].ModTime.UTC()}
			if stored != want {
				t.Errorf("got  %+v\nwant %+v", stored, want)
			}
		}
	}
	if names := kept(t, a.Folder); len(names) != 1 || names[0] != "ba/"+hash {
		t.Errorf("the archive holds %v", names)
	}
	if text, err := os.ReadFile(filepath.Join(a.Folder, "ba", hash)); err != nil || string(text) != "abc" {
		t.Errorf("got %q, %v", text, err)
	}
}

func TestArchiveMendsACopyOfTheWrongSize(t *testing.T) {
	a := &Archive{Folder: t.TempDir()}
	files := fstest.MapFS{"a.csv": {Data: []byte("abc")}}
	stored, err := a.Store(context.Background(), files, "a.csv")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(stored.Path, 1); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Store(context.Background(), files, "a.csv"); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(stored.Path); err != nil || string(text) != "abc" {
		t.Errorf("got %q, %v", text, err)
	}
}

// touched is a file system whose file is written to whenever it is opened: a later look finds another time or size.
type touched struct {
	fstest.MapFS
	change func(*fstest.MapFile)
}

func (f touched) Open(name string) (fs.File, error) {
	file, err := f.MapFS.Open(name)
	changed := *f.MapFS[name]
	f.change(&changed)
	f.MapFS[name] = &changed
	return file, err
}

func TestArchiveKeepsNothingOfAFileThatChanges(t *testing.T) {
	changes := map[string]func(*fstest.MapFile){
		"it grows":         func(f *fstest.MapFile) { f.Data = append(f.Data[:len(f.Data):len(f.Data)], 'x') },
		"it is rewritten":  func(f *fstest.MapFile) { f.ModTime = f.ModTime.Add(time.Second) },
		"it is cut to nil": func(f *fstest.MapFile) { f.Data = nil },
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			a := &Archive{Folder: t.TempDir()}
			files := touched{fstest.MapFS{"a.csv": {Data: []byte("abc")}}, change}
			if _, err := a.Store(context.Background(), files, "a.csv"); !errors.Is(err, ErrChanging) {
				t.Errorf("got %v", err)
			}
			if names := kept(t, a.Folder); len(names) != 0 {
				t.Errorf("the archive holds %v", names)
			}
		})
	}
}

func TestArchiveStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	a := &Archive{Folder: t.TempDir()}
	if _, err := a.Store(ctx, fstest.MapFS{"a.csv": {Data: []byte("abc")}}, "a.csv"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if names := kept(t, a.Folder); len(names) != 0 {
		t.Errorf("the archive holds %v", names)
	}
}
