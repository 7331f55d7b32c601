package warehouse

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/gofrs/flock"
)

// A queue is the folder in which those who wait for a lock stand, first come first served. A place is a file by its number, whose own
// lock its owner holds: one that died while it waited holds nobody up.
type queue struct{ folder string }

const queueLook = 250 * time.Millisecond

// wait takes a lock when its turn has come, and gives up when the context ends.
func (q queue) wait(ctx context.Context, lock *flock.Flock) (taken bool, err error) {
	number, place, err := q.enter(ctx)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, q.leave(context.WithoutCancel(ctx), place)) }()
	look := time.NewTicker(queueLook)
	defer look.Stop()
	for {
		first, err := q.first(ctx, number)
		if err == nil && first {
			taken, err = lock.TryLock()
		}
		if err != nil || taken {
			return taken, err
		}
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-look.C:
		}
	}
}

// empty says whether nobody waits.
func (q queue) empty(ctx context.Context) (bool, error) {
	if _, err := os.Stat(q.folder); errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	return q.first(ctx, math.MaxInt64)
}

// enter takes the last place.
func (q queue) enter(ctx context.Context) (number int64, place *flock.Flock, err error) {
	if err := os.MkdirAll(q.folder, 0o755); err != nil {
		return 0, nil, err
	}
	err = q.guarded(ctx, func() error {
		places, err := q.places()
		if err != nil {
			return err
		}
		number = 1
		if len(places) > 0 {
			number = places[len(places)-1] + 1
		}
		place = q.place(number)
		_, err = place.TryLock()
		return err
	})
	return number, place, err
}

// leave gives a place back.
func (q queue) leave(ctx context.Context, place *flock.Flock) error {
	return q.guarded(ctx, func() error { return errors.Join(place.Close(), os.Remove(place.Path())) })
}

// first says whether nobody stands before a number, and takes away the places of those who died.
func (q queue) first(ctx context.Context, number int64) (first bool, err error) {
	first = true
	err = q.guarded(ctx, func() error {
		places, err := q.places()
		for _, n := range places {
			if err != nil || !first || n >= number {
				return err
			}
			place := q.place(n)
			var left bool
			if left, err = place.TryLock(); err == nil && left {
				err = errors.Join(place.Close(), os.Remove(place.Path()))
			}
			first = left
		}
		return err
	})
	return first, err
}

// places are the numbers of those who wait, in their order.
func (q queue) places() ([]int64, error) {
	entries, err := os.ReadDir(q.folder)
	var numbers []int64
	for _, e := range entries {
		if n, err := strconv.ParseInt(e.Name(), 10, 64); err == nil {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	return numbers, err
}

func (q queue) place(number int64) *flock.Flock {
	return flock.New(filepath.Join(q.folder, fmt.Sprint(number)))
}

// guarded does something that no other process does to the queue at the same time.
func (q queue) guarded(ctx context.Context, do func() error) (err error) {
	guard := flock.New(filepath.Join(q.folder, "guard"))
	if _, err := guard.TryLockContext(ctx, 5*time.Millisecond); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, guard.Close()) }()
	return do()
}
