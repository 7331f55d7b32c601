package footprint

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// Limit has the system refuse a process more memory of its own than this. What it gives is to be called when the process has ended.
func Limit(process int, bytes int64) (done func(), err error) {
	limit := unix.Rlimit{Cur: uint64(bytes), Max: uint64(bytes)}
	if err := unix.Prlimit(process, unix.RLIMIT_DATA, &limit, nil); err != nil {
		return nil, fmt.Errorf("limiting the memory of process %d: %w", process, err)
	}
	return func() {}, nil
}

// Held is the memory that a process holds for itself: without what it shares with files.
func Held(process int) (bytes int64, err error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", process))
	if err != nil {
		return 0, err
	}
	_, after, found := strings.Cut(string(text), "RssAnon:")
	if !found {
		return 0, fmt.Errorf("process %d holds no memory any more", process)
	}
	var kilobytes int64
	if _, err := fmt.Sscan(after, &kilobytes); err != nil {
		return 0, fmt.Errorf("reading what process %d holds: %w", process, err)
	}
	return kilobytes << 10, nil
}
