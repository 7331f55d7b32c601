package warehouse

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/gofrs/flock"

	"github.com/goldthread/goldthread/internal/fault"
)

// An ownerLock is held by the operating system for a process, so it ends with its owner however that one ends. What the
// note beside it says is for people only.
type ownerLock struct {
	lock *flock.Flock
	note string
}

// errOwned is behind the fault that another process has the lock.
var errOwned = errors.New("the warehouse has an owner")

type owner struct {
	ProcessID int       `json:"process_id"`
	Host      string    `json:"host"`
	Since     time.Time `json:"since"`
}

// takeLock takes the lock of a path. With patience it waits so long, behind those who came before; without, it is an error that
// somebody has it or waits for it.
func takeLock(ctx context.Context, path string, now time.Time, patience time.Duration) (*ownerLock, error) {
	lock := flock.New(path)
	taken, err := tryLock(ctx, lock, patience)
	if err != nil {
		return nil, fmt.Errorf("locking the warehouse: %w", err)
	}
	note := path + ".owner"
	if !taken {
		return nil, &fault.Error{
			Where: path,
			What:  "another goldthread is at work on this warehouse" + describeOwner(note),
			Fix:   "wait until it has finished, or end it; a lock needs no clearing up afterwards",
			Err:   errOwned,
		}
	}
	host, _ := os.Hostname() // a nameless machine is no reason to stop
	text, err := json.Marshal(owner{ProcessID: os.Getpid(), Host: host, Since: now.UTC()})
	if err == nil {
		err = os.WriteFile(note, text, 0o644)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("noting who owns the warehouse: %w", err), lock.Close())
	}
	return &ownerLock{lock: lock, note: note}, nil
}

func tryLock(ctx context.Context, lock *flock.Flock, patience time.Duration) (taken bool, err error) {
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	q := queue{lock.Path() + ".queue"}
	if patience > 0 {
		taken, err = q.wait(waiting, lock)
	} else if empty, emptyErr := q.empty(ctx); emptyErr != nil || !empty {
		return false, emptyErr
	} else {
		return lock.TryLock()
	}
	if waiting.Err() != nil && ctx.Err() == nil {
		return taken, nil
	}
	return taken, err
}

func describeOwner(note string) string {
	var o owner
	text, err := os.ReadFile(note)
	if err != nil || json.Unmarshal(text, &o) != nil {
		return ""
	}
	return fmt.Sprintf(" (process %d on %s, since %s)", o.ProcessID, o.Host, o.Since.Format(time.RFC3339))
}

func (l *ownerLock) release() error {
	return errors.Join(os.Remove(l.note), l.lock.Close())
}
