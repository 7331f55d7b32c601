package connectors

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/goldthread/goldthread/internal/failpoint"
)

// ErrChanging says that a file grew, shrank or was written to while it was read.
var ErrChanging = errors.New("the file changed while it was being read; it may still be on its way")

// An Archive keeps raw inputs by the hash of their content, so that what a figure was read from can be read again.
type Archive struct {
	// Folder is where the inputs lie, as <first two digits of the hash>/<hash>.
	Folder string
}

// A Stored input is one that the archive holds.
type Stored struct {
	Path       string // of the copy
	SHA256     string
	Size       int64
	ModifiedAt time.Time // of the file it was copied from
}

// Hash reads a file and says what it holds, without keeping it. A file that changes meanwhile is ErrChanging.
func (a *Archive) Hash(ctx context.Context, fsys fs.FS, name string) (Stored, error) {
	return a.read(ctx, fsys, name, io.Discard)
}

// Store copies a file into the archive, unless its content is there already. The copy is on disk when Store returns. A
// file that changes meanwhile is ErrChanging, and nothing is kept.
func (a *Archive) Store(ctx context.Context, fsys fs.FS, name string) (Stored, error) {
	c, err := a.Begin(ctx, fsys, name)
	if err != nil {
		return Stored{}, err
	}
	defer c.Close()
	return c.Keep()
}

// Clear removes the copies that were under way when the program was killed. Only the owner of the warehouse may call it.
func (a *Archive) Clear() error {
	left, err := fs.Glob(os.DirFS(a.Folder), "incoming-*")
	for _, name := range left {
		err = errors.Join(err, os.Remove(filepath.Join(a.Folder, name)))
	}
	return err
}

// read copies a file to out and hashes it on the way.
func (a *Archive) read(ctx context.Context, fsys fs.FS, name string, out io.Writer) (Stored, error) {
	file, err := fsys.Open(name)
	if err != nil {
		return Stored{}, err
	}
	defer file.Close()
	before, err := file.Stat()
	if err != nil {
		return Stored{}, err
	}
	size, digest, err := copyAndHash(out, &cancelled{ctx, file}, before.Size())
	if err != nil {
		return Stored{}, err
	}
	failpoint.Hit("archive.file_hashed")
	after, err := fs.Stat(fsys, name)
	if err != nil || size != before.Size() || size != after.Size() || !before.ModTime().Equal(after.ModTime()) {
		return Stored{}, ErrChanging
	}
	return a.describe(digest, size, before.ModTime()), nil
}

const copyBytes = 256 << 10 // at a time

// copyAndHash copies all of in and hashes it meanwhile, on another core where there is one. Past half of the expected size
// is a place at which a test may kill the program.
func copyAndHash(out io.Writer, in io.Reader, expected int64) (size int64, digest []byte, err error) {
	sum := sha256.New()
	read, free := make(chan []byte), make(chan []byte, 2)
	free <- make([]byte, copyBytes)
	free <- make([]byte, copyBytes)
	go func() {
		defer close(free)
		for piece := range read {
			sum.Write(piece)
			free <- piece[:copyBytes]
		}
	}()
	for err == nil {
		var n int
		piece := <-free
		if n, err = in.Read(piece); n > 0 {
			_, failed := out.Write(piece[:n])
			err = cmp.Or(failed, err)
		}
		read <- piece[:n]
		if half := expected / 2; size < half && size+int64(n) >= half {
			failpoint.Hit("archive.half_copied")
		}
		size += int64(n)
	}
	close(read)
	for range free { // until all has been hashed
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return size, sum.Sum(nil), err
}

func (a *Archive) describe(digest []byte, size int64, modified time.Time) Stored {
	digits := hex.EncodeToString(digest)
	return Stored{
		Path: filepath.Join(a.Folder, digits[:2], digits), SHA256: digits, Size: size, ModifiedAt: modified.UTC(),
	}
}

// cancelled is a reader that ends with its context.
type cancelled struct {
	ctx context.Context
	in  io.Reader
}

func (c *cancelled) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.in.Read(p)
}
