package connectors

import (
	"context"
	"errors"
	"io/fs"
	"iter"
)

// ErrStopped is what emit gives where whoever takes the batches wants no more.
var ErrStopped = errors.New("stopped")

// Yielding lets a source be written as a function that emits its batches. An error of emit must end it at once.
func Yielding(ctx context.Context, read func(emit func(Batch) error) error) iter.Seq2[Batch, error] {
	return func(yield func(Batch, error) bool) {
		err := read(func(b Batch) error {
			if !yield(b, nil) {
				return ErrStopped
			}
			return ctx.Err()
		})
		if err != nil && !errors.Is(err, ErrStopped) {
			yield(Batch{}, err)
		}
	}
}

// Plainly leaves the system's own path out of an error, as the place is told beside it.
func Plainly(err error) string {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		return pathError.Err.Error()
	}
	return err.Error()
}
