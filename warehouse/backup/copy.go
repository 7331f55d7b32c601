package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"

	"github.com/goldthread/goldthread/internal/durable"
	"github.com/goldthread/goldthread/internal/failpoint"
)

const pieceBytes = 64 << 20 // copied before it is asked whether to go on

// copyFile copies a file with its rights into a new one, and says what the copy holds. The system copies, where it can without
// the bytes passing through the program; syncAll makes the copy last.
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
	out, err := os.OpenFile(to, os.O_RDWR|os.O_CREATE|os.O_EXCL, info.Mode().Perm()|0o200)
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if err := copyAll(ctx, out, in, info.Size()/2); err != nil {
		return f, err
	}
	if _, err := out.Seek(0, io.SeekStart); err != nil {
		return f, err
	}
	return hashed(ctx, out)
}

// copyAll copies what is left of in. At half is a place at which a test may kill the program.
func copyAll(ctx context.Context, out io.Writer, in io.Reader, half int64) error {
	_, err := io.CopyN(out, in, half)
	failpoint.Hit("backup.half_copied")
	for err == nil {
		if err = ctx.Err(); err == nil {
			_, err = io.CopyN(out, in, pieceBytes)
		}
	}
	if errors.Is(err, io.EOF) { // sooner, where the file was made shorter meanwhile
		return nil
	}
	return err
}

// describe hashes a file where it lies.
func describe(ctx context.Context, name string) (f File, err error) {
	file, err := os.Open(name)
	if err != nil {
		return f, err
	}
	defer file.Close()
	return hashed(ctx, file)
}

func hashed(ctx context.Context, in io.Reader) (f File, err error) {
	digest := sha256.New()
	for err == nil {
		var n int64
		n, err = io.CopyN(digest, in, pieceBytes)
		f.Size += n
		if ctx.Err() != nil {
			return f, ctx.Err()
		}
	}
	f.SHA256 = hex.EncodeToString(digest.Sum(nil))
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return f, err
}

// syncAll makes a folder with all that is in it last. Many files are asked for at a time, because the system then makes them
// last together: one after the other costs as much as copying them.
func syncAll(folder string) error {
	var syncs []func() error
	err := filepath.WalkDir(folder, func(name string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		sync := syncFile
		if entry.IsDir() {
			sync = durable.SyncFolder
		}
		syncs = append(syncs, func() error { return sync(name) })
		return nil
	})
	faults := make([]error, len(syncs))
	forEach(len(syncs), 16, func(i int) { faults[i] = syncs[i]() })
	return errors.Join(append(faults, err)...)
}

// forEach calls do for each number below n, so many at a time, and returns when all have returned.
func forEach(n, atATime int, do func(i int)) {
	free := make(chan struct{}, atATime)
	var working sync.WaitGroup
	for i := range n {
		free <- struct{}{}
		working.Go(func() {
			do(i)
			<-free
		})
	}
	working.Wait()
}

func syncFile(name string) error {
	file, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}
