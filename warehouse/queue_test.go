package warehouse

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"
)

// until looks again and again until something is so.
func until(t *testing.T, so func() bool) {
	t.Helper()
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	for !so() {
		select {
		case <-t.Context().Done():
			t.Fatal("it never is")
		case <-look.C:
		}
	}
}

// TestWhoCameFirstIsServedFirst lets seven wait for one who has the lock; the second gives up, and before them all stands one who
// died.
func TestWhoCameFirstIsServedFirst(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	held, err := takeLock(t.Context(), path, time.Now(), 0)
	must(t, err)
	must(t, os.MkdirAll(path+".queue", 0o755))
	must(t, os.WriteFile(filepath.Join(path+".queue", "1"), nil, 0o644))
	var lock sync.Mutex
	var order []int
	var waiting sync.WaitGroup
	gaveUp := make(chan struct{})
	for i := range 7 {
		ctx, giveUp := context.WithCancel(t.Context())
		defer giveUp()
		waiting.Go(func() {
			mine, err := takeLock(ctx, path, time.Now(), time.Hour)
			if i == 1 {
				if !errors.Is(err, context.Canceled) {
					t.Errorf("who gave up: %v", err)
				}
				close(gaveUp)
				return
			}
			lock.Lock()
			order = append(order, i)
			lock.Unlock()
			if err = errors.Join(err, mine.release()); err != nil {
				t.Error(err)
			}
		})
		place := i + 2
		if i > 1 {
			place-- // that of who gave up is free again
		}
		until(t, func() bool {
			_, err := os.Stat(filepath.Join(path+".queue", fmt.Sprint(place)))
			return err == nil
		})
		if i == 1 {
			giveUp()
			<-gaveUp
		}
	}
	_, err = takeLock(t.Context(), path, time.Now(), 0)
	wantFault(t, err, "another goldthread is at work on this warehouse")
	must(t, held.release())
	waiting.Wait()
	if !slices.Equal(order, []int{0, 2, 3, 4, 5, 6}) {
		t.Errorf("served in the order %v", order)
	}
	if left, err := (queue{path + ".queue"}).places(); err != nil || len(left) > 0 {
		t.Errorf("left in the queue: %v, %v", left, err)
	}
}

// TestNobodyIsPassedByWhoDoesNotWait: while somebody waits, a free lock is theirs.
func TestNobodyIsPassedByWhoDoesNotWait(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	q := queue{path + ".queue"}
	_, place, err := q.enter(t.Context())
	must(t, err)
	_, err = takeLock(t.Context(), path, time.Now(), 0)
	wantFault(t, err, "another goldthread is at work on this warehouse")
	must(t, q.leave(t.Context(), place))
	mine, err := takeLock(t.Context(), path, time.Now(), 0)
	must(t, err)
	must(t, mine.release())
}
