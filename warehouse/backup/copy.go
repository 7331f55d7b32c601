package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"os"
	"path/filepath"
	"runtime"

	"github.com/goldthread/goldthread/internal/failpoint"
)

const copyBytes = 1 << 20 // at a time

// copyFile copies a file with its rights into a new one, makes it last, and says what was copied.
func copyFile(ctx context.Context, from, to string) (f File, err error) {
	in, err := os.Open(from)
	if err != nil {
		return f, err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return f, err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return f, err
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, info.Mode().Perm()|0o200)
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if f.Size, f.SHA256, err = hashed(ctx, in, out); err != nil {
		return f, err
	}
	return f, out.Sync()
}

// hashed hands all of in to out and hashes it meanwhile, on another core where there is one.
func hashed(ctx context.Context, in io.Reader, out io.Writer) (size int64, sum string, err error) {
	digest := sha256.New()
	pieces, free := make(chan []byte, 1), make(chan []byte, 2)
	for range cap(free) {
		free <- make([]byte, copyBytes)
	}
	go digestAll(digest, pieces, free)
	for err == nil {
		var n int
		piece := <-free
		if n, err = in.Read(piece); n > 0 {
			if _, failed := out.Write(piece[:n]); failed != nil {
				err = failed
			}
		}
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		size += int64(n)
		pieces <- piece[:n]
		failpoint.Hit("backup.piece_copied")
	}
	close(pieces)
	for range free { // until all has been hashed
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return size, hex.EncodeToString(digest.Sum(nil)), err
}

func digestAll(digest hash.Hash, pieces <-chan []byte, free chan<- []byte) {
	defer close(free)
	for piece := range pieces {
		digest.Write(piece)
		free <- piece[:copyBytes]
	}
}

// describe hashes a file where it lies.
func describe(ctx context.Context, name string) (f File, err error) {
	file, err := os.Open(name)
	if err != nil {
		return f, err
	}
	defer file.Close()
	f.Size, f.SHA256, err = hashed(ctx, file, io.Discard)
	return f, err
}

// syncFolders makes the names in a folder and in those below it last.
func syncFolders(folder string) error {
	return filepath.WalkDir(folder, func(name string, entry os.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		return syncFolder(name)
	})
}

// syncFolder makes the names in a folder last. Windows has no such call and needs none.
func syncFolder(name string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	folder, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
