package connectors

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"testing"
	"testing/fstest"
	"time"
)

// slow gives its content a piece at a time, each once it is asked for on next.
type slow struct {
	fstest.MapFS
	next chan struct{}
}

func (s slow) Open(name string) (fs.File, error) {
	file, err := s.MapFS.Open(name)
	return slowFile{file, s.next}, err
}

type slowFile struct {
	fs.File
	next chan struct{}
}

func (f slowFile) Read(p []byte) (int, error) {
	<-f.next
	return f.File.Read(p[:min(len(p), 3)])
}

func TestACopyIsReadWhileItGrows(t *testing.T) {
	a := &Archive{Folder: t.TempDir()}
	files := slow{fstest.MapFS{"a.csv": {Data: []byte("abcdefg")}}, make(chan struct{})}
	c, err := a.Begin(t.Context(), files, "a.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, want := range []string{"abc", "def", "g"} {
		files.next <- struct{}{}
		piece := make([]byte, 10)
		n, err := c.Read(piece)
		if string(piece[:n]) != want || err != nil {
			t.Fatalf("got %q, %v; want %q", piece[:n], err, want)
		}
	}
	close(files.next)
	if n, err := c.Read(make([]byte, 10)); n != 0 || err != io.EOF {
		t.Errorf("at the end: %d bytes, %v", n, err)
	}
	stored, err := c.Keep()
	if err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(stored.Path); err != nil || string(text) != "abcdefg" {
		t.Errorf("the archive holds %q, %v", text, err)
	}
}

func TestACopyOfAFileThatChangesIsReadToNoEnd(t *testing.T) {
	a := &Archive{Folder: t.TempDir()}
	text := bytes.Repeat([]byte("0123456789"), 100_000)
	files := touched{fstest.MapFS{"a.csv": {Data: text}}, func(f *fstest.MapFile) { f.ModTime = f.ModTime.Add(time.Second) }}
	c, err := a.Begin(t.Context(), files, "a.csv")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, c); !errors.Is(err, ErrChanging) {
		t.Errorf("reading: %v", err)
	}
	if _, err := c.Keep(); !errors.Is(err, ErrChanging) {
		t.Errorf("keeping: %v", err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if names := kept(t, a.Folder); len(names) != 0 {
		t.Errorf("the archive holds %v", names)
	}
}

func TestACopyThatIsNotKeptLeavesNothing(t *testing.T) {
	a := &Archive{Folder: t.TempDir()}
	files := slow{fstest.MapFS{"a.csv": {Data: []byte("abcdefg")}}, make(chan struct{}, 1)}
	ctx, cancel := context.WithCancel(t.Context())
	c, err := a.Begin(ctx, files, "a.csv")
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	files.next <- struct{}{}
	if _, err := io.Copy(io.Discard, c); !errors.Is(err, context.Canceled) {
		t.Errorf("reading: %v", err)
	}
	if err := errors.Join(c.Close(), c.Close()); err != nil {
		t.Error(err)
	}
	if names := kept(t, a.Folder); len(names) != 0 {
		t.Errorf("the archive holds %v", names)
	}
}
