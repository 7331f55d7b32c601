// Package footprint keeps a process within the memory it is given. The engine keeps to its own limit for tables and sorts, and not for
// every text that a statement makes.
//
// Where the system can refuse memory (Linux, Windows), a statement that asks for too much fails and its process goes on. Where it
// tells what a process holds (Linux), one that stays over its limit is found out.
package footprint

import (
	"context"
	"time"
)

const (
	looks   = time.Second
	mostFor = 5 // looks over the limit
)

// Watch looks at a process until the context ends, or until it has held more than a limit for some seconds; then it says how much
// that is. Where the system does not tell, it only waits.
func Watch(ctx context.Context, process int, limit int64) (held int64, over bool) {
	ticks := time.NewTicker(looks)
	defer ticks.Stop()
	for n := 0; n < mostFor; {
		select {
		case <-ctx.Done():
			return 0, false
		case <-ticks.C:
		}
		var err error
		if held, err = Held(process); err != nil || held <= limit {
			n = 0
		} else {
			n++
		}
	}
	return held, true
}
