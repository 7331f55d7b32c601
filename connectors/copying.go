package connectors

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/goldthread/goldthread/internal/durable"
	"github.com/goldthread/goldthread/internal/failpoint"
)

// A Copying is a file on its way into the archive. What has been copied can be read meanwhile, from the copy: Read waits for
// more of it, and ends only once the whole file has been copied and did not change. Keep keeps the copy; without it nothing
// is. Close must be called.
type Copying struct {
	archive *Archive
	temp    *os.File
	stop    context.CancelFunc
	ended   chan struct{} // closed when nothing more is done in the background
	read    int64

	mu     sync.Mutex
	grown  sync.Cond
	copied int64
	whole  bool // or given up, where err is not nil
	err    error
	stored Stored
	synced error
}

// Begin begins to copy a file into the archive.
func (a *Archive) Begin(ctx context.Context, fsys fs.FS, name string) (*Copying, error) {
	if err := os.MkdirAll(a.Folder, 0o700); err != nil {
		return nil, fmt.Errorf("making the archive: %w", err)
	}
	temp, err := os.CreateTemp(a.Folder, "incoming-*")
	if err != nil {
		return nil, fmt.Errorf("writing to the archive: %w", err)
	}
	failpoint.Hit("archive.begun")
	ctx, stop := context.WithCancel(ctx)
	c := &Copying{archive: a, temp: temp, stop: stop, ended: make(chan struct{})}
	c.grown.L = &c.mu
	go func() {
		defer close(c.ended)
		c.copy(ctx, fsys, name)
	}()
	return c, nil
}

// copy copies the file and has the disk write it, which may take as long.
func (c *Copying) copy(ctx context.Context, fsys fs.FS, name string) {
	stored, err := c.archive.read(ctx, fsys, name, c)
	c.mu.Lock()
	c.stored, c.err, c.whole = stored, err, true
	c.mu.Unlock()
	c.grown.Broadcast()
	if err == nil && !c.archive.holds(stored) {
		c.synced = c.temp.Sync()
	}
}

// Write takes the next piece of the file.
func (c *Copying) Write(piece []byte) (int, error) {
	n, err := c.temp.Write(piece)
	c.mu.Lock()
	c.copied += int64(n)
	c.mu.Unlock()
	c.grown.Broadcast()
	return n, err
}

// Read gives what follows in the copy.
func (c *Copying) Read(p []byte) (int, error) {
	c.mu.Lock()
	for c.read == c.copied && !c.whole {
		c.grown.Wait()
	}
	there, err := c.copied-c.read, c.err
	c.mu.Unlock()
	if err != nil {
		return 0, err
	}
	if there == 0 {
		return 0, io.EOF
	}
	n, err := c.temp.ReadAt(p[:min(int64(len(p)), there)], c.read)
	c.read += int64(n)
	if n > 0 {
		err = nil
	}
	return n, err
}

// Keep waits for the end of the copying and moves the copy to its place, unless its content is there already. The copy is on
// disk when Keep returns. A file that changed meanwhile is ErrChanging.
func (c *Copying) Keep() (Stored, error) {
	<-c.ended
	if c.err != nil {
		return Stored{}, c.err
	}
	if c.archive.holds(c.stored) {
		return c.stored, nil
	}
	if err := c.move(); err != nil {
		return Stored{}, fmt.Errorf("writing to the archive: %w", err)
	}
	return c.stored, nil
}

// holds says whether the archive has a copy. One of the wrong size is none.
func (a *Archive) holds(stored Stored) bool {
	there, err := os.Stat(stored.Path)
	return err == nil && there.Size() == stored.Size
}

func (c *Copying) move() error {
	folder := filepath.Dir(c.stored.Path)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	if c.synced != nil {
		return c.synced
	}
	if err := c.temp.Close(); err != nil {
		return err
	}
	failpoint.Hit("archive.before_rename")
	if err := os.Rename(c.temp.Name(), c.stored.Path); err != nil {
		return err
	}
	failpoint.Hit("archive.after_rename")
	return durable.SyncFolder(folder)
}

// Close stops the copying and removes what was not kept.
func (c *Copying) Close() error {
	c.stop()
	<-c.ended
	c.temp.Close()
	if err := os.Remove(c.temp.Name()); err != nil && !os.IsNotExist(err) {
		return err
	}
	return nil
}
